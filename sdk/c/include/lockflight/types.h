/* The types of the contract. Each has the name it has in `wit/`, and on wasm32 the layout of the canonical ABI, so nothing is
 * converted between the host and a plugin; `src/layout.h`, made from `wit/`, asks the compiler whether that is so. */
#ifndef LOCKFLIGHT_TYPES_H
#define LOCKFLIGHT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UTF-8 text. It does not end in 0: print it with `LF_TEXT_FORMAT`. */
typedef struct {
    const char *at;
    size_t length; /* in bytes */
} lf_text;

/* A text, or none. */
typedef struct {
    bool is;
    lf_text value;
} lf_maybe_text;

/* Bytes. */
typedef struct {
    const uint8_t *at;
    size_t length;
} lf_bytes;

/* Bytes, or none. */
typedef struct {
    bool is;
    lf_bytes value;
} lf_maybe_bytes;

/* A number, or none. */
typedef struct {
    bool is;
    double value;
} lf_maybe_f64;

/* A list of T: `at[0]` to `at[length - 1]`. Lists that a plugin fills grow by the `lf_add_...` functions alone. */
#define LF_LIST(T)     \
    struct {           \
        T *at;         \
        size_t length; \
    }

typedef LF_LIST(uint64_t) lf_u64_list;

/* A key and its value. */
typedef struct {
    lf_text key;
    lf_text value;
} lf_pair;
typedef LF_LIST(lf_pair) lf_pair_list;

/* One node of a schema tree; `format` is that of Arrow's C data interface, e.g. `g` for 64 bit floats (`wit/deps/data/data.wit`). */
typedef struct {
    lf_text name;
    lf_text format;
    bool nullable;
    uint32_t children; /* how many of the following fields belong to this one */
    lf_pair_list metadata;
} lf_field;
typedef LF_LIST(lf_field) lf_field_list;

/* A schema: its fields in pre-order. */
typedef struct {
    lf_field_list fields;
    lf_pair_list metadata;
} lf_schema;

/* A schema, or none where it is not known yet. */
typedef struct {
    bool is;
    lf_schema value;
} lf_maybe_schema;

/* The values of one field, in Arrow's buffers. */
typedef struct {
    uint32_t length;
    lf_maybe_bytes validity;
    lf_maybe_bytes offsets;
    lf_bytes values;
} lf_column;
typedef LF_LIST(lf_column) lf_column_list;

/* Some rows of a table. */
typedef struct {
    uint32_t rows;
    lf_column_list columns;
} lf_batch;

/* A table that is being written: a handle of the host's. */
typedef int32_t lf_table_writer;
/* A blob that is being written: a handle of the host's. */
typedef int32_t lf_blob_writer;
/* A table to read: a handle of the host's. */
typedef int32_t lf_table;
/* Bytes to read: a handle of the host's. */
typedef int32_t lf_blob;

/* A blob to read, or none. */
typedef struct {
    bool is;
    lf_blob value;
} lf_maybe_blob;

/* A blob that was written, or none. */
typedef struct {
    bool is;
    lf_blob_writer value;
} lf_maybe_blob_writer;

/* The two kinds of data. */
typedef uint8_t lf_port_kind;
enum { LF_PORT_KIND_TABLE, LF_PORT_KIND_BLOB };

/* A named place where data goes in or out. */
typedef struct {
    lf_text name;
    lf_port_kind kind;
    lf_maybe_schema schema; /* none for a blob, and for a table whose schema is not known yet */
} lf_port;
typedef LF_LIST(lf_port) lf_port_list;

/* An input as a plugin sees it. */
typedef struct {
    lf_port port;
    bool available; /* whether it can be opened; always true in `run` */
} lf_input;
typedef LF_LIST(lf_input) lf_input_list;

/* How loud a line of the log is. */
typedef uint8_t lf_level;
enum { LF_LEVEL_TRACE, LF_LEVEL_DEBUG, LF_LEVEL_INFO, LF_LEVEL_WARN, LF_LEVEL_ERROR };

/* A stretch of an input that is a file, in bytes from 0; `end` is behind the last one. */
typedef struct {
    lf_text input;
    uint64_t start;
    uint64_t end;
} lf_file_span;

