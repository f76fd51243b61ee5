#include "abi.h"

/* The edit distance of two words, bytes being letters, where two neighbours that changed places are one error (F. J. Damerau: A
 * Technique for Computer Detection and Correction of Spelling Errors, 1964); `most` + 1 for all that is above. */
static size_t distance(lf_text a, lf_text b, size_t most) {
    enum { LONGEST = 64 };
    if (a.length > LONGEST || b.length > LONGEST) return most + 1;
    size_t rows[3][LONGEST + 1], *older = rows[0], *old = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.length; j++) row[j] = j;
    for (size_t i = 1; i <= a.length; i++) {
        size_t *spare = older;
        older = old, old = row, row = spare;
        row[0] = i;
        for (size_t j = 1; j <= b.length; j++) {
            size_t least = old[j - 1] + (a.at[i - 1] != b.at[j - 1]);
            if (old[j] + 1 < least) least = old[j] + 1;
            if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
            bool is_swapped = i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1];
            if (is_swapped && older[j - 2] + 1 < least) least = older[j - 2] + 1;
            row[j] = least;
        }
    }
    return row[b.length] > most ? most + 1 : row[b.length];
}

lf_maybe_text lf_suggest(lf_text word, const lf_text *known, size_t count) {
    /* One typing error in three letters is still near. */
    size_t most = word.length < 3 ? 1 : word.length / 3, best = most + 1;
    lf_text nearest = {0};
    for (size_t i = 0; i < count; i++) {
        size_t far = distance(word, known[i], most);
        if (far < best) best = far, nearest = known[i];
    }
    if (best > most) return (lf_maybe_text){0};
    return lf_some(lf_format("did you mean \"" LF_TEXT_FORMAT "\"?", LF_TEXT(nearest)));
}
