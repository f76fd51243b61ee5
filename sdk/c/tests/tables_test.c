/* Columns in and out, blobs, inputs, findings, scorers. */
#include <double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static lf_schema schema(void) {
    lf_schema made = {0};
    lf_add_field(&made, LF_LIT("mass"), "g", true);
    lf_add_field(&made, LF_LIT("name"), "u", true);
    lf_add_field(&made, LF_LIT("ok"), "b", false);
    lf_add_field(&made, LF_LIT("n"), "s", false);
    return made;
}

static void add_table(void) {
    static const double mass[] = {1.5, 99, 3};
    static const uint8_t valid = 5, bits = 6;
    static const int16_t n[] = {-1, 0, 300};
    lf_column_list columns = {0};
    LF_ADD(&columns, lf_column_of_f64(mass, 3, (lf_nulls){&valid}));
    LF_ADD(&columns, lfd_texts((const char *const[]){"a", NULL, "ßß"}, 3));
    LF_ADD(&columns, (lf_column){.length = 3, .values = {&bits, 1}});
    LF_ADD(&columns, lf_column_of(n, sizeof *n, 3, (lf_nulls){NULL}));
    lf_schema of = schema();
    lfd_add_table("table", &of, 3, columns);
}

static void columns_are_read(void) {
    for (uint32_t most = 0; most < 3; most++) {
        lfd_reset();
        add_table();
        lf_text all = LF_LIT("");
        lf_table table = lf_open_table(LF_LIT("table"));
        LFD_CHECK(lf_table_rows(table) == 3);
        lf_scan *scan = lf_scan_columns(table, (lf_text[]){LF_LIT("n"), LF_LIT("name"), LF_LIT("mass"), LF_LIT("ok")}, 4, most);
        for (const lf_rows *rows; (rows = lf_next(scan));) {
            lf_nulls no_name, no_mass, no_ok;
            lf_texts name = lf_texts_of(rows, 1, &no_name);
            const double *mass = lf_f64(rows, 2, &no_mass);
            const uint8_t *ok = lf_bits(rows, 3, &no_ok);
            double n[3];
            lf_as_f64(rows, 0, NULL, n);
            for (uint32_t row = 0; row < rows->count; row++) {
                lf_text text = lf_is_null(no_name, row) ? LF_LIT("null") : lf_text_at(name, row);
                lf_text number = lf_is_null(no_mass, row) ? LF_LIT("null") : lf_format("%g", mass[row]);
                all = lf_format(LF_TEXT_FORMAT "%g " LF_TEXT_FORMAT " " LF_TEXT_FORMAT " %d\n", LF_TEXT(all), n[row], LF_TEXT(text),
                                LF_TEXT(number), lf_bit(ok, row));
            }
        }
        LFD_SAME(all, "-1 a 1.5 0\n0 null null 1\n300 ßß 3 1\n");
        LFD_CHECK(lf_next(scan) == NULL);
    }
}

static const lf_rows *first_rows(void) {
    add_table();
    return lf_next(lf_scan_table(lf_open_table(LF_LIT("table")), 0));
}

static void reads_text_as_number(void) {
    lf_nulls nulls;
    (void)!lf_f64(first_rows(), 1, &nulls);
}

static void reads_a_column_that_is_not_there(void) {
    lf_nulls nulls;
    (void)!lf_f64(first_rows(), 4, &nulls);
}

static void scans_an_unknown_column(void) {
    add_table();
    lf_scan_columns(lf_open_table(LF_LIT("table")), (lf_text[]){LF_LIT("mess")}, 1, 0);
}

static void opens_an_unknown_table(void) { lf_open_table(LF_LIT("other")); }

static void puts_null_where_none_may_be(void) {
    lf_schema of = schema();
    lf_put_null(lf_build_table(&of), 2);
}

static void puts_two_values_in_a_row(void) {
    lf_schema of = schema();
    lf_builder *table = lf_build_table(&of);
    lf_put_f64(table, 0, 1);
    lf_put_f64(table, 0, 1);
}

static void leaves_a_value_out(void) {
    lf_schema of = schema();
    lf_builder *table = lf_build_table(&of);
    lf_put_f64(table, 0, 1);
    lf_end_row(table);
}

static void nothing(void) {}

