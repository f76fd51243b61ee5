#include "abi.h"
#include "format.h"

#include <stdlib.h>
#include <string.h>

uint64_t lf_seed(void) { return lf_host_seed(); }

int64_t lf_time(void) { return lf_host_time(); }

lf_maybe_text lf_partition(void) {
    lf_maybe_text partition;
    lf_host_partition(&partition);
    return partition;
}

lf_maybe_blob lf_state(void) {
    lf_maybe_blob state;
    lf_host_state(&state);
    return state;
}

lf_input_list lf_inputs(void) {
    lf_input_list inputs;
    lf_host_inputs(&inputs);
    return inputs;
}

const lf_input *lf_find_input(const char *name) {
    lf_input_list inputs = lf_inputs();
    for (size_t i = 0; i < inputs.length; i++)
        if (lf_is(inputs.at[i].port.name, name)) return &inputs.at[i];
    return NULL;
}

static const char *kind_name(lf_port_kind kind) { return kind == LF_PORT_KIND_TABLE ? "table" : "blob"; }

const lf_input *lf_need_input(const char *name, lf_port_kind kind, lf_problem_list *problems) {
    const lf_input *input = lf_find_input(name);
    if (input && input->port.kind == kind) return input;
    const char *key = kind == LF_PORT_KIND_TABLE ? "inputs" : "files";
    lf_maybe_text help = lf_some(lf_format("add `%s = { %s = \"…\" }` to the stage", key, name));
    if (input) lf_problem_input(problems, name, help, "`%s` has to be a %s", name, kind_name(kind));
    else lf_problem_input(problems, name, help, "there is no %s `%s`", kind_name(kind), name);
    return NULL;
}

const lf_input *lf_only_input(lf_port_kind kind, lf_problem_list *problems) {
    lf_input_list inputs = lf_inputs();
    const lf_input *only = NULL;
    size_t count = 0;
    for (size_t i = 0; i < inputs.length; i++)
        if (inputs.at[i].port.kind == kind) only = &inputs.at[i], count++;
    if (count == 1) return only;
    lf_problem_stage(problems, (lf_maybe_text){0}, "it wants one %s as its input and has %zu", kind_name(kind), count);
    return NULL;
}

lf_blob lf_open_blob(lf_text name) { return lf_host_open_blob(name.at, name.length); }

uint64_t lf_blob_size(lf_blob blob) { return lf_host_blob_size(blob); }

lf_bytes lf_blob_read(lf_blob blob, uint64_t offset, uint32_t length) {
    lf_bytes bytes;
    lf_host_blob_read(blob, offset, length, &bytes);
    return bytes;
}

lf_bytes lf_blob_read_all(lf_blob blob) {
    enum { PART = 1 << 20 };
    uint64_t size = lf_blob_size(blob);
    if (size == 0) return (lf_bytes){(const uint8_t *)"", 0};
    uint8_t *whole = size <= SIZE_MAX / 2 ? malloc((size_t)size) : NULL;
    if (!whole) lf_die("there is no memory for a blob of %llu bytes", (unsigned long long)size);
    size_t read = 0;
    while (read < size) {
        lf_bytes part = lf_blob_read(blob, read, PART);
        if (part.length == 0) lf_die("a blob ended before its size");
        memcpy(whole + read, part.at, part.length);
        read += part.length;
        lf_free_bytes(part);
    }
    return (lf_bytes){whole, read};
}

void lf_close_blob(lf_blob blob) { lf_host_drop_blob(blob); }

void lf_log(lf_level level, const char *format, ...) {
    LF_FORMATTED(message, format);
    lf_host_log(level, message.at, message.length);
}

void lf_die(const char *format, ...) {
    LF_FORMATTED(message, format);
#if !defined(LOCKFLIGHT_WORLD_SCORE)
    /* A scorer has no log. */
    lf_host_log(LF_LEVEL_ERROR, message.at, message.length);
#endif
    (void)message;
    __builtin_trap();
}

void lf_progress(uint64_t done, uint64_t total) { lf_host_progress(done, total); }

void lf_metric(const char *name, double value) { lf_host_metric(name, strlen(name), value, 0, 0, NULL, 0); }

void lf_metric_step(const char *name, double value, uint64_t step, const lf_pair *labels, size_t count) {
    lf_host_metric(name, strlen(name), value, 1, step, labels, count);
}

lf_blob_writer lf_start_blob(void) { return lf_host_new_blob(); }

void lf_blob_write(lf_blob_writer blob, const void *bytes, size_t length) { lf_host_blob_write(blob, bytes, length); }
