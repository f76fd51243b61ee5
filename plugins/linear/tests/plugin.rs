//! The plugin as a stage sees it: config and table in; step, coefficients and messages out.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use lockflight_linear::{Config, Linear, Trainer, coefficients_schema};
use lockflight_sdk::{prelude::*, testing, type_name};

fn table<const N: usize>(columns: [(&str, ArrayRef); N]) -> RecordBatch {
    let columns = columns.map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn floats<V: Into<Option<f64>> + Copy>(values: &[V]) -> ArrayRef {
    let values = values.iter().map(|value| (*value).into());
    Arc::new(values.collect::<Float64Array>())
}

fn ints(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn bools(values: &[bool]) -> ArrayRef {
    Arc::new(BooleanArray::from(values.to_vec()))
}

fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn job(config: &str, table: &RecordBatch) -> Job<Config> {
    let job = Job::in_memory(config).unwrap();
    job.with_table("table", table.schema(), vec![table.clone()])
}

fn fit(config: &str, table: &RecordBatch) -> Fitted<Linear> {
    testing::fit::<Trainer>(&job(config, table)).unwrap()
}

fn data_failure(config: &str, table: &RecordBatch) -> String {
    match testing::fit::<Trainer>(&job(config, table)).unwrap_err() {
        Failure::Data(message) => message,
        other => panic!("{other:?}"),
    }
}

/// Place, message and help of every problem.
fn problems(config: &str, table: &RecordBatch) -> Vec<String> {
    let checked = Job::<Config>::in_memory(config)
        .map(|job| job.with_table("table", table.schema(), vec![]))
        .and_then(|job| Trainer::check(&job));
    let lines = checked.unwrap_err().0.into_iter().map(|problem| {
        let place = match problem.place {
            Place::Config(pointer) => pointer,
            Place::Input(name) => name,
            other => format!("{other:?}"),
        };
        let help = problem.help.unwrap_or_default();
        format!("{place}: {}; {help}", problem.message)
    });
    lines.collect()
}

fn predictions(step: &Linear, table: &RecordBatch) -> Vec<f64> {
    let scored = testing::score(step, table).unwrap();
    let column = scored.column(0).as_primitive::<Float64Type>();
    column.values().to_vec()
}

/// Feature, then coefficient and its standardised form.
fn coefficients(fitted: &Fitted<Linear>) -> Vec<(String, f64, f64)> {
    let [output] = fitted.outputs.as_slice() else {
        panic!("one output")
    };
    let Content::Table(table) = &output.content else {
        panic!("a table")
    };
    let [rows] = table.written() else {
        panic!("one batch")
    };
    assert_eq!(output.name, "coefficients");
    assert_eq!(rows.schema(), coefficients_schema());
    let features = rows.text("feature").unwrap().iter().flatten();
    let raw = rows.f64("coefficient").unwrap().values;
    let standardised = rows.f64("standardised").unwrap().values;
    let rows = features.zip(raw).zip(standardised);
    rows.map(|((feature, raw), standardised)| (feature.to_owned(), *raw, *standardised))
        .collect()
}

fn assert_close(is: &[f64], wanted: &[f64]) {
    let close = |(is, wanted): (&f64, &f64)| (is - wanted).abs() <= 1e-8 * wanted.abs().max(1.0);
    let same = is.len() == wanted.len() && is.iter().zip(wanted).all(close);
    assert!(same, "{is:?} instead of {wanted:?}");
}

#[test]
fn a_line_is_found_again() {
    // y = 3 + 2 a - b
    let train = table([
        ("a", ints(&[0, 1, 2, 3, 5])),
        ("b", floats(&[1.0, 0.5, -1.0, 4.0, 0.0])),
        ("y", floats(&[2.0, 4.5, 8.0, 5.0, 13.0])),
    ]);
    let fitted = fit(r#"{"target":"y","alpha":0}"#, &train);
    let found = coefficients(&fitted);
    let names: Vec<_> = found.iter().map(|row| row.0.as_str()).collect();
    assert_eq!(names, ["(intercept)", "a", "b"]);
    assert_close(&[found[0].1, found[1].1, found[2].1], &[3.0, 2.0, -1.0]);
    let predicted = predictions(&fitted.step, &train);
    assert_close(&predicted, &[2.0, 4.5, 8.0, 5.0, 13.0]);
    let takes = fitted.step.takes();
    let types = takes.fields().iter().map(|f| type_name(f.data_type()));
    assert_eq!(types.collect::<Vec<_>>(), ["int64", "float64"]);
}

#[test]
fn alpha_shrinks_as_the_formula_says() {
    // One column of deviation 1 around 0: the coefficient is sum(x y) / (n + alpha).
    let y = || floats(&[0.0, 4.0, 2.0, 6.0]);
    let train = table([("x", floats(&[-1.0, 1.0, -1.0, 1.0])), ("y", y())]);
    for (alpha, slope) in [(0.0, 2.0), (4.0, 1.0), (12.0, 0.5)] {
        let config = format!(r#"{{"target":"y","alpha":{alpha}}}"#);
        let found = coefficients(&fit(&config, &train));
        assert_close(&[found[0].1, found[1].1, found[1].2], &[3.0, slope, slope]);
    }
    // Whatever its unit.
    let scaled = table([("x", floats(&[90.0, 110.0, 90.0, 110.0])), ("y", y())]);
    let found = coefficients(&fit(r#"{"target":"y","alpha":4}"#, &scaled));
    assert_close(&[found[0].1, found[1].1, found[1].2], &[-7.0, 0.1, 1.0]);
}

#[test]
fn logistic_regression_on_one_bool_gives_the_shares() {
    // Without a ridge the fitted probabilities are the shares: 1 of 4 without the flag, 2 of 3 with it.
    let train = table([
        (
            "flag",
            bools(&[false, false, false, false, true, true, true]),
        ),
        ("y", bools(&[true, false, false, false, true, true, false])),
    ]);
    let fitted = fit(r#"{"target":"y","alpha":0}"#, &train);
    let (a, b) = (0.25, 2.0 / 3.0);
    assert_close(&predictions(&fitted.step, &train), &[a, a, a, a, b, b, b]);
    let found = coefficients(&fitted);
    assert_close(
        &[found[0].1, found[1].1],
        &[(1.0_f64 / 3.0).ln(), 6.0_f64.ln()],
    );
}

#[test]
fn two_classes_can_be_bool_numbers_or_text() {
    let of = |target| table([("x", floats(&[1.0, 2.0, 3.0, 4.0, 5.0])), ("y", target)]);
    let as_bool = of(bools(&[false, true, false, true, true]));
    let as_number = of(ints(&[0, 1, 0, 1, 1]));
    let as_text = of(text(&["no", "yes", "no", "yes", "yes"]));
    let predicted = |config, train| predictions(&fit(config, train).step, train);
    let of_bool = predicted(r#"{"target":"y"}"#, &as_bool);
    assert!(
        of_bool.windows(2).all(|pair| pair[0] < pair[1]),
        "{of_bool:?}"
    );
    assert_eq!(
        predicted(r#"{"target":"y","task":"binary"}"#, &as_number),
        of_bool
    );
    assert_eq!(
        predicted(r#"{"target":"y","positive":"yes"}"#, &as_text),
        of_bool
    );
    let other = predicted(r#"{"target":"y","positive":"no"}"#, &as_text);
    let other: Vec<_> = other.iter().map(|probability| 1.0 - probability).collect();
    assert_close(&other, &of_bool);
    // The same numbers as a regression.
    let line = predicted(r#"{"target":"y","alpha":0}"#, &as_number);
    assert_close(&line, &[0.2, 0.4, 0.6, 0.8, 1.0]);
}

#[test]
fn separated_classes_need_alpha() {
    let train = table([
        ("x", floats(&[1.0, 2.0, 3.0, 4.0])),
        ("y", bools(&[false, false, true, true])),
    ]);
    let message = data_failure(r#"{"target":"y","alpha":0}"#, &train);
    assert!(message.contains("without a mistake"), "{message}");
    assert!(message.contains("set an `alpha`"), "{message}");
    let fitted = fit(r#"{"target":"y","alpha":0.001}"#, &train);
    let found = predictions(&fitted.step, &train);
    assert!(found[1] < 0.05 && found[2] > 0.95, "{found:?}");
}

#[test]
fn columns_that_say_nothing_get_no_weight() {
    let train = table([
        ("x", floats(&[1.0, 2.0, 3.0])),
        ("same", floats(&[0.1, 0.1, 0.1])),
        ("empty", floats(&[None, None, None])),
        ("y", floats(&[2.0, 4.0, 6.0])),
    ]);
    let found = coefficients(&fit(r#"{"target":"y","alpha":0}"#, &train));
    assert_eq!((found[2].1, found[3].1), (0.0, 0.0));
    assert_close(&[found[0].1, found[1].1], &[0.0, 2.0]);
    // Nothing varies: the share is what is left.
    let y = bools(&[true, false, false, false]);
    let constant = table([("same", ints(&[7, 7, 7, 7])), ("y", y)]);
    let step = fit(r#"{"target":"y"}"#, &constant).step;
    assert_close(&predictions(&step, &constant), &[0.25; 4]);
}

#[test]
fn the_mean_stands_in_for_a_null() {
    let train = table([
        ("x", floats(&[Some(1.0), None, Some(3.0), Some(5.0)])),
        ("y", floats(&[1.0, 5.0, 3.0, 5.0])),
    ]);
    let step = fit(r#"{"target":"y"}"#, &train).step;
    let rows = table([("x", floats(&[None, Some(3.0)]))]);
    let found = predictions(&step, &rows);
    assert_eq!(found[0], found[1]);
    let strict = r#"{"target":"y","missing":"error"}"#;
    let message = data_failure(strict, &train);
    let expected = "\"x\" is null in 1 of 4 rows, the first is row 1";
    assert!(message.contains(expected), "{message}");
    let whole = table([("x", floats(&[1.0, 2.0])), ("y", floats(&[1.0, 5.0]))]);
    let message = testing::score(&fit(strict, &whole).step, &rows).unwrap_err();
    assert!(
        message.contains("column \"x\" is null in 1 of 2 rows"),
        "{message}"
    );
}

#[test]
fn the_step_keeps_the_rules() {
    let rows = 300_i64;
    let wave = |row: i64, by: f64| (row as f64 * by).sin();
    let a: Vec<_> = (0..rows)
        .map(|row| (row % 11 != 3).then(|| wave(row, 0.7)))
        .collect();
    let b: Vec<_> = (0..rows).map(|row| row * row % 97).collect();
    let c: Vec<_> = (0..rows).map(|row| row % 3 == 0).collect();
    let y: Vec<_> = (0..rows)
        .map(|row| wave(row, 1.3) + wave(row, 0.7))
        .collect();
    let above: Vec<_> = y.iter().map(|y| *y > 0.2).collect();
    let train = table([
        ("a", floats(&a)),
        ("b", ints(&b)),
        ("c", bools(&c)),
        ("y", floats(&y)),
        ("above", bools(&above)),
    ]);
    for config in [
        r#"{"target":"y","ignore":["above"]}"#,
        r#"{"target":"above","ignore":["y"],"prediction":"p"}"#,
    ] {
        let step = fit(config, &train).step;
        testing::assert_row_wise(&step, &train);
        testing::assert_guarded(&step);
        assert_eq!(step.save(), fit(config, &train).step.save());
    }
}

#[test]
fn features_are_named_or_all_that_is_not_ignored() {
    let train = table([
        ("id", text(&["a", "b", "c"])),
        ("x", floats(&[1.0, 2.0, 4.0])),
        ("z", ints(&[1, 0, 3])),
        ("y", floats(&[1.0, 2.0, 3.0])),
    ]);
    let takes = |config| {
        let takes = fit(config, &train).step.takes();
        let names = takes.fields().iter().map(|field| field.name().clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(takes(r#"{"target":"y","ignore":["id"]}"#), ["x", "z"]);
    assert_eq!(takes(r#"{"target":"y","features":["z","x"]}"#), ["z", "x"]);
    let refused = &problems(r#"{"target":"y"}"#, &train)[0];
    for expected in [
        "the table has \"id\" (text)",
        "`features`",
        "`through = [",
        "`ignore = [",
    ] {
        assert!(refused.contains(expected), "{refused}");
    }
    let cases = [
        (
            r#""features":["id"]"#,
            "/features/0: column \"id\" is text; linear predicts",
        ),
        (
            r#""features":["x","y"]"#,
            "/features/1: \"y\" is the target",
        ),
        (
            r#""features":["x","x"]"#,
            "/features/1: \"x\" is named twice",
        ),
        (
            r#""features":["xx"]"#,
            "/features/0: the table has no column \"xx\"; did you mean \"x\"?",
        ),
        (
            r#""features":["x"],"ignore":["z"]"#,
            "/ignore: `features` names all columns",
        ),
        (r#""features":[]"#, "Place::Stage: no column is left"),
        (
            r#""ignore":["id","zz"]"#,
            "/ignore/1: the table has no column \"zz\"; did you mean",
        ),
    ];
    for (keys, expected) in cases {
        let found = problems(&format!(r#"{{"target":"y",{keys}}}"#), &train);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(expected), "{}", found[0]);
    }
}

#[test]
fn a_config_that_does_not_fit_says_where() {
    let train = table([
        ("x", floats(&[1.0, 2.0])),
        ("y", floats(&[1.0, 2.0])),
        ("class", text(&["a", "b"])),
    ]);
    let cases = [
        (
            r#""target":"yy""#,
            "/target: the table has no column \"yy\"; did you mean \"y\"?",
        ),
        (
            r#""target":"class""#,
            "/target: column \"class\" is text; one of its two values is the positive one; say which",
        ),
        (
            r#""target":"class","task":"regression""#,
            "/target: column \"class\" is text; regression predicts numbers; say `task = \"binary\"`",
        ),
        (
            r#""target":"y","positive":"1""#,
            "/positive: column \"y\" is float64; `positive` is for a target of type text",
        ),
        (
            r#""target":"y","alpha":-1"#,
            "/alpha: alpha has to be 0 or more",
        ),
        (
            r#""target":"y","prediction":"""#,
            "/prediction: prediction has to be",
        ),
        (
            r#""target":"y","prediction":"y""#,
            "/prediction: the column of predictions cannot",
        ),
        (r#""target":"y","task":"multi""#, "/task: unknown variant"),
        (
            r#""target":"y","ignroe":[]"#,
            "/ignroe: there is no key \"ignroe\"; did you mean \"ignore\"?",
        ),
    ];
    for (keys, expected) in cases {
        let found = problems(&format!(r#"{{"features":["x"],{keys}}}"#), &train);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(expected), "{}", found[0]);
    }
    // All of them at once.
    let found = problems(r#"{"target":"yy","features":["xx"],"alpha":-1}"#, &train);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn inputs_are_held_to_their_names() {
    let train = table([("x", floats(&[1.0])), ("y", floats(&[1.0]))]);
    let job = || Job::<Config>::in_memory(r#"{"target":"y"}"#).unwrap();
    let message = Trainer::check(&job()).unwrap_err().to_string();
    assert!(message.contains("needs an input \"table\""), "{message}");
    let two = job()
        .with_table("table", train.schema(), vec![])
        .with_table("validation", train.schema(), vec![]);
    let message = Trainer::check(&two).unwrap_err().to_string();
    assert!(
        message.contains("from the input `table` alone"),
        "{message}"
    );
    let open = job().with_pending(Port::open_table("table"));
    let open = Trainer::check(&open).unwrap();
    assert!(open.takes.is_none() && open.gives.is_some());
}

#[test]
fn a_target_that_cannot_be_learnt_says_why() {
    let of = |target| table([("x", floats(&[1.0, 2.0, 3.0, 4.0])), ("y", target)]);
    let plain = r#"{"target":"y"}"#;
    let binary = r#"{"target":"y","task":"binary"}"#;
    let yes = r#"{"target":"y","positive":"yes"}"#;
    let infinite = floats(&[1.0, 2.0, f64::NAN, f64::INFINITY]);
    let cases = [
        (
            plain,
            floats(&[None; 4]),
            "is null in every row; leave such rows out",
        ),
        (
            plain,
            floats(&[Some(1.0), None, Some(2.0), None]),
            "is null in 2 of 4 rows, the first is row 1 (from 0)",
        ),
        (
            plain,
            infinite,
            "is NaN or infinite in 2 of 4 rows, the first is row 2",
        ),
        (
            plain,
            floats(&[5.0; 4]),
            "is 5 in every row: there is nothing to learn",
        ),
        (
            binary,
            ints(&[0, 1, 2, 1]),
            "is neither 0 nor 1 in 1 of 4 rows, the first is row 2",
        ),
        (plain, bools(&[true; 4]), "is true in every row"),
        (yes, text(&["yes"; 4]), "is \"yes\" in every row"),
        (
            yes,
            text(&["no", "nope", "no", "no"]),
            "never is \"yes\", the positive class; it has \"no\", \"nope\"",
        ),
        (
            yes,
            text(&["no", "yes", "maybe", "yes"]),
            "has 2 classes beside \"yes\", such as \"maybe\", \"no\"",
        ),
    ];
    for (config, target, expected) in cases {
        let message = data_failure(config, &of(target));
        assert!(message.starts_with("table: column \"y\""), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    let nothing = of(floats(&[1.0; 4])).slice(0, 0);
    assert_eq!(
        data_failure(plain, &nothing),
        "table: it has no rows to learn from"
    );
}

#[test]
fn features_that_cannot_be_used_say_why() {
    let of = |x| table([("x", x), ("y", floats(&[1.0, 2.0, 4.0]))]);
    let plain = r#"{"target":"y"}"#;
    let message = data_failure(plain, &of(floats(&[f64::NAN, 1.0, f64::NEG_INFINITY])));
    let expected = "column \"x\" is NaN or infinite in 2 of 3 rows, the first is row 0";
    assert!(message.contains(expected), "{message}");
    let message = data_failure(plain, &of(floats(&[1e308, -1e308, 1e308])));
    assert!(message.contains("\"x\" are too large"), "{message}");
}

#[test]
fn columns_that_determine_each_other_need_alpha() {
    for target in [
        floats(&[1.0, 2.0, 4.0, 1.5]),
        bools(&[true, false, true, false]),
    ] {
        let twice = table([
            ("a", ints(&[1, 2, 4, 1])),
            ("b", ints(&[2, 4, 8, 2])),
            ("y", target),
        ]);
        let message = data_failure(r#"{"target":"y","alpha":0}"#, &twice);
        let expected = "column \"b\" is, within rounding, determined";
        assert!(message.contains(expected), "{message}");
        let found = coefficients(&fit(r#"{"target":"y","alpha":1}"#, &twice));
        assert_close(&[found[1].2], &[found[2].2]);
    }
}

#[test]
fn rows_that_cannot_be_scored_say_why() {
    let train = table([("x", floats(&[1.0, 2.0])), ("y", floats(&[1.0, 9.0]))]);
    let step = fit(r#"{"target":"y","alpha":0}"#, &train).step;
    let score = |column| testing::score(&step, &table([("x", column)])).unwrap_err();
    let message = score(floats(&[1.0, f64::NAN]));
    assert!(
        message.contains("column \"x\" is NaN in a row"),
        "{message}"
    );
    let message = score(floats(&[f64::MAX]));
    assert!(message.contains("too large to compute with"), "{message}");
    assert_eq!(
        score(ints(&[1])),
        "column \"x\" is int64; the step takes float64"
    );
}
