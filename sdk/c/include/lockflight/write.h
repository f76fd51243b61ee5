/* Writing tables and blobs. What is written becomes an output by `lf_add_table` and `lf_add_blob`. */
#ifndef LOCKFLIGHT_WRITE_H
#define LOCKFLIGHT_WRITE_H

#include "table.h"

/* Starts an empty blob. */
lf_blob_writer lf_start_blob(void);
/* Appends bytes to a blob. */
void lf_blob_write(lf_blob_writer blob, const void *bytes, size_t length);

/* Starts a table for whole columns at a time. */
lf_table_writer lf_start_table(const lf_schema *schema);
/* Appends rows: one column per field of the schema, in pre-order. The buffers may be those of an input. */
void lf_table_write(lf_table_writer table, uint32_t rows, lf_column_list columns);

/* A column of `count` values of `width` bytes each; `nulls` as an input's, or {NULL}. */
lf_column lf_column_of(const void *values, size_t width, uint32_t count, lf_nulls nulls);
/* A column of 64 bit floats. */
lf_column lf_column_of_f64(const double *values, uint32_t count, lf_nulls nulls);

/* A table that is filled value by value and written in blocks. */
typedef struct lf_builder lf_builder;
/* Starts a table without nested columns. */
lf_builder *lf_build_table(const lf_schema *schema);
/* The next value of a column; a column gets one value, or null, per row. Ends the stage if the column is of another format:
 * `f` and `g`. */
void lf_put_f64(lf_builder *builder, size_t column, double value);
/* Integers, dates and times of every width; false if the value does not fit the column's width (nothing is put then). */
bool lf_put_i64(lf_builder *builder, size_t column, int64_t value);
/* `b`. */
void lf_put_bool(lf_builder *builder, size_t column, bool value);
/* `u` (has to be UTF-8, see `lf_is_utf8`) and `z`. */
void lf_put_text(lf_builder *builder, size_t column, lf_text value);
/* Null, for a column that is nullable. */
void lf_put_null(lf_builder *builder, size_t column);
/* Ends a row: each column has its value. */
void lf_end_row(lf_builder *builder);
/* Writes what is left, and answers the table. */
lf_table_writer lf_finish_table(lf_builder *builder);

/* Whether bytes are proper UTF-8. */
bool lf_is_utf8(const char *bytes, size_t length);

#endif
