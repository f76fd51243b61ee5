#include "layout.h"

static const char *const types[] = {"text", "int64", "float64", "bool", "date"};
static const char *const formats[] = {"u", "l", "g", "b", "tdD"};

enum { TYPES = sizeof types / sizeof *types, WIDEST = 1 << 20 };

const char *type_name(column_type type) { return types[type]; }

static column read_column(const lf_json *from, lf_problem_list *problems) {
    LF_ONLY_KEYS(from, problems, "name", "start", "width", "type", "null", "nullable");
    column made = {
        .name = lf_need_text(from, "name", problems),
        /* People count columns of a file from 1. */
        .start = (size_t)lf_need_integer(from, "start", 1, WIDEST, problems) - 1,
        .width = (size_t)lf_need_integer(from, "width", 1, WIDEST, problems),
        .type = (column_type)lf_choice_or(from, "type", types, TYPES, TYPE_TEXT, problems),
        .nullable = lf_flag_or(from, "nullable", true, problems),
        .has_null = lf_member(from, "null") != NULL,
    };
    made.null = lf_text_or(from, "null", LF_LIT(""), problems);
    const lf_json *name = lf_member(from, "name");
    if (name && name->kind == LF_JSON_TEXT && made.name.length == 0)
        lf_problem_config(problems, name->pointer, (lf_maybe_text){0}, "a column needs a name");
    if (made.has_null && made.null.length > made.width)
        lf_problem_config(problems, lf_member(from, "null")->pointer, (lf_maybe_text){0},
                          "\"" LF_TEXT_FORMAT "\" is longer than the column, which is %zu wide", LF_TEXT(made.null), made.width);
    return made;
}

static void check_names(const layout *layout, const lf_json *columns, lf_problem_list *problems) {
    for (size_t i = 1; i < layout->count; i++)
        for (size_t before = 0; before < i; before++)
            if (layout->at[i].name.length && lf_same(layout->at[i].name, layout->at[before].name)) {
                lf_problem_config(problems, lf_member(&columns->items.at[i], "name")->pointer, (lf_maybe_text){0},
                                  "\"" LF_TEXT_FORMAT "\" is named twice", LF_TEXT(layout->at[i].name));
                break;
            }
}

layout read_layout(const lf_json *config, lf_problem_list *problems) {
    static const char *const short_lines[] = {"fail", "blank"};
    LF_ONLY_KEYS(config, problems, "columns", "skip-lines", "comment", "short-lines");
    layout made = {
        .skip_lines = lf_integer_or(config, "skip-lines", 0, 0, INT64_MAX, problems),
        .comment = lf_text_or(config, "comment", LF_LIT(""), problems),
        .short_is_blank = lf_choice_or(config, "short-lines", short_lines, 2, 0, problems) == 1,
    };
    const lf_json *columns = lf_need_list(config, "columns", LF_JSON_OBJECT, problems);
    if (!columns) return made;
    made.count = columns->items.length;
    made.at = lf_alloc(made.count * sizeof *made.at);
    for (size_t i = 0; i < made.count; i++) {
        made.at[i] = read_column(&columns->items.at[i], problems);
        size_t end = made.at[i].start + made.at[i].width;
        if (end > made.end) made.end = end;
    }
    check_names(&made, columns, problems);
    return made;
}

lf_schema schema_of(const layout *layout) {
    lf_schema schema = {0};
    for (size_t i = 0; i < layout->count; i++)
        lf_add_field(&schema, layout->at[i].name, formats[layout->at[i].type], layout->at[i].nullable);
    return schema;
}
