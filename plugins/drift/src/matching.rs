//! The rows of the reference that are like those of the window in some columns.
use std::collections::BTreeSet;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use lockflight_sdk::Table;

use crate::config::Config;

/// A value that rows have in common.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Value {
    Null,
    Flag(bool),
    /// Whole numbers of any width are equal if they are the same number.
    Whole(i128),
    Text(String),
}

/// For every row of the reference whether it is compared with the window; none when all are.
pub fn reference_rows(config: &Config, window: &Table, reference: &Table) -> Option<Vec<bool>> {
    if config.matched.is_empty() {
        return None;
    }
    let keys = keys(window, &config.matched);
    let batches = reference.scan_columns(&config.matched);
    let kept = batches.flat_map(|batch| {
        let of_row = |row| keys.contains(&key(&batch, row));
        (0..batch.num_rows()).map(of_row).collect::<Vec<_>>()
    });
    Some(kept.collect())
}

/// The values that occur together in a row.
fn keys(table: &Table, columns: &[String]) -> BTreeSet<Vec<Value>> {
    let mut keys = BTreeSet::new();
    for batch in table.scan_columns(columns) {
        for row in 0..batch.num_rows() {
            keys.insert(key(&batch, row));
        }
    }
    keys
}

fn key(batch: &RecordBatch, row: usize) -> Vec<Value> {
    let columns = batch.columns().iter();
    columns.map(|column| value(column, row)).collect()
}

fn value(column: &dyn Array, row: usize) -> Value {
    use arrow_array::types as arrow;
    macro_rules! whole {
        ($type:ty) => {
            Value::Whole(column.as_primitive::<$type>().value(row).into())
        };
    }
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Boolean => Value::Flag(column.as_boolean().value(row)),
        DataType::Utf8 => Value::Text(column.as_string::<i32>().value(row).to_owned()),
        DataType::Int8 => whole!(arrow::Int8Type),
        DataType::Int16 => whole!(arrow::Int16Type),
        DataType::Int32 => whole!(arrow::Int32Type),
        DataType::Int64 => whole!(arrow::Int64Type),
        DataType::UInt8 => whole!(arrow::UInt8Type),
        DataType::UInt16 => whole!(arrow::UInt16Type),
        DataType::UInt32 => whole!(arrow::UInt32Type),
        DataType::UInt64 => whole!(arrow::UInt64Type),
        other => unreachable!("rows are not matched by {other}"),
    }
}
