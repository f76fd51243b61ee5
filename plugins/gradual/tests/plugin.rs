//! The plugin as an endpoint sees it: arms and figures in, a decision out.
#![allow(clippy::unwrap_used, missing_docs)]
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use lockflight_gradual::{Config, Gradual};
use lockflight_sdk::{Place, Port, prelude::*};
use proptest::prelude::*;

const CONFIG: &str = r#"{"max":{"errors":0.02},"max-ratio":{"p99":1.2}}"#;

/// A figure: version, metric, slice, span, value, count.
type Figure = (
    &'static str,
    &'static str,
    Option<&'static str>,
    u64,
    f64,
    u64,
);

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns
            .into_iter()
            .map(|(name, column)| (name, column, name == "slice")),
    )
    .unwrap()
}

fn arms_table(arms: &[(&str, f64)]) -> RecordBatch {
    let versions: StringArray = arms.iter().map(|arm| Some(arm.0)).collect();
    let weights: Float64Array = arms.iter().map(|arm| Some(arm.1)).collect();
    batch(vec![
        ("version", Arc::new(versions)),
        ("weight", Arc::new(weights)),
    ])
}

fn figures_table(figures: &[Figure]) -> RecordBatch {
    let texts = |of: fn(&Figure) -> Option<&'static str>| -> ArrayRef {
        Arc::new(figures.iter().map(of).collect::<StringArray>())
    };
    let numbers = |of: fn(&Figure) -> u64| -> ArrayRef {
        Arc::new(figures.iter().map(of).map(Some).collect::<UInt64Array>())
    };
    let values: Float64Array = figures.iter().map(|figure| Some(figure.4)).collect();
    batch(vec![
        ("version", texts(|figure| Some(figure.0))),
        ("metric", texts(|figure| Some(figure.1))),
        ("slice", texts(|figure| figure.2)),
        ("span", numbers(|figure| figure.3)),
        ("value", Arc::new(values)),
        ("count", numbers(|figure| figure.5)),
    ])
}

fn job(config: &str, arms: &[(&str, f64)], figures: &[Figure]) -> Job<Config> {
    let (arms, figures) = (arms_table(arms), figures_table(figures));
    Job::in_memory(config)
        .unwrap()
        .with_table("arms", arms.schema(), vec![arms])
        .with_table("figures", figures.schema(), vec![figures])
}

/// A decision as text, its reason, and its state.
type Told = (String, String, Vec<u8>);

fn decide(config: &str, arms: &[(&str, f64)], figures: &[Figure], state: Option<&[u8]>) -> Told {
    let mut job = job(config, arms, figures);
    if let Some(state) = state {
        job = job.with_state(state);
    }
    let decision = Gradual::run(&job).unwrap();
    let action = match decision.action {
        Action::Hold => "hold".to_owned(),
        Action::Pause => "pause".to_owned(),
        Action::Shift(arms) => {
            assert_eq!(arms.iter().map(|arm| arm.weight).sum::<f64>(), 1.0);
            let arms: Vec<_> = arms
                .iter()
                .map(|arm| format!("{}={}", arm.version, arm.weight))
                .collect();
            format!("shift {}", arms.join(" "))
        }
        Action::Promote(version) => format!("promote {version}"),
        Action::RollBack(version) => format!("roll back {version}"),
    };
    (action, decision.reason, decision.state.unwrap())
}

/// Figures of a candidate within its bounds, over so many observations.
fn good(count: u64) -> Vec<Figure> {
    vec![
        ("v1", "p99", None, 60, 0.5, 9000),
        ("v2", "errors", None, 60, 0.01, count),
        ("v2", "p99", None, 60, 0.55, count),
    ]
}

const NEW: [(&str, f64); 2] = [("v1", 1.0), ("v2", 0.0)];
const FIRST: [(&str, f64); 2] = [("v1", 0.95), ("v2", 0.05)];

/// The state of v2 at its first step.
fn first_step() -> Vec<u8> {
    decide(CONFIG, &NEW, &[], None).2
}

#[test]
fn the_first_version_gets_all_traffic_once() {
    for (weight, told) in [(0.0, "promote v1"), (1.0, "promote v1")] {
        let (action, reason, state) = decide(CONFIG, &[("v1", weight)], &[], None);
        assert_eq!(action, told);
        assert_eq!(reason, "it is the first version: all traffic");
        let again = decide(CONFIG, &[("v1", 1.0)], &[], Some(&state));
        assert_eq!(again.0, "hold");
        assert_eq!(again.1, "v1 is the only version and has all traffic");
        let lost = decide(CONFIG, &[("v1", 0.5)], &[], Some(&again.2));
        assert_eq!(lost.0, "promote v1");
        let other = decide(CONFIG, &[("v2", 1.0)], &[], Some(&again.2));
        assert_eq!(other.0, "promote v2");
    }
}

