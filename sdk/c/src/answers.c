#include "abi.h"
#include "format.h"

static void add(lf_problem_list *problems, lf_place place, lf_maybe_text help, lf_text message) {
    LF_ADD(problems, (lf_problem){.place = place, .message = message, .help = help});
}

void lf_problem_config(lf_problem_list *problems, lf_text pointer, lf_maybe_text help, const char *format, ...) {
    LF_FORMATTED(message, format);
    add(problems, (lf_place){.tag = LF_PLACE_CONFIG, .as.config = pointer}, help, message);
}

void lf_problem_input(lf_problem_list *problems, const char *input, lf_maybe_text help, const char *format, ...) {
    LF_FORMATTED(message, format);
    add(problems, (lf_place){.tag = LF_PLACE_INPUT, .as.input = lf_string(input)}, help, message);
}

void lf_problem_file(lf_problem_list *problems, lf_file_span span, lf_maybe_text help, const char *format, ...) {
    LF_FORMATTED(message, format);
    add(problems, (lf_place){.tag = LF_PLACE_FILE, .as.file = span}, help, message);
}

void lf_problem_stage(lf_problem_list *problems, lf_maybe_text help, const char *format, ...) {
    LF_FORMATTED(message, format);
    add(problems, (lf_place){.tag = LF_PLACE_STAGE}, help, message);
}

static const lf_failure *fail(lf_failure failure) {
    lf_failure *kept = lf_alloc(sizeof *kept);
    *kept = failure;
    return kept;
}

const lf_failure *lf_fail_config(lf_problem_list problems) {
    return fail((lf_failure){.tag = LF_FAILURE_CONFIG, .as.config = problems});
}

const lf_failure *lf_fail_data(const char *format, ...) {
    LF_FORMATTED(message, format);
    return fail((lf_failure){.tag = LF_FAILURE_DATA, .as.data = message});
}

const lf_failure *lf_fail_internal(const char *format, ...) {
    LF_FORMATTED(message, format);
    return fail((lf_failure){.tag = LF_FAILURE_INTERNAL, .as.internal = message});
}

void lf_add_blob_port(lf_port_list *ports, const char *name) {
    LF_ADD(ports, (lf_port){.name = lf_string(name), .kind = LF_PORT_KIND_BLOB});
}

void lf_add_table_port(lf_port_list *ports, const char *name, const lf_schema *schema) {
    lf_maybe_schema known = {0};
    if (schema) known = (lf_maybe_schema){true, *schema};
    LF_ADD(ports, (lf_port){.name = lf_string(name), .kind = LF_PORT_KIND_TABLE, .schema = known});
}

void lf_add_table(lf_output_list *outputs, const char *name, lf_table_writer table) {
    LF_ADD(outputs, (lf_output){lf_string(name), {.tag = LF_CONTENT_TABLE, .as.table = table}});
}

void lf_add_blob(lf_output_list *outputs, const char *name, lf_blob_writer blob) {
    LF_ADD(outputs, (lf_output){lf_string(name), {.tag = LF_CONTENT_BLOB, .as.blob = blob}});
}

lf_finding lf_new_finding(const char *name, lf_text subject) {
    return (lf_finding){.name = lf_string(name), .subject = subject, .verdict = LF_VERDICT_PASS, .message = LF_LIT("")};
}

void lf_add_example(lf_finding *finding, const char *input, uint64_t row) {
    enum { MOST = 20 };
    finding->input = lf_some(lf_string(input));
    if (finding->examples.length < MOST) LF_ADD(&finding->examples, row);
}

lf_verdict lf_worst(lf_finding_list findings) {
    static const uint8_t rank[] = {
        [LF_VERDICT_PASS] = 0, [LF_VERDICT_INCONCLUSIVE] = 1, [LF_VERDICT_WARN] = 2, [LF_VERDICT_FAIL] = 3};
    lf_verdict worst = LF_VERDICT_PASS;
    for (size_t i = 0; i < findings.length; i++)
        if (rank[findings.at[i].verdict] > rank[worst]) worst = findings.at[i].verdict;
    return worst;
}

void lf_add_field(lf_schema *schema, lf_text name, const char *format, bool nullable) {
    LF_ADD(&schema->fields, (lf_field){.name = name, .format = lf_string(format), .nullable = nullable});
}
