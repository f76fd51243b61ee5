//! Drives the `lockflight` binary from outside.
//!
//! Each folder in `tests/scenarios/` is a pipeline, mostly one with something wrong, and a `session`: commands and what they are
//! expected to show (see `harness/session.rs`). `LOCKFLIGHT_BLESS=1 cargo test -p lockflight --test scenarios` rewrites what came
//! otherwise; read the difference before you commit it. A manifest names plugins relative to its place in the repository, so
//! a scenario can be tried by hand where it lies. What must be equal whatever the circumstances is in `equalities`.
#![allow(clippy::unwrap_used)]

#[path = "harness/conformance.rs"]
mod conformance;
#[path = "harness/denied.rs"]
mod denied;
#[path = "harness/equalities.rs"]
mod equalities;
#[path = "harness/mod.rs"]
mod harness;
#[path = "harness/killed.rs"]
mod killed;
#[path = "harness/limits.rs"]
mod limits;
#[path = "harness/rekeyed.rs"]
mod rekeyed;
#[path = "harness/serving.rs"]
mod serving;

/// A test for each scenario, and one that none was forgotten.
macro_rules! scenarios {
    ($($test:ident: $folder:literal,)*) => {
        $(#[test] fn $test() { harness::play($folder); })*

        #[test]
        fn every_scenario_is_listed() {
            assert_eq!(harness::all(), [$($folder),*]);
        }
    };
}

scenarios! {
    bad_training: "bad-training",
    broken_contract: "broken-contract",
    c_and_go: "c-and-go",
    child_killed: "child-killed",
    ci: "ci",
    contract_error: "contract-error",
    corrupt_blob: "corrupt-blob",
    corrupt_block: "corrupt-block",
    csv_column_count: "csv-column-count",
    cycle: "cycle",
    diff: "diff",
    disk_full: "disk-full",
    events: "events",
    failures: "failures",
    gate_closed: "gate-closed",
    gate_figures: "gate-figures",
    gate_train: "gate-train",
    gc: "gc",
    init: "init",
    interrupted: "interrupted",
    javascript_throw: "javascript-throw",
    limits: "limits",
    lineage: "lineage",
    lock: "lock",
    misbehaving_check: "misbehaving-check",
    model: "model",
    much_log: "much-log",
    not_a_component: "not-a-component",
    nothing_to_do: "nothing-to-do",
    plan: "plan",
    plugin_bench: "plugin-bench",
    plugin_check: "plugin-check",
    plugin_replay: "plugin-replay",
    plugin_run: "plugin-run",
    policy: "policy",
    predict: "predict",
    python_traceback: "python-traceback",
    read_only_store: "read-only-store",
    registry: "registry",
    release: "release",
    retry: "retry",
    scorers: "scorers",
    scorers_in_languages: "scorers-in-languages",
    selected: "selected",
    sharing: "sharing",
    source_missing: "source-missing",
    source_refused: "source-refused",
    stale_plugin: "stale-plugin",
    trap: "trap",
    two_runs_at_once: "two-runs-at-once",
    unknown_column: "unknown-column",
    unknown_name: "unknown-name",
    verify_differs: "verify-differs",
    where_it_works: "where-it-works",
    wrong_config: "wrong-config",
    wrong_world: "wrong-world",
}

#[test]
fn the_example_in_five_languages() {
    harness::play_example("polyglot");
}
