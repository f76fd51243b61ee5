/* Centres a column: learns its mean from the rows that have a value, and gives the column without it. */
#include <lockflight.h>
#include <string.h>

static lf_schema numbers(lf_text column) {
    lf_schema schema = {0};
    lf_add_field(&schema, column, "g", true);
    return schema;
}

static lf_schema takes(lf_text column) { return numbers(column); }

static lf_schema gives(lf_text column) { return numbers(lf_format(LF_TEXT_FORMAT "_centred", LF_TEXT(column))); }

/* The table that shows what was learned. */
static lf_schema learned(void) {
    lf_schema schema = {0};
    lf_add_field(&schema, LF_LIT("column"), "u", true);
    lf_add_field(&schema, LF_LIT("mean"), "g", true);
    return schema;
}

static void check(lf_port_list *ports, lf_problem_list *problems) {
    lf_text column = lf_need_text(lf_config(), "column", problems);
    LF_ONLY_KEYS(lf_config(), problems, "column");
    const lf_input *table = lf_need_input("table", LF_PORT_KIND_TABLE, problems);
    if (problems->length) return;
    lf_schema taken = takes(column), given = gives(column), means = learned();
    lf_add_table_port(ports, "takes", &taken);
    lf_add_table_port(ports, "gives", &given);
    lf_add_table_port(ports, "learned", &means);
    if (!table->port.schema.is) return;
    const lf_field_list *fields = &table->port.schema.value.fields;
    size_t at = lf_find_field(fields, column);
    if (at == SIZE_MAX)
        lf_problem_config(problems, LF_LIT("/column"), (lf_maybe_text){0}, "the table has no column \"" LF_TEXT_FORMAT "\"", LF_TEXT(column));
    else if (!lf_is(fields->at[at].format, "g"))
        lf_problem_config(problems, LF_LIT("/column"), (lf_maybe_text){0}, "column \"" LF_TEXT_FORMAT "\" does not hold float64", LF_TEXT(column));
}

static const lf_failure *fit(lf_fitted *fitted) {
    lf_problem_list problems = {0};
    lf_text column = lf_need_text(lf_config(), "column", &problems);
    double total = 0, count = 0;
    lf_scan *scan = lf_scan_columns(lf_open_table(LF_LIT("table")), &column, 1, 0);
    for (const lf_rows *rows; (rows = lf_next(scan));) {
        lf_nulls nulls;
        const double *values = lf_f64(rows, 0, &nulls);
        for (uint32_t row = 0; row < rows->count; row++)
            if (!lf_is_null(nulls, row)) {
                total += values[row];
                count++;
            }
    }
    if (count == 0) return lf_fail_data("column \"" LF_TEXT_FORMAT "\" has no value, and so no mean", LF_TEXT(column));
    double mean = total / count;
    fitted->state = lf_start_blob();
    lf_blob_write(fitted->state, &mean, sizeof mean);
    fitted->takes = takes(column);
    fitted->gives = gives(column);
    lf_schema schema = learned();
    lf_builder *means = lf_build_table(&schema);
    lf_put_text(means, 0, column);
    lf_put_f64(means, 1, mean);
    lf_end_row(means);
    lf_add_table(&fitted->outputs, "learned", lf_finish_table(means));
    return NULL;
}

LF_TRAIN(check, fit)

/* The state: the mean that was learned. */
static double mean;

static lf_text load(lf_bytes state) {
    if (state.length != sizeof mean) return LF_LIT("the state is not the one that this plugin writes");
    memcpy(&mean, state.at, sizeof mean);
    return (lf_text){0};
}

static lf_text score(const lf_rows *rows, lf_column_list *columns) {
    lf_nulls nulls = {rows->columns[0].validity.is ? rows->columns[0].validity.value.at : NULL};
    double *centred = lf_alloc((rows->count + 1) * sizeof *centred);
    lf_as_f64(rows, 0, "g", centred);
    for (uint32_t row = 0; row < rows->count; row++) centred[row] -= mean;
    LF_ADD(columns, lf_column_of_f64(centred, rows->count, nulls));
    return (lf_text){0};
}

LF_SCORE(load, score)
