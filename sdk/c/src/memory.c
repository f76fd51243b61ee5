/* Memory: blocks that are cut piece by piece and live until the call ends; what the host hands over comes from malloc, so that the
 * large buffers of batches can be given back. */
#include "abi.h"
#include "layout.h"

#include <stdlib.h>
#include <string.h>

typedef struct block block;
struct block {
    block *before;
    size_t size, used;
    max_align_t bytes[];
};

enum { BLOCK = 64 * 1024 };

static block *newest;
static block *kept; /* this block and those before it are not forgotten */

static void *from_system(size_t size) {
    void *at = malloc(size);
    if (!at) __builtin_trap(); /* not lf_die: a message needs memory */
    return at;
}

void *lf_alloc(size_t size) {
    size_t rounded = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
    if (rounded < size || rounded > SIZE_MAX / 2) lf_die("there is no memory for %zu bytes", size);
    if (!newest || newest->size - newest->used < rounded) {
        size_t room = rounded > BLOCK ? rounded : BLOCK;
        block *made = from_system(sizeof(block) + room);
        *made = (block){.before = newest, .size = room};
        newest = made;
    }
    char *at = (char *)newest->bytes + newest->used;
    newest->used += rounded;
    return memset(at, 0, size);
}

void lf_remember(void) {
    /* A fresh block, so that what comes is not in one of those that stay. */
    kept = newest;
    if (newest) newest->used = newest->size;
}

void lf_forget(void) {
    while (newest != kept) {
        block *gone = newest;
        newest = gone->before;
        free(gone);
    }
}

void *lf_grow(void *at, size_t length, size_t element) {
    /* Room doubles whenever the length reaches a power of two, so it need not be stored. */
    if (length & (length - 1)) return at;
    size_t room = length ? 2 * length : 1;
    if (room > SIZE_MAX / 2 / element) lf_die("a list of %zu elements is too long", length);
    void *grown = lf_alloc(room * element);
    if (length) memcpy(grown, at, length * element);
    return grown;
}

static void free_bytes(const void *at, size_t length) {
    /* Empty lists of the canonical ABI point nowhere. */
    if (length) free((void *)(uintptr_t)at);
}

void lf_free_bytes(lf_bytes bytes) { free_bytes(bytes.at, bytes.length); }

void lf_free_batch(lf_batch *batch) {
    for (size_t i = 0; i < batch->columns.length; i++) {
        lf_column *column = &batch->columns.at[i];
        if (column->validity.is) lf_free_bytes(column->validity.value);
        if (column->offsets.is) lf_free_bytes(column->offsets.value);
        lf_free_bytes(column->values);
    }
    free_bytes(batch->columns.at, batch->columns.length);
    *batch = (lf_batch){0};
}

#ifdef __wasm__
__attribute__((export_name("cabi_realloc"))) void *lf_cabi_realloc(void *old, size_t old_size, size_t alignment, size_t size) {
    (void)old_size;
    if (size == 0) return (void *)alignment;
    /* malloc aligns for every type, so for every alignment there is. */
    void *at = old_size ? realloc(old, size) : malloc(size);
    if (!at) __builtin_trap();
    return at;
}
#endif
