/* What the host offers, as the canonical ABI hands it over. Outside of WebAssembly the double defines these functions. */
#ifndef LOCKFLIGHT_ABI_H
#define LOCKFLIGHT_ABI_H

#include "lockflight.h"

#ifdef __wasm__
#define LF_IMPORT(module, name) __attribute__((import_module("lockflight:" module "@0.1.0"), import_name(name)))
#else
#define LF_IMPORT(module, name)
#endif

typedef struct {
    bool is;
    lf_batch value;
} lf_maybe_batch;

LF_IMPORT("stage/job", "config") void lf_host_config(lf_text *into);
LF_IMPORT("stage/job", "seed") uint64_t lf_host_seed(void);
LF_IMPORT("stage/job", "time") int64_t lf_host_time(void);
LF_IMPORT("stage/job", "state") void lf_host_state(lf_maybe_blob *into);
LF_IMPORT("stage/job", "partition") void lf_host_partition(lf_maybe_text *into);
LF_IMPORT("stage/job", "inputs") void lf_host_inputs(lf_input_list *into);
LF_IMPORT("stage/job", "open-table") lf_table lf_host_open_table(const char *name, size_t length);
LF_IMPORT("stage/job", "open-blob") lf_blob lf_host_open_blob(const char *name, size_t length);
LF_IMPORT("stage/job", "log") void lf_host_log(int32_t level, const char *message, size_t length);
LF_IMPORT("stage/job", "progress") void lf_host_progress(uint64_t done, uint64_t total);
LF_IMPORT("stage/job", "metric")
void lf_host_metric(const char *name, size_t length, double value, int32_t is_step, uint64_t step, const lf_pair *labels,
                    size_t count);

LF_IMPORT("data/tables", "[method]table.schema") void lf_host_table_schema(lf_table table, lf_schema *into);
LF_IMPORT("data/tables", "[method]table.rows") uint64_t lf_host_table_rows(lf_table table);
LF_IMPORT("data/tables", "[method]table.scan")
int32_t lf_host_table_scan(lf_table table, int32_t is_columns, const lf_text *columns, size_t count, uint32_t max_rows);
LF_IMPORT("data/tables", "[resource-drop]table") void lf_host_drop_table(lf_table table);
LF_IMPORT("data/tables", "[method]batches.next") void lf_host_next(int32_t batches, lf_maybe_batch *into);
LF_IMPORT("data/tables", "[resource-drop]batches") void lf_host_drop_batches(int32_t batches);
LF_IMPORT("data/tables", "[constructor]table-writer")
lf_table_writer lf_host_new_table(const lf_field *fields, size_t field_count, const lf_pair *metadata, size_t pair_count);
LF_IMPORT("data/tables", "[method]table-writer.write")
void lf_host_table_write(lf_table_writer table, uint32_t rows, const lf_column *columns, size_t count);

LF_IMPORT("data/blobs", "[method]blob.size") uint64_t lf_host_blob_size(lf_blob blob);
LF_IMPORT("data/blobs", "[method]blob.read") void lf_host_blob_read(lf_blob blob, uint64_t offset, uint32_t length, lf_bytes *into);
LF_IMPORT("data/blobs", "[resource-drop]blob") void lf_host_drop_blob(lf_blob blob);
LF_IMPORT("data/blobs", "[constructor]blob-writer") lf_blob_writer lf_host_new_blob(void);
LF_IMPORT("data/blobs", "[method]blob-writer.write")
void lf_host_blob_write(lf_blob_writer blob, const void *bytes, size_t length);

/* Gives back what the host allocated for a batch. */
void lf_free_batch(lf_batch *batch);
/* Gives back all of `lf_alloc`; for scorers, which are called many times. Returns nothing that may still be used. */
void lf_forget(void);
/* From here on `lf_forget` leaves what was allocated before. */
void lf_remember(void);

#endif
