/* Fields become values. */
#include <double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

static void integers(void) {
    static const struct {
        const char *text;
        int64_t value;
    } fine[] = {{"0", 0}, {"-0", 0}, {"+7", 7}, {"007", 7}, {"9223372036854775807", INT64_MAX}, {"-9223372036854775808", INT64_MIN}};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        int64_t value;
        LFD_CHECK(!parse_int64(lf_string(fine[i].text), &value) && value == fine[i].value);
    }
    static const char *const wrong[] = {"", "-", "1.0", "1 2", "0x1", "9223372036854775808", "-9223372036854775809", "99999999999999999999"};
    int64_t value;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) LFD_CHECK(parse_int64(lf_string(wrong[i]), &value) != NULL);
}

/* The short way has to give the same bits as strtod. */
static void floats(void) {
    static const char *const fine[] = {"0",     "-0",   ".5",         "5.",     "1.5",         "-1e-3", "1E+10", "123456789012345", "0.000001",
                                       "0.1",   "1e22", "1234567890123456789", "4.35", "2.2250738585072014e-308", "0.30000000000000004",
                                       "00001", "+3.25"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        double value, expected = strtod(fine[i], NULL);
        LFD_CHECK(!parse_float64(lf_string(fine[i]), &value) && memcmp(&value, &expected, sizeof value) == 0);
    }
    unsigned seed = 1;
    for (int i = 0; i < 200000; i++) {
        seed = seed * 1664525 + 1013904223;
        const char *text = lf_c_string(lf_format("%u.%0*u", seed >> 20, (int)(seed % 9) + 1, seed % 1000));
        double value, expected = strtod(text, NULL);
        LFD_CHECK(!parse_float64(lf_string(text), &value) && value == expected);
    }
    double value;
    LFD_CHECK(!parse_float64(LF_LIT("NaN"), &value) && isnan(value));
    LFD_CHECK(!parse_float64(LF_LIT("-inf"), &value) && value == -INFINITY);
    static const char *const wrong[] = {"", ".", "-", "1e", "1,5", "0x1p3", "1.5.2", "infinity", "1e999", "1_000", "e5"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) LFD_CHECK(parse_float64(lf_string(wrong[i]), &value) != NULL);
}

static void bools(void) {
    bool value;
    LFD_CHECK(!parse_bool(LF_LIT("Yes"), &value) && value);
    LFD_CHECK(!parse_bool(LF_LIT("0"), &value) && !value);
    LFD_CHECK(parse_bool(LF_LIT("2"), &value) && parse_bool(LF_LIT("tru"), &value) && parse_bool(LF_LIT(""), &value));
}

static void dates(void) {
    static const struct {
        const char *text;
        int32_t days;
    } fine[] = {{"1970-01-01", 0},     {"1969-12-31", -1},   {"20000229", 11016}, {"2024-02-29", 19782},
                {"0001-01-01", -719162}, {"9999-12-31", 2932896}, {"0000-03-01", -719468}};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        int32_t days;
        LFD_CHECK(!parse_date(lf_string(fine[i].text), &days) && days == fine[i].days);
    }
    static const char *const wrong[] = {"", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-04-31", "2024/01/01", "2024-1-01", "202401 1"};
    int32_t days;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) LFD_CHECK(parse_date(lf_string(wrong[i]), &days) != NULL);
}

int main(void) {
    integers();
    floats();
    bools();
    dates();
    return lfd_failures > 0;
}
