/* Fields become values. Each function answers NULL, or why the text is no such value. */
#ifndef FIXED_WIDTH_VALUE_H
#define FIXED_WIDTH_VALUE_H

#include <lockflight.h>

/* The text without spaces and tabs around it. */
lf_text trimmed(lf_text text);

/* Digits with an optional sign. */
const char *parse_int64(lf_text text, int64_t *value);

/* A decimal number: `1`, `-1.5`, `1e-3`; `inf` and `nan` in any case. */
const char *parse_float64(lf_text text, double *value);

/* `true`, `t`, `yes`, `y`, `1` and `false`, `f`, `no`, `n`, `0`, in any case. */
const char *parse_bool(lf_text text, bool *value);

/* `2024-02-29` or `20240229`, as days since 1970-01-01. */
const char *parse_date(lf_text text, int32_t *days);

#endif