#[test]
fn a_candidate_goes_through_the_steps() {
    let mut arms = NEW;
    let mut state = None;
    let mut told = Vec::new();
    for weight in [0.05, 0.25, 0.5, 1.0] {
        let (action, reason, next) = decide(CONFIG, &arms, &good(612), state.as_deref());
        told.push((action, reason));
        arms = [("v1", 1.0 - weight), ("v2", weight)];
        state = Some(next);
    }
    let hold = "all figures hold over 612 observations";
    assert_eq!(
        told[0],
        (
            "shift v1=0.95 v2=0.05".into(),
            "v2 is new: 5 % of the traffic".into()
        )
    );
    assert_eq!(
        told[1],
        (
            "shift v1=0.75 v2=0.25".into(),
            format!("{hold}: 25 % of the traffic")
        )
    );
    assert_eq!(
        told[2],
        (
            "shift v1=0.5 v2=0.5".into(),
            format!("{hold}: 50 % of the traffic")
        )
    );
    assert_eq!(
        told[3],
        ("promote v2".into(), format!("{hold}: 100 % of the traffic"))
    );
    let after = decide(CONFIG, &arms, &[], state.as_deref());
    assert_eq!(
        (after.0.as_str(), after.1.as_str()),
        ("hold", "v2 has all traffic")
    );
    let not_done = decide(CONFIG, &FIRST, &[], state.as_deref());
    assert_eq!(not_done.0, "promote v2");
    let alone = decide(CONFIG, &[("v2", 1.0)], &[], state.as_deref());
    assert_eq!(alone.0, "hold");
}

#[test]
fn the_stable_version_is_the_one_with_the_traffic() {
    let arms = [("v0", 0.0), ("v1", 0.9), ("v2", 0.1), ("v3", 0.0)];
    let told = decide(CONFIG, &arms, &[], None);
    assert_eq!(told.0, "shift v0=0 v1=0.95 v2=0 v3=0.05");
}

#[test]
fn a_figure_over_its_bound_wins_over_everything() {
    let over: [Figure; 1] = [("v2", "errors", None, 60, 0.5, 3)];
    for state in [None, Some(first_step())] {
        let (action, reason, _) = decide(CONFIG, &FIRST, &over, state.as_deref());
        assert_eq!(action, "roll back v2");
        assert_eq!(
            reason,
            "errors is 0.5 on v2 over 3 observations, more than 0.02"
        );
    }
    let mut figures = good(612);
    figures[2].4 = 0.61;
    let (action, reason, _) = decide(CONFIG, &FIRST, &figures, Some(&first_step()));
    assert_eq!(action, "roll back v2");
    assert_eq!(
        reason,
        "p99 is 0.61 on v2 over 612 observations, more than 1.2 times the 0.5 on v1 over 9000 observations"
    );
    let on_stable: [Figure; 1] = [("v1", "errors", None, 60, 0.5, 3000)];
    assert_eq!(
        decide(CONFIG, &FIRST, &on_stable, Some(&first_step())).0,
        "hold"
    );
}

#[test]
fn what_was_rolled_back_stays_so() {
    let over: [Figure; 1] = [("v2", "errors", None, 60, 0.5, 600)];
    let state = decide(CONFIG, &FIRST, &over, Some(&first_step())).2;
    let again = decide(CONFIG, &FIRST, &good(612), Some(&state));
    assert_eq!(
        (again.0.as_str(), again.1.as_str()),
        ("roll back v2", "v2 was rolled back")
    );
    let done = decide(CONFIG, &NEW, &good(612), Some(&again.2));
    assert_eq!(done.0, "hold");
    assert_eq!(done.1, "v2 was rolled back, and has no traffic");
    let arms = [("v1", 1.0), ("v2", 0.0), ("v3", 0.0)];
    let next = decide(CONFIG, &arms, &good(612), Some(&done.2));
    assert_eq!(next.0, "shift v1=0.95 v2=0 v3=0.05");
}

