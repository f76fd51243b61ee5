/* What is behind the exports of a stage. */
#include "abi.h"

/* result<T, failure> */
#define LF_ANSWER(T)        \
    struct {                \
        bool is_error;      \
        union {             \
            T done;         \
            lf_failure why; \
        } as;               \
    }

void *lf_enter_check(lf_check *check) {
    static struct {
        bool is_error;
        union {
            lf_port_list ports;
            lf_problem_list problems;
        } as;
    } answer;
    lf_port_list ports = {0};
    lf_problem_list problems = {0};
    check(&ports, &problems);
    answer.is_error = problems.length > 0;
    if (answer.is_error) answer.as.problems = problems;
    else answer.as.ports = ports;
    return &answer;
}

#define LF_ENTER(world, T)                                      \
    void *lf_enter_##world(const lf_##world##_plugin *plugin) { \
        static LF_ANSWER(T) answer;                             \
        T done = {0};                                           \
        const lf_failure *why = plugin->run(&done);             \
        answer.is_error = why != NULL;                          \
        if (why) answer.as.why = *why;                          \
        else answer.as.done = done;                             \
        return &answer;                                         \
    }

LF_ENTER(ingest, lf_output_list)
LF_ENTER(validate, lf_report)
LF_ENTER(train, lf_fitted)
LF_ENTER(packaging, lf_artifact)
LF_ENTER(deploy, lf_decision)
LF_ENTER(monitor, lf_observation)
