/* Reading tables, column by column.
 *
 *     lf_table table = lf_open_table(LF_LIT("table"));
 *     lf_scan *scan = lf_scan_columns(table, (lf_text[]){LF_LIT("mass")}, 1, 0);
 *     for (const lf_rows *rows; (rows = lf_next(scan));) {
 *         lf_nulls nulls;
 *         const double *mass = lf_f64(rows, 0, &nulls);
 *         for (uint32_t row = 0; row < rows->count; row++)
 *             if (!lf_is_null(nulls, row)) sum += mass[row];
 *     }
 *
 * Every accessor wants a place for the nulls: what stands in the values under a null is arbitrary. */
#ifndef LOCKFLIGHT_TABLE_H
#define LOCKFLIGHT_TABLE_H

#include "text.h"

/* Which rows of a column have no value. */
typedef struct {
    const uint8_t *bits; /* 1 for a value, least significant bit first; NULL when there is no null */
} lf_nulls;

/* Whether the column has no value in a row. */
static inline bool lf_is_null(lf_nulls nulls, size_t row) {
    return nulls.bits && !(nulls.bits[row >> 3] >> (row & 7) & 1);
}

/* Some rows: the columns that were asked for, in that order. */
typedef struct {
    uint32_t count;              /* how many rows */
    const lf_field_list *fields; /* in pre-order; NULL in world score, where the step knows them */
    const lf_column *columns;    /* in pre-order, as the fields */
    size_t width;                /* how many columns, those of nested fields counted */
} lf_rows;

/* A column of texts or bytes; get one with `lf_text_at`. */
typedef struct {
    const int32_t *offsets;
    const char *bytes;
} lf_texts;

/* Opens a table; the stage ends if no available input is a table of this name. */
lf_table lf_open_table(lf_text name);
/* A table's schema. */
const lf_schema *lf_table_schema(lf_table table);
/* How many rows a table has. */
uint64_t lf_table_rows(lf_table table);
/* Closes a table. */
void lf_close_table(lf_table table);

/* The position of a top-level field in a schema's pre-order; SIZE_MAX if there is none of this name. */
size_t lf_find_field(const lf_field_list *fields, lf_text name);

typedef struct lf_scan lf_scan;
/* Reads all columns of a table from its first row. `max_rows` bounds the rows at a time; 0 leaves it to the host. */
lf_scan *lf_scan_table(lf_table table, uint32_t max_rows);
/* Reads the named top-level columns, in this order; the stage ends if there is no such column. */
lf_scan *lf_scan_columns(lf_table table, const lf_text *names, size_t count, uint32_t max_rows);
/* The next rows, which live until the next call; NULL at the end, which closes the scan. */
const lf_rows *lf_next(lf_scan *scan);
/* Closes a scan before its end. */
void lf_close_scan(lf_scan *scan);

/* The values of a column of 64 bit floats (`g`). Like all below, it ends the stage if the column is of another format. */
const double *lf_f64(const lf_rows *rows, size_t column, lf_nulls *nulls) __attribute__((nonnull, warn_unused_result));
/* 32 bit floats (`f`). */
const float *lf_f32(const lf_rows *rows, size_t column, lf_nulls *nulls) __attribute__((nonnull, warn_unused_result));
/* 64 bit integers (`l`) and times (`tss:` `tsm:` `tsu:` `tsn:`, since 1970-01-01 in s, ms, us, ns). */
const int64_t *lf_i64(const lf_rows *rows, size_t column, lf_nulls *nulls) __attribute__((nonnull, warn_unused_result));
/* 32 bit integers (`i`) and dates (`tdD`, days since 1970-01-01). */
const int32_t *lf_i32(const lf_rows *rows, size_t column, lf_nulls *nulls) __attribute__((nonnull, warn_unused_result));
/* Booleans (`b`) as bits; get one with `lf_bit`. */
const uint8_t *lf_bits(const lf_rows *rows, size_t column, lf_nulls *nulls) __attribute__((nonnull, warn_unused_result));
/* Text (`u`) or bytes (`z`). */
lf_texts lf_texts_of(const lf_rows *rows, size_t column, lf_nulls *nulls) __attribute__((nonnull, warn_unused_result));
/* The buffer of a column of any fixed width, of `width` bytes a value: for the formats without an accessor of their own. */
const void *lf_values(const lf_rows *rows, size_t column, size_t width, lf_nulls *nulls)
    __attribute__((nonnull, warn_unused_result));

/* A column of any number format, booleans too, as 64 bit floats, NaN where there is no value; written to `into`, which has room
 * for `rows->count`. Integers above 2^53 are rounded. In world score, where formats are not known, `format` says it. */
void lf_as_f64(const lf_rows *rows, size_t column, const char *format, double *into);

/* A bit of `lf_bits`. */
static inline bool lf_bit(const uint8_t *bits, size_t row) { return bits[row >> 3] >> (row & 7) & 1; }

/* A value of `lf_texts_of`; empty under a null. */
static inline lf_text lf_text_at(lf_texts texts, size_t row) {
    int32_t start = texts.offsets[row];
    return (lf_text){texts.bytes + start, (size_t)(texts.offsets[row + 1] - start)};
}

#endif
