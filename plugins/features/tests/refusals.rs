//! Tables, rows and states that cannot be used, and how a person learns of it.
#![allow(clippy::unwrap_used, missing_docs)]
mod support;

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use lockflight_features::Features;
use lockflight_sdk::{Score, state, testing};
use support::*;

#[test]
fn tables_that_teach_nothing_are_refused_in_words() {
    let empty = rides().slice(0, 0);
    let learn = r#"{"target":"cnt","steps":[{"scale":["hum"]}]}"#;
    assert!(failure(learn, &empty).contains("no rows"));
    let fixed = fit(r#"{"steps":[{"derive":{"late":"hum > 50"}}]}"#, &empty);
    assert_eq!(
        names(&testing::score(&fixed.step, &rides()).unwrap()),
        ["hum", "late"]
    );

    let nothing = table(vec![
        ("x", floats([None, Some(f64::NAN), None])),
        ("kind", texts([None, None, None])),
        ("cnt", ints([1, 2, 3])),
    ]);
    for step in [
        r#"{"scale":["x"]}"#,
        r#"{"impute":{"columns":["x"],"with":"mean"}}"#,
        r#"{"impute":{"columns":["x"],"with":"most-frequent"}}"#,
        r#"{"bin":{"columns":["x"],"with":"quantile","bins":3}}"#,
        r#"{"one-hot":["kind"]}"#,
        r#"{"ordinal":["kind"]}"#,
        r#"{"impute":{"columns":["kind"],"with":"most-frequent"}}"#,
        r#"{"target-mean":["kind"]}"#,
    ] {
        let message = failure(&format!(r#"{{"target":"cnt","steps":[{step}]}}"#), &nothing);
        assert!(
            message.contains("every value is missing"),
            "{step}: {message}"
        );
        assert!(message.starts_with("step 1 ("), "{message}");
    }
}

#[test]
fn infinite_values_are_refused_where_they_would_spoil_a_figure() {
    let odd = table(vec![
        (
            "x",
            floats([
                Some(1.0),
                Some(2.0),
                Some(f64::INFINITY),
                Some(f64::NEG_INFINITY),
            ]),
        ),
        (
            "huge",
            floats([Some(1e308), Some(-1e308), Some(1e308), Some(1e308)]),
        ),
        ("cnt", ints(0..4)),
    ]);
    let fails = |step: &str| failure(&format!(r#"{{"steps":[{step}]}}"#), &odd);
    let message = fails(r#"{"scale":["x"]}"#);
    assert_eq!(
        message,
        "step 1 (scale), column \"x\": 2 values are infinite, the first in row 2; turn them into nulls in a step before"
    );
    assert!(fails(r#"{"impute":{"columns":["x"],"with":"median"}}"#).contains("infinite"));
    assert!(fails(r#"{"scale":{"columns":["huge"],"with":"min-max"}}"#).contains("too large"));
    assert!(fails(r#"{"bin":{"columns":["huge"],"with":"width","bins":3}}"#).contains("too large"));
    // Edges that are given have a range for everything.
    let cut = through(
        r#"[{"bin":{"columns":["x"],"with":"edges","edges":[1.5]}}]"#,
        &odd,
    );
    assert_eq!(shown(&cut, "x"), ["0", "1", "1", "0"]);
}

#[test]
fn bad_targets_are_refused_in_words() {
    let with = |target: ArrayRef| {
        let table = table(vec![
            ("id", ints(0..4)),
            ("kind", texts([Some("a"), Some("b"), Some("a"), Some("b")])),
            ("cnt", target),
        ]);
        failure(
            r#"{"target":"cnt","steps":[{"target-mean":{"columns":["kind"],"key":["id"]}}]}"#,
            &table,
        )
    };
    assert_eq!(with(floats([None; 4])), "the target \"cnt\" has no value");
    assert!(with(ints([5; 4])).contains("is 5 in every row"));
    let odd = with(floats([
        Some(1.0),
        None,
        Some(f64::NAN),
        Some(f64::INFINITY),
    ]));
    assert!(
        odd.contains("NaN or infinite in 2 of 4 rows, the first of them row 2"),
        "{odd}"
    );
}

#[test]
fn a_key_that_does_not_tell_rows_apart_is_refused() {
    let rows = table(vec![
        ("kind", texts((0..40).map(|row| Some(["a", "b"][row % 2])))),
        ("cnt", ints(0..40)),
    ]);
    let message = failure(
        r#"{"target":"cnt","steps":[{"target-mean":["kind"]}]}"#,
        &rows,
    );
    assert!(
        message.contains("40 of 40 rows") && message.contains("(\"kind\")"),
        "{message}"
    );
    assert!(message.contains("name columns in `key`"), "{message}");
}

#[test]
fn too_many_categories_are_no_columns() {
    let rows = table(vec![("id", ints(0..101)), ("cnt", ints(0..101))]);
    let message = failure(r#"{"steps":[{"one-hot":["id"]}]}"#, &rows);
    assert!(
        message.contains("101 categories") && message.contains("max-categories"),
        "{message}"
    );
    let wide = fit(
        r#"{"steps":[{"one-hot":{"columns":["id"],"max-categories":101}}]}"#,
        &rows,
    );
    assert_eq!(
        testing::score(&wide.step, &rows).unwrap().num_columns(),
        101
    );
}

#[test]
fn rows_of_another_type_and_broken_states_are_refused() {
    let fitted = fit(
        r#"{"steps":[{"scale":["hum"]},{"ordinal":["season"]}]}"#,
        &rides(),
    );
    let hum: ArrayRef = Arc::new(StringArray::from(vec!["50"]));
    let changed = table(vec![("season", texts([Some("fall")])), ("hum", hum)]);
    let message = fitted.step.score(&changed).unwrap_err();
    assert_eq!(
        message,
        "column \"hum\" is text, and was float64 in the training table"
    );
    let one = RecordBatch::try_from_iter([("season", texts([None]))]).unwrap();
    assert!(
        fitted
            .step
            .score(&one)
            .unwrap_err()
            .contains("1 columns instead of 2")
    );
    let whole = state::frame(&fitted.step);
    let message = testing::load::<Features>(&whole[..whole.len() - 9], 64).unwrap_err();
    assert!(message.contains("cut off"), "{message}");
}

#[test]
fn a_category_that_is_not_listed_can_stop_the_fit() {
    let steps = r#"[{"ordinal":{"columns":["season"],"categories":{"season":["winter","spring","fall"]},"unknown":"error"}}]"#;
    let message = failure(&format!(r#"{{"steps":{steps}}}"#), &rides());
    // The second batch begins with row 4, and row 4 is the first summer.
    let expected = "step 1 (ordinal), column \"season\": row 0 of the batch holds \"summer\", which is none of the categories \
                    \"winter\", \"spring\", \"fall\"; the batch begins with row 4 of the table";
    assert_eq!(message, expected);
}