#[test]
fn a_promoted_version_can_still_be_rolled_back() {
    let config = r#"{"steps":[100],"max":{"errors":0.02}}"#;
    let (action, _, state) = decide(config, &NEW, &[], None);
    assert_eq!(action, "promote v2");
    let over: [Figure; 1] = [("v2", "errors", None, 60, 0.5, 600)];
    let told = decide(config, &[("v1", 0.0), ("v2", 1.0)], &over, Some(&state));
    assert_eq!(told.0, "roll back v2");
}

#[test]
fn it_waits_and_then_asks_a_person() {
    let config = r#"{"max":{"errors":0.02},"max-ratio":{"p99":1.2},"patience":2}"#;
    let mut state = decide(config, &NEW, &[], None).2;
    let mut told = Vec::new();
    for _ in 0..4 {
        let (action, reason, next) = decide(config, &FIRST, &good(120), Some(&state));
        told.push((action, reason));
        state = next;
    }
    let actions: Vec<_> = told.iter().map(|told| told.0.as_str()).collect();
    assert_eq!(actions, ["hold", "hold", "pause", "pause"]);
    assert_eq!(
        told[0].1,
        "waiting for 500 observations, 120 so far of errors on v2"
    );
    assert_eq!(
        told[2].1,
        "waiting for 500 observations, 120 so far of errors on v2; after 2 calls a person has to decide"
    );
    let enough = decide(config, &FIRST, &good(500), Some(&state));
    assert_eq!(enough.0, "shift v1=0.75 v2=0.25");
    let patient = decide(config, &FIRST, &good(120), Some(&enough.2));
    assert_eq!(patient.0, "hold", "every step has its own calls");
}

#[test]
fn every_judged_metric_needs_its_observations() {
    let mut figures = good(612);
    figures[2].5 = 40;
    let told = decide(CONFIG, &FIRST, &figures, Some(&first_step()));
    assert_eq!(
        told.1,
        "waiting for 500 observations, 40 so far of p99 on v2"
    );
    let told = decide(CONFIG, &FIRST, &figures[..2], Some(&first_step()));
    assert_eq!(
        told.1,
        "waiting for 500 observations, 0 so far of p99 on v2"
    );
    figures[2] = ("v2", "p99", None, 60, f64::NAN, 9000);
    let told = decide(CONFIG, &FIRST, &figures, Some(&first_step()));
    assert_eq!(
        told.1,
        "waiting for 500 observations, 0 so far of p99 on v2"
    );
}

#[test]
fn a_ratio_needs_something_to_divide_by() {
    let waiting = "waiting for p99 on v1, with which v2 is compared";
    let same = |figure: Option<Figure>| {
        let mut figures = good(612)[1..].to_vec();
        figures.extend(figure);
        let told = decide(CONFIG, &FIRST, &figures, Some(&first_step()));
        (told.0, told.1)
    };
    for figure in [
        None,
        Some(("v1", "p99", None, 60, 0.5, 0)),
        Some(("v1", "p99", None, 60, f64::NAN, 9000)),
        Some(("v1", "p99", None, 60, -1.0, 9000)),
        Some(("v1", "p99", None, 61, 0.5, 9000)),
        Some(("v1", "p99", Some("a"), 60, 0.5, 9000)),
        Some(("v0", "p99", None, 60, 0.5, 9000)),
    ] {
        assert_eq!(
            same(figure),
            ("hold".to_owned(), waiting.to_owned()),
            "{figure:?}"
        );
    }
    let zero = same(Some(("v1", "p99", None, 60, 0.0, 9000)));
    assert_eq!(zero.0, "roll back v2", "nothing is a part of zero");
    let config = r#"{"max-ratio":{"p99":1.2},"patience":0}"#;
    let figures = &good(612)[1..];
    assert_eq!(
        decide(config, &FIRST, figures, Some(&first_step())).0,
        "pause"
    );
}

#[test]
fn a_slice_counts_once_there_is_enough_of_it() {
    let with = |count: u64| {
        let mut figures = good(612);
        figures.push(("v2", "errors", Some("channel = web"), 60, 0.3, count));
        let told = decide(CONFIG, &FIRST, &figures, Some(&first_step()));
        (told.0, told.1)
    };
    assert_eq!(with(499).0, "shift v1=0.75 v2=0.25");
    let (action, reason) = with(500);
    assert_eq!(action, "roll back v2");
    assert_eq!(
        reason,
        "errors is 0.3 on v2 over 500 observations with channel = web, more than 0.02"
    );
    let sliced: [Figure; 1] = [("v2", "errors", Some("channel = web"), 60, 0.01, 600)];
    let told = decide(CONFIG, &FIRST, &sliced, Some(&first_step()));
    assert_eq!(told.0, "hold", "a slice is not all of the traffic");
}

