//! The values of one column of one table.
use std::collections::BTreeMap;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types as arrow;
use arrow_schema::DataType;
use lockflight_sdk::Table;

use crate::columns::{Column, Kind};

/// The values of a column, in an order of their own: where a row stands in the table is no longer known.
#[derive(Clone, Debug)]
pub struct Sample {
    /// How many rows were read.
    pub rows: u64,
    /// How many of them hold no value: null, or a number that is none or infinite.
    pub missing: u64,
    /// The others.
    pub values: Values,
}

/// What a column holds.
#[derive(Clone, Debug)]
pub enum Values {
    /// Finite numbers, ascending.
    Numbers(Vec<f64>),
    /// How often each text or truth value occurs.
    Categories(BTreeMap<String, u64>),
}

impl Sample {
    /// Reads a column, of the rows that are `kept` or of all.
    pub fn read(table: &Table, column: &Column, kept: Option<&[bool]>) -> Sample {
        let mut sample = Sample {
            rows: 0,
            missing: 0,
            values: match column.kind {
                Kind::Number => Values::Numbers(Vec::new()),
                Kind::Flag | Kind::Text => Values::Categories(BTreeMap::new()),
            },
        };
        let mut start = 0;
        for batch in table.scan_columns(&[&column.name]) {
            let rows = start..start + batch.num_rows();
            start = rows.end;
            sample.add(batch.column(0), kept.map(|kept| &kept[rows]));
        }
        if let Values::Numbers(numbers) = &mut sample.values {
            numbers.sort_unstable_by(f64::total_cmp);
        }
        sample
    }

    /// How many rows hold a value.
    pub fn present(&self) -> u64 {
        self.rows - self.missing
    }

    fn add(&mut self, column: &dyn Array, kept: Option<&[bool]>) {
        let kept = |row: usize| kept.is_none_or(|kept| kept[row]);
        self.rows += (0..column.len()).filter(|row| kept(*row)).count() as u64;
        match &mut self.values {
            Values::Numbers(numbers) => {
                for (_, value) in of_numbers(column).filter(|(row, _)| kept(*row)) {
                    if value.is_finite() {
                        // Plus zero, so that -0 and 0 are one value.
                        numbers.push(value + 0.0);
                    } else {
                        self.missing += 1;
                    }
                }
            }
            Values::Categories(counts) => {
                for row in (0..column.len()).filter(|row| kept(*row)) {
                    match category(column, row) {
                        None => self.missing += 1,
                        Some(name) => match counts.get_mut(name) {
                            Some(count) => *count += 1,
                            None => {
                                counts.insert(name.to_owned(), 1);
                            }
                        },
                    }
                }
            }
        }
    }
}

/// A text or truth value; none for a null.
fn category(column: &dyn Array, row: usize) -> Option<&str> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::Boolean if column.as_boolean().value(row) => "true",
        DataType::Boolean => "false",
        _ => column.as_string::<i32>().value(row),
    })
}

/// Every row with its number; NaN for a null.
fn of_numbers(column: &dyn Array) -> Box<dyn Iterator<Item = (usize, f64)> + '_> {
    macro_rules! of {
        ($type:ty) => {{
            let values = column.as_primitive::<$type>().iter();
            let value = |value: Option<_>| value.map_or(f64::NAN, |value| value as f64);
            Box::new(values.map(value).enumerate())
        }};
    }
    match column.data_type() {
        DataType::Int8 => of!(arrow::Int8Type),
        DataType::Int16 => of!(arrow::Int16Type),
        DataType::Int32 => of!(arrow::Int32Type),
        DataType::Int64 => of!(arrow::Int64Type),
        DataType::UInt8 => of!(arrow::UInt8Type),
        DataType::UInt16 => of!(arrow::UInt16Type),
        DataType::UInt32 => of!(arrow::UInt32Type),
        DataType::UInt64 => of!(arrow::UInt64Type),
        DataType::Float32 => of!(arrow::Float32Type),
        DataType::Float64 => of!(arrow::Float64Type),
        other => unreachable!("{other} holds no numbers"),
    }
}
