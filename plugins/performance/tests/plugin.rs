//! The plugin as a stage sees it: windows of scored rows in, findings out.
#![allow(clippy::unwrap_used, missing_docs)]
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use lockflight_performance::{Config, Performance};
use lockflight_sdk::{Place, Port, prelude::*};
use proptest::prelude::*;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// scikit-learn's own example of its regression metrics, with slices: r2 0.9486, mae 0.5; mae 0.5 in summer and in winter.
fn window() -> RecordBatch {
    batch(vec![
        ("y", floats(&[3.0, -0.5, 2.0, 7.0])),
        ("prediction", floats(&[2.5, 0.0, 2.0, 8.0])),
        ("season", texts(&["winter", "summer", "winter", "winter"])),
    ])
}

/// A config of the window above with further keys.
fn config(more: &str) -> String {
    format!(r#"{{"task":"regression","target":"y","min-rows":2{more}}}"#)
}

fn job(config: &str, window: &RecordBatch) -> Job<Config> {
    let job = Job::in_memory(config).unwrap();
    job.with_table("window", window.schema(), vec![window.clone()])
}

fn against(config: &str, window: &RecordBatch, reference: &RecordBatch) -> Job<Config> {
    job(config, window).with_table("reference", reference.schema(), vec![reference.clone()])
}

fn run(job: &Job<Config>) -> Observation {
    Performance::run(job).unwrap()
}

fn finding<'a>(seen: &'a Observation, name: &str, slice: Option<&str>) -> &'a Finding {
    let mut findings = seen.findings.iter();
    let found =
        findings.find(|f| f.name == name && f.subject.is_empty() && f.slice.as_deref() == slice);
    found.unwrap_or_else(|| panic!("no {name} of {slice:?} in {seen:#?}"))
}

