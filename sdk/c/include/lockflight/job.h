/* What a plugin can learn, and what it tells on the way. Not in world score, which has nothing of this. */
#ifndef LOCKFLIGHT_JOB_H
#define LOCKFLIGHT_JOB_H

#include "text.h"

/* The seed of all randomness; 0 unless `plugin.toml` declares `seed`. */
uint64_t lf_seed(void);
/* The pipeline's logical time in ns since 1970-01-01T00:00:00Z; 0 unless `plugin.toml` declares `time`. */
int64_t lf_time(void);
/* The partition this call works on; none for a table without. */
lf_maybe_text lf_partition(void);
/* What the stage returned as its state the last time; none the first time. */
lf_maybe_blob lf_state(void);
/* The inputs, sorted by name. */
lf_input_list lf_inputs(void);
/* An input by name; NULL if there is none. */
const lf_input *lf_find_input(const char *name);
/* The input of this name and kind; else NULL, and a problem that says so. */
const lf_input *lf_need_input(const char *name, lf_port_kind kind, lf_problem_list *problems);
/* The only input of a kind; NULL and a problem if there is none, or more than one. */
const lf_input *lf_only_input(lf_port_kind kind, lf_problem_list *problems);

/* Opens a blob; the stage ends if no available input is a blob of this name. */
lf_blob lf_open_blob(lf_text name);
/* How many bytes a blob has. */
uint64_t lf_blob_size(lf_blob blob);
/* Up to `length` bytes from `offset`, at most 16 MiB; fewer only at the blob's end. Free it with `lf_free_bytes` or leave it. */
lf_bytes lf_blob_read(lf_blob blob, uint64_t offset, uint32_t length);
/* The whole blob. Ends the stage if it does not fit into memory. */
lf_bytes lf_blob_read_all(lf_blob blob);
/* Gives back what `lf_blob_read` or `lf_blob_read_all` answered, before the stage ends. */
void lf_free_bytes(lf_bytes bytes);
/* Closes a blob. */
void lf_close_blob(lf_blob blob);

/* Writes a line to the stage's log; never part of the result. */
void lf_log(lf_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says how far the stage is, for the display alone; `total` is 0 when it is not known. */
void lf_progress(uint64_t done, uint64_t total);
/* Records a figure; part of the result. */
void lf_metric(const char *name, double value);
/* Records a figure of a series, such as one per round, with labels (NULL and 0 for none). */
void lf_metric_step(const char *name, double value, uint64_t step, const lf_pair *labels, size_t count);

#endif
