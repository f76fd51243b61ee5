//! The plugin as a stage sees it: scored tables in, findings and tables out.
#![allow(clippy::unwrap_used, missing_docs)]
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::SchemaRef;
use lockflight_evaluate::{Config, Evaluate};
use lockflight_sdk::{Place, Port, prelude::*};
use proptest::prelude::*;

const REGRESSION: &str = r#"{"task":"regression","target":"y","slices":["season"],"min-rows":2}"#;
const BINARY: &str = r#"{"task":"binary","target":"y"}"#;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// scikit-learn's own example of its regression metrics, with slices.
fn numbers() -> RecordBatch {
    batch(vec![
        ("y", floats(&[3.0, -0.5, 2.0, 7.0])),
        ("prediction", floats(&[2.5, 0.0, 2.0, 8.0])),
        ("season", texts(&["winter", "summer", "winter", "winter"])),
    ])
}

/// scikit-learn's own example of the area under the curve.
fn classes(target: ArrayRef) -> RecordBatch {
    batch(vec![
        ("y", target),
        ("prediction", floats(&[0.1, 0.4, 0.35, 0.8])),
    ])
}

fn job(config: &str, table: &RecordBatch) -> Job<Config> {
    Job::in_memory(config)
        .unwrap()
        .with_table("table", table.schema(), vec![table.clone()])
}

fn against(config: &str, table: &RecordBatch, baseline: &RecordBatch) -> Job<Config> {
    job(config, table).with_table("baseline", baseline.schema(), vec![baseline.clone()])
}

fn findings(job: &Job<Config>) -> Vec<Finding> {
    Evaluate::run(job).unwrap().findings
}

fn finding<'a>(
    findings: &'a [Finding],
    name: &str,
    subject: &str,
    slice: Option<&str>,
) -> &'a Finding {
    let found = findings
        .iter()
        .find(|f| f.name == name && f.subject == subject && f.slice.as_deref() == slice);
    found.unwrap_or_else(|| panic!("no {name} of {subject:?}, {slice:?} in {findings:#?}"))
}

fn value(findings: &[Finding], name: &str) -> Option<f64> {
    finding(findings, name, "", None).value
}

fn close(is: Option<f64>, expected: f64) {
    let is = is.unwrap();
    assert!((is - expected).abs() < 1e-12, "{is} is not {expected}");
}

fn data_failure(job: &Job<Config>) -> String {
    match Evaluate::run(job).unwrap_err() {
        Failure::Data(message) => message,
        other => panic!("{other:?}"),
    }
}

