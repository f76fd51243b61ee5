/* The state of the step: a head, a format for each feature, and the training rows. */
#ifndef NEAREST_STATE_H
#define NEAREST_STATE_H

#include <lockflight.h>

/* The first bytes of a state, little-endian. Behind it `width` formats, one byte each, padded to a multiple of 8; then `rows` rows
 * of `width + 1` float64: the target and the features. */
typedef struct {
    char magic[8];
    uint32_t version, neighbours;
    uint64_t width, rows;
} head;

/* A state that was read; it points into the bytes. */
typedef struct {
    uint32_t neighbours;
    size_t width, rows;
    const char *formats;
    const double *values;
} state;

/* Begins a state: everything before the rows, whose number has to be known. */
void write_head(lf_blob_writer to, uint32_t neighbours, const lf_field_list *features, uint64_t rows);

/* Reads a state; an empty text, or what is wrong with it. */
lf_text read_state(lf_bytes from, state *into);

#endif
