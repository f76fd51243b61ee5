/* Fits on small tables and scores with what came of it. */
#include <double.h>
#include <string.h>

extern const lf_train_plugin lf_plugin_train;
extern const lf_score_plugin lf_plugin_score;

static const double xs[] = {0, 1, 2, 10, 11, 100}, ys[] = {1, 2, 3, 10, 20, 7};
static const uint8_t but_the_last[] = {0x1f};

static void table(uint32_t rows) {
    static lf_schema schema;
    schema = (lf_schema){0};
    lf_add_field(&schema, LF_LIT("x"), "g", true);
    lf_add_field(&schema, LF_LIT("y"), "g", true);
    lf_column_list columns = {0};
    LF_ADD(&columns, lf_column_of_f64(xs, rows, (lf_nulls){but_the_last}));
    LF_ADD(&columns, lf_column_of_f64(ys, rows, (lf_nulls){0}));
    lfd_add_table("table", &schema, rows, columns);
}

static const lf_failure *fit(const char *config, lf_fitted *fitted) {
    lfd_reset();
    lfd_config(config);
    table(6);
    return lf_plugin_train.run(fitted);
}

static const lf_column *scored(const double *at, uint32_t count) {
    static lf_column given;
    given = lf_column_of_f64(at, count, (lf_nulls){0});
    lf_rows rows = {.count = count, .columns = &given, .width = 1};
    static lf_column_list answer;
    answer = (lf_column_list){0};
    LFD_CHECK(lf_plugin_score.score(&rows, &answer).length == 0);
    return answer.at;
}

static void neighbours_are_averaged(void) {
    lf_fitted fitted = {0};
    LFD_CHECK(fit("{\"target\": \"y\", \"neighbours\": 2}", &fitted) == NULL);
    LFD_SAME(lf_string(lfd_metrics()), "train_rows=5\nleft_out_rows=1\n");
    LFD_SAME(fitted.takes.fields.at[0].name, "x");
    LFD_CHECK(lf_plugin_score.load(lfd_blob(fitted.state)).length == 0);
    /* 0.5 lies as far from 0 as from 1; 1 as far from 0 as from 2, of which 0 comes first. */
    const double at[] = {0.5, 1, 12, 0.0 / 0.0};
    const lf_column *answer = scored(at, 4);
    const double *values = (const double *)(const void *)answer->values.at;
    LFD_CHECK(values[0] == 1.5);
    LFD_CHECK(values[1] == 1.5);
    LFD_CHECK(values[2] == 15);
    LFD_CHECK(answer->validity.is && (answer->validity.value.at[0] & 15) == 7);
}

static void too_few_rows_are_refused(void) {
    lf_fitted fitted = {0};
    const lf_failure *why = fit("{\"target\": \"y\", \"neighbours\": 6}", &fitted);
    LFD_CHECK(why && why->tag == LF_FAILURE_DATA);
    LFD_SAME(why->as.data, "of 6 rows 5 have every value, and 6 neighbours were asked for");
}

static void what_is_wrong_with_the_config_is_said(void) {
    lfd_reset();
    lfd_config("{\"target\": \"weight\", \"ignore\": [\"xx\"], \"features\": [\"y\"]}");
    table(6);
    lf_port_list ports = {0};
    lf_problem_list problems = {0};
    lf_plugin_train.check(&ports, &problems);
    LFD_SAME(lfd_problems(problems),
             "/target: there is no column \"weight\"\n/ignore/0: there is no column \"xx\" (did you mean \"x\"?)\n");
}

static void other_states_are_refused(void) {
    lf_fitted fitted = {0};
    LFD_CHECK(fit("{\"target\": \"y\"}", &fitted) == NULL);
    lf_bytes bytes = lfd_blob(fitted.state);
    for (size_t length = 0; length < bytes.length; length++)
        LFD_CHECK(lf_plugin_score.load((lf_bytes){bytes.at, length}).length > 0);
    uint8_t *copy = lf_alloc(bytes.length);
    memcpy(copy, bytes.at, bytes.length);
    copy[0] = 'N';
    LFD_SAME(lf_plugin_score.load((lf_bytes){copy, bytes.length}), "this is not the state of a step of `nearest`");
}

int main(void) {
    neighbours_are_averaged();
    too_few_rows_are_refused();
    what_is_wrong_with_the_config_is_said();
    other_states_are_refused();
    return lfd_failures > 0;
}
