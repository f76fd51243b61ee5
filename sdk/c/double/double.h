/* A host in memory, for tests that are compiled for this machine: link `double.c` and the SDK's `src/` with the plugin and a test. */
#ifndef LOCKFLIGHT_DOUBLE_H
#define LOCKFLIGHT_DOUBLE_H

#include <lockflight.h>

/* Forgets everything: each test begins so. */
void lfd_reset(void);
/* The config, a JSON object; `{}` without this. */
void lfd_config(const char *json);
/* An input that is a blob. */
void lfd_add_blob(const char *name, const void *bytes, size_t length);
/* An input that is a table of one batch; scans cut it. Columns are in pre-order, without nested ones. */
void lfd_add_table(const char *name, const lf_schema *schema, uint32_t rows, lf_column_list columns);
/* An input that is not there yet; `schema` may be NULL. */
void lfd_add_pending(const char *name, const lf_schema *schema);
/* The state of the last call. */
void lfd_state(const void *bytes, size_t length);
/* The logical time and the seed. */
void lfd_time(int64_t time);
void lfd_seed(uint64_t seed);

/* What was written to a table: its rows. */
uint64_t lfd_rows(lf_table_writer table);
/* A value of a table as text: `1.5`, `true`, `null`, or the text itself. */
const char *lfd_cell(lf_table_writer table, uint64_t row, size_t column);
/* The batches a table was written in. */
size_t lfd_batches(lf_table_writer table);
/* What was written to a blob. */
lf_bytes lfd_blob(lf_blob_writer blob);
/* All lines of the log, `level: message` each. */
const char *lfd_log(void);
/* All metrics, `name[step]=value` each. */
const char *lfd_metrics(void);

/* Whether a function ends the stage by `lf_die`. */
bool lfd_dies(void (*function)(void));

/* A table's column of texts, NULL for a null. */
lf_column lfd_texts(const char *const *texts, uint32_t count);

/* How many checks failed; a test's `main` returns it. */
extern int lfd_failures;
/* Checks a condition, or that two texts are the same, and says where if it is not so. */
#define LFD_CHECK(condition) lfd_check(condition, #condition, __FILE__, __LINE__)
#define LFD_SAME(text, expected) lfd_same(text, expected, __FILE__, __LINE__)
void lfd_check(bool is_so, const char *what, const char *file, int line);
void lfd_same(lf_text text, const char *expected, const char *file, int line);
/* The problems as text, `pointer-or-input: message (help)` a line. */
lf_text lfd_problems(lf_problem_list problems);

#endif
