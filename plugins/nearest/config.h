/* The config, and the columns that it means in a table. */
#ifndef NEAREST_CONFIG_H
#define NEAREST_CONFIG_H

#include <lockflight.h>

enum { MOST_NEIGHBOURS = 1000 };

typedef struct {
    lf_text target, prediction;
    const lf_json *features; /* names; NULL for every column that is not ignored */
    const lf_json *ignore;   /* names; NULL for none */
    uint32_t neighbours;
} config;

/* Reads the config, which `problems` says the faults of. */
config read_config(const lf_json *from, lf_problem_list *problems);

/* The features' fields in a table of this schema, in order, after the target's, which is the first; faults become problems. */
lf_field_list used_fields(const config *config, const lf_schema *schema, lf_problem_list *problems);

#endif
