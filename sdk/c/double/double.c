#include "double.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../src/abi.h"

enum { MOST = 64 };

typedef struct {
    lf_field_list fields;
    lf_batch batches[256];
    size_t count;
} table_data;

typedef struct {
    lf_input input;
    table_data *table;
    lf_bytes bytes;
} entry;

typedef struct {
    table_data *table;
    lf_field_list fields;
    size_t columns[MOST], width;
    uint32_t next, most;
} scan_data;

static struct {
    const char *config;
    entry inputs[MOST];
    size_t input_count;
    table_data *tables[MOST];
    size_t table_count;
    struct {
        uint8_t *at;
        size_t length;
    } blobs[MOST];
    size_t blob_count;
    scan_data scans[MOST];
    size_t scan_count;
    lf_maybe_bytes state;
    int64_t time;
    uint64_t seed;
    char log[65536], metrics[65536];
} host;

int lfd_failures;

static void *copy(const void *from, size_t length) {
    void *to = malloc(length ? length : 1);
    if (length) memcpy(to, from, length);
    return to;
}

static lf_bytes copied(lf_bytes bytes) { return (lf_bytes){copy(bytes.at, bytes.length), bytes.length}; }

static lf_batch copied_batch(uint32_t rows, const lf_column *columns, size_t width) {
    lf_batch made = {rows, {copy(columns, width * sizeof *columns), width}};
    for (size_t i = 0; i < width; i++) {
        lf_column *column = &made.columns.at[i];
        column->values = copied(column->values);
        if (column->validity.is) column->validity.value = copied(column->validity.value);
        if (column->offsets.is) column->offsets.value = copied(column->offsets.value);
    }
    return made;
}

void lfd_reset(void) {
    memset(&host, 0, sizeof host);
    host.config = "{}";
}

void lfd_config(const char *json) { host.config = json; }

static entry *add(const char *name, lf_port_kind kind, bool available) {
    entry *made = &host.inputs[host.input_count++];
    made->input = (lf_input){{.name = lf_string(strdup(name)), .kind = kind}, available};
    return made;
}

void lfd_add_blob(const char *name, const void *bytes, size_t length) {
    add(name, LF_PORT_KIND_BLOB, true)->bytes = (lf_bytes){copy(bytes, length), length};
}

void lfd_add_table(const char *name, const lf_schema *schema, uint32_t rows, lf_column_list columns) {
    entry *made = add(name, LF_PORT_KIND_TABLE, true);
    made->input.port.schema = (lf_maybe_schema){true, *schema};
    made->table = calloc(1, sizeof *made->table);
    made->table->fields = schema->fields;
    made->table->batches[0] = copied_batch(rows, columns.at, columns.length);
    made->table->count = 1;
}

void lfd_add_pending(const char *name, const lf_schema *schema) {
    entry *made = add(name, LF_PORT_KIND_TABLE, false);
    if (schema) made->input.port.schema = (lf_maybe_schema){true, *schema};
}

void lfd_state(const void *bytes, size_t length) { host.state = (lf_maybe_bytes){true, {copy(bytes, length), length}}; }

void lfd_time(int64_t time) { host.time = time; }

void lfd_seed(uint64_t seed) { host.seed = seed; }

/* The host's functions. A handle of an input is its number, one of a state is MOST. */

void lf_host_config(lf_text *into) { *into = lf_string(strdup(host.config)); }
uint64_t lf_host_seed(void) { return host.seed; }
int64_t lf_host_time(void) { return host.time; }
void lf_host_state(lf_maybe_blob *into) { *into = (lf_maybe_blob){host.state.is, MOST}; }
void lf_host_partition(lf_maybe_text *into) { *into = (lf_maybe_text){0}; }

void lf_host_inputs(lf_input_list *into) {
    *into = (lf_input_list){calloc(MOST, sizeof(lf_input)), host.input_count};
    for (size_t i = 0; i < host.input_count; i++) into->at[i] = host.inputs[i].input;
}

static int32_t open(const char *name, size_t length, lf_port_kind kind) {
    for (size_t i = 0; i < host.input_count; i++) {
        lf_input *input = &host.inputs[i].input;
        if (lf_same(input->port.name, (lf_text){name, length}) && input->port.kind == kind && input->available) return (int32_t)i;
    }
    lf_die("there is no such input");
}

lf_table lf_host_open_table(const char *name, size_t length) { return open(name, length, LF_PORT_KIND_TABLE); }
lf_blob lf_host_open_blob(const char *name, size_t length) { return open(name, length, LF_PORT_KIND_BLOB); }

static void append(char *to, const char *text) { strncat(to, text, 65535 - strlen(to)); }

void lf_host_log(int32_t level, const char *message, size_t length) {
    static const char *const levels[] = {"trace", "debug", "info", "warn", "error"};
    append(host.log, lf_c_string(lf_format("%s: %.*s\n", levels[level], (int)length, message)));
}

void lf_host_progress(uint64_t done, uint64_t total) { (void)done, (void)total; }

