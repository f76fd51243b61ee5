/* What a stage answers: ports, problems, failures, findings, outputs. */
#ifndef LOCKFLIGHT_ANSWERS_H
#define LOCKFLIGHT_ANSWERS_H

#include "text.h"

/* Adds a problem with a value of the config; `pointer` is a JSON pointer such as `/columns/0/type`, empty for the whole. */
void lf_problem_config(lf_problem_list *problems, lf_text pointer, lf_maybe_text help, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Adds a problem with an input. */
void lf_problem_input(lf_problem_list *problems, const char *input, lf_maybe_text help, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Adds a problem with a stretch of an input that is a file; the host shows its lines. */
void lf_problem_file(lf_problem_list *problems, lf_file_span span, lf_maybe_text help, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Adds a problem with the stage as a whole. */
void lf_problem_stage(lf_problem_list *problems, lf_maybe_text help, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The config does not fit the data: `return lf_fail_config(problems)` in `run`. */
const lf_failure *lf_fail_config(lf_problem_list problems);

/* The data is not what it should be; the text says where: file, line, column. */
const lf_failure *lf_fail_data(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The plugin has a fault. */
const lf_failure *lf_fail_internal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Adds a port for a blob to what `check` answers. */
void lf_add_blob_port(lf_port_list *ports, const char *name);

/* Adds a port for a table; `schema` is NULL if it is not known before the stage ran. */
void lf_add_table_port(lf_port_list *ports, const char *name, const lf_schema *schema);

/* Adds a table to the outputs; it is finished by that. */
void lf_add_table(lf_output_list *outputs, const char *name, lf_table_writer table);

/* Adds a blob to the outputs; it is finished by that. */
void lf_add_blob(lf_output_list *outputs, const char *name, lf_blob_writer blob);

/* A finding of this kind on a subject, with verdict pass and nothing counted. */
lf_finding lf_new_finding(const char *name, lf_text subject);

/* Adds a row, from 0, to a finding's examples; what is above 20 is not kept. Says which input is meant. */
void lf_add_example(lf_finding *finding, const char *input, uint64_t row);

/* The worst verdict of several findings: fail, warn, inconclusive, pass; pass if there are none. */
lf_verdict lf_worst(lf_finding_list findings);

/* Adds a top-level field of a format (`g`, `l`, `u`, ...) to a schema. */
void lf_add_field(lf_schema *schema, lf_text name, const char *format, bool nullable);

#endif