static void faults_end_the_stage(void) {
    lfd_reset();
    LFD_CHECK(lfd_dies(reads_text_as_number));
    LFD_CHECK(lfd_dies(reads_a_column_that_is_not_there));
    LFD_CHECK(lfd_dies(scans_an_unknown_column));
    LFD_CHECK(lfd_dies(opens_an_unknown_table));
    LFD_CHECK(lfd_dies(puts_null_where_none_may_be));
    LFD_CHECK(lfd_dies(puts_two_values_in_a_row));
    LFD_CHECK(lfd_dies(leaves_a_value_out));
    LFD_CHECK(!lfd_dies(nothing));
}

static void tables_are_built(void) {
    lfd_reset();
    lf_schema of = schema();
    lf_builder *builder = lf_build_table(&of);
    for (int row = 0; row < 65537; row++) {
        if (row % 3) lf_put_f64(builder, 0, row);
        else lf_put_null(builder, 0);
        if (row % 2) lf_put_text(builder, 1, lf_format("t%d", row));
        else lf_put_null(builder, 1);
        lf_put_bool(builder, 2, row % 5 == 0);
        LFD_CHECK(!lf_put_i64(builder, 3, 40000));
        LFD_CHECK(lf_put_i64(builder, 3, -(row & 7)));
        lf_end_row(builder);
    }
    lf_table_writer table = lf_finish_table(builder);
    LFD_CHECK(lfd_rows(table) == 65537 && lfd_batches(table) == 2);
    for (int row = 0; row < 65537; row += 4681) {
        LFD_SAME(lf_string(lfd_cell(table, (uint64_t)row, 0)), row % 3 ? lf_c_string(lf_format("%d", row)) : "null");
        LFD_SAME(lf_string(lfd_cell(table, (uint64_t)row, 1)), row % 2 ? lf_c_string(lf_format("t%d", row)) : "null");
        LFD_SAME(lf_string(lfd_cell(table, (uint64_t)row, 2)), row % 5 ? "false" : "true");
        LFD_SAME(lf_string(lfd_cell(table, (uint64_t)row, 3)), lf_c_string(lf_format("%d", -(row & 7))));
    }
}

static void integers_have_the_ranges_of_their_formats(void) {
    static const struct {
        const char *format;
        int64_t least, most;
    } ranges[] = {{"c", -128, 127},              {"C", 0, 255},        {"s", -32768, 32767},
                  {"S", 0, 65535},               {"I", 0, UINT32_MAX}, {"i", INT32_MIN, INT32_MAX},
                  {"l", INT64_MIN, INT64_MAX},   {"L", 0, INT64_MAX},  {"tsm:UTC", INT64_MIN, INT64_MAX},
                  {"tdD", INT32_MIN, INT32_MAX}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        lfd_reset();
        lf_schema of = {0};
        lf_add_field(&of, LF_LIT("n"), ranges[i].format, false);
        lf_builder *builder = lf_build_table(&of);
        if (ranges[i].least > INT64_MIN) LFD_CHECK(!lf_put_i64(builder, 0, ranges[i].least - 1));
        if (ranges[i].most < INT64_MAX) LFD_CHECK(!lf_put_i64(builder, 0, ranges[i].most + 1));
        LFD_CHECK(lf_put_i64(builder, 0, ranges[i].least));
        lf_end_row(builder);
        LFD_CHECK(lf_put_i64(builder, 0, ranges[i].most));
        lf_end_row(builder);
        LFD_CHECK(lfd_rows(lf_finish_table(builder)) == 2);
    }
}

static void utf8_is_told(void) {
    static const char *const fine[] = {"", "a", "é", "€", "😀", "\xEF\xBF\xBF"};
    static const char *const broken[] = {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                         "\xF5", "\xC3",     "\xE2\x82",     "\xFF"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) LFD_CHECK(lf_is_utf8(fine[i], strlen(fine[i])));
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) LFD_CHECK(!lf_is_utf8(broken[i], strlen(broken[i])));
}

static void blobs_log_and_metrics(void) {
    lfd_reset();
    lfd_add_blob("file", "hello world", 11);
    lfd_state("before", 6);
    lf_bytes all = lf_blob_read_all(lf_open_blob(LF_LIT("file")));
    LFD_SAME(((lf_text){(const char *)all.at, all.length}), "hello world");
    lf_bytes state = lf_blob_read_all(lf_state().value);
    LFD_SAME(((lf_text){(const char *)state.at, state.length}), "before");
    lf_blob_writer blob = lf_start_blob();
    lf_blob_write(blob, "a", 1);
    lf_blob_write(blob, "bc", 2);
    LFD_SAME(((lf_text){(const char *)lfd_blob(blob).at, lfd_blob(blob).length}), "abc");
    lf_log(LF_LEVEL_INFO, "%d rows", 3);
    lf_metric("rmse", 0.5);
    lf_metric_step("loss", 0.25, 2, NULL, 0);
    LFD_SAME(lf_string(lfd_log()), "info: 3 rows\n");
    LFD_SAME(lf_string(lfd_metrics()), "rmse=0.5\nloss[2]=0.25\n");
}

