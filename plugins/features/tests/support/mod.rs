//! A table to learn from, and short ways to fit and score.
#![allow(dead_code, reason = "every test file uses some of it")]
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float32Array, Float64Array, Int64Array,
    RecordBatch, StringArray, TimestampSecondArray, UInt8Array,
};
use arrow_schema::{Field, Schema};
use lockflight_features::{Config, Features, Trainer};
use lockflight_sdk::prelude::*;
use lockflight_sdk::{Fitted, Place, Train, testing};

/// A table of columns that may hold nulls.
pub fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<_> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

pub fn floats(values: impl IntoIterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<Float64Array>())
}

pub fn ints(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

pub fn texts<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<StringArray>())
}

/// Twelve rows with a column of every kind, and something missing in most.
pub fn rides() -> RecordBatch {
    let some = |row: i64| row % 5 != 2;
    let season = ["winter", "spring", "summer", "fall"];
    let rows = 0..12_i64;
    let each = || rows.clone();
    table(vec![
        ("id", ints(each())),
        (
            "season",
            texts(each().map(|row| some(row).then_some(season[row as usize / 2 % 4]))),
        ),
        (
            "hum",
            floats(each().map(|row| match row {
                2 | 7 => None,
                9 => Some(f64::NAN),
                _ => Some(row as f64 * 10.0),
            })),
        ),
        (
            "temp",
            Arc::new(Float32Array::from_iter(
                each().map(|row| (row != 3).then_some(row as f32 / 4.0)),
            )),
        ),
        (
            "wind",
            Arc::new(UInt8Array::from_iter(
                each().map(|row| Some((row * row) as u8)),
            )),
        ),
        (
            "holiday",
            Arc::new(BooleanArray::from_iter(
                each().map(|row| some(row).then_some(row % 3 == 0)),
            )),
        ),
        (
            "day",
            Arc::new(Date32Array::from_iter(
                each().map(|row| some(row).then_some(15_000 + row as i32 / 3)),
            )),
        ),
        (
            "seen",
            Arc::new(
                TimestampSecondArray::from_iter(each().map(|row| Some(row * 3600)))
                    .with_timezone("UTC"),
            ),
        ),
        ("cnt", ints(each().map(|row| row * 7 % 12))),
    ])
}

pub fn job(config: &str, table: &RecordBatch) -> Job<Config> {
    // In two batches, so that nothing stands and falls with one.
    let cut = table.num_rows() / 3;
    let parts = vec![
        table.slice(0, cut),
        table.slice(cut, table.num_rows() - cut),
    ];
    Job::in_memory(config)
        .unwrap()
        .with_table("table", table.schema(), parts)
}

/// Fits, and holds the step to all that a step has to be.
pub fn fit(config: &str, table: &RecordBatch) -> Fitted<Features> {
    let fitted = testing::fit::<Trainer>(&job(config, table)).unwrap();
    testing::assert_row_wise(&fitted.step, table);
    testing::assert_guarded(&fitted.step);
    fitted
}

/// Fits steps, written as a JSON list, and applies them to the same table.
pub fn through(steps: &str, table: &RecordBatch) -> RecordBatch {
    let config = format!(r#"{{"steps":{steps},"target":"cnt"}}"#);
    testing::score(&fit(&config, table).step, table).unwrap()
}

/// The names of the columns.
pub fn names(table: &RecordBatch) -> Vec<String> {
    table
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect()
}

/// A column as JSON-like texts, `-` where there is nothing.
pub fn shown(table: &RecordBatch, column: &str) -> Vec<String> {
    let array = table
        .column_by_name(column)
        .unwrap_or_else(|| panic!("{column} of {:?}", names(table)));
    let shown = (0..array.len()).map(|row| {
        if array.is_null(row) {
            return "-".to_owned();
        }
        if let Some(floats) = array.as_primitive_opt::<Float64Type>() {
            return format!("{:?}", (floats.value(row) * 1e4).round() / 1e4);
        }
        if let Some(texts) = array.as_string_opt::<i32>() {
            return texts.value(row).to_owned();
        }
        let data = array.slice(row, 1);
        let text = format!("{data:?}");
        text.lines()
            .nth(2)
            .unwrap_or(&text)
            .trim()
            .trim_end_matches(',')
            .to_owned()
    });
    shown.collect()
}

/// The output `fitted`, a line for each row.
pub fn learned(fitted: &Fitted<Features>) -> Vec<String> {
    let Content::Table(table) = &fitted.outputs[0].content else {
        panic!("a blob")
    };
    let Some(rows) = table.written().first() else {
        return Vec::new();
    };
    let columns: Vec<_> = names(rows).iter().map(|name| shown(rows, name)).collect();
    (0..rows.num_rows())
        .map(|row| {
            columns
                .iter()
                .map(|column| column[row].clone())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

/// The problems of a config: pointer, message and help.
pub fn problems(config: &str, table: &RecordBatch) -> Vec<(String, String, String)> {
    let found = match Job::<Config>::in_memory(config) {
        Err(problems) => problems,
        Ok(_) => Trainer::check(&job(config, table)).unwrap_err(),
    };
    let each = found.0.into_iter().map(|problem| {
        let pointer = match problem.place {
            Place::Config(pointer) => pointer,
            other => format!("{other:?}"),
        };
        (pointer, problem.message, problem.help.unwrap_or_default())
    });
    each.collect()
}

/// The message of a fit that fails because of the data.
pub fn failure(config: &str, table: &RecordBatch) -> String {
    match Trainer::fit(&job(config, table)).unwrap_err() {
        Failure::Data(message) => message,
        other => panic!("{other:?}"),
    }
}