#[test]
fn a_last_step_below_all_traffic_is_left_to_a_person() {
    let config = r#"{"steps":[10,30.5],"max":{"errors":0.02}}"#;
    let state = decide(config, &NEW, &good(612), None).2;
    let (action, reason, state) = decide(config, &FIRST, &good(612), Some(&state));
    assert_eq!(action, "shift v1=0.6950000000000001 v2=0.305");
    assert!(reason.ends_with(": 30.5 % of the traffic"), "{reason}");
    let (action, reason, _) = decide(config, &FIRST, &good(612), Some(&state));
    assert_eq!(action, "pause");
    assert_eq!(
        reason,
        "all figures hold over 612 observations; 30.5 % is the last step: a person has to decide"
    );
}

#[test]
fn a_state_that_does_not_fit_is_as_good_as_none() {
    let other = decide(CONFIG, &[("v0", 1.0), ("v1", 0.0)], &[], None).2;
    let newer = String::from_utf8(first_step())
        .unwrap()
        .replace("\"format\":1", "\"format\":2");
    for state in [other.as_slice(), newer.as_bytes(), b"", b"{}", b"\xff"] {
        let told = decide(CONFIG, &FIRST, &good(612), Some(state));
        assert_eq!(told.1, "v2 is new: 5 % of the traffic");
    }
    let changed = r#"{"steps":[1,100],"max":{"errors":0.02}}"#;
    let told = decide(changed, &FIRST, &good(612), Some(&first_step()));
    assert_eq!(told.1, "v2 is new: 1 % of the traffic");
}

#[test]
fn odd_arms_end_the_stage() {
    for (arms, message) in [
        (&[][..], "there is no version"),
        (
            &[("v1", 1.5)],
            "row 0 of the input \"arms\" has the weight 1.5",
        ),
        (&[("v1", f64::NAN)], "has the weight NaN"),
        (
            &[("v1", 1.0), ("v1", 0.0)],
            "row 1 of the input \"arms\" has \"v1\" for the second",
        ),
    ] {
        match Gradual::run(&job(CONFIG, arms, &[])).unwrap_err() {
            Failure::Data(found) => assert!(found.contains(message), "{found}"),
            other => panic!("{other:?}"),
        }
    }
}

/// Place, message and help of every problem.
fn problems(job: &Job<Config>) -> Vec<(String, String, String)> {
    let problems = Gradual::check(job).unwrap_err().0.into_iter();
    problems
        .map(|problem| {
            let place = match problem.place {
                Place::Config(pointer) => pointer,
                Place::Input(name) => format!("input {name}"),
                other => format!("{other:?}"),
            };
            (place, problem.message, problem.help.unwrap_or_default())
        })
        .collect()
}

