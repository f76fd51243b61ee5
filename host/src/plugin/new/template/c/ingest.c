/* Reads a text file with a number on each line into a table of one column. Lines with nothing on them are skipped. */
#include <lockflight.h>
#include <stdlib.h>
#include <string.h>

static lf_schema schema_of(lf_text column) {
    lf_schema schema = {0};
    lf_add_field(&schema, column, "g", true);
    return schema;
}

static void check(lf_port_list *ports, lf_problem_list *problems) {
    lf_schema schema = schema_of(lf_need_text(lf_config(), "column", problems));
    LF_ONLY_KEYS(lf_config(), problems, "column");
    lf_only_input(LF_PORT_KIND_BLOB, problems);
    lf_add_table_port(ports, "table", &schema);
}

/* Whether a line is blanks alone. */
static bool is_blank(const char *line) { return line[strspn(line, " \t\r")] == 0; }

static const lf_failure *run(lf_output_list *outputs) {
    lf_problem_list problems = {0};
    lf_schema schema = schema_of(lf_need_text(lf_config(), "column", &problems));
    const lf_input *input = lf_only_input(LF_PORT_KIND_BLOB, &problems);
    if (problems.length) return lf_fail_config(problems);
    lf_bytes file = lf_blob_read_all(lf_open_blob(input->port.name));
    if (!lf_is_utf8((const char *)file.at, file.length)) return lf_fail_data("the file is no UTF-8");
    lf_builder *table = lf_build_table(&schema);
    uint64_t number = 0;
    for (size_t start = 0; start < file.length;) {
        const uint8_t *end = memchr(file.at + start, '\n', file.length - start);
        size_t length = end ? (size_t)(end - file.at) - start : file.length - start;
        const char *line = lf_c_string((lf_text){(const char *)file.at + start, length});
        number++;
        start += length + 1;
        if (is_blank(line)) continue;
        char *rest;
        double value = strtod(line, &rest);
        if (rest == line || !is_blank(rest)) return lf_fail_data("line %llu: \"%s\" is no number", (unsigned long long)number, line);
        lf_put_f64(table, 0, value);
        lf_end_row(table);
    }
    lf_add_table(outputs, "table", lf_finish_table(table));
    return NULL;
}

LF_INGEST(check, run)
