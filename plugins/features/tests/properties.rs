//! What holds for any table: a step is row-wise, its state comes back, and its figures are what they are called.
#![allow(clippy::unwrap_used, missing_docs)]
mod support;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Int64Array, RecordBatch, StringArray};
use lockflight_features::Trainer;
use lockflight_sdk::{Train, testing};
use proptest::prelude::*;
use support::*;

#[derive(Clone, Debug)]
struct Row {
    text: Option<String>,
    int: Option<i64>,
    float: Option<f64>,
    target: i64,
}

fn row() -> impl Strategy<Value = Row> {
    let float = prop_oneof![-1e6..1e6_f64, Just(f64::NAN), Just(-0.0)];
    (
        prop::option::weighted(0.8, "[a-cä ]{0,2}"),
        prop::option::weighted(0.8, prop_oneof![-3..3_i64, any::<i64>()]),
        prop::option::weighted(0.8, float),
        -100..100_i64,
    )
        .prop_map(|(text, int, float, target)| Row {
            text,
            int,
            float,
            target,
        })
}

fn build(rows: &[Row]) -> RecordBatch {
    let texts: StringArray = rows.iter().map(|row| row.text.as_deref()).collect();
    let whole: Int64Array = rows.iter().map(|row| row.int).collect();
    table(vec![
        ("id", ints(0..rows.len() as i64)),
        ("text", Arc::new(texts)),
        ("int", Arc::new(whole)),
        ("float", floats(rows.iter().map(|row| row.float))),
        ("cnt", ints(rows.iter().map(|row| row.target))),
    ])
}

const STEPS: [&str; 12] = [
    r#"{"derive":{"sum":"int + float","empty":"text = ''"}}"#,
    r#"{"impute":{"columns":["int","float"],"with":"mean","indicator":true}}"#,
    r#"{"impute":{"columns":["text","int","float"],"with":"most-frequent"}}"#,
    r#"{"impute":{"columns":["text"],"with":"constant","value":"?"}}"#,
    r#"{"one-hot":["text"]}"#,
    r#"{"ordinal":["text","int"]}"#,
    r#"{"target-mean":{"columns":["text"],"folds":0}}"#,
    r#"{"target-mean":{"columns":["text","int"],"folds":3,"key":["id"],"smoothing":0.5}}"#,
    r#"{"scale":["int","float"]}"#,
    r#"{"scale":{"columns":["float"],"with":"robust"}}"#,
    r#"{"bin":{"columns":["int","float"],"with":"quantile","bins":7}}"#,
    r#"{"bin":{"columns":["float"],"with":"width","bins":3}}"#,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Some steps do not fit the columns or learn nothing from the rows; then there are problems or a failure, and no panic.
    #[test]
    fn any_steps_on_any_table_are_row_wise_or_refused(
        rows in prop::collection::vec(row(), 0..60),
        steps in prop::collection::vec(prop::sample::select(STEPS.to_vec()), 1..5),
    ) {
        let table = build(&rows);
        let config = format!(r#"{{"target":"cnt","steps":[{}]}}"#, steps.join(","));
        let job = job(&config, &table);
        if let Ok(fitted) = testing::fit::<Trainer>(&job) {
            testing::assert_row_wise(&fitted.step, &table);
            testing::assert_guarded(&fitted.step);
        }
    }

    #[test]
    fn how_a_table_is_cut_into_batches_decides_nothing(
        rows in prop::collection::vec(row(), 8..60),
        step in prop::sample::select(STEPS.to_vec()),
        cut in 1..8_usize,
    ) {
        let table = build(&rows);
        let config = format!(r#"{{"target":"cnt","steps":[{step}]}}"#);
        let fit = |parts: Vec<RecordBatch>| {
            let job = lockflight_sdk::Job::in_memory(&config).unwrap().with_table("table", table.schema(), parts);
            Trainer::fit(&job).map(|fitted| lockflight_sdk::state::frame(&fitted.step)).map_err(|failure| format!("{failure:?}"))
        };
        let parts = (0..table.num_rows()).step_by(cut).map(|start| table.slice(start, cut.min(table.num_rows() - start)));
        prop_assert_eq!(fit(parts.collect()), fit(vec![table.clone()]));
    }

    #[test]
    fn scaled_numbers_have_no_mean_and_a_deviation_of_one(values in prop::collection::vec(-1e9..1e9_f64, 2..200)) {
        prop_assume!(values.iter().any(|value| (value - values[0]).abs() > 1.0));
        let count = values.len() as f64;
        let rows = table(vec![("x", floats(values.iter().copied().map(Some))), ("cnt", ints(0..values.len() as i64))]);
        let scaled = through(r#"[{"scale":["x"]}]"#, &rows);
        let scaled = scaled.column(0).as_primitive::<Float64Type>().values();
        let mean = scaled.iter().sum::<f64>() / count;
        let variance = scaled.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        prop_assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-6, "{mean} {variance}");
    }

    #[test]
    fn quantile_ranges_are_as_full(values in prop::collection::hash_set(any::<i32>(), 40..200), bins in 2..10_u32) {
        let count = values.len();
        let rows = table(vec![("x", ints(values.into_iter().map(i64::from))), ("cnt", ints(0..count as i64))]);
        let steps = format!(r#"[{{"bin":{{"columns":["x"],"with":"quantile","bins":{bins}}}}}]"#);
        let cut = through(&steps, &rows);
        let numbers = cut.column(0).as_primitive::<arrow_array::types::Int32Type>().values();
        for bin in 0..bins as i32 {
            let full = numbers.iter().filter(|number| **number == bin).count();
            prop_assert!(full.abs_diff(count / bins as usize) <= 1, "{full} of {count} in range {bin} of {bins}");
        }
    }

    /// With a row's own target changed, its own value stays; without folds it does not.
    #[test]
    fn a_row_never_sees_its_own_target(rows in prop::collection::vec(row(), 12..60), at in any::<prop::sample::Index>()) {
        let at = at.index(rows.len());
        let score = |rows: &[Row]| {
            let table = build(rows);
            let config = r#"{"target":"cnt","steps":[{"target-mean":{"columns":["text"],"key":["id"],"folds":4}}]}"#;
            let fitted = Trainer::fit(&job(config, &table)).ok()?;
            let scored = testing::score(&fitted.step, &table).unwrap();
            let column = scored.column_by_name("text").unwrap().as_primitive::<Float64Type>().clone();
            Some(column.iter().nth(at).unwrap())
        };
        let before = score(&rows);
        let mut changed = rows.clone();
        changed[at].target += 1_000;
        if let (Some(before), Some(after)) = (before, score(&changed)) {
            prop_assert_eq!(before, after);
        }
    }
}