#[test]
fn check_finds_what_is_wrong_with_the_config() {
    let config = r#"{"steps":[0,25,25,101],"min-count":0,"max-ratio":{"a/b":0,"c":-1}}"#;
    let found = problems(&job(config, &NEW, &[]));
    let places: Vec<_> = found.iter().map(|problem| problem.0.as_str()).collect();
    assert_eq!(
        places,
        [
            "/steps/0",
            "/steps/2",
            "/steps/3",
            "/min-count",
            "/max-ratio/a~1b",
            "/max-ratio/c"
        ]
    );
    assert_eq!(found[1].1, "steps ascend; 25 comes after 25");
    assert!(Gradual::run(&job(config, &NEW, &[])).is_err());
    let found = problems(&job(r#"{"steps":[]}"#, &NEW, &[]));
    assert_eq!(found[0].1, "there has to be a step");
    assert!(found[1].1.starts_with("nothing is judged"), "{found:?}");
    assert!(Gradual::check(&job(CONFIG, &NEW, &[])).unwrap().is_empty());
}

#[test]
fn check_looks_at_the_inputs() {
    let none = Job::in_memory(CONFIG).unwrap();
    assert_eq!(problems(&none).len(), 2);
    let versions = arms_table(&NEW);
    let renamed = batch(vec![
        ("versions", versions.column(0).clone()),
        ("weight", versions.column(0).clone()),
    ]);
    let wrong = Job::in_memory(CONFIG)
        .unwrap()
        .with_table("arms", renamed.schema(), vec![])
        .with_blob("figures", b"")
        .with_table("table", renamed.schema(), vec![]);
    let found = problems(&wrong);
    let told: Vec<_> = found
        .iter()
        .map(|problem| (problem.0.as_str(), problem.1.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("input arms", "the table has no column \"version\""),
            ("input arms", "column \"weight\" is text, not float64"),
            (
                "input figures",
                "this is a file; the stage needs a table here"
            ),
            ("input table", "there is no use for an input \"table\""),
        ]
    );
    assert_eq!(found[0].2, "rename \"versions\"");
    let pending = Job::in_memory(CONFIG)
        .unwrap()
        .with_pending(Port::open_table("arms"))
        .with_pending(Port::open_table("figures"));
    assert!(Gradual::check(&pending).unwrap().is_empty());
}

/// What an endpoint makes of a decision; the weights are those of `v0`, `v1` and so on.
fn apply(weights: &mut [f64], action: &Action) {
    let place = |version: &str| version[1..].parse::<usize>().unwrap();
    match action {
        Action::Hold | Action::Pause => {}
        Action::Shift(arms) => {
            assert_eq!(arms.len(), weights.len());
            for arm in arms {
                weights[place(&arm.version)] = arm.weight;
            }
        }
        Action::Promote(version) => {
            weights.fill(0.0);
            weights[place(version)] = 1.0;
        }
        Action::RollBack(version) => {
            weights.fill(0.0);
            weights[place(version) - 1] = 1.0;
        }
    }
}

/// Steps from a set of percents.
fn steps() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::btree_set(1_u32..=1000, 1..6).prop_map(|tenths| {
        tenths
            .into_iter()
            .map(|tenth| f64::from(tenth) / 10.0)
            .collect()
    })
}

/// The figures of a call: the candidate's errors, its p99 and that of the stable version, each a value and a count.
fn calls() -> impl Strategy<Value = Vec<[(f64, u64); 3]>> {
    let errors = (prop_oneof![9 => 0.0..0.02, 1 => 0.02..0.1], 0_u64..1500);
    let p99 = || (prop_oneof![9 => 0.9..1.0, 1 => 0.9..1.5], 0_u64..1500);
    let call = (errors, p99(), p99()).prop_map(|(errors, p99, stable)| [errors, p99, stable]);
    prop::collection::vec(call, 1..25)
}

const NAMES: [&str; 5] = ["v0", "v1", "v2", "v3", "v4"];

proptest! {
    /// Whatever is observed, the shares are all of the traffic, and who was over a bound gets no more of it.
    #[test]
    fn shares_are_whole_and_a_failed_candidate_gets_no_more(
        versions in 2_usize..5,
        steps in steps(),
        calls in calls(),
    ) {
        let config = format!(r#"{{"steps":{steps:?},"max":{{"errors":0.02}},"max-ratio":{{"p99":1.2}}}}"#);
        let mut weights = vec![0.0; versions];
        weights[versions - 2] = 1.0;
        let (stable, candidate) = (NAMES[versions - 2], NAMES[versions - 1]);
        let mut state: Option<Vec<u8>> = None;
        let mut failed = false;
        for [errors, p99, of_stable] in calls {
            let figures: [Figure; 3] = [
                (candidate, "errors", None, 60, errors.0, errors.1),
                (candidate, "p99", None, 60, p99.0, p99.1),
                (stable, "p99", None, 60, of_stable.0, of_stable.1),
            ];
            failed |= errors.1 > 0 && errors.0 > 0.02;
            failed |= p99.1 > 0 && of_stable.1 > 0 && p99.0 > 1.2 * of_stable.0;
            let before = weights[versions - 1];
            let arms: Vec<_> = NAMES.into_iter().zip(weights.iter().copied()).collect();
            let mut job = job(&config, &arms, &figures);
            if let Some(state) = &state {
                job = job.with_state(state);
            }
            let decision = Gradual::run(&job).unwrap();
            let same = Gradual::run(&job).unwrap();
            prop_assert_eq!(format!("{decision:?}"), format!("{same:?}"));
            apply(&mut weights, &decision.action);
            state = decision.state.clone();
            prop_assert_eq!(weights.iter().sum::<f64>(), 1.0);
            let after = weights[versions - 1];
            if failed {
                prop_assert!(after <= before && after == 0.0, "{} to {}", before, after);
            } else if after > before && before > 0.0 {
                let enough = errors.1 >= 500 && p99.1 >= 500 && of_stable.1 > 0;
                prop_assert!(enough, "{:?}", decision);
            }
        }
    }
}
