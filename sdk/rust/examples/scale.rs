//! A complete plugin of the worlds train and score: learns mean and deviation of a float64 column and gives it scaled.
//!
//! In a crate of its own this file is `src/lib.rs`, with `crate-type = ["cdylib", "rlib"]`, the features `train` and `score`
//! (both default), and `#[cfg(feature = "train")]` and `#[cfg(feature = "score")]` before the last two lines.
#![allow(missing_docs)]
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::{prelude::*, state};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The column to scale.
    pub column: String,
}

/// The step: what the trainer learns and the scorer applies.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Scale {
    column: String,
    mean: f64,
    deviation: f64,
}

fn schema(column: &str) -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new(
        column,
        DataType::Float64,
        true,
    )]))
}

fn gives(column: &str) -> SchemaRef {
    schema(&format!("{column}_scaled"))
}

impl Score for Scale {
    const VERSION: u32 = 1;
    const KIND: &'static str = "scale";

    fn takes(&self) -> SchemaRef {
        schema(&self.column)
    }

    fn gives(&self) -> SchemaRef {
        gives(&self.column)
    }

    fn save(&self) -> Vec<u8> {
        state::to_bytes(self)
    }

    fn load(payload: &[u8]) -> Result<Scale, String> {
        state::from_bytes(payload)
    }

    fn score(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
        let column = rows.column(0).as_primitive::<Float64Type>();
        let scaled = column.unary::<_, Float64Type>(|value| (value - self.mean) / self.deviation);
        Ok(vec![Arc::new(scaled)])
    }
}

pub struct Scaler;

impl Train for Scaler {
    type Config = Config;
    type Step = Scale;

    fn check(job: &Job<Config>) -> Result<StepPorts, Problems> {
        job.input("table")?;
        let column = &job.config.column;
        Ok(StepPorts::known(schema(column), gives(column)))
    }

    fn fit(job: &Job<Config>) -> Result<Fitted<Scale>, Failure> {
        let column = &job.config.column;
        let table = job.table("table")?;
        let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for batch in table.scan_columns(&[column]) {
            for value in batch.f64(column)?.iter().flatten() {
                (count, sum, squares) = (count + 1.0, sum + value, squares + value * value);
            }
        }
        let mean = sum / count;
        let deviation = (squares / count - mean * mean).sqrt();
        // Also true where the column is constant or empty, and where rounding made the square root one of a negative number.
        if !(deviation.is_finite() && deviation > 0.0) {
            let message = format!("column {column:?} does not vary, so it cannot be scaled");
            return Err(Failure::data(message));
        }
        Metric::new("mean", mean).record();
        Ok(Fitted::new(Scale {
            column: column.clone(),
            mean,
            deviation,
        }))
    }
}

lockflight_sdk::export!(Scaler: train);
lockflight_sdk::export!(Scale: score);
fn main() {}
