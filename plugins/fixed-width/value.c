#include "value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

lf_text trimmed(lf_text text) {
    while (text.length && (*text.at == ' ' || *text.at == '\t')) text.at++, text.length--;
    while (text.length && (text.at[text.length - 1] == ' ' || text.at[text.length - 1] == '\t')) text.length--;
    return text;
}

const char *parse_int64(lf_text text, int64_t *value) {
    size_t at = text.length && (*text.at == '-' || *text.at == '+');
    bool is_negative = at && *text.at == '-';
    if (at == text.length) return "it has no digits";
    uint64_t sum = 0, most = is_negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    for (; at < text.length; at++) {
        if (!is_digit(text.at[at])) return "it is no whole number";
        uint64_t digit = (uint64_t)(text.at[at] - '0');
        if (sum > (most - digit) / 10) return "it does not fit into 64 bits";
        sum = sum * 10 + digit;
    }
    *value = (int64_t)(is_negative ? 0 - sum : sum);
    return NULL;
}

/* Whether a text is a decimal number; `strtod` alone would take hexadecimal ones and what follows too. */
static bool is_decimal(lf_text text) {
    size_t at = 0, digits = 0;
    if (at < text.length && (text.at[at] == '-' || text.at[at] == '+')) at++;
    for (; at < text.length && is_digit(text.at[at]); at++) digits++;
    if (at < text.length && text.at[at] == '.')
        for (at++; at < text.length && is_digit(text.at[at]); at++) digits++;
    if (!digits) return false;
    if (at < text.length && (text.at[at] | 32) == 'e') {
        at++;
        if (at < text.length && (text.at[at] == '-' || text.at[at] == '+')) at++;
        size_t first = at;
        while (at < text.length && is_digit(text.at[at])) at++;
        if (at == first) return false;
    }
    return at == text.length;
}

/* Numbers of up to 15 digits and 22 decimals are exact by one division (W. D. Clinger: How to Read Floating Point Numbers
 * Accurately, 1990); others go to `strtod`. */
static bool parse_short(lf_text text, double *value) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t at = text.at[0] == '-' || text.at[0] == '+', digits = 0, decimals = 0;
    uint64_t sum = 0;
    bool is_behind = false;
    for (; at < text.length; at++) {
        if (text.at[at] == '.' && !is_behind) {
            is_behind = true;
            continue;
        }
        if (!is_digit(text.at[at])) return false;
        sum = sum * 10 + (uint64_t)(text.at[at] - '0');
        decimals += is_behind;
        if (++digits > 15) return false;
    }
    if (!digits) return false;
    double number = (double)sum / powers[decimals];
    *value = text.at[0] == '-' ? -number : number;
    return true;
}

const char *parse_float64(lf_text text, double *value) {
    static const char no_number[] = "it is no number";
    if (!text.length) return no_number;
    if (parse_short(text, value)) return NULL;
    size_t sign = *text.at == '-' || *text.at == '+';
    lf_text rest = {text.at + sign, text.length - sign};
    if (rest.length == 3 && !strncasecmp(rest.at, "nan", 3)) return *value = NAN, NULL;
    if (rest.length == 3 && !strncasecmp(rest.at, "inf", 3)) return *value = *text.at == '-' ? -INFINITY : INFINITY, NULL;
    char copy[512];
    if (!is_decimal(text) || text.length >= sizeof copy) return no_number;
    memcpy(copy, text.at, text.length);
    copy[text.length] = 0;
    *value = strtod(copy, NULL);
    return isinf(*value) ? "it does not fit into 64 bits" : NULL;
}

const char *parse_bool(lf_text text, bool *value) {
    static const char *const words[] = {"false", "true", "f", "t", "no", "yes", "n", "y", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text.length == strlen(words[i]) && !strncasecmp(text.at, words[i], text.length)) return *value = i & 1, NULL;
    return "it is neither true nor false";
}

static bool number(const char *at, size_t length, int *value) {
    *value = 0;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(at[i])) return false;
        *value = *value * 10 + (at[i] - '0');
    }
    return true;
}

const char *parse_date(lf_text text, int32_t *days) {
    static const char no_date[] = "it is no date such as 2024-02-29 or 20240229";
    size_t dash = text.length == 10;
    if (text.length != 8 && text.length != 10) return no_date;
    if (dash && (text.at[4] != '-' || text.at[7] != '-')) return no_date;
    int year, month, day;
    if (!number(text.at, 4, &year) || !number(text.at + 4 + dash, 2, &month) || !number(text.at + 6 + 2 * dash, 2, &day))
        return no_date;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1] + (is_leap && month == 2)) return "there is no such day";
    /* H. Hinnant: chrono-Compatible Low-Level Date Algorithms, days_from_civil; years begin in March, so that the leap day is last. */
    int from_march = (month + 9) % 12, shifted = year - (month <= 2);
    int era = (shifted >= 0 ? shifted : shifted - 399) / 400, of_era = shifted - era * 400;
    int of_year = (153 * from_march + 2) / 5 + day - 1;
    *days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return NULL;
}
