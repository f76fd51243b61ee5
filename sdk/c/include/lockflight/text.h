/* Texts and memory. */
#ifndef LOCKFLIGHT_TEXT_H
#define LOCKFLIGHT_TEXT_H

#include "types.h"

/* Prints an `lf_text` with the functions of `printf`: printf("<" LF_TEXT_FORMAT ">", LF_TEXT(text)). */
#define LF_TEXT_FORMAT "%.*s"
#define LF_TEXT(text) (int)(text).length, (text).at

/* A string literal as a text. */
#define LF_LIT(literal) ((lf_text){"" literal, sizeof(literal) - 1})

/* Memory of `size` bytes, zeroed and aligned for every type, until the call of the stage ends. Ends the stage if there is none. */
void *lf_alloc(size_t size);

/* A list's memory, with room for one more element; used by the `lf_add_...` functions and by LF_ADD. */
void *lf_grow(void *at, size_t length, size_t element);

/* Appends to a list of any type: LF_ADD(&list, element). */
#define LF_ADD(list, ...)                                                                \
    do {                                                                                 \
        (list)->at = lf_grow((list)->at, (list)->length, sizeof *(list)->at);            \
        (list)->at[(list)->length++] = (__VA_ARGS__);                                    \
    } while (0)

/* The text of a string that ends in 0; not copied. */
lf_text lf_string(const char *string);

/* A text as a string that ends in 0; copied. */
const char *lf_c_string(lf_text text);

/* A text as `printf` makes it. */
lf_text lf_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether two texts are the same. */
bool lf_same(lf_text a, lf_text b);

/* Whether a text is the same as a string. */
bool lf_is(lf_text text, const char *string);

/* The one of `known` that `word` was probably meant to be, as a sentence: did you mean "mass"? None if nothing is near. */
lf_maybe_text lf_suggest(lf_text word, const lf_text *known, size_t count);

/* A text as an optional one. */
lf_maybe_text lf_some(lf_text text);

/* Ends the stage because of a fault in the plugin: the message goes to the log at level error. */
_Noreturn void lf_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
