#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::manifest::gate;

pub fn finding(name: &str, subject: &str, slice: Option<&str>, value: Option<f64>) -> Finding {
    Finding {
        name: name.into(),
        subject: subject.into(),
        slice: slice.map(str::to_owned),
        verdict: Verdict::Pass,
        value,
        limit: None,
        rows: 100,
        failed: 0,
        message: format!("{name} says this"),
        input: None,
        examples: Vec::new(),
    }
}

pub fn metric(name: &str, value: f64, step: Option<u64>) -> Metric {
    Metric {
        name: name.into(),
        value,
        step,
        labels: Vec::new(),
    }
}

/// The figure that a condition names.
fn figure(text: &str) -> Figure {
    let condition = gate::Figures::parse(&format!("{text} > 0")).unwrap();
    condition.figures()[0].clone()
}

fn see(text: &str, findings: &[Finding], metrics: &[Metric]) -> Seen {
    Figures { findings, metrics }.see(&figure(text))
}

fn absence(text: &str, findings: &[Finding], metrics: &[Metric]) -> (String, String) {
    match see(text, findings, metrics) {
        Seen::Absent { why, help } => (why, help.unwrap_or_default()),
        other => panic!("{other:?}"),
    }
}

fn seasons() -> Vec<Finding> {
    let mut few = finding("r2", "", Some("season = fall"), Some(-3.0));
    few.verdict = Verdict::Warn;
    vec![
        finding("r2", "", None, Some(0.8)),
        finding("r2", "baseline", None, Some(0.4)),
        finding("r2", "", Some("season = winter"), Some(0.5)),
        finding("r2", "", Some("season is null"), Some(0.9)),
        finding("r2", "", Some("season of year = x"), Some(0.1)),
        few,
    ]
}

#[test]
fn a_name_is_the_figure_of_all_rows_and_of_the_table() {
    assert_eq!(see("r2", &seasons(), &[]).value(), Some(0.8));
    assert_eq!(
        see("subject(r2, 'baseline')", &seasons(), &[]).value(),
        Some(0.4)
    );
    assert_eq!(
        see("slice(r2, 'season = winter')", &seasons(), &[]).value(),
        Some(0.5)
    );
    let one = [finding("not-null", "sex", None, Some(0.97))];
    assert_eq!(see("`not-null`", &one, &[]).value(), Some(0.97));
}

#[test]
fn the_lowest_is_sought_among_slices_of_enough_rows() {
    let lowest = see("lowest(r2, 'season')", &seasons(), &[]);
    let expected = Seen::Value {
        value: 0.5,
        slice: Some("season = winter".into()),
        left_out: vec!["season = fall".into()],
    };
    assert_eq!(lowest, expected);
    let highest = see("highest(r2, 'season')", &seasons(), &[]);
    assert!(matches!(highest, Seen::Value { slice: Some(slice), .. } if slice == "season is null"));
    let few = &seasons()[5..];
    assert!(
        matches!(see("lowest(r2, 'season')", few, &[]), Seen::Undefined { left_out, .. } if left_out.len() == 1)
    );
}

#[test]
fn of_a_metric_the_last_step_counts() {
    let mut labelled = metric("loss", 9.0, Some(7));
    labelled
        .labels
        .push(("subject".into(), "validation".into()));
    let metrics = [
        metric("loss", 3.0, Some(1)),
        metric("loss", 2.0, Some(2)),
        labelled,
        metric("rows", 5.0, None),
    ];
    assert_eq!(see("loss", &[], &metrics).value(), Some(2.0));
    assert_eq!(
        see("subject(loss, 'validation')", &[], &metrics).value(),
        Some(9.0)
    );
    assert_eq!(see("rows", &[], &metrics).value(), Some(5.0));
    assert!(
        absence("lowest(rows, 'x')", &[], &metrics)
            .0
            .contains("has no slices")
    );
    assert!(
        absence("subject(rows, 'x')", &[], &metrics)
            .0
            .contains("other labels")
    );
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let of = |text: &str| absence(text, &seasons(), &[metric("rmse", 1.0, None)]);
    let expected = (
        "there is no figure `rmsee`: there are r2, rmse",
        "did you mean \"rmse\"?",
    );
    let (why, help) = of("rmsee");
    assert_eq!((why.as_str(), help.as_str()), expected);
    assert_eq!(
        of("slice(r2, 'season = wintr')").1,
        "did you mean \"season = winter\"?"
    );
    assert_eq!(of("lowest(r2, 'seson')").1, "did you mean \"season\"?");
    assert_eq!(of("subject(r2, 'baselin')").1, "did you mean \"baseline\"?");
    assert!(absence("r2", &[], &[]).0.contains("none at all"));
}

#[test]
fn several_subjects_have_to_be_told_apart() {
    let two = [
        finding("missing", "age", None, Some(0.1)),
        finding("missing", "sex", None, Some(0.2)),
    ];
    let (why, help) = absence("missing", &two, &[]);
    assert_eq!(why, "there are several `missing`, of age, sex");
    assert_eq!(help, "say which is meant: subject(missing, 'age')");
    assert_eq!(see("subject(missing, 'sex')", &two, &[]).value(), Some(0.2));
}

#[test]
fn a_figure_without_a_value_says_why() {
    let auc = [finding("auc", "", None, None)];
    assert!(matches!(see("auc", &auc, &[]), Seen::Undefined { why, .. } if why == "auc says this"));
}

proptest! {
    /// Plugins choose names and slices freely.
    #[test]
    fn nothing_that_a_plugin_says_is_too_odd(
        found in prop::collection::vec(("[ab]", "[ab]{0,1}", prop::option::of("(a|b)( = | is null|=)?a?"), any::<Option<f64>>()), 0..6),
        text in prop::sample::select(vec!["a", "subject(a, 'b')", "slice(a, 'a = a')", "lowest(a, 'a')", "highest(subject(a, 'a'), 'b')"]),
    ) {
        let findings: Vec<_> = found.iter().map(|(name, subject, slice, value)| finding(name, subject, slice.as_deref(), *value)).collect();
        see(text, &findings, &[metric("b", 1.0, None)]);
    }
}