void lf_host_metric(const char *name, size_t length, double value, int32_t is_step, uint64_t step, const lf_pair *labels,
                    size_t count) {
    (void)labels, (void)count;
    lf_text at = is_step ? lf_format("[%llu]", (unsigned long long)step) : LF_LIT("");
    append(host.metrics, lf_c_string(lf_format("%.*s" LF_TEXT_FORMAT "=%g\n", (int)length, name, LF_TEXT(at), value)));
}

void lf_host_table_schema(lf_table table, lf_schema *into) { *into = host.inputs[table].input.port.schema.value; }
uint64_t lf_host_table_rows(lf_table table) { return host.inputs[table].table->batches[0].rows; }

int32_t lf_host_table_scan(lf_table table, int32_t is_columns, const lf_text *columns, size_t count, uint32_t most) {
    scan_data *scan = &host.scans[host.scan_count];
    scan->table = host.inputs[table].table;
    scan->most = most ? most : 65536;
    scan->width = is_columns ? count : scan->table->fields.length;
    for (size_t i = 0; i < scan->width; i++)
        scan->columns[i] = is_columns ? lf_find_field(&scan->table->fields, columns[i]) : i;
    return (int32_t)host.scan_count++;
}

void lf_host_drop_table(lf_table table) { (void)table; }

static size_t width_of(lf_text format) {
    switch (format.at[0]) {
    case 'c': case 'C': return 1;
    case 's': case 'S': return 2;
    case 'i': case 'I': case 'f': return 4;
    case 't': return format.at[1] == 'd' ? 4 : 8;
    default: return 8;
    }
}

/* Bits `first` to `first + count` at the start of bytes of their own. */
static lf_bytes bits(lf_bytes from, uint32_t first, uint32_t count) {
    uint8_t *to = calloc(1, count / 8 + 1);
    for (uint32_t i = 0; i < count; i++)
        if (lf_bit(from.at, first + i)) to[i >> 3] |= (uint8_t)(1 << (i & 7));
    return (lf_bytes){to, (count + 7) / 8};
}

static lf_column part(const lf_column *from, lf_text format, uint32_t first, uint32_t count) {
    lf_column made = {.length = count};
    if (from->validity.is) made.validity = (lf_maybe_bytes){true, bits(from->validity.value, first, count)};
    if (from->offsets.is) {
        const int32_t *offsets = (const int32_t *)(const void *)from->offsets.value.at;
        int32_t *cut = malloc((count + 1) * sizeof *cut);
        for (uint32_t i = 0; i <= count; i++) cut[i] = offsets[first + i] - offsets[first];
        made.offsets = (lf_maybe_bytes){true, {(uint8_t *)cut, (count + 1) * sizeof *cut}};
        made.values = copied((lf_bytes){from->values.at + offsets[first], (size_t)cut[count]});
    } else if (lf_is(format, "b")) {
        made.values = bits(from->values, first, count);
    } else {
        size_t width = width_of(format);
        made.values = copied((lf_bytes){from->values.at + first * width, count * width});
    }
    return made;
}

void lf_host_next(int32_t batches, lf_maybe_batch *into) {
    scan_data *scan = &host.scans[batches];
    lf_batch *whole = &scan->table->batches[0];
    uint32_t left = whole->rows - scan->next, rows = left < scan->most ? left : scan->most;
    *into = (lf_maybe_batch){rows > 0, {rows, {NULL, 0}}};
    if (!rows) return;
    into->value.columns = (lf_column_list){malloc(scan->width * sizeof(lf_column)), scan->width};
    for (size_t i = 0; i < scan->width; i++) {
        size_t at = scan->columns[i];
        into->value.columns.at[i] = part(&whole->columns.at[at], scan->table->fields.at[at].format, scan->next, rows);
    }
    scan->next += rows;
}

void lf_host_drop_batches(int32_t batches) { (void)batches; }

lf_table_writer lf_host_new_table(const lf_field *fields, size_t count, const lf_pair *metadata, size_t pairs) {
    (void)metadata, (void)pairs;
    table_data *made = calloc(1, sizeof *made);
    made->fields = (lf_field_list){copy(fields, count * sizeof *fields), count};
    host.tables[host.table_count] = made;
    return (lf_table_writer)host.table_count++;
}

void lf_host_table_write(lf_table_writer table, uint32_t rows, const lf_column *columns, size_t count) {
    table_data *into = host.tables[table];
    if (count != into->fields.length) lf_die("the batch has %zu columns, the schema %zu", count, into->fields.length);
    into->batches[into->count++] = copied_batch(rows, columns, count);
}

static lf_bytes blob_of(lf_blob blob) { return blob == MOST ? host.state.value : host.inputs[blob].bytes; }

uint64_t lf_host_blob_size(lf_blob blob) { return blob_of(blob).length; }

