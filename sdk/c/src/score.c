/* What is behind the exports of a scorer. */
#include "abi.h"

#include <stdlib.h>
#include <string.h>

static struct {
    uint8_t *bytes;
    size_t length, room;
} state;

void *lf_enter_load(const lf_score_plugin *plugin, const uint8_t *part, size_t length, uint64_t rest) {
    static struct {
        bool is_error;
        lf_text error;
    } answer;
    if (!state.room) {
        /* The first part tells how much there will be. */
        if (rest > SIZE_MAX / 2 - length) lf_die("the state is larger than the memory");
        state.room = length + (size_t)rest + 1;
        state.bytes = malloc(state.room);
        if (!state.bytes) lf_die("there is no memory for the state");
    }
    if (length > state.room - 1 - state.length) lf_die("the state is longer than was said");
    if (length) memcpy(state.bytes + state.length, part, length);
    lf_free_bytes((lf_bytes){part, length});
    state.length += length;
    answer.is_error = false;
    if (rest == 0) {
        answer.error = plugin->load((lf_bytes){state.bytes, state.length});
        answer.is_error = answer.error.length > 0;
        lf_remember();
    }
    return &answer;
}

void *lf_enter_score(const lf_score_plugin *plugin, uint32_t rows, lf_column *columns, size_t width) {
    static struct {
        bool is_error;
        union {
            lf_batch batch;
            lf_text error;
        } as;
    } answer;
    /* The columns may be part of the answer, so they stay until the next call. */
    static lf_batch batch;
    lf_free_batch(&batch);
    lf_forget();
    batch = (lf_batch){rows, {columns, width}};
    lf_rows given = {.count = rows, .columns = columns, .width = width};
    lf_column_list answered = {0};
    lf_text error = plugin->score(&given, &answered);
    answer.is_error = error.length > 0;
    if (answer.is_error) answer.as.error = error;
    else answer.as.batch = (lf_batch){rows, answered};
    return &answer;
}
