#include <double.h>

extern const lf_deploy_plugin lf_plugin_deploy;

/* What becomes of the versions when the figure of version 2 has a value that rests on so many observations. */
static uint8_t decided(double value, uint64_t count, uint32_t versions) {
    lf_schema arms = {0}, figures = {0};
    lf_add_field(&arms, LF_LIT("version"), "u", true);
    const char *names[] = {"version", "metric", "slice", "value", "count"}, *formats[] = {"u", "u", "u", "g", "L"};
    for (size_t i = 0; i < 5; i++) lf_add_field(&figures, lf_string(names[i]), formats[i], true);
    lf_column_list arm_columns = {0}, figure_columns = {0};
    LF_ADD(&arm_columns, lfd_texts((const char *const[]){"1", "2"}, versions));
    LF_ADD(&figure_columns, lfd_texts((const char *const[]){"2"}, 1));
    LF_ADD(&figure_columns, lfd_texts((const char *const[]){"latency"}, 1));
    LF_ADD(&figure_columns, lfd_texts((const char *const[]){NULL}, 1));
    LF_ADD(&figure_columns, lf_column_of_f64(&value, 1, (lf_nulls){0}));
    LF_ADD(&figure_columns, lf_column_of(&count, sizeof count, 1, (lf_nulls){0}));
    lfd_reset();
    lfd_config("{\"metric\": \"latency\", \"maximum\": 0.05}");
    lfd_add_table("arms", &arms, versions, arm_columns);
    lfd_add_table("figures", &figures, 1, figure_columns);
    lf_decision decision = {0};
    LFD_CHECK(lf_plugin_deploy.run(&decision) == NULL);
    return decision.action.tag;
}

int main(void) {
    LFD_CHECK(decided(0.04, 100, 2) == LF_ACTION_PROMOTE);
    LFD_CHECK(decided(0.04, 99, 2) == LF_ACTION_SHIFT);
    LFD_CHECK(decided(0.2, 1, 2) == LF_ACTION_ROLL_BACK);
    LFD_CHECK(decided(0.2, 1, 1) == LF_ACTION_PROMOTE);
    return lfd_failures > 0;
}
