#include "config.h"

#include <string.h>

config read_config(const lf_json *from, lf_problem_list *problems) {
    LF_ONLY_KEYS(from, problems, "target", "features", "ignore", "neighbours", "prediction");
    return (config){
        .target = lf_need_text(from, "target", problems),
        .features = lf_list_or_none(from, "features", LF_JSON_TEXT, problems),
        .ignore = lf_list_or_none(from, "ignore", LF_JSON_TEXT, problems),
        .neighbours = (uint32_t)lf_integer_or(from, "neighbours", 5, 1, MOST_NEIGHBOURS, problems),
        .prediction = lf_text_or(from, "prediction", LF_LIT("prediction"), problems),
    };
}

/* Booleans and every width of numbers have a format of one letter. */
static bool is_number(const lf_field *field) {
    return field->format.length == 1 && strchr("bcCsSiIlLfg", field->format.at[0]);
}

static const lf_field *find(const lf_schema *schema, lf_text name, lf_text pointer, lf_problem_list *problems) {
    size_t at = lf_find_field(&schema->fields, name);
    if (at != SIZE_MAX) return &schema->fields.at[at];
    lf_text *known = lf_alloc((schema->fields.length + 1) * sizeof *known);
    for (size_t i = 0; i < schema->fields.length; i++) known[i] = schema->fields.at[i].name;
    lf_problem_config(problems, pointer, lf_suggest(name, known, schema->fields.length),
                      "there is no column \"" LF_TEXT_FORMAT "\"", LF_TEXT(name));
    return NULL;
}

static bool is_among(const lf_json *names, lf_text name) {
    for (size_t i = 0; names && i < names->items.length; i++)
        if (lf_same(names->items.at[i].text, name)) return true;
    return false;
}

static void add(lf_field_list *fields, const lf_field *field, lf_text pointer, lf_problem_list *problems) {
    if (is_number(field)) {
        LF_ADD(fields, *field);
        return;
    }
    lf_problem_config(problems, pointer, lf_some(LF_LIT("make numbers of it in a train stage of `features`, or name it in `ignore`")),
                      "distances are measured between numbers, and \"" LF_TEXT_FORMAT "\" is none", LF_TEXT(field->name));
}

static void add_named(lf_field_list *fields, const config *config, const lf_schema *schema, lf_problem_list *problems) {
    for (size_t i = 0; i < config->features->items.length; i++) {
        const lf_json *name = &config->features->items.at[i];
        if (lf_same(name->text, config->target)) {
            lf_problem_config(problems, name->pointer, (lf_maybe_text){0}, "the target cannot be a feature");
            continue;
        }
        const lf_field *field = find(schema, name->text, name->pointer, problems);
        if (field) add(fields, field, name->pointer, problems);
    }
}

static void add_others(lf_field_list *fields, const config *config, const lf_schema *schema, lf_problem_list *problems) {
    for (size_t i = 0; i < schema->fields.length; i += 1 + schema->fields.at[i].children) {
        const lf_field *field = &schema->fields.at[i];
        if (!lf_same(field->name, config->target) && !is_among(config->ignore, field->name))
            add(fields, field, LF_LIT(""), problems);
    }
}

lf_field_list used_fields(const config *config, const lf_schema *schema, lf_problem_list *problems) {
    lf_field_list fields = {0};
    const lf_field *target = find(schema, config->target, LF_LIT("/target"), problems);
    for (size_t i = 0; config->ignore && i < config->ignore->items.length; i++)
        find(schema, config->ignore->items.at[i].text, config->ignore->items.at[i].pointer, problems);
    if (!target) return fields;
    add(&fields, target, LF_LIT("/target"), problems);
    if (config->features) add_named(&fields, config, schema, problems);
    else add_others(&fields, config, schema, problems);
    if (fields.length < 2 && !problems->length)
        lf_problem_config(problems, LF_LIT("/ignore"), (lf_maybe_text){0}, "no column is left to measure distances in");
    return fields;
}