/// Place, message and help of every problem.
fn problems(job: &Job<Config>) -> Vec<(String, String, String)> {
    let problems = Evaluate::check(job).unwrap_err().0.into_iter();
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
fn regression_figures_are_those_of_scikit_learn() {
    let found = findings(&job(REGRESSION, &numbers()));
    close(value(&found, "rmse"), 0.375_f64.sqrt());
    close(value(&found, "mae"), 0.5);
    close(value(&found, "r2"), 0.948_608_137_044_967_9);
    close(value(&found, "bias"), 0.25);
    let winter = finding(&found, "rmse", "", Some("season = winter"));
    close(winter.value, (1.25_f64 / 3.0).sqrt());
    assert_eq!((winter.rows, winter.verdict), (3, Verdict::Pass));
    assert_eq!(
        winter.message,
        "rmse is 0.6455 over 3 rows with season = winter"
    );
}

#[test]
fn a_small_slice_warns_and_says_what_is_undefined() {
    let found = findings(&job(REGRESSION, &numbers()));
    let summer = finding(&found, "r2", "", Some("season = summer"));
    assert_eq!(
        (summer.rows, summer.verdict, summer.value),
        (1, Verdict::Warn, None)
    );
    assert!(
        summer.message.contains("the same in all rows"),
        "{}",
        summer.message
    );
    assert!(
        summer.message.contains("fewer than 2 rows"),
        "{}",
        summer.message
    );
}

#[test]
fn figures_of_two_classes_are_those_of_scikit_learn() {
    let found = findings(&job(
        BINARY,
        &classes(Arc::new(Int64Array::from(vec![0, 0, 1, 1]))),
    ));
    close(value(&found, "auc"), 0.75);
    close(
        value(&found, "log_loss"),
        -(0.9_f64.ln() + 0.6_f64.ln() + 0.35_f64.ln() + 0.8_f64.ln()) / 4.0,
    );
    close(value(&found, "brier"), 0.158_125);
    close(value(&found, "accuracy"), 0.75);
    close(value(&found, "f1"), 2.0 / 3.0);
    close(value(&found, "calibration_error"), 0.3375);
}

#[test]
fn the_two_classes_may_be_truth_values_and_texts() {
    let flags = classes(Arc::new(BooleanArray::from(vec![false, false, true, true])));
    let words = classes(texts(&["no", "no", "yes", "yes"]));
    let named = r#"{"task":"binary","target":"y","positive":"yes"}"#;
    let from_flags = findings(&job(BINARY, &flags));
    assert_eq!(
        format!("{from_flags:?}"),
        format!("{:?}", findings(&job(named, &words)))
    );
    close(value(&from_flags, "auc"), 0.75);
}

#[test]
fn a_threshold_moves_what_is_positive() {
    let config = r#"{"task":"binary","target":"y","threshold":0.35}"#;
    let found = findings(&job(
        config,
        &classes(Arc::new(Int64Array::from(vec![0, 0, 1, 1]))),
    ));
    close(value(&found, "accuracy"), 0.75);
    close(value(&found, "f1"), 0.8);
}

#[test]
fn a_baseline_is_compared_with_in_all_figures_and_slices() {
    let mut baseline = numbers();
    baseline = batch(vec![
        ("y", baseline.column(0).clone()),
        ("prediction", floats(&[3.0, 0.5, 4.0, 4.0])),
        ("season", baseline.column(2).clone()),
    ]);
    let found = findings(&against(REGRESSION, &numbers(), &baseline));
    close(finding(&found, "mae", "baseline", None).value, 1.5);
    close(value(&found, "mae_gain"), 1.0);
    let better = finding(&found, "mae_gain", "", Some("season = winter"));
    close(better.value, 5.0 / 3.0 - 0.5);
    assert_eq!(
        better.message,
        "mae is 0.5 over 3 rows with season = winter, 1.167 better than the baseline's 1.667"
    );
    assert!(value(&found, "r2_gain").unwrap() > 0.0);
    assert_eq!(
        finding(&found, "baseline_rows", "baseline", None).verdict,
        Verdict::Pass
    );
}

#[test]
fn a_baseline_of_other_rows_is_noticed() {
    let whole = numbers();
    let found = findings(&against(REGRESSION, &whole, &whole.slice(0, 3)));
    let rows = finding(&found, "baseline_rows", "baseline", None);
    assert_eq!(rows.verdict, Verdict::Warn);
    assert_eq!(
        rows.message,
        "the baseline was measured on 3 rows, the model on 4 rows"
    );
    let found = findings(&against(REGRESSION, &whole.slice(0, 2), &whole.slice(2, 2)));
    assert_eq!(
        finding(&found, "baseline_rows", "baseline", None).verdict,
        Verdict::Warn
    );
    let summer = finding(&found, "mae_gain", "", Some("season = summer"));
    assert!(
        summer.value.is_none() && summer.message.contains("no such rows"),
        "{summer:?}"
    );
}

#[test]
fn rows_without_target_or_prediction_are_left_out_and_counted() {
    let table = batch(vec![
        (
            "y",
            Arc::new(Int64Array::from(vec![Some(1), None, Some(3), Some(5)])) as ArrayRef,
        ),
        (
            "prediction",
            Arc::new(Float32Array::from(vec![1.5, 2.0, f32::NAN, 4.0])),
        ),
    ]);
    let found = findings(&job(r#"{"task":"regression","target":"y"}"#, &table));
    close(value(&found, "mae"), 0.75);
    let excluded = finding(&found, "excluded_rows", "", None);
    assert_eq!(
        (excluded.rows, excluded.failed, excluded.verdict),
        (4, 2, Verdict::Warn)
    );
    assert_eq!(excluded.examples, [1, 2]);
    assert_eq!(
        excluded.message,
        "2 of 4 rows are left out: 1 without a finite y, 1 more without a finite prediction"
    );
}

#[test]
fn what_is_undefined_is_inconclusive() {
    let constant = batch(vec![
        ("y", floats(&[2.0, 2.0])),
        ("prediction", floats(&[1.0, 2.0])),
    ]);
    let found = findings(&job(r#"{"task":"regression","target":"y"}"#, &constant));
    let r2 = finding(&found, "r2", "", None);
    assert_eq!((r2.verdict, r2.value), (Verdict::Inconclusive, None));
    close(value(&found, "mae"), 0.5);

    let found = findings(&job(BINARY, &classes(floats(&[0.0; 4]))));
    let auc = finding(&found, "auc", "", None);
    assert_eq!(auc.verdict, Verdict::Inconclusive);
    assert!(auc.message.contains("of one class"), "{}", auc.message);

    let report = Evaluate::run(&job(REGRESSION, &numbers().slice(0, 0))).unwrap();
    let rmse = finding(&report.findings, "rmse", "", None);
    assert_eq!((rmse.verdict, rmse.rows), (Verdict::Inconclusive, 0));
    assert!(
        rmse.message.contains("no row with a target"),
        "{}",
        rmse.message
    );
}

#[test]
fn values_of_neither_class_and_odd_probabilities_are_refused() {
    let message = data_failure(&job(BINARY, &classes(floats(&[0.0, 1.0, 2.0, 1.0]))));
    assert!(
        message.starts_with("row 2 has 2 in column \"y\""),
        "{message}"
    );
    let named = r#"{"task":"binary","target":"y","positive":"yes"}"#;
    let message = data_failure(&job(named, &classes(texts(&["yes", "no", "maybe", "no"]))));
    assert!(
        message.contains("\"yes\", \"no\" and \"maybe\""),
        "{message}"
    );
    let odd = batch(vec![
        ("y", floats(&[0.0, 1.0])),
        ("prediction", floats(&[0.5, 1.5])),
    ]);
    let message = data_failure(&job(BINARY, &odd));
    assert!(
        message.starts_with("row 1 has 1.5 in column \"prediction\""),
        "{message}"
    );
}

#[test]
fn a_misspelt_positive_class_is_a_problem() {
    let config = r#"{"task":"binary","target":"y","positive":"Yes"}"#;
    match Evaluate::run(&job(config, &classes(texts(&["yes"; 4])))).unwrap_err() {
        Failure::Config(problems) => {
            assert_eq!(problems[0].help.as_deref(), Some("did you mean \"yes\"?"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn slices_with_too_many_values_are_a_problem() {
    let config = r#"{"task":"regression","target":"y","slices":["season"],"max-slices":1}"#;
    match Evaluate::run(&job(config, &numbers())).unwrap_err() {
        Failure::Config(problems) => {
            assert!(matches!(&problems[0].place, Place::Config(at) if at == "/slices/0"));
            assert!(
                problems[0].message.contains("more than 1 values"),
                "{problems:?}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn check_finds_every_wrong_column_at_once() {
    let config = r#"{"task":"regression","target":"count","prediction":"predicton","slices":["season","y","y"],"threshold":2}"#;
    let found = problems(&job(config, &numbers()));
    let places: Vec<_> = found.iter().map(|problem| problem.0.as_str()).collect();
    assert_eq!(
        places,
        [
            "/threshold",
            "/threshold",
            "/slices/2",
            "/prediction",
            "/target",
            "/slices/1",
            "/slices/2"
        ]
    );
    assert_eq!(found[3].2, "did you mean \"prediction\"?");
    assert_eq!(found[4].2, "it has y, prediction, season");
    assert!(
        found[5].1.contains("float64; slices are made of"),
        "{found:?}"
    );
}

#[test]
fn check_says_what_a_column_has_to_be() {
    let of = |config: &str, table: &RecordBatch| problems(&job(config, table)).remove(0);
    let text_target = of(r#"{"task":"regression","target":"season"}"#, &numbers());
    assert!(
        text_target
            .1
            .contains("the target of a regression is a number"),
        "{text_target:?}"
    );
    let no_positive = of(r#"{"task":"binary","target":"season"}"#, &numbers());
    assert!(
        no_positive.1.contains("positive = \"yes\""),
        "{no_positive:?}"
    );
    let positive = of(
        r#"{"task":"binary","target":"y","positive":"1"}"#,
        &numbers(),
    );
    assert_eq!(positive.0, "/positive");
    let prediction = of(
        r#"{"task":"binary","target":"y","prediction":"season"}"#,
        &numbers(),
    );
    assert!(
        prediction.2.contains("the probability of the positive one"),
        "{prediction:?}"
    );
    let one = of(
        r#"{"task":"regression","target":"y","prediction":"y"}"#,
        &numbers(),
    );
    assert_eq!(one.1, "the target and the prediction are one column");
}

#[test]
fn check_looks_at_inputs_too() {
    let without = Job::in_memory(BINARY).unwrap();
    assert!(problems(&without)[0].1.contains("needs an input \"table\""));
    let thin = batch(vec![("y", floats(&[1.0]))]);
    let found = problems(&against(
        r#"{"task":"regression","target":"y"}"#,
        &numbers(),
        &thin,
    ));
    assert_eq!((found.len(), found[0].0.as_str()), (1, "input baseline"));
    let other = job(REGRESSION, &numbers()).with_table("model", numbers().schema(), vec![]);
    assert_eq!(problems(&other)[0].0, "input model");
    let pending = Job::in_memory(BINARY)
        .unwrap()
        .with_pending(Port::open_table("table"));
    let ports = Evaluate::check(&pending).unwrap();
    assert_eq!(
        ports
            .iter()
            .map(|port| port.name.as_str())
            .collect::<Vec<_>>(),
        ["figures", "calibration"]
    );
}

/// An output, in one batch; it has the schema that `check` promised.
fn output(job: &Job<Config>, index: usize) -> RecordBatch {
    let promised: Option<SchemaRef> = Evaluate::check(job).unwrap()[index].schema.clone();
    let report = Evaluate::run(job).unwrap();
    let Content::Table(table) = &report.outputs[index].content else {
        panic!("the outputs are tables");
    };
    assert_eq!(Some(table.schema()), promised.as_ref());
    table.written()[0].clone()
}

#[test]
fn the_tables_hold_figures_and_calibration() {
    let figures = output(&job(REGRESSION, &numbers()), 0);
    assert_eq!(figures.num_rows(), 12);
    assert_eq!(figures.column(0).as_string::<i32>().value(0), "rmse");
    assert!(figures.column(2).is_null(3));
    assert_eq!(
        figures.column(2).as_string::<i32>().value(4),
        "season = summer"
    );
    let config = r#"{"task":"regression","target":"y","bins":2}"#;
    let calibration = output(&job(config, &numbers()), 1);
    let column = |index: usize| {
        calibration
            .column(index)
            .as_primitive::<Float64Type>()
            .values()
            .to_vec()
    };
    assert_eq!((column(0), column(1)), (vec![0.0, 4.0], vec![4.0, 8.0]));
    assert_eq!(
        calibration.column(2).as_primitive::<Int64Type>().values(),
        &[3, 1]
    );
    assert_eq!((column(3), column(4)), (vec![1.5, 8.0], vec![1.5, 7.0]));
}

#[test]
fn slices_are_named_by_their_values_nulls_last() {
    let table = batch(vec![
        ("y", floats(&[1.0, 2.0, 3.0])),
        ("prediction", floats(&[1.0, 2.0, 3.0])),
        (
            "year",
            Arc::new(Int64Array::from(vec![Some(10), None, Some(9)])) as ArrayRef,
        ),
        (
            "open",
            Arc::new(BooleanArray::from(vec![true, false, true])),
        ),
    ]);
    let found = findings(&job(
        r#"{"task":"regression","target":"y","slices":["year","open"]}"#,
        &table,
    ));
    let mut slices: Vec<_> = found
        .iter()
        .filter_map(|finding| finding.slice.as_deref())
        .collect();
    slices.dedup();
    assert_eq!(
        slices,
        [
            "year = 9",
            "year = 10",
            "year is null",
            "open = false",
            "open = true"
        ]
    );
}

proptest! {
    /// Where one batch ends and the next begins is nothing that a figure may depend on, not in its last bit.
    #[test]
    fn batches_make_no_difference(
        rows in prop::collection::vec((any::<bool>(), 0.0_f64..=1.0, 0_i64..3), 1..80),
        cut in 0_usize..80,
    ) {
        let table = batch(vec![
            ("y", Arc::new(rows.iter().map(|row| Some(row.0)).collect::<BooleanArray>()) as ArrayRef),
            ("prediction", Arc::new(rows.iter().map(|row| Some(row.1)).collect::<Float64Array>())),
            ("group", Arc::new(rows.iter().map(|row| Some(row.2)).collect::<Int64Array>())),
        ]);
        let cut = cut.min(rows.len());
        let parts = vec![table.slice(0, cut), table.slice(cut, rows.len() - cut)];
        let config = r#"{"task":"binary","target":"y","slices":["group"]}"#;
        let split = Job::in_memory(config).unwrap().with_table("table", table.schema(), parts);
        let whole = findings(&job(config, &table));
        prop_assert_eq!(format!("{:?}", findings(&split)), format!("{whole:?}"));
        let of = |slice: bool| {
            let accuracy = whole.iter().filter(|f| f.name == "accuracy" && f.slice.is_some() == slice);
            accuracy.map(|f| (f.rows, f.value.unwrap() * f.rows as f64)).fold((0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1))
        };
        let (all, parts) = (of(false), of(true));
        prop_assert_eq!(all.0, parts.0);
        prop_assert!((all.1 - parts.1).abs() < 1e-9);
    }

    /// Better than the mean of the targets is above zero, perfect is one, and an error of one everywhere has all of its figures.
    #[test]
    fn shifted_predictions_have_the_shift_as_their_error(
        targets in prop::collection::vec(-1e6_f64..1e6, 2..50),
        shift in 0.5_f64..100.0,
    ) {
        let shifted: Vec<f64> = targets.iter().map(|target| target + shift).collect();
        let table = batch(vec![("y", floats(&targets)), ("prediction", floats(&shifted))]);
        let found = findings(&job(r#"{"task":"regression","target":"y"}"#, &table));
        for name in ["rmse", "mae", "bias"] {
            prop_assert!((value(&found, name).unwrap() - shift).abs() < 1e-6, "{}", name);
        }
        let perfect = batch(vec![("y", floats(&targets)), ("prediction", floats(&targets))]);
        let found = findings(&job(r#"{"task":"regression","target":"y"}"#, &perfect));
        prop_assert_eq!(value(&found, "r2"), Some(1.0));
    }
}
