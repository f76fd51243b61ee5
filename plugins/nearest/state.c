#include "state.h"

#include <string.h>

enum { VERSION = 1 };
static const char magic[8] = "nearest";

/* The formats' room, so that the rows behind them are aligned. */
static size_t padded(size_t width) { return (width + 7) & ~(size_t)7; }

void write_head(lf_blob_writer to, uint32_t neighbours, const lf_field_list *features, uint64_t rows) {
    head begin = {.version = VERSION, .neighbours = neighbours, .width = features->length, .rows = rows};
    memcpy(begin.magic, magic, sizeof magic);
    lf_blob_write(to, &begin, sizeof begin);
    char *formats = lf_alloc(padded(features->length));
    for (size_t i = 0; i < features->length; i++) formats[i] = features->at[i].format.at[0];
    lf_blob_write(to, formats, padded(features->length));
}

lf_text read_state(lf_bytes from, state *into) {
    head begin;
    if (from.length < sizeof begin) return lf_format("a state of %zu bytes is cut off", from.length);
    memcpy(&begin, from.at, sizeof begin);
    if (memcmp(begin.magic, magic, sizeof magic)) return LF_LIT("this is not the state of a step of `nearest`");
    if (begin.version != VERSION) return lf_format("the state has version %u, and %d is read here", begin.version, VERSION);
    size_t left = from.length - sizeof begin;
    if (begin.width == 0 || begin.width > left || padded(begin.width) > left) return LF_LIT("the state is cut off");
    left -= padded(begin.width);
    size_t row = (size_t)(begin.width + 1) * sizeof(double);
    if (begin.rows != left / row || left % row) return LF_LIT("the state does not have the rows that it says");
    if (begin.neighbours == 0 || begin.neighbours > begin.rows) return LF_LIT("the state has fewer rows than neighbours");
    *into = (state){
        .neighbours = begin.neighbours,
        .width = begin.width,
        .rows = begin.rows,
        .formats = (const char *)from.at + sizeof begin,
        /* The head and the padded formats are multiples of 8, and a state is aligned for every type. */
        .values = (const double *)(const void *)(from.at + sizeof begin + padded(begin.width)),
    };
    return LF_LIT("");
}
