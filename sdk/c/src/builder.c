/* A table that is filled value by value. */
#include "abi.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_ROWS = 65536,           /* a block of the host's */
    BLOCK_BYTES = 8 * 1024 * 1024 /* of texts; half of what the host takes at once */
};

typedef struct {
    char format;   /* the first letter of the field's */
    size_t width;  /* bytes a value; 0 for bits, offsets for texts */
    uint32_t count;
    uint32_t nulls;
    uint8_t *values, *validity;
    int32_t *offsets;
    size_t bytes, room; /* of `values`, for texts */
    lf_field *field;
} growing;

struct lf_builder {
    lf_table_writer table;
    growing *columns;
    size_t width;
    uint32_t rows;
    bool is_full;
};

static size_t width_of(lf_text format) {
    if (lf_is(format, "tdD")) return 4;
    if (format.length > 2 && format.at[0] == 't' && format.at[1] == 's') return 8;
    static const char letters[] = "cCsSiIlLfg";
    static const uint8_t widths[] = {1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
    const char *letter = format.length == 1 ? strchr(letters, format.at[0]) : NULL;
    return letter && *letter ? widths[letter - letters] : 0;
}

static void *room(size_t size) {
    void *at = calloc(1, size);
    if (!at) lf_die("there is no memory for a block of a table");
    return at;
}

lf_builder *lf_build_table(const lf_schema *schema) {
    lf_builder *made = lf_alloc(sizeof *made);
    made->width = schema->fields.length;
    made->columns = lf_alloc(made->width * sizeof *made->columns);
    for (size_t i = 0; i < made->width; i++) {
        growing *column = &made->columns[i];
        column->field = &schema->fields.at[i];
        lf_text format = column->field->format;
        column->format = format.length ? format.at[0] : 0;
        column->width = width_of(format);
        column->validity = room(BLOCK_ROWS / 8);
        if (lf_is(format, "u") || lf_is(format, "z")) {
            column->offsets = room((BLOCK_ROWS + 1) * sizeof(int32_t));
            column->values = room(column->room = 4096);
        } else if (column->width || lf_is(format, "b")) {
            column->values = room(column->width ? column->width * BLOCK_ROWS : BLOCK_ROWS / 8);
        } else {
            lf_die("a builder can not fill a column of format `" LF_TEXT_FORMAT "`", LF_TEXT(format));
        }
    }
    made->table = lf_start_table(schema);
    return made;
}

static growing *next(lf_builder *builder, size_t at) {
    if (at >= builder->width) lf_die("there is no column %zu; the table has %zu", at, builder->width);
    growing *column = &builder->columns[at];
    if (column->count != builder->rows) lf_die("column %zu got two values in row %u of its block", at, builder->rows);
    return column;
}

static void is_value(growing *column) {
    column->validity[column->count >> 3] |= (uint8_t)(1 << (column->count & 7));
    column->count++;
}

static void wrong(growing *column, const char *put) {
    lf_die("column `" LF_TEXT_FORMAT "` of format `" LF_TEXT_FORMAT "` got %s", LF_TEXT(column->field->name),
           LF_TEXT(column->field->format), put);
}

void lf_put_f64(lf_builder *builder, size_t at, double value) {
    growing *column = next(builder, at);
    if (column->format == 'g') ((double *)(void *)column->values)[column->count] = value;
    else if (column->format == 'f') ((float *)(void *)column->values)[column->count] = (float)value;
    else wrong(column, "a float");
    is_value(column);
}

bool lf_put_i64(lf_builder *builder, size_t at, int64_t value) {
    growing *column = next(builder, at);
    if (!column->width || column->format == 'g' || column->format == 'f') wrong(column, "an integer");
    bool is_unsigned = strchr("CSIL", column->format) != NULL;
    int bits = (int)column->width * 8;
    if (is_unsigned && (value < 0 || (bits < 64 && value >> bits != 0))) return false;
    if (!is_unsigned && bits < 64 && (value < -(1LL << (bits - 1)) || value >= 1LL << (bits - 1))) return false;
    /* Little-endian, as Arrow wants it and as WebAssembly is. */
    memcpy(column->values + column->count * column->width, &value, column->width);
    is_value(column);
    return true;
}

void lf_put_bool(lf_builder *builder, size_t at, bool value) {
    growing *column = next(builder, at);
    if (column->format != 'b') wrong(column, "a boolean");
    if (value) column->values[column->count >> 3] |= (uint8_t)(1 << (column->count & 7));
    is_value(column);
}

void lf_put_text(lf_builder *builder, size_t at, lf_text value) {
    growing *column = next(builder, at);
    if (!column->offsets) wrong(column, "a text");
    if (value.length > INT32_MAX - column->bytes) lf_die("a text of %zu bytes is too long for a table", value.length);
    size_t needed = column->bytes + value.length;
    if (needed > column->room) {
        while (column->room < needed) column->room *= 2;
        column->values = realloc(column->values, column->room);
        if (!column->values) lf_die("there is no memory for a column of texts");
    }
    if (value.length) memcpy(column->values + column->bytes, value.at, value.length);
    column->bytes = needed;
    column->offsets[column->count + 1] = (int32_t)needed;
    if (needed >= BLOCK_BYTES) builder->is_full = true;
    is_value(column);
}

void lf_put_null(lf_builder *builder, size_t at) {
    growing *column = next(builder, at);
    if (!column->field->nullable) lf_die("column `" LF_TEXT_FORMAT "` is not nullable and got a null", LF_TEXT(column->field->name));
    if (column->offsets) column->offsets[column->count + 1] = (int32_t)column->bytes;
    else if (column->width) memset(column->values + column->count * column->width, 0, column->width);
    column->nulls++;
    column->count++;
}

static lf_column block_of(growing *column) {
    size_t bits = ((size_t)column->count + 7) / 8;
    size_t bytes = column->offsets ? column->bytes : column->width ? column->width * column->count : bits;
    lf_column made = {.length = column->count, .values = {column->values, bytes}};
    if (column->offsets)
        made.offsets = (lf_maybe_bytes){true, {(uint8_t *)column->offsets, ((size_t)column->count + 1) * sizeof(int32_t)}};
    if (column->nulls) made.validity = (lf_maybe_bytes){true, {column->validity, bits}};
    return made;
}

static void flush(lf_builder *builder) {
    if (!builder->rows) return;
    lf_column_list columns = {malloc(builder->width * sizeof(lf_column)), builder->width};
    if (!columns.at) lf_die("there is no memory for a block of a table");
    for (size_t i = 0; i < builder->width; i++) columns.at[i] = block_of(&builder->columns[i]);
    lf_table_write(builder->table, builder->rows, columns);
    free(columns.at);
    for (size_t i = 0; i < builder->width; i++) {
        growing *column = &builder->columns[i];
        memset(column->validity, 0, BLOCK_ROWS / 8);
        if (!column->width && !column->offsets) memset(column->values, 0, BLOCK_ROWS / 8);
        column->count = column->nulls = 0;
        column->bytes = 0;
    }
    builder->rows = 0;
    builder->is_full = false;
}

void lf_end_row(lf_builder *builder) {
    builder->rows++;
    for (size_t i = 0; i < builder->width; i++)
        if (builder->columns[i].count != builder->rows) lf_die("column %zu got no value in a row", i);
    if (builder->rows == BLOCK_ROWS || builder->is_full) flush(builder);
}

lf_table_writer lf_finish_table(lf_builder *builder) {
    flush(builder);
    for (size_t i = 0; i < builder->width; i++) {
        free(builder->columns[i].values);
        free(builder->columns[i].validity);
        free(builder->columns[i].offsets);
    }
    return builder->table;
}

/* Table 3-7 of the Unicode standard. */
bool lf_is_utf8(const char *text, size_t length) {
    const uint8_t *at = (const uint8_t *)text, *end = at + length;
    while (at < end) {
        uint8_t lead = *at++;
        if (lead < 0x80) continue;
        int more = lead >= 0xC2 && lead <= 0xDF ? 1 : lead >= 0xE0 && lead <= 0xEF ? 2 : lead >= 0xF0 && lead <= 0xF4 ? 3 : 0;
        if (!more || end - at < more) return false;
        uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80, most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        for (; more; more--, least = 0x80, most = 0xBF) {
            uint8_t byte = *at++;
            if (byte < least || byte > most) return false;
        }
    }
    return true;
}
