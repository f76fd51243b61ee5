/* Ingest plugin `fixed-width`: a text file whose columns have fixed places becomes a table. */
#include <lockflight.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "value.h"

enum { PART = 4 << 20 };

static void check(lf_port_list *ports, lf_problem_list *problems) {
    layout layout = read_layout(lf_config(), problems);
    lf_only_input(LF_PORT_KIND_BLOB, problems);
    lf_schema schema = schema_of(&layout);
    lf_add_table_port(ports, "table", &schema);
}

/* What is being read, for messages. */
typedef struct {
    const layout *layout;
    lf_builder *table;
    lf_text input;
    uint64_t line;   /* from 1 */
    uint64_t offset; /* of the line's first byte in the file */
    lf_failure const *failure;
} reading;

/* Ends the stage: the message begins with the place. */
static bool refuse(reading *now, const column *column, lf_text what) {
    now->failure = lf_fail_data(LF_TEXT_FORMAT ": line %llu, column \"" LF_TEXT_FORMAT "\" (places %zu to %zu): " LF_TEXT_FORMAT,
                                LF_TEXT(now->input), (unsigned long long)now->line, LF_TEXT(column->name), column->start + 1,
                                column->start + column->width, LF_TEXT(what));
    return false;
}

static bool put_null(reading *now, size_t at) {
    const column *column = &now->layout->at[at];
    if (!column->nullable) return refuse(now, column, LF_LIT("there is no value, and the column is not nullable"));
    lf_put_null(now->table, at);
    return true;
}

static bool put(reading *now, size_t at, lf_text raw) {
    const column *column = &now->layout->at[at];
    lf_text field = trimmed(raw);
    if (field.length == 0 || (column->has_null && lf_same(field, column->null))) return put_null(now, at);
    const char *why = NULL;
    switch (column->type) {
    case TYPE_TEXT:
        if (!lf_is_utf8(field.at, field.length)) why = "it is no UTF-8; a place may cut through a character, since places count bytes";
        else lf_put_text(now->table, at, field);
        break;
    case TYPE_INT64: {
        int64_t value;
        if (!(why = parse_int64(field, &value))) lf_put_i64(now->table, at, value);
        break;
    }
    case TYPE_FLOAT64: {
        double value;
        if (!(why = parse_float64(field, &value))) lf_put_f64(now->table, at, value);
        break;
    }
    case TYPE_BOOL: {
        bool value;
        if (!(why = parse_bool(field, &value))) lf_put_bool(now->table, at, value);
        break;
    }
    case TYPE_DATE: {
        int32_t value;
        if (!(why = parse_date(field, &value))) lf_put_i64(now->table, at, value);
        break;
    }
    }
    /* Bytes that are no text can't be part of a message. */
    if (why && !lf_is_utf8(field.at, field.length)) field = LF_LIT("…");
    if (!why) return true;
    return refuse(now, column, lf_format("\"" LF_TEXT_FORMAT "\" is not %s: %s", LF_TEXT(field), type_name(column->type), why));
}

static bool read_line(reading *now, lf_text line) {
    const layout *layout = now->layout;
    if (line.length && line.at[line.length - 1] == '\r') line.length--;
    if (now->line <= (uint64_t)layout->skip_lines || trimmed(line).length == 0) return true;
    lf_text comment = layout->comment;
    if (comment.length && line.length >= comment.length && !memcmp(line.at, comment.at, comment.length)) return true;
    for (size_t at = 0; at < layout->count; at++) {
        const column *column = &layout->at[at];
        size_t left = line.length > column->start ? line.length - column->start : 0;
        lf_text field = {line.at + (left ? column->start : 0), left < column->width ? left : column->width};
        /* Editors drop blanks at the end of lines, so the last column may be cut within, but not before it begins. */
        if (left == 0 && !layout->short_is_blank) {
            now->failure = lf_fail_data(LF_TEXT_FORMAT ": line %llu has %zu bytes and ends before column \"" LF_TEXT_FORMAT
                                                       "\", which begins at place %zu; `short-lines = \"blank\"` takes it as no value",
                                        LF_TEXT(now->input), (unsigned long long)now->line, line.length, LF_TEXT(column->name),
                                        column->start + 1);
            return false;
        }
        if (!put(now, at, field)) return false;
    }
    lf_end_row(now->table);
    return true;
}

/* Cuts the file into lines, a part of it at a time; what is left of a part goes before the next. */
static bool read_file(reading *now, lf_blob file) {
    uint64_t size = lf_blob_size(file), read = 0;
    char *buffer = NULL;
    size_t held = 0, room = 0;
    bool fine = true;
    while (fine && (read < size || held)) {
        lf_bytes part = lf_blob_read(file, read, PART);
        if (part.length == 0 && read < size) lf_die("the file ended before its size");
        read += part.length;
        if (held + part.length > room) buffer = realloc(buffer, room = held + part.length);
        if (!buffer) lf_die("there is no memory for a line of %zu bytes", room);
        if (part.length) memcpy(buffer + held, part.at, part.length);
        held += part.length;
        lf_free_bytes(part);
        size_t start = 0;
        if (now->line == 0 && held >= 3 && !memcmp(buffer, "\xEF\xBB\xBF", 3)) start = 3; /* a byte order mark */
        while (fine && start < held) {
            char *end = memchr(buffer + start, '\n', held - start);
            if (!end && read < size) break;
            size_t length = end ? (size_t)(end - buffer) - start : held - start;
            now->line++;
            fine = read_line(now, (lf_text){buffer + start, length});
            start += length + (end != NULL);
        }
        held -= start;
        memmove(buffer, buffer + start, held);
        lf_progress(read, size);
    }
    free(buffer);
    return fine;
}

static const lf_failure *run(lf_output_list *outputs) {
    lf_problem_list problems = {0};
    layout layout = read_layout(lf_config(), &problems);
    const lf_input *input = lf_only_input(LF_PORT_KIND_BLOB, &problems);
    if (problems.length) return lf_fail_config(problems);
    lf_schema schema = schema_of(&layout);
    reading now = {.layout = &layout, .table = lf_build_table(&schema), .input = input->port.name};
    if (!read_file(&now, lf_open_blob(input->port.name))) return now.failure;
    lf_add_table(outputs, "table", lf_finish_table(now.table));
    return NULL;
}

LF_INGEST(check, run)
