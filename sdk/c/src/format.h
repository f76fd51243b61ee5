/* The arguments of a function like printf as a text. */
#ifndef LOCKFLIGHT_FORMAT_H
#define LOCKFLIGHT_FORMAT_H

#include <stdarg.h>

#include "lockflight/text.h"

lf_text lf_format_list(const char *format, va_list arguments);

#define LF_FORMATTED(text, format)                    \
    va_list arguments_;                               \
    va_start(arguments_, format);                     \
    lf_text text = lf_format_list(format, arguments_); \
    va_end(arguments_)

#endif