/* What a problem is about. */
enum { LF_PLACE_STAGE, LF_PLACE_CONFIG, LF_PLACE_INPUT, LF_PLACE_FILE };
typedef struct {
    uint8_t tag;
    union {
        lf_text config; /* a JSON pointer, RFC 6901 */
        lf_text input;
        lf_file_span file;
    } as;
} lf_place;

/* Something that has to be mended before the stage can run. */
typedef struct {
    lf_place place;
    lf_text message;
    lf_maybe_text help;
} lf_problem;
typedef LF_LIST(lf_problem) lf_problem_list;

/* Why a stage gave up. Made by `lf_fail_...`. */
enum { LF_FAILURE_CONFIG, LF_FAILURE_DATA, LF_FAILURE_INTERNAL };
typedef struct {
    uint8_t tag;
    union {
        lf_problem_list config;
        lf_text data;
        lf_text internal;
    } as;
} lf_failure;

/* The content of an output. */
enum { LF_CONTENT_TABLE, LF_CONTENT_BLOB };
typedef struct {
    uint8_t tag;
    union {
        lf_table_writer table;
        lf_blob_writer blob;
    } as;
} lf_content;

/* A named output. */
typedef struct {
    lf_text name;
    lf_content content;
} lf_output;
typedef LF_LIST(lf_output) lf_output_list;

/* How a check came out. */
typedef uint8_t lf_verdict;
enum { LF_VERDICT_PASS, LF_VERDICT_WARN, LF_VERDICT_FAIL, LF_VERDICT_INCONCLUSIVE };

/* The outcome of one check. */
typedef struct {
    lf_text name;          /* the kind of check, e.g. `not-null` */
    lf_text subject;       /* a column, several joined by `, `, or empty for the table */
    lf_maybe_text slice;   /* the part of the data, e.g. `species = Adelie`; none for all of it */
    lf_verdict verdict;
    lf_maybe_f64 value;    /* what was measured */
    lf_maybe_text limit;   /* what it was held against, e.g. `>= 0.95` */
    uint64_t rows;         /* looked at */
    uint64_t failed;       /* of them */
    lf_text message;       /* one sentence for a person */
    lf_maybe_text input;   /* the input whose rows `examples` counts */
    lf_u64_list examples;  /* up to 20 rows that failed, from 0, ascending */
} lf_finding;
typedef LF_LIST(lf_finding) lf_finding_list;

/* What a validation found. */
typedef struct {
    lf_finding_list findings;
    lf_output_list outputs;
} lf_report;

/* A fitted step of a model. */
typedef struct {
    lf_blob_writer state; /* what the scorer loads */
    lf_schema takes;      /* the columns that the scorer wants, in order */
    lf_schema gives;      /* the columns that it answers, in order */
    lf_output_list outputs;
} lf_fitted;

/* One layer of an artifact. */
typedef struct {
    lf_text media_type;
    lf_pair_list annotations;
    lf_blob_writer content;
} lf_layer;
typedef LF_LIST(lf_layer) lf_layer_list;

/* An artifact; the host assembles and signs it. */
typedef struct {
    lf_text artifact_type;
    lf_text config_type;
    lf_blob_writer config;
    lf_layer_list layers;
    lf_pair_list annotations;
} lf_artifact;

/* A version of a model and its part of the traffic, from 0 to 1. */
typedef struct {
    lf_text version;
    double weight;
} lf_arm;
typedef LF_LIST(lf_arm) lf_arm_list;

/* What to do next with the versions. */
enum { LF_ACTION_HOLD, LF_ACTION_PAUSE, LF_ACTION_SHIFT, LF_ACTION_PROMOTE, LF_ACTION_ROLL_BACK };
typedef struct {
    uint8_t tag;
    union {
        lf_arm_list shift;
        lf_text promote;
        lf_text roll_back;
    } as;
} lf_action;

/* A decision on traffic. */
typedef struct {
    lf_action action;
    lf_text reason;
    lf_maybe_blob_writer state; /* what the next call gets as its state */
} lf_decision;

/* What a window showed. */
typedef struct {
    lf_verdict verdict;
    lf_finding_list findings;
    lf_maybe_blob_writer state;
} lf_observation;

#endif
