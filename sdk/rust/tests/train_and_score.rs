//! The example of a trained step, as the author of a plugin would test it; and steps that break the rules.
#![allow(clippy::unwrap_used, missing_docs)]

use std::cell::Cell;
use std::panic::catch_unwind;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::{prelude::*, state, testing};
use scale::{Config, Scale, Scaler};

// Its `main` is for `cargo build --examples`.
#[allow(dead_code)]
#[path = "../examples/scale.rs"]
mod scale;

fn table(values: impl IntoIterator<Item = Option<f64>>) -> RecordBatch {
    let mass: ArrayRef = Arc::new(values.into_iter().collect::<Float64Array>());
    let id: ArrayRef = Arc::new(Int64Array::from_iter_values(0..mass.len() as i64));
    RecordBatch::try_from_iter_with_nullable([("id", id, true), ("mass", mass, true)]).unwrap()
}

fn job(table: &RecordBatch) -> Job<Config> {
    let job = Job::in_memory(r#"{"column":"mass"}"#).unwrap();
    job.with_table("table", table.schema(), vec![table.clone()])
}

fn step() -> Scale {
    let table = table([Some(1.0), None, Some(3.0)]);
    testing::fit::<Scaler>(&job(&table)).unwrap().step
}

#[test]
fn what_was_fitted_is_applied() {
    let scored = testing::score(&step(), &table([Some(4.0), None, Some(f64::NAN)])).unwrap();
    assert_eq!(scored.schema_ref().field(0).name(), "mass_scaled");
    let scaled = scored.column(0).as_primitive::<Float64Type>();
    assert_eq!((scaled.value(0), scaled.null_count()), (2.0, 1));
    assert!(scaled.value(2).is_nan());
}

#[test]
fn the_step_keeps_the_rules() {
    let odd = [f64::NAN, -0.0, f64::INFINITY, f64::MIN_POSITIVE];
    let values = (0..200).map(|row| match row % 5 {
        4 => None,
        kind => Some(odd[kind] * f64::from(row as u8)),
    });
    testing::assert_row_wise(&step(), &table(values));
    testing::assert_row_wise(&step(), &table([]));
    testing::assert_guarded(&step());
}

#[test]
fn a_state_comes_in_parts() {
    let whole = state::frame(&step());
    for part in [1, 2, 7, whole.len() - 1, whole.len(), usize::MAX] {
        let loaded = testing::load::<Scale>(&whole, part).unwrap();
        assert_eq!(state::frame(&loaded), whole);
    }
    let message = testing::load::<Scale>(&[], 1).unwrap_err();
    assert_eq!(message, "the state is empty");
}

#[test]
fn a_column_that_is_missing_or_changed_is_named() {
    let other =
        |name: &str, column: ArrayRef| RecordBatch::try_from_iter([(name, column)]).unwrap();
    let text: ArrayRef = Arc::new(StringArray::from(vec!["heavy"]));
    let message = testing::score(&step(), &other("mass", text.clone())).unwrap_err();
    assert_eq!(message, "column \"mass\" is text; the step takes float64");
    let message = testing::score(&step(), &other("mas", text)).unwrap_err();
    assert_eq!(
        message,
        "the table has no column \"mass\"; did you mean \"mas\"?"
    );
}

#[test]
fn what_cannot_be_fitted_says_why() {
    for values in [vec![], vec![None], vec![Some(2.0), Some(2.0)]] {
        match testing::fit::<Scaler>(&job(&table(values))).unwrap_err() {
            Failure::Data(message) => assert!(message.contains("does not vary"), "{message}"),
            other => panic!("{other:?}"),
        }
    }
}

/// A step whose answer is wrong in the way its number says.
#[derive(Debug)]
struct Wrong(u8, Cell<u64>);

fn x(nullable: bool) -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new(
        "x",
        DataType::Float64,
        nullable,
    )]))
}

impl Score for Wrong {
    const VERSION: u32 = 1;

    fn takes(&self) -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new(
            "mass",
            DataType::Float64,
            true,
        )]))
    }

    fn gives(&self) -> SchemaRef {
        x(self.0 != 3)
    }

    fn save(&self) -> Vec<u8> {
        vec![self.0]
    }

    fn load(payload: &[u8]) -> Result<Wrong, String> {
        match payload {
            [number] => Ok(Wrong(*number, Cell::new(0))),
            // Accepts what is cut off.
            _ => Ok(Wrong(0, Cell::new(0))),
        }
    }

    fn score(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
        let values = rows.column(0).as_primitive::<Float64Type>();
        let seen = self.1.get();
        self.1.set(seen + rows.num_rows() as u64);
        let answer: ArrayRef = match self.0 {
            1 => Arc::new(Float64Array::from(vec![0.0; rows.num_rows() + 1])),
            2 => Arc::new(Int64Array::from(vec![0; rows.num_rows()])),
            4 => return Ok(vec![]),
            // Looks at other rows.
            5 => {
                let sum: f64 = values.iter().flatten().sum();
                Arc::new(values.unary::<_, Float64Type>(|value| value / sum))
            }
            // Remembers earlier calls.
            6 => Arc::new(Float64Array::from(vec![seen as f64; rows.num_rows()])),
            _ => Arc::new(values.clone()),
        };
        Ok(vec![answer])
    }
}

#[test]
fn a_wrong_answer_is_the_scorers_fault() {
    let cases = [
        (1, "it answers 4 values for 3 rows in column \"x\""),
        (2, "column \"x\" is int64, not float64"),
        (3, "column \"x\" holds nulls but is declared without"),
        (4, "it answers 0 columns instead of 1"),
    ];
    for (number, expected) in cases {
        let wrong = Wrong(number, Cell::new(0));
        let message = testing::score(&wrong, &table([Some(1.0), None, Some(3.0)])).unwrap_err();
        assert_eq!(message, format!("the scorer has a fault: {expected}"));
    }
}

#[test]
fn steps_that_break_the_rules_are_caught() {
    let values = || table((1..20).map(|value| Some(f64::from(value))));
    testing::assert_row_wise(&Wrong(0, Cell::new(0)), &values());
    for number in [5, 6] {
        let caught = catch_unwind(|| {
            testing::assert_row_wise(&Wrong(number, Cell::new(0)), &values());
        });
        let message = *caught.unwrap_err().downcast::<String>().unwrap();
        assert!(message.contains("column \"x\" differs"), "{message}");
    }
    assert!(catch_unwind(|| testing::assert_guarded(&Wrong(0, Cell::new(0)))).is_err());
}

/// Promises what its step does not keep.
struct Boaster;

impl Train for Boaster {
    type Config = serde_json::Value;
    type Step = Wrong;

    fn check(_: &Job<serde_json::Value>) -> Result<StepPorts, Problems> {
        Ok(StepPorts {
            gives: Some(x(false)),
            ..StepPorts::open()
        })
    }

    fn fit(_: &Job<serde_json::Value>) -> Result<Fitted<Wrong>, Failure> {
        Ok(Fitted::new(Wrong(0, Cell::new(0))))
    }
}

#[test]
fn a_promise_that_is_not_kept_is_caught() {
    let caught = catch_unwind(|| testing::fit::<Boaster>(&Job::in_memory("{}").unwrap()).is_ok());
    assert!(caught.is_err());
}
