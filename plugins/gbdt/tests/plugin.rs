//! The plugin as the host calls it: tables in, a step and tables out.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use lockflight_gbdt::{Config, Step, Trainer};
use lockflight_sdk::prelude::*;
use lockflight_sdk::testing;

fn numbers(values: impl IntoIterator<Item = impl Into<Option<f64>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<Float64Array>())
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn table<'a>(columns: impl IntoIterator<Item = (&'a str, ArrayRef)>) -> RecordBatch {
    let columns = columns
        .into_iter()
        .map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn job(config: &str, table: &RecordBatch) -> Job<Config> {
    Job::in_memory(config)
        .unwrap()
        .with_table("table", table.schema(), vec![table.clone()])
}

fn fit(config: &str, table: &RecordBatch) -> Fitted<Step> {
    testing::fit::<Trainer>(&job(config, table)).unwrap()
}

fn predict(fitted: &Fitted<Step>, table: &RecordBatch) -> Vec<f64> {
    let scored = testing::score(&fitted.step, table).unwrap();
    scored
        .column(0)
        .as_primitive::<Float64Type>()
        .values()
        .to_vec()
}

/// The words of what goes wrong.
fn failure(config: &str, table: &RecordBatch) -> String {
    words(testing::fit::<Trainer>(&job(config, table)).unwrap_err())
}

fn words(failure: Failure) -> String {
    match failure {
        Failure::Data(message) => message,
        Failure::Config(problems) => {
            let words = problems.iter().map(|problem| {
                let place = match &problem.place {
                    Place::Config(pointer) => format!("{pointer}: "),
                    Place::Input(name) => format!("{name}: "),
                    _ => String::new(),
                };
                let help = problem.help.iter().map(|help| format!(" ({help})"));
                format!("{place}{}{}", problem.message, help.collect::<String>())
            });
            words.collect::<Vec<_>>().join("; ")
        }
        Failure::Internal(message) => panic!("{message}"),
    }
}

/// 400 rows: the target depends on a number, a category and a flag; some numbers are missing.
fn houses() -> RecordBatch {
    let row = 0..400_i64;
    let size = row
        .clone()
        .map(|row| (row % 11 != 0).then_some(((row * 37) % 100) as f64));
    let city = |row: i64| ["Bern", "Aarau", "Zug", "Chur"][(row % 4) as usize];
    let price = |row: i64| {
        let size = if row % 11 == 0 {
            -50.0
        } else {
            ((row * 37) % 100) as f64
        };
        size + [0.0, 300.0, 100.0, 200.0][(row % 4) as usize]
            + if row % 3 == 0 { 25.0 } else { 0.0 }
    };
    table([
        ("size", numbers(size)),
        ("city", texts(row.clone().map(city))),
        (
            "new",
            Arc::new(
                row.clone()
                    .map(|row| Some(row % 3 == 0))
                    .collect::<BooleanArray>(),
            ),
        ),
        (
            "built",
            Arc::new(Date32Array::from_iter_values(
                row.clone().map(|row| row as i32),
            )),
        ),
        ("id", Arc::new(Int64Array::from_iter_values(row.clone()))),
        ("price", numbers(row.clone().map(price))),
        (
            "sold",
            texts(row.map(|row| if price(row) > 200.0 { "yes" } else { "no" })),
        ),
    ])
}

#[test]
fn a_tree_is_as_computed_by_hand() {
    let x = numbers([1.0, 2.0, 3.0, 4.0]);
    let table = table([("x", x), ("y", numbers([0.0, 0.0, 6.0, 10.0]))]);
    // Mean 4; left sum of errors 8 of 2 rows, right -8 of 2: a leaf is -sum / (rows + l2).
    let config = r#"{"target": "y", "rounds": 1, "depth": 1, "learning-rate": 0.5, "l2": 2}"#;
    let fitted = fit(config, &table);
    assert_eq!(predict(&fitted, &table), [3.0, 3.0, 5.0, 5.0]);
    let importance = importance(&fitted);
    // 64 / 4 on either side, against 0 for the whole.
    assert_eq!(importance, [("x".to_owned(), 32.0, 1)]);
    // Deep enough, and not held back, every row gets its target.
    let config = r#"{"target": "y", "rounds": 1, "depth": 2, "learning-rate": 1, "l2": 0}"#;
    assert_eq!(predict(&fit(config, &table), &table), [0.0, 0.0, 6.0, 10.0]);
}

fn importance(fitted: &Fitted<Step>) -> Vec<(String, f64, i64)> {
    let Content::Table(table) = &fitted.outputs[0].content else {
        panic!("importance is a table");
    };
    let batch = &table.written()[0];
    let names = batch.text("feature").unwrap();
    let gains = batch.f64("gain").unwrap();
    let splits = batch
        .column_by_name("splits")
        .unwrap()
        .as_primitive::<Int64Type>();
    (0..batch.num_rows())
        .map(|row| {
            (
                names.value(row).to_owned(),
                gains.values[row],
                splits.value(row),
            )
        })
        .collect()
}

#[test]
fn numbers_categories_flags_and_missing_values_are_learnt() {
    let houses = houses();
    let config = r#"{"target": "price", "ignore": ["id", "sold"], "rounds": 200}"#;
    let fitted = fit(config, &houses);
    let names: Vec<_> = fitted
        .step
        .takes()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    assert_eq!(names, ["size", "city", "new"]);
    let prices = houses.f64("price").unwrap();
    for (row, predicted) in predict(&fitted, &houses).into_iter().enumerate() {
        assert!(
            (predicted - prices.values[row]).abs() < 10.0,
            "row {row}: {predicted} {}",
            prices.values[row]
        );
    }
    let order: Vec<_> = importance(&fitted)
        .into_iter()
        .map(|(name, ..)| name)
        .collect();
    assert_eq!(order, ["city", "size", "new"]);
    testing::assert_row_wise(&fitted.step, &houses);
    testing::assert_guarded(&fitted.step);
}

#[test]
fn a_probability_is_learnt_from_text_numbers_and_bools() {
    let houses = houses();
    let config =
        r#"{"target": "sold", "positive": "yes", "ignore": ["id", "price"], "prediction": "p"}"#;
    let fitted = fit(config, &houses);
    assert_eq!(fitted.step.gives().field(0).name(), "p");
    let sold = houses.text("sold").unwrap();
    for (row, p) in predict(&fitted, &houses).into_iter().enumerate() {
        assert!(
            p > 0.0 && p < 1.0 && (p > 0.5) == (sold.value(row) == "yes"),
            "row {row}: {p}"
        );
    }
    let x = numbers((0..50).map(f64::from));
    let as_number = table([
        ("x", x.clone()),
        ("y", numbers((0..50).map(|row| f64::from(row / 25)))),
    ]);
    let flags: BooleanArray = (0..50).map(|row| Some(row >= 25)).collect();
    let as_bool = table([("x", x), ("y", Arc::new(flags) as ArrayRef)]);
    let of_numbers = predict(
        &fit(r#"{"target": "y", "task": "binary"}"#, &as_number),
        &as_number,
    );
    let of_bools = predict(&fit(r#"{"target": "y"}"#, &as_bool), &as_bool);
    assert_eq!(of_numbers, of_bools);
    assert!(of_bools[0] < 0.1 && of_bools[49] > 0.9);
}

#[test]
fn training_stops_early_and_keeps_the_best() {
    let x = |rows: std::ops::Range<i32>| numbers(rows.map(f64::from));
    // The validation table has another slope at the end, so that it soon gets worse.
    let train = table([("x", x(0..100)), ("y", x(0..100))]);
    let other = (0..100).map(|row| f64::from(if row < 50 { row } else { 50 }));
    let validation = table([("x", x(0..100)), ("y", numbers(other))]);
    let job = |config| {
        job(config, &train).with_table("validation", validation.schema(), vec![validation.clone()])
    };
    let trees = |config| {
        testing::fit::<Trainer>(&job(config))
            .unwrap()
            .step
            .state()
            .trees
            .len()
    };
    let all = trees(r#"{"target": "y", "rounds": 60}"#);
    let kept = trees(r#"{"target": "y", "rounds": 60, "early-stopping": {"rounds": 5}}"#);
    assert_eq!(all, 60);
    assert!(kept > 1 && kept < 50, "{kept}");
    let message = failure(
        r#"{"target": "y", "early-stopping": {"rounds": 5}}"#,
        &train,
    );
    assert!(
        message.starts_with("/early-stopping: early stopping needs the input validation"),
        "{message}"
    );
}

#[test]
fn a_class_or_category_never_seen_in_training() {
    let train = table([
        ("city", texts(["a", "b", "a", "b"])),
        ("y", texts(["yes", "no", "yes", "no"])),
    ]);
    let other = |city, class| table([("city", texts([city])), ("y", texts([class]))]);
    let config = |unknown: &str| {
        format!(
            r#"{{"target": "y", "positive": "yes", "min-child-weight": 0, "unknown": "{unknown}"}}"#
        )
    };
    let with = |config: &str, validation: &RecordBatch| {
        let job = job(config, &train).with_table(
            "validation",
            validation.schema(),
            vec![validation.clone()],
        );
        testing::fit::<Trainer>(&job)
    };
    let message = words(with(&config("missing"), &other("a", "maybe")).unwrap_err());
    assert_eq!(
        message,
        "validation: column \"y\" has the class \"maybe\", which was never seen in training"
    );
    assert!(with(&config("missing"), &other("c", "yes")).is_ok());
    let message = words(with(&config("error"), &other("c", "yes")).unwrap_err());
    assert!(
        message.contains("column \"city\" has the category \"c\", which was not there in training"),
        "{message}"
    );

    let strict = fit(&config("error"), &train);
    let message = testing::score(&strict.step, &other("c", "yes")).unwrap_err();
    assert!(
        message.contains("column \"city\" has the category \"c\""),
        "{message}"
    );
    let lenient = fit(&config("missing"), &train);
    let missing = table([(
        "city",
        Arc::new(StringArray::from(vec![None::<&str>])) as ArrayRef,
    )]);
    assert_eq!(
        predict(&lenient, &other("c", "yes")),
        predict(&lenient, &missing)
    );
    assert!(predict(&lenient, &other("a", ""))[0] > 0.9);
}

#[test]
fn a_target_that_cannot_be_learnt_is_refused() {
    let x = numbers([1.0, 2.0, 3.0, 4.0]);
    let with = |y: ArrayRef| table([("x", x.clone()), ("y", y)]);
    let of = |config: &str, y: ArrayRef| failure(config, &with(y));
    let plain = r#"{"target": "y"}"#;
    let binary = r#"{"target": "y", "task": "binary"}"#;
    let yes = r#"{"target": "y", "positive": "yes"}"#;
    let gone = [None, None, None, None::<f64>];
    assert_eq!(
        of(plain, numbers(gone)),
        "table: column \"y\" is null in every row; leave such rows out in a stage before this one"
    );
    let faulty = numbers([Some(f64::NAN), Some(1.0), None, Some(f64::INFINITY)]);
    assert_eq!(
        of(plain, faulty),
        "table: column \"y\" is NaN or infinite in 2 of 4 rows, the first is row 0 (from 0), and is null in 1 of 4 rows, \
         the first is row 2 (from 0); leave such rows out in a stage before this one"
    );
    assert_eq!(
        of(plain, numbers([5.0; 4])),
        "table: column \"y\" is 5 in every row that counts: there is nothing to learn"
    );
    assert!(
        of(binary, numbers([0.0, 1.0, 2.0, 1.0]))
            .contains("is neither 0 nor 1 in 1 of 4 rows, the first is row 2")
    );
    assert!(of(binary, numbers([1.0; 4])).contains("is 1 in every row that counts"));
    assert!(
        of(yes, texts(["no"; 4])).contains("never is \"yes\", the positive class; it has \"no\"")
    );
    assert!(of(yes, texts(["yes"; 4])).contains("is \"yes\" in every row that counts"));
    assert!(of(yes, texts(["yes", "no", "nein", "non"])).contains("has 3 classes beside \"yes\""));
    assert!(of(plain, texts(["yes", "no", "yes", "no"])).contains("say which: `positive = \"…\"`"));
    assert!(
        of(
            r#"{"target": "y", "task": "regression"}"#,
            texts(["a", "b", "a", "b"])
        )
        .contains("regression predicts numbers")
    );
    assert!(of(yes, numbers([0.0, 1.0, 0.0, 1.0])).contains("/positive: column \"y\" is float64"));
    let empty = with(numbers([1.0, 2.0, 3.0, 4.0])).slice(0, 0);
    assert_eq!(failure(plain, &empty), "table: the table has no rows");
}

#[test]
fn weights_are_numbers_from_zero_on() {
    let with = |weights: [f64; 4]| {
        table([
            ("x", numbers([1.0, 2.0, 3.0, 4.0])),
            ("y", numbers([1.0, 1.0, 1.0, 9.0])),
            ("w", numbers(weights)),
        ])
    };
    let config =
        r#"{"target": "y", "weight": "w", "rounds": 1, "depth": 1, "l2": 0, "learning-rate": 1}"#;
    assert!(
        failure(config, &with([1.0, -1.0, f64::NAN, 1.0]))
            .contains("column \"w\" is no number from 0 on in 2 of 4 rows")
    );
    assert!(failure(config, &with([0.0; 4])).contains("every row has weight 0"));
    assert!(failure(config, &with([1.0, 1.0, 1.0, 0.0])).contains("nothing to learn"));
    let fitted = fit(config, &with([1.0, 0.0, 1.0, 2.0]));
    assert_eq!(fitted.step.takes().fields().len(), 1);
    assert_eq!(predict(&fitted, &with([0.0; 4])), [1.0, 1.0, 1.0, 9.0]);
}

#[test]
fn columns_are_held_against_the_schema_before_the_run() {
    let houses = houses();
    let of = |config: &str| failure(config, &houses);
    assert_eq!(
        of(r#"{"target": "prize"}"#),
        "/target: the table has no column \"prize\" (did you mean \"price\"?)"
    );
    let message = of(
        r#"{"target": "price", "features": ["sise", "price", "built", "new", "new"], "weight": "city"}"#,
    );
    for part in [
        "/weight: column \"city\" is text; a weight is a number",
        "/features/0: the table has no column \"sise\" (did you mean \"size\"?)",
        "/features/1: \"price\" is the target",
        "/features/2: column \"built\" is date; a feature is a number, bool or text",
        "/features/4: \"new\" is named twice",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(
        of(r#"{"target": "price", "ignore": ["idd"]}"#)
            .contains("/ignore/0: the table has no column \"idd\"")
    );
    assert!(
        of(r#"{"target": "built"}"#).contains("what can be predicted is a number, bool or text")
    );
    assert!(
        of(r#"{"target": "price", "prediction": "size"}"#)
            .contains("/prediction: \"size\" is a feature too")
    );
    let only = table([("y", numbers([1.0, 2.0]))]);
    assert!(failure(r#"{"target": "y"}"#, &only).contains("no column is left to predict from"));
    let message = of(
        r#"{"target": "price", "rounds": 0, "depth": 17, "subsample": 0, "l2": -1, "max-bins": 256}"#,
    );
    for key in ["rounds", "depth", "subsample", "l2", "max-bins"] {
        assert!(
            message.contains(&format!("/{key}: {key} has to be ")),
            "{message}"
        );
    }
}

#[test]
fn a_validation_table_has_the_same_columns() {
    let train = table([("x", numbers([1.0, 2.0])), ("y", numbers([1.0, 2.0]))]);
    let other = table([("x", texts(["1"])), ("z", numbers([1.0]))]);
    let job =
        job(r#"{"target": "y"}"#, &train).with_table("validation", other.schema(), vec![other]);
    let message = words(testing::fit::<Trainer>(&job).unwrap_err());
    assert!(
        message.contains(
            "validation: column \"x\" is text here and float64 in the table to learn from"
        ),
        "{message}"
    );
    assert!(
        message.contains("validation: it has no column \"y\""),
        "{message}"
    );
    let job = job.with_blob("picture", b"");
    assert!(
        words(testing::fit::<Trainer>(&job).unwrap_err())
            .contains("picture: the stage takes the inputs")
    );
}

#[test]
fn a_column_that_changed_its_type_is_not_scored() {
    let train = table([("x", numbers([1.0, 2.0])), ("y", numbers([1.0, 2.0]))]);
    let fitted = fit(r#"{"target": "y"}"#, &train);
    let changed = table([("x", texts(["1"]))]);
    let message = testing::score(&fitted.step, &changed).unwrap_err();
    assert!(message.contains("column \"x\" is text"), "{message}");
}

#[test]
fn a_schema_that_is_not_known_yet_leaves_takes_open() {
    let job = Job::<Config>::in_memory(r#"{"target": "y"}"#)
        .unwrap()
        .with_pending(Port::open_table("table"));
    let ports = Trainer::check(&job).unwrap();
    assert!(ports.takes.is_none());
    assert_eq!(ports.gives.unwrap().field(0).name(), "prediction");
}
