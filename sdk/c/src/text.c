#include "abi.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"

lf_text lf_string(const char *string) { return (lf_text){string, strlen(string)}; }

const char *lf_c_string(lf_text text) {
    char *copy = lf_alloc(text.length + 1);
    if (text.length) memcpy(copy, text.at, text.length);
    return copy;
}

lf_text lf_format_list(const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0) return LF_LIT("");
    char *text = lf_alloc((size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return (lf_text){text, (size_t)length};
}

lf_text lf_format(const char *format, ...) {
    LF_FORMATTED(text, format);
    return text;
}

bool lf_same(lf_text a, lf_text b) { return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0); }

bool lf_is(lf_text text, const char *string) { return lf_same(text, lf_string(string)); }

lf_maybe_text lf_some(lf_text text) { return (lf_maybe_text){true, text}; }
