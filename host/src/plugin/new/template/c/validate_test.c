#include <double.h>

extern const lf_validate_plugin lf_plugin_validate;

/* How many of three values fail, the second of which is null. */
static uint64_t failed(const double *values) {
    static const uint8_t valid = 5;
    lf_schema schema = {0};
    lf_add_field(&schema, LF_LIT("mass"), "g", true);
    lf_column_list columns = {0};
    LF_ADD(&columns, lf_column_of_f64(values, 3, (lf_nulls){&valid}));
    lfd_reset();
    lfd_config("{\"column\": \"mass\"}");
    lfd_add_table("table", &schema, 3, columns);
    lf_report report = {0};
    LFD_CHECK(lf_plugin_validate.run(&report) == NULL);
    return report.findings.at[0].failed;
}

int main(void) {
    LFD_CHECK(failed((const double[]){1, -9, -1}) == 1);
    LFD_CHECK(failed((const double[]){1, -9, 0}) == 0);
    return lfd_failures > 0;
}
