/* The columns of a file: what the config says of them. */
#ifndef FIXED_WIDTH_LAYOUT_H
#define FIXED_WIDTH_LAYOUT_H

#include <lockflight.h>

typedef enum { TYPE_TEXT, TYPE_INT64, TYPE_FLOAT64, TYPE_BOOL, TYPE_DATE } column_type;

typedef struct {
    lf_text name;
    size_t start; /* in bytes, from 0 */
    size_t width; /* in bytes */
    column_type type;
    bool nullable;
    bool has_null; /* whether `null` counts, beside a blank field */
    lf_text null;
} column;

typedef struct {
    column *at;
    size_t count;
    size_t end; /* the longest place of all, in bytes */
    int64_t skip_lines;
    lf_text comment;     /* what a line that is left out starts with; empty for none */
    bool short_is_blank; /* whether a line may end before a column: it has no value then */
} layout;

/* Reads the layout from the config and adds to `problems` whatever is wrong with it. */
layout read_layout(const lf_json *config, lf_problem_list *problems);

/* The schema of the table. */
lf_schema schema_of(const layout *layout);

/* A type's name in the config, e.g. `float64`. */
const char *type_name(column_type type);

#endif