/// Place, message and help of every problem.
fn problems(job: &Job<Config>) -> Vec<(String, String, String)> {
    let problems = Performance::check(job).unwrap_err().0.into_iter();
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
fn figures_are_held_against_fail_then_warn() {
    let judged = |bounds: &str| {
        let seen = run(&job(&config(bounds), &window()));
        let r2 = finding(&seen, "r2", None).clone();
        assert_eq!(seen.verdict, r2.verdict);
        (r2.verdict, r2.limit, r2.message)
    };
    let (base, limit) = ("r2 is 0.9486 over 4 rows", |text: &str| {
        Some(text.to_owned())
    });
    assert_eq!(judged(""), (Verdict::Pass, None, base.to_owned()));
    assert_eq!(
        judged(r#","warn":{"r2":">= 0.94"},"fail":{"r2":">=0.5"}"#),
        (Verdict::Pass, limit(">= 0.94"), base.to_owned())
    );
    assert_eq!(
        judged(r#","warn":{"r2":">= 0.96"},"fail":{"r2":">= 0.5"}"#),
        (
            Verdict::Warn,
            limit(">= 0.96"),
            format!("{base}; it should be >= 0.96")
        )
    );
    assert_eq!(
        judged(r#","warn":{"r2":">= 0.96"},"fail":{"r2":"> 0.95"}"#),
        (
            Verdict::Fail,
            limit("> 0.95"),
            format!("{base}; it has to be > 0.95")
        )
    );
}

#[test]
fn bounds_of_all_rows_leave_the_slices_alone_and_the_other_way_round() {
    let slices = r#","slices":["season"],"min-rows":1"#;
    let config = |more: &str| format!(r#"{{"task":"regression","target":"y"{slices}{more}}}"#);
    let seen = run(&job(&config(r#","fail":{"mae":"<= 0.4"}"#), &window()));
    assert_eq!(finding(&seen, "mae", None).verdict, Verdict::Fail);
    let winter = finding(&seen, "mae", Some("season = winter"));
    assert_eq!((winter.verdict, &winter.limit), (Verdict::Pass, &None));

    let bounds = r#","slice-warn":{"bias":"< 0.3"},"slice-fail":{"bias":"< 0.5"}"#;
    let seen = run(&job(&config(bounds), &window()));
    assert_eq!(finding(&seen, "bias", None).limit, None);
    let winter = finding(&seen, "bias", Some("season = winter"));
    assert_eq!(winter.verdict, Verdict::Pass, "{winter:?}");
    let summer = finding(&seen, "bias", Some("season = summer"));
    assert_eq!(summer.verdict, Verdict::Fail);
    assert_eq!(
        summer.message,
        "bias is 0.5 over 1 row with season = summer; it has to be < 0.5"
    );
    assert_eq!(seen.verdict, Verdict::Fail);
}

#[test]
fn a_small_or_undefined_slice_is_inconclusive() {
    let bounds = r#","slices":["season"],"slice-fail":{"mae":"<= 0.1"}"#;
    let seen = run(&job(&config(bounds), &window()));
    let summer = finding(&seen, "mae", Some("season = summer"));
    assert_eq!(
        (summer.verdict, summer.value),
        (Verdict::Inconclusive, Some(0.5))
    );
    assert!(
        summer
            .message
            .ends_with("; with fewer than 2 rows it is not judged (min-rows)"),
        "{}",
        summer.message
    );
    let constant = batch(vec![
        ("y", floats(&[2.0, 2.0])),
        ("prediction", floats(&[1.0, 2.0])),
    ]);
    let seen = run(&job(&config(r#","fail":{"r2":">= 0"}"#), &constant));
    let r2 = finding(&seen, "r2", None);
    assert_eq!((r2.verdict, r2.value), (Verdict::Inconclusive, None));
    assert_eq!(r2.limit.as_deref(), Some(">= 0"));
}

#[test]
fn a_window_with_few_labels_is_not_judged() {
    let targets: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, None, None]));
    let few = batch(vec![
        ("y", targets),
        ("prediction", floats(&[9.0, 2.0, 3.0, 4.0])),
        ("season", texts(&["winter", "summer", "winter", "winter"])),
    ]);
    let bounds = r#","slices":["season"],"fail":{"mae":"<= 1"},"slice-fail":{"mae":"<= 1"}"#;
    let seen = run(&job(&config(bounds), &few));
    for finding in seen.findings.iter().filter(|f| f.name != "excluded_rows") {
        assert_eq!(finding.verdict, Verdict::Inconclusive);
        assert!(
            finding.message.ends_with(
                "; it is not judged, since the window has 1 labelled row and min-rows is 2"
            ),
            "{}",
            finding.message
        );
    }
    let excluded = finding(&seen, "excluded_rows", None);
    assert_eq!((excluded.failed, excluded.rows), (3, 4));
    assert_eq!(excluded.verdict, Verdict::Pass, "labels come later");
    let seen = run(&job(&config(bounds), &few.slice(0, 0)));
    assert!(
        finding(&seen, "mae", None)
            .message
            .contains("0 labelled rows")
    );
}

#[test]
fn rows_without_a_prediction_warn() {
    let odd = batch(vec![
        ("y", floats(&[1.0, 2.0, 3.0])),
        ("prediction", floats(&[1.0, f64::NAN, 3.0])),
    ]);
    let seen = run(&job(&config(""), &odd));
    let excluded = finding(&seen, "excluded_rows", None);
    assert_eq!(
        (excluded.verdict, &excluded.examples),
        (Verdict::Warn, &vec![1])
    );
}

#[test]
fn the_reference_is_named_in_the_message() {
    let reference = batch(vec![
        ("y", floats(&[1.0, 2.0, 3.0])),
        ("prediction", floats(&[1.0, 2.0, 4.0])),
        ("season", texts(&["winter", "winter", "winter"])),
    ]);
    let bounds = r#","slices":["season"],"min-rows":1,"warn":{"r2":">= 0.99"}"#;
    let config = format!(r#"{{"task":"regression","target":"y"{bounds}}}"#);
    let seen = run(&against(&config, &window(), &reference));
    assert_eq!(
        finding(&seen, "r2", None).message,
        "r2 is 0.9486 over 4 rows; 0.5 in the reference; it should be >= 0.99"
    );
    assert_eq!(
        finding(&seen, "mae", Some("season = summer")).message,
        "mae is 0.5 over 1 row with season = summer; the reference has no such rows"
    );
    let mut subjects = seen.findings.iter().filter(|f| f.subject == "reference");
    assert_eq!(subjects.next().unwrap().name, "excluded_rows");
    assert!(subjects.next().is_none(), "{seen:#?}");

    let seen = run(&against(&config, &window(), &reference.slice(0, 1)));
    assert!(
        finding(&seen, "r2", None)
            .message
            .contains("; undefined in the reference"),
        "{seen:#?}"
    );
}

#[test]
fn a_window_of_one_class_is_no_mistake() {
    let scored = |target: ArrayRef| batch(vec![("y", target), ("prediction", floats(&[0.1, 0.4]))]);
    let config =
        r#"{"task":"binary","target":"y","positive":"yes","min-rows":1,"fail":{"auc":">= 0.7"}}"#;
    let labels: ArrayRef = Arc::new(StringArray::from(vec![Some("no"), None]));
    let seen = run(&job(config, &scored(labels)));
    assert_eq!(seen.verdict, Verdict::Inconclusive);
    let auc = finding(&seen, "auc", None);
    assert_eq!(auc.limit.as_deref(), Some(">= 0.7"));
    assert_eq!(
        auc.message,
        "auc is not judged over 1 labelled row: no row has the target \"yes\"; all of them have \"no\""
    );
    let numbers =
        r#"{"task":"binary","target":"y","min-rows":1,"fail":{"auc":">= 0.7","brier":"<= 1"}}"#;
    let seen = run(&job(numbers, &scored(floats(&[0.0, 0.0]))));
    assert_eq!(finding(&seen, "auc", None).verdict, Verdict::Inconclusive);
    assert_eq!(finding(&seen, "brier", None).verdict, Verdict::Pass);
    let wrong = r#"{"task":"binary","target":"y","positive":"1"}"#;
    let failure = Performance::run(&job(wrong, &scored(floats(&[0.0, 1.0])))).unwrap_err();
    assert!(matches!(failure, Failure::Config(_)), "{failure:?}");
}

#[test]
fn check_finds_every_wrong_bound() {
    let bounds = r#","warn":{"r3":">= 0.7","r2":">= 0.4","mae":"60"},"fail":{"r2":">= 0.5","auc":"> 0"},"slice-fail":{"a/b":"< 1"}"#;
    let found = problems(&job(&config(bounds), &window()));
    let places: Vec<_> = found.iter().map(|problem| problem.0.as_str()).collect();
    assert_eq!(
        places,
        [
            "/warn/mae",
            "/warn/r3",
            "/fail/auc",
            "/slice-fail",
            "/slice-fail/a~1b",
            "/warn/r2"
        ]
    );
    assert!(found[0].1.contains("\"60\" is no bound"), "{found:?}");
    assert_eq!(found[0].2, "say what should hold, e.g. \">= 0.7\"");
    assert_eq!(found[1].1, "a regression has no figure \"r3\"");
    assert_eq!(found[1].2, "did you mean \"r2\"?");
    assert_eq!(found[2].2, "its figures are rmse, mae, r2, bias");
    assert_eq!(found[3].1, "there are no slices");
    assert_eq!(
        found[5].1,
        ">= 0.4 never warns, since a value has to be >= 0.5 anyway"
    );
    assert!(Performance::run(&job(&config(bounds), &window())).is_err());
}

#[test]
fn check_looks_at_columns_and_inputs() {
    let found = problems(&job(&config(r#","prediction":"predicton""#), &window()));
    assert_eq!(found[0].0, "/prediction");
    assert_eq!(found[0].2, "did you mean \"prediction\"?");
    let thin = batch(vec![("y", floats(&[1.0]))]);
    let found = problems(&against(&config(""), &window(), &thin));
    assert_eq!((found.len(), found[0].0.as_str()), (1, "input reference"));
    let without = Job::in_memory(&config("")).unwrap();
    assert!(
        problems(&without)[0]
            .1
            .contains("needs an input \"window\"")
    );
    let other = job(&config(""), &window()).with_table("model", window().schema(), vec![]);
    assert_eq!(problems(&other)[0].0, "input model");
    let file = Job::in_memory(&config(""))
        .unwrap()
        .with_blob("window", b"");
    assert!(problems(&file)[0].1.contains("this is a file"));
    let pending = Job::in_memory(&config("")).unwrap();
    let pending = pending.with_pending(Port::open_table("window"));
    assert!(Performance::check(&pending).unwrap().is_empty());
    assert!(
        Performance::check(&job(&config(""), &window()))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_bound_that_is_no_text_is_a_problem_at_its_place() {
    let problems = Job::<Config>::in_memory(&config(r#","warn":{"r2":0.7}"#)).unwrap_err();
    assert!(matches!(&problems.0[0].place, Place::Config(at) if at == "/warn/r2"));
}

proptest! {
    /// The worst verdict is the window's, a figure over its bound fails, and one within passes.
    #[test]
    fn a_verdict_is_that_of_the_bound(
        errors in prop::collection::vec(-10.0_f64..10.0, 2..40),
        limit in 0.0_f64..10.0,
    ) {
        let targets: Vec<f64> = (0..errors.len()).map(|row| row as f64).collect();
        let predictions: Vec<f64> = targets.iter().zip(&errors).map(|(a, b)| a + b).collect();
        let window = batch(vec![("y", floats(&targets)), ("prediction", floats(&predictions))]);
        let seen = run(&job(&config(&format!(r#","fail":{{"mae":"<= {limit}"}}"#)), &window));
        let mae = finding(&seen, "mae", None);
        let expected = if mae.value.unwrap() <= limit { Verdict::Pass } else { Verdict::Fail };
        prop_assert_eq!((mae.verdict, seen.verdict), (expected, expected));
    }
}
