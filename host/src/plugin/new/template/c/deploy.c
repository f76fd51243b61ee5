/* Gives a new version half of the traffic, and all of it once a figure is known and fine. */
#include <lockflight.h>
#include <math.h>

typedef struct {
    lf_text metric; /* the figure that decides */
    double maximum; /* the largest value of it that is fine */
    int64_t count;  /* how many observations it has to rest on */
} config;

static config read_config(lf_problem_list *problems) {
    LF_ONLY_KEYS(lf_config(), problems, "metric", "maximum", "count");
    return (config){
        lf_need_text(lf_config(), "metric", problems),
        lf_need_number(lf_config(), "maximum", -INFINITY, INFINITY, problems),
        lf_integer_or(lf_config(), "count", 100, 1, INT64_MAX, problems),
    };
}

static void check(lf_port_list *ports, lf_problem_list *problems) {
    (void)ports;
    read_config(problems);
    lf_need_input("arms", LF_PORT_KIND_TABLE, problems);
    lf_need_input("figures", LF_PORT_KIND_TABLE, problems);
}

/* A figure of a version, and how many observations it rests on. */
typedef struct {
    double value;
    uint64_t count;
} figure;

/* Of the figures of a version over all of its traffic, the one that rests on the most observations. */
static figure observed(lf_text metric, lf_text version) {
    figure most = {-INFINITY, 0};
    lf_text columns[] = {LF_LIT("version"), LF_LIT("metric"), LF_LIT("slice"), LF_LIT("value"), LF_LIT("count")};
    lf_scan *scan = lf_scan_columns(lf_open_table(LF_LIT("figures")), columns, 5, 0);
    for (const lf_rows *rows; (rows = lf_next(scan));) {
        lf_nulls nulls, sliced;
        lf_texts versions = lf_texts_of(rows, 0, &nulls), metrics = lf_texts_of(rows, 1, &nulls), slices = lf_texts_of(rows, 2, &sliced);
        (void)slices; /* whether there is one is all that counts */
        const double *values = lf_f64(rows, 3, &nulls);
        const uint64_t *counts = lf_values(rows, 4, sizeof *counts, &nulls);
        for (uint32_t row = 0; row < rows->count; row++) {
            bool is_meant = lf_same(lf_text_at(versions, row), version) && lf_same(lf_text_at(metrics, row), metric);
            if (is_meant && lf_is_null(sliced, row) && counts[row] > most.count) most = (figure){values[row], counts[row]};
        }
    }
    return most;
}

typedef LF_LIST(lf_text) text_list;

/* The versions to decide on, the newest last. */
static text_list versions_of_arms(void) {
    text_list versions = {0};
    lf_text column = LF_LIT("version");
    lf_scan *scan = lf_scan_columns(lf_open_table(LF_LIT("arms")), &column, 1, 0);
    for (const lf_rows *rows; (rows = lf_next(scan));) {
        lf_nulls nulls;
        lf_texts texts = lf_texts_of(rows, 0, &nulls);
        /* Rows live until the next ones come, so the texts are copied. */
        for (uint32_t row = 0; row < rows->count; row++) LF_ADD(&versions, lf_format(LF_TEXT_FORMAT, LF_TEXT(lf_text_at(texts, row))));
    }
    return versions;
}

static const lf_failure *run(lf_decision *decision) {
    lf_problem_list problems = {0};
    config config = read_config(&problems);
    text_list versions = versions_of_arms();
    if (!versions.length) return lf_fail_data("there is no version to decide on");
    lf_text newest = versions.at[versions.length - 1];
    decision->action = (lf_action){LF_ACTION_PROMOTE, .as.promote = newest};
    if (versions.length == 1) {
        decision->reason = lf_format(LF_TEXT_FORMAT " is the only version", LF_TEXT(newest));
        return NULL;
    }
    figure now = observed(config.metric, newest);
    lf_text of = lf_format(LF_TEXT_FORMAT " of " LF_TEXT_FORMAT, LF_TEXT(config.metric), LF_TEXT(newest));
    decision->reason = lf_format(LF_TEXT_FORMAT " is %g", LF_TEXT(of), now.value);
    if (now.value > config.maximum) {
        decision->action = (lf_action){LF_ACTION_ROLL_BACK, .as.roll_back = newest};
        decision->reason = lf_format(LF_TEXT_FORMAT " is %g, above %g", LF_TEXT(of), now.value, config.maximum);
    } else if (now.count < (uint64_t)config.count) {
        decision->action = (lf_action){LF_ACTION_SHIFT, .as.shift = {0}};
        LF_ADD(&decision->action.as.shift, (lf_arm){versions.at[versions.length - 2], 0.5});
        LF_ADD(&decision->action.as.shift, (lf_arm){newest, 0.5});
        decision->reason = lf_format(LF_TEXT_FORMAT " rests on %llu of %lld observations", LF_TEXT(of), (unsigned long long)now.count,
                                     (long long)config.count);
    }
    return NULL;
}

LF_DEPLOY(check, run)