static void inputs_are_found(void) {
    lfd_reset();
    lfd_add_blob("file", "", 0);
    lfd_add_pending("later", NULL);
    lf_problem_list problems = {0};
    LFD_CHECK(lf_need_input("file", LF_PORT_KIND_BLOB, &problems) != NULL);
    LFD_CHECK(!lf_need_input("later", LF_PORT_KIND_TABLE, &problems)->available);
    LFD_CHECK(lf_only_input(LF_PORT_KIND_TABLE, &problems) != NULL && problems.length == 0);
    LFD_CHECK(lf_need_input("file", LF_PORT_KIND_TABLE, &problems) == NULL);
    LFD_CHECK(lf_need_input("table", LF_PORT_KIND_TABLE, &problems) == NULL);
    lfd_add_pending("more", NULL);
    LFD_CHECK(lf_only_input(LF_PORT_KIND_TABLE, &problems) == NULL);
    LFD_SAME(lfd_problems(problems), "file: `file` has to be a table (add `inputs = { file = \"…\" }` to the stage)\n"
                                     "table: there is no table `table` (add `inputs = { table = \"…\" }` to the stage)\n"
                                     "stage: it wants one table as its input and has 2\n");
}

static void findings_are_weighed(void) {
    lf_finding_list findings = {0};
    LFD_CHECK(lf_worst(findings) == LF_VERDICT_PASS);
    lf_finding finding = lf_new_finding("range", LF_LIT("mass"));
    for (uint64_t row = 0; row < 30; row++) lf_add_example(&finding, "table", row);
    LFD_CHECK(finding.examples.length == 20 && finding.examples.at[19] == 19 && finding.input.is);
    finding.verdict = LF_VERDICT_INCONCLUSIVE;
    LF_ADD(&findings, finding);
    LFD_CHECK(lf_worst(findings) == LF_VERDICT_INCONCLUSIVE);
    finding.verdict = LF_VERDICT_WARN;
    LF_ADD(&findings, finding);
    LFD_CHECK(lf_worst(findings) == LF_VERDICT_WARN);
}

/* A scorer whose state is one number, which it adds. */
static double added;

static lf_text load(lf_bytes state) {
    if (state.length != sizeof added) return LF_LIT("the state has another length");
    memcpy(&added, state.at, sizeof added);
    return LF_LIT("");
}

static lf_text score(const lf_rows *rows, lf_column_list *columns) {
    double *sum = lf_alloc(rows->count * sizeof *sum);
    lf_as_f64(rows, 0, "g", sum);
    for (uint32_t row = 0; row < rows->count; row++) sum[row] += added;
    LF_ADD(columns, lf_column_of_f64(sum, rows->count, (lf_nulls){NULL}));
    return LF_LIT("");
}

LF_SCORE(load, score)

/* A copy as the host makes one: the SDK gives it back. */
static void *as_host(const void *at, size_t length) { return memcpy(malloc(length), at, length); }

static void states_come_in_parts(void) {
    double state = 40;
    const uint8_t *bytes = (const uint8_t *)&state;
    for (size_t part = 0; part < sizeof state; part += 2) {
        const bool *is_error = lf_enter_load(&lf_plugin_score, as_host(bytes + part, 2), 2, sizeof state - part - 2);
        LFD_CHECK(!*is_error);
    }
    for (int call = 0; call < 3; call++) {
        double value = 2 + call;
        lf_column column = lf_column_of_f64(as_host(&value, sizeof value), 1, (lf_nulls){NULL});
        const struct {
            bool is_error;
            lf_batch batch;
        } *answer = lf_enter_score(&lf_plugin_score, 1, as_host(&column, sizeof column), 1);
        LFD_CHECK(!answer->is_error && answer->batch.rows == 1);
        LFD_CHECK(*(const double *)(const void *)answer->batch.columns.at[0].values.at == 42 + call);
    }
}

int main(void) {
    columns_are_read();
    faults_end_the_stage();
    tables_are_built();
    integers_have_the_ranges_of_their_formats();
    utf8_is_told();
    blobs_log_and_metrics();
    inputs_are_found();
    findings_are_weighed();
    states_come_in_parts();
    return lfd_failures > 0;
}
