#include <double.h>

extern const lf_monitor_plugin lf_plugin_monitor;

/* The verdict on a window of so many rows, of which the lowest bits of `valid` say whether they have a value. */
static lf_verdict verdict(uint32_t rows, uint8_t valid) {
    static const double values[4];
    lf_schema schema = {0};
    lf_add_field(&schema, LF_LIT("mass"), "g", true);
    lf_column_list columns = {0};
    LF_ADD(&columns, lf_column_of_f64(values, rows, (lf_nulls){&valid}));
    lfd_reset();
    lfd_config("{\"column\": \"mass\", \"limit\": 0.25}");
    lfd_add_table("window", &schema, rows, columns);
    lf_observation seen = {0};
    LFD_CHECK(lf_plugin_monitor.run(&seen) == NULL);
    return seen.verdict;
}

int main(void) {
    LFD_CHECK(verdict(4, 9) == LF_VERDICT_FAIL);
    LFD_CHECK(verdict(4, 13) == LF_VERDICT_PASS);
    LFD_CHECK(verdict(0, 0) == LF_VERDICT_INCONCLUSIVE);
    return lfd_failures > 0;
}
