/* A step of a model: the straight line through the points x, y by least squares. */
#include <lockflight.h>
#include <math.h>
#include <string.h>

static struct {
    double intercept, slope;
} line;

static void schemas(lf_schema *takes, lf_schema *gives) {
    lf_add_field(takes, LF_LIT("x"), "g", true);
    lf_add_field(gives, LF_LIT("line"), "g", true);
}

static void check(lf_port_list *ports, lf_problem_list *problems) {
    lf_no_other_keys(lf_config(), NULL, 0, problems);
    lf_need_input("table", LF_PORT_KIND_TABLE, problems);
    static lf_schema takes, gives;
    schemas(&takes, &gives);
    lf_add_table_port(ports, "takes", &takes);
    lf_add_table_port(ports, "gives", &gives);
}

static const lf_failure *fit(lf_fitted *fitted) {
    double count = 0, x = 0, y = 0, xx = 0, xy = 0;
    lf_scan *scan = lf_scan_columns(lf_open_table(LF_LIT("table")), (lf_text[]){LF_LIT("x"), LF_LIT("y")}, 2, 0);
    for (const lf_rows *rows; (rows = lf_next(scan));) {
        lf_nulls no_x, no_y;
        const double *xs = lf_f64(rows, 0, &no_x), *ys = lf_f64(rows, 1, &no_y);
        for (uint32_t row = 0; row < rows->count; row++) {
            if (lf_is_null(no_x, row) || lf_is_null(no_y, row)) continue;
            count++, x += xs[row], y += ys[row], xx += xs[row] * xs[row], xy += xs[row] * ys[row];
        }
    }
    double spread = count * xx - x * x;
    if (!(spread > 0)) return lf_fail_data("%g points are on no one line", count);
    line.slope = (count * xy - x * y) / spread;
    line.intercept = (y - line.slope * x) / count;
    lf_metric("slope", line.slope);
    fitted->state = lf_start_blob();
    lf_blob_write(fitted->state, &line, sizeof line);
    schemas(&fitted->takes, &fitted->gives);
    return NULL;
}

static lf_text load(lf_bytes state) {
    if (state.length != sizeof line) return lf_format("the state has %zu bytes, not %zu", state.length, sizeof line);
    memcpy(&line, state.at, sizeof line);
    return LF_LIT("");
}

static lf_text score(const lf_rows *rows, lf_column_list *columns) {
    lf_nulls nulls;
    const double *x = lf_f64(rows, 0, &nulls);
    double *y = lf_alloc(rows->count * sizeof *y);
    for (uint32_t row = 0; row < rows->count; row++) y[row] = lf_is_null(nulls, row) ? 0 : line.intercept + line.slope * x[row];
    LF_ADD(columns, lf_column_of_f64(y, rows->count, nulls));
    return LF_LIT("");
}

LF_TRAIN(check, fit)
LF_SCORE(load, score)
