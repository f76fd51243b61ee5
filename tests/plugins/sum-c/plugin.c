/* As tests/plugins/sum, in C: reads every value of a table of float64 columns and adds them up. */
#include <lockflight.h>

static void check(lf_port_list *ports, lf_problem_list *problems) {
    (void)ports;
    lf_no_other_keys(lf_config(), NULL, 0, problems);
    lf_need_input("table", LF_PORT_KIND_TABLE, problems);
}

/* In eight lanes: an addition then need not wait for the one before. */
static double added(const double *values, uint32_t count) {
    double lanes[8] = {0}, sum = 0;
    uint32_t row = 0;
    for (; row + 8 <= count; row += 8)
        for (int lane = 0; lane < 8; lane++) lanes[lane] += values[row + lane];
    for (int lane = 0; lane < 8; lane++) sum += lanes[lane];
    for (; row < count; row++) sum += values[row];
    return sum;
}

static const lf_failure *run(lf_report *report) {
    lf_table table = lf_open_table(LF_LIT("table"));
    uint64_t total = lf_table_rows(table);
    lf_finding finding = lf_new_finding("sum", LF_LIT("table"));
    double sum = 0;
    /* The two reports tell the host when the scan begins and ends. */
    lf_progress(0, total);
    lf_scan *scan = lf_scan_table(table, 0);
    for (const lf_rows *rows; (rows = lf_next(scan));) {
        finding.rows += rows->count;
        for (size_t column = 0; column < rows->width; column++) {
            lf_nulls nulls;
            const double *values = lf_f64(rows, column, &nulls);
            if (nulls.bits) return lf_fail_data("column %zu has nulls", column);
            sum += added(values, rows->count);
        }
    }
    lf_progress(finding.rows, total);
    finding.value = (lf_maybe_f64){true, sum};
    LF_ADD(&report->findings, finding);
    return NULL;
}

LF_VALIDATE(check, run)
