#include <double.h>

extern const lf_train_plugin lf_plugin_train;
extern const lf_score_plugin lf_plugin_score;

static const lf_failure *fit(uint8_t valid, lf_fitted *fitted) {
    static const double values[] = {1, 9, 4};
    lf_schema schema = {0};
    lf_add_field(&schema, LF_LIT("mass"), "g", true);
    lf_column_list columns = {0};
    LF_ADD(&columns, lf_column_of_f64(values, 3, (lf_nulls){&valid}));
    lfd_reset();
    lfd_config("{\"column\": \"mass\"}");
    lfd_add_table("table", &schema, 3, columns);
    return lf_plugin_train.run(fitted);
}

int main(void) {
    lf_fitted fitted = {0};
    LFD_CHECK(fit(5, &fitted) == NULL);
    LFD_CHECK(lf_plugin_score.load(lfd_blob(fitted.state)).length == 0);
    const double values[] = {4.5};
    lf_column mass = lf_column_of_f64(values, 1, (lf_nulls){0});
    lf_column_list answered = {0};
    LFD_CHECK(lf_plugin_score.score(&(lf_rows){.count = 1, .columns = &mass, .width = 1}, &answered).length == 0);
    LFD_CHECK(*(const double *)answered.at[0].values.at == 2);
    LFD_CHECK(lf_plugin_score.load((lf_bytes){(const uint8_t *)"cut", 3}).length > 0);
    LFD_CHECK(fit(0, &(lf_fitted){0}) != NULL);
    return lfd_failures > 0;
}
