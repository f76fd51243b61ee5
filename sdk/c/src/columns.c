/* Columns as arrays of C. */
#include "abi.h"

#include <math.h>
#include <string.h>

/* The column, if it is there and its format is one of `formats`, each followed by a space; a time's stands for every zone. */
static const lf_column *column(const lf_rows *rows, size_t at, const char *formats, lf_nulls *nulls) {
    if (at >= rows->width) lf_die("there is no column %zu; the rows have %zu", at, rows->width);
    const lf_column *column = &rows->columns[at];
    if (rows->fields && formats) {
        lf_text format = rows->fields->at[at].format;
        if (format.length > 4) format.length = 4;
        const char *found = strstr(formats, lf_c_string(format));
        if (!found || found[format.length] != ' ' || (found > formats && found[-1] != ' ')) {
            lf_text name = rows->fields->at[at].name, whole = rows->fields->at[at].format;
            lf_die("column `" LF_TEXT_FORMAT "` has the format `" LF_TEXT_FORMAT "`, not one of %s", LF_TEXT(name), LF_TEXT(whole),
                   formats);
        }
    }
    nulls->bits = NULL;
    if (column->validity.is) {
        if (column->validity.value.length < ((size_t)column->length + 7) / 8) lf_die("column %zu: its validity is too short", at);
        nulls->bits = column->validity.value.at;
    }
    return column;
}

static const void *values(const lf_rows *rows, size_t at, const char *formats, size_t width, lf_nulls *nulls) {
    const lf_column *found = column(rows, at, formats, nulls);
    if (found->values.length / width < found->length) lf_die("column %zu: its values are not of %zu bytes each", at, width);
    /* The host's buffers are blocks of malloc, which are aligned for every type. */
    return found->values.at;
}

const double *lf_f64(const lf_rows *rows, size_t at, lf_nulls *nulls) { return values(rows, at, "g ", 8, nulls); }

const float *lf_f32(const lf_rows *rows, size_t at, lf_nulls *nulls) { return values(rows, at, "f ", 4, nulls); }

const int64_t *lf_i64(const lf_rows *rows, size_t at, lf_nulls *nulls) {
    return values(rows, at, "l tss: tsm: tsu: tsn: ", 8, nulls);
}

const int32_t *lf_i32(const lf_rows *rows, size_t at, lf_nulls *nulls) { return values(rows, at, "i tdD ", 4, nulls); }

const uint8_t *lf_bits(const lf_rows *rows, size_t at, lf_nulls *nulls) {
    const lf_column *found = column(rows, at, "b ", nulls);
    if (found->values.length < ((size_t)found->length + 7) / 8) lf_die("column %zu: its values are too short", at);
    return found->values.at;
}

const void *lf_values(const lf_rows *rows, size_t at, size_t width, lf_nulls *nulls) {
    return values(rows, at, NULL, width, nulls);
}

lf_texts lf_texts_of(const lf_rows *rows, size_t at, lf_nulls *nulls) {
    const lf_column *found = column(rows, at, "u z ", nulls);
    size_t count = (size_t)found->length + 1;
    if (!found->offsets.is || found->offsets.value.length / 4 < count) lf_die("column %zu: its offsets are too short", at);
    lf_texts texts = {(const int32_t *)(const void *)found->offsets.value.at, (const char *)found->values.at};
    for (size_t row = 0; row + 1 < count; row++)
        if (texts.offsets[row] < 0 || texts.offsets[row + 1] < texts.offsets[row]) lf_die("column %zu: its offsets go back", at);
    if ((size_t)texts.offsets[count - 1] > found->values.length) lf_die("column %zu: its offsets lead out of it", at);
    return texts;
}

#define LF_WIDEN(T)                                                               \
    do {                                                                          \
        const T *from = values(rows, at, NULL, sizeof(T), &nulls);                \
        for (uint32_t row = 0; row < count; row++) into[row] = (double)from[row]; \
    } while (0)

void lf_as_f64(const lf_rows *rows, size_t at, const char *format, double *into) {
    lf_nulls nulls;
    uint32_t count = rows->count;
    lf_text told = rows->fields && at < rows->fields->length ? rows->fields->at[at].format : lf_string(format ? format : "");
    switch (told.length == 1 ? told.at[0] : 0) {
    case 'g': LF_WIDEN(double); break;
    case 'f': LF_WIDEN(float); break;
    case 'c': LF_WIDEN(int8_t); break;
    case 'C': LF_WIDEN(uint8_t); break;
    case 's': LF_WIDEN(int16_t); break;
    case 'S': LF_WIDEN(uint16_t); break;
    case 'i': LF_WIDEN(int32_t); break;
    case 'I': LF_WIDEN(uint32_t); break;
    case 'l': LF_WIDEN(int64_t); break;
    case 'L': LF_WIDEN(uint64_t); break;
    case 'b': {
        const lf_column *found = column(rows, at, NULL, &nulls);
        if (found->values.length < ((size_t)count + 7) / 8) lf_die("column %zu: its values are too short", at);
        for (uint32_t row = 0; row < count; row++) into[row] = lf_bit(found->values.at, row);
        break;
    }
    default: lf_die("column %zu has the format `" LF_TEXT_FORMAT "`, which is no number", at, LF_TEXT(told));
    }
    if (!nulls.bits) return;
    for (uint32_t row = 0; row < count; row++)
        if (lf_is_null(nulls, row)) into[row] = NAN;
}

lf_column lf_column_of(const void *values, size_t width, uint32_t count, lf_nulls nulls) {
    lf_column made = {.length = count, .values = {values, width * count}};
    if (nulls.bits) made.validity = (lf_maybe_bytes){true, {nulls.bits, ((size_t)count + 7) / 8}};
    return made;
}

lf_column lf_column_of_f64(const double *values, uint32_t count, lf_nulls nulls) {
    return lf_column_of(values, sizeof *values, count, nulls);
}

lf_table_writer lf_start_table(const lf_schema *schema) {
    return lf_host_new_table(schema->fields.at, schema->fields.length, schema->metadata.at, schema->metadata.length);
}

void lf_table_write(lf_table_writer table, uint32_t rows, lf_column_list columns) {
    lf_host_table_write(table, rows, columns.at, columns.length);
}
