/* The entry points: one macro per world, at the top level of one file.
 *
 *     static void check(lf_port_list *ports, lf_problem_list *problems);
 *     static const lf_failure *run(lf_report *report);
 *     LF_VALIDATE(check, run)
 *
 * `check` runs before any data is there: it adds the output ports, or problems. `run` does the work; it answers NULL, or what
 * `lf_fail_...` made. A plugin for several worlds has the macro of each; the build takes one at a time. Outside of WebAssembly
 * each macro defines a variable of its type, e.g. `lf_validate_plugin lf_plugin_validate`, for tests. */
#ifndef LOCKFLIGHT_STAGES_H
#define LOCKFLIGHT_STAGES_H

#include "table.h"

typedef void lf_check(lf_port_list *ports, lf_problem_list *problems);

typedef struct { lf_check *check; const lf_failure *(*run)(lf_output_list *outputs); } lf_ingest_plugin;
typedef struct { lf_check *check; const lf_failure *(*run)(lf_report *report); } lf_validate_plugin;
/* The ports `takes` and `gives` of a train plugin's check stand for the scorer's schemas. */
typedef struct { lf_check *check; const lf_failure *(*run)(lf_fitted *fitted); } lf_train_plugin;
typedef struct { lf_check *check; const lf_failure *(*run)(lf_artifact *artifact); } lf_packaging_plugin;
typedef struct { lf_check *check; const lf_failure *(*run)(lf_decision *decision); } lf_deploy_plugin;
typedef struct { lf_check *check; const lf_failure *(*run)(lf_observation *observation); } lf_monitor_plugin;

/* A scorer. Both answer an empty text, or a sentence that says what is wrong. `load` gets the whole state, which lives as long as
 * the scorer, and what it allocates with `lf_alloc` does too; memory that `score` allocates lives until its next call. `score` adds
 * the columns of `gives`, each with `rows->count` values. */
typedef struct {
    lf_text (*load)(lf_bytes state);
    lf_text (*score)(const lf_rows *rows, lf_column_list *columns);
} lf_score_plugin;

/* The functions behind the exports. */
void *lf_enter_check(lf_check *check);
void *lf_enter_ingest(const lf_ingest_plugin *plugin);
void *lf_enter_validate(const lf_validate_plugin *plugin);
void *lf_enter_train(const lf_train_plugin *plugin);
void *lf_enter_packaging(const lf_packaging_plugin *plugin);
void *lf_enter_deploy(const lf_deploy_plugin *plugin);
void *lf_enter_monitor(const lf_monitor_plugin *plugin);
void *lf_enter_load(const lf_score_plugin *plugin, const uint8_t *part, size_t length, uint64_t rest);
void *lf_enter_score(const lf_score_plugin *plugin, uint32_t rows, lf_column *columns, size_t width);

#define LF_PLUGIN_(world, ...) const lf_##world##_plugin lf_plugin_##world = {__VA_ARGS__};
#define LF_EXPORT_(world, interface, ...)                                                            \
    LF_PLUGIN_(world, __VA_ARGS__)                                                                   \
    __attribute__((export_name("lockflight:stage/" interface "@0.1.0#check"))) void *lf_export_check(void) { \
        return lf_enter_check(lf_plugin_##world.check);                                              \
    }                                                                                                \
    __attribute__((export_name("lockflight:stage/" interface "@0.1.0#run"))) void *lf_export_run(void) { \
        return lf_enter_##world(&lf_plugin_##world);                                                 \
    }

#ifdef LOCKFLIGHT_WORLD_INGEST
#define LF_INGEST(check, run) LF_EXPORT_(ingest, "ingester", check, run)
#else
#define LF_INGEST(check, run) LF_PLUGIN_(ingest, check, run)
#endif

#ifdef LOCKFLIGHT_WORLD_VALIDATE
#define LF_VALIDATE(check, run) LF_EXPORT_(validate, "validator", check, run)
#else
#define LF_VALIDATE(check, run) LF_PLUGIN_(validate, check, run)
#endif

#ifdef LOCKFLIGHT_WORLD_TRAIN
#define LF_TRAIN(check, fit) LF_EXPORT_(train, "trainer", check, fit)
#else
#define LF_TRAIN(check, fit) LF_PLUGIN_(train, check, fit)
#endif

#ifdef LOCKFLIGHT_WORLD_PACKAGING
#define LF_PACKAGING(check, run) LF_EXPORT_(packaging, "packager", check, run)
#else
#define LF_PACKAGING(check, run) LF_PLUGIN_(packaging, check, run)
#endif

#ifdef LOCKFLIGHT_WORLD_DEPLOY
#define LF_DEPLOY(check, run) LF_EXPORT_(deploy, "deployer", check, run)
#else
#define LF_DEPLOY(check, run) LF_PLUGIN_(deploy, check, run)
#endif

#ifdef LOCKFLIGHT_WORLD_MONITOR
#define LF_MONITOR(check, run) LF_EXPORT_(monitor, "monitorer", check, run)
#else
#define LF_MONITOR(check, run) LF_PLUGIN_(monitor, check, run)
#endif

#ifdef LOCKFLIGHT_WORLD_SCORE
#define LF_SCORE(load, score)                                                                                \
    LF_PLUGIN_(score, load, score)                                                                           \
    __attribute__((export_name("lockflight:model/scorer@0.1.0#load"))) void *lf_export_load(                 \
        const uint8_t *part, size_t length, uint64_t rest) {                                                 \
        return lf_enter_load(&lf_plugin_score, part, length, rest);                                          \
    }                                                                                                        \
    __attribute__((export_name("lockflight:model/scorer@0.1.0#score"))) void *lf_export_score(               \
        uint32_t rows, lf_column *columns, size_t width) {                                                   \
        return lf_enter_score(&lf_plugin_score, rows, columns, width);                                       \
    }
#else
#define LF_SCORE(load, score) LF_PLUGIN_(score, load, score)
#endif

#endif
