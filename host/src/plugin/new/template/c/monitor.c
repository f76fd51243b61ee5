/* Fails a window in which too many rows have no value in a column. */
#include <lockflight.h>

typedef struct {
    lf_text column; /* the column to watch */
    double limit;   /* the largest share of rows without a value that is fine */
} config;

static config read_config(lf_problem_list *problems) {
    LF_ONLY_KEYS(lf_config(), problems, "column", "limit");
    return (config){
        lf_need_text(lf_config(), "column", problems),
        lf_number_or(lf_config(), "limit", 0.1, 0, 1, problems),
    };
}

static void check(lf_port_list *ports, lf_problem_list *problems) {
    (void)ports;
    config config = read_config(problems);
    const lf_input *window = lf_need_input("window", LF_PORT_KIND_TABLE, problems);
    if (problems->length || !window->port.schema.is) return;
    if (lf_find_field(&window->port.schema.value.fields, config.column) == SIZE_MAX)
        lf_problem_config(problems, LF_LIT("/column"), (lf_maybe_text){0}, "the window has no column \"" LF_TEXT_FORMAT "\"",
                          LF_TEXT(config.column));
}

static const lf_failure *run(lf_observation *seen) {
    lf_problem_list problems = {0};
    config config = read_config(&problems);
    lf_finding finding = lf_new_finding("no-value", config.column);
    lf_scan *scan = lf_scan_columns(lf_open_table(LF_LIT("window")), &config.column, 1, 0);
    for (const lf_rows *rows; (rows = lf_next(scan));) {
        lf_nulls nulls = {rows->columns[0].validity.is ? rows->columns[0].validity.value.at : NULL};
        for (uint32_t row = 0; row < rows->count; row++) finding.failed += lf_is_null(nulls, row);
        finding.rows += rows->count;
    }
    finding.limit = lf_some(lf_format("<= %g", config.limit));
    finding.message = lf_format("%llu of %llu rows have no value", (unsigned long long)finding.failed, (unsigned long long)finding.rows);
    finding.verdict = LF_VERDICT_INCONCLUSIVE;
    if (finding.rows) {
        finding.value = (lf_maybe_f64){true, (double)finding.failed / (double)finding.rows};
        finding.verdict = finding.value.value > config.limit ? LF_VERDICT_FAIL : LF_VERDICT_PASS;
    }
    seen->verdict = finding.verdict;
    LF_ADD(&seen->findings, finding);
    return NULL;
}

LF_MONITOR(check, run)
