/* Fails if a column has negative values. A null is no value. */
#include <lockflight.h>

static void check(lf_port_list *ports, lf_problem_list *problems) {
    (void)ports;
    lf_text column = lf_need_text(lf_config(), "column", problems);
    LF_ONLY_KEYS(lf_config(), problems, "column");
    const lf_input *table = lf_need_input("table", LF_PORT_KIND_TABLE, problems);
    if (problems->length || !table->port.schema.is) return;
    const lf_field_list *fields = &table->port.schema.value.fields;
    size_t at = lf_find_field(fields, column);
    if (at == SIZE_MAX)
        lf_problem_config(problems, LF_LIT("/column"), (lf_maybe_text){0}, "the table has no column \"" LF_TEXT_FORMAT "\"", LF_TEXT(column));
    else if (!lf_is(fields->at[at].format, "g"))
        lf_problem_config(problems, LF_LIT("/column"), (lf_maybe_text){0}, "column \"" LF_TEXT_FORMAT "\" does not hold float64", LF_TEXT(column));
}

static const lf_failure *run(lf_report *report) {
    lf_problem_list problems = {0};
    lf_text column = lf_need_text(lf_config(), "column", &problems);
    lf_finding finding = lf_new_finding("no-negatives", column);
    lf_scan *scan = lf_scan_columns(lf_open_table(LF_LIT("table")), &column, 1, 0);
    for (const lf_rows *rows; (rows = lf_next(scan));) {
        lf_nulls nulls;
        const double *values = lf_f64(rows, 0, &nulls);
        for (uint32_t row = 0; row < rows->count; row++)
            if (!lf_is_null(nulls, row) && values[row] < 0) {
                lf_add_example(&finding, "table", finding.rows + row);
                finding.failed++;
            }
        finding.rows += rows->count;
    }
    finding.verdict = finding.failed ? LF_VERDICT_FAIL : LF_VERDICT_PASS;
    LF_ADD(&report->findings, finding);
    return NULL;
}

LF_VALIDATE(check, run)