void lf_host_blob_read(lf_blob blob, uint64_t offset, uint32_t length, lf_bytes *into) {
    lf_bytes whole = blob_of(blob);
    size_t left = offset < whole.length ? whole.length - (size_t)offset : 0;
    size_t read = left < length ? left : length;
    *into = copied((lf_bytes){whole.at + (read ? offset : 0), read});
}

void lf_host_drop_blob(lf_blob blob) { (void)blob; }
lf_blob_writer lf_host_new_blob(void) { return (lf_blob_writer)host.blob_count++; }

void lf_host_blob_write(lf_blob_writer blob, const void *bytes, size_t length) {
    host.blobs[blob].at = realloc(host.blobs[blob].at, host.blobs[blob].length + length + 1);
    if (length) memcpy(host.blobs[blob].at + host.blobs[blob].length, bytes, length);
    host.blobs[blob].length += length;
}

/* What came out. */

uint64_t lfd_rows(lf_table_writer table) {
    uint64_t rows = 0;
    for (size_t i = 0; i < host.tables[table]->count; i++) rows += host.tables[table]->batches[i].rows;
    return rows;
}

size_t lfd_batches(lf_table_writer table) { return host.tables[table]->count; }

static lf_text cell(const lf_column *column, lf_text format, size_t row) {
    const void *values = column->values.at;
    if (column->validity.is && !lf_bit(column->validity.value.at, row)) return LF_LIT("null");
    if (column->offsets.is)
        return lf_text_at((lf_texts){(const int32_t *)(const void *)column->offsets.value.at, values}, row);
    switch (format.at[0]) {
    case 'g': return lf_format("%.17g", ((const double *)values)[row]);
    case 'f': return lf_format("%.9g", (double)((const float *)values)[row]);
    case 'b': return lf_bit(values, row) ? LF_LIT("true") : LF_LIT("false");
    default: {
        size_t width = width_of(format);
        int64_t value = 0;
        memcpy(&value, (const char *)values + row * width, width);
        if (strchr("csit", format.at[0]) && width < 8) value = (int64_t)((uint64_t)value << (64 - 8 * width)) >> (64 - 8 * width);
        return lf_format("%lld", (long long)value);
    }
    }
}

const char *lfd_cell(lf_table_writer table, uint64_t row, size_t column) {
    table_data *from = host.tables[table];
    for (size_t i = 0; i < from->count; i++) {
        if (row < from->batches[i].rows)
            return lf_c_string(cell(&from->batches[i].columns.at[column], from->fields.at[column].format, (size_t)row));
        row -= from->batches[i].rows;
    }
    return "(no such row)";
}

lf_bytes lfd_blob(lf_blob_writer blob) { return (lf_bytes){host.blobs[blob].at, host.blobs[blob].length}; }
const char *lfd_log(void) { return host.log; }
const char *lfd_metrics(void) { return host.metrics; }

bool lfd_dies(void (*function)(void)) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        function();
        _exit(0);
    }
    int status;
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status);
}

lf_column lfd_texts(const char *const *texts, uint32_t count) {
    int32_t *offsets = calloc(count + 1, sizeof *offsets);
    uint8_t *validity = calloc(1, count / 8 + 1);
    char *bytes = NULL;
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        size_t length = texts[i] ? strlen(texts[i]) : 0;
        bytes = realloc(bytes, (size_t)offsets[i] + length + 1);
        if (length) memcpy(bytes + offsets[i], texts[i], length);
        offsets[i + 1] = offsets[i] + (int32_t)length;
        if (texts[i]) validity[i >> 3] |= (uint8_t)(1 << (i & 7));
        else any = true;
    }
    return (lf_column){.length = count,
                       .validity = {any, {validity, (count + 7) / 8}},
                       .offsets = {true, {(uint8_t *)offsets, (count + 1) * sizeof *offsets}},
                       .values = {(uint8_t *)bytes, (size_t)offsets[count]}};
}

void lfd_check(bool is_so, const char *what, const char *file, int line) {
    if (is_so) return;
    lfd_failures++;
    printf("%s:%d: not so: %s\n", file, line, what);
}

void lfd_same(lf_text text, const char *expected, const char *file, int line) {
    if (lf_is(text, expected)) return;
    lfd_failures++;
    printf("%s:%d: is\n%.*s\nand should be\n%s\n", file, line, LF_TEXT(text), expected);
}

lf_text lfd_problems(lf_problem_list problems) {
    lf_text all = LF_LIT("");
    for (size_t i = 0; i < problems.length; i++) {
        const lf_problem *problem = &problems.at[i];
        lf_text place = problem->place.tag == LF_PLACE_STAGE ? LF_LIT("stage") : problem->place.as.config;
        lf_text help = problem->help.is ? lf_format(" (" LF_TEXT_FORMAT ")", LF_TEXT(problem->help.value)) : LF_LIT("");
        all = lf_format(LF_TEXT_FORMAT LF_TEXT_FORMAT ": " LF_TEXT_FORMAT LF_TEXT_FORMAT "\n", LF_TEXT(all), LF_TEXT(place),
                        LF_TEXT(problem->message), LF_TEXT(help));
    }
    return all;
}
