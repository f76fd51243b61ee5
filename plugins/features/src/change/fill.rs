//! Puts a value where there is none.
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, make_array};
use arrow_data::transform::MutableArrayData;
use arrow_schema::{ArrowError, DataType};
use serde::{Deserialize, Serialize};

use super::{ALL_MISSING, Fact, finite, missing};
use crate::categories::Counts;
use crate::column::{all_floats, floats};
use crate::statistics::{Sorted, Sum};
use crate::value::{Key, float_array};

/// The value that fills.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum Fill {
    /// A number, which makes the column float64.
    Number(f64),
    /// A float of the column's own width.
    Float(f64),
    /// Any other value, of the column's type.
    Key(Key),
}

impl Fill {
    /// The mean of a column of numbers.
    pub fn mean(chunks: &[ArrayRef]) -> Result<(Fill, Vec<Fact>), String> {
        let mean = finite(chunks)?.into_iter().collect::<Sum>().mean();
        if !mean.is_finite() {
            return Err("the values are too large for a mean".to_owned());
        }
        Ok((Fill::Number(mean), vec![Fact::new("mean", mean)]))
    }

    /// Its median.
    pub fn median(chunks: &[ArrayRef]) -> Result<(Fill, Vec<Fact>), String> {
        let median = Sorted::new(finite(chunks)?).quantile(0.5);
        Ok((Fill::Number(median), vec![Fact::new("median", median)]))
    }

    /// The value that most rows hold, of several the smallest.
    pub fn most_frequent(chunks: &[ArrayRef]) -> Result<(Fill, Vec<Fact>), String> {
        let data_type = chunks.first().ok_or(ALL_MISSING)?.data_type();
        if data_type.is_floating() {
            let (value, rows) = most_frequent_float(chunks).ok_or(ALL_MISSING)?;
            let fact = Fact::of(format!("{value:?}"), "rows", rows as f64);
            return Ok((Fill::Float(value), vec![fact]));
        }
        let counts = Counts::of(chunks).into_sorted().into_iter();
        // Reversed, since of several `max_by_key` answers the last.
        let most = counts.rev().max_by_key(|(_, rows)| *rows);
        let (key, rows) = most.ok_or(ALL_MISSING)?;
        let fact = Fact::of(key.show(data_type), "rows", rows as f64);
        Ok((Fill::Key(key), vec![fact]))
    }

    /// Whether the column becomes float64.
    pub fn makes_floats(&self) -> bool {
        matches!(self, Fill::Number(_))
    }

    /// The filled column.
    ///
    /// # Errors
    /// The value is not of the column's type.
    pub fn apply(&self, column: &ArrayRef) -> Result<ArrayRef, String> {
        let value = match self {
            Fill::Number(number) => {
                let filled = floats(column.as_ref()).map(|value| value.unwrap_or(*number));
                return Ok(Arc::new(Float64Array::from_iter_values(filled)));
            }
            Fill::Float(float) => float_array(*float, column.data_type())?,
            Fill::Key(key) => key.array(column.data_type())?,
        };
        replace_missing(column.as_ref(), value.as_ref()).map_err(|error| error.to_string())
    }

    /// The value as a person writes it.
    pub fn show(&self, data_type: &DataType) -> String {
        match self {
            Fill::Number(value) | Fill::Float(value) => format!("{value:?}"),
            Fill::Key(key) => key.show(data_type),
        }
    }
}

/// The column with this one value where it holds none. (`arrow_select::zip` would bring code for every type that Arrow has.)
fn replace_missing(column: &dyn Array, value: &dyn Array) -> Result<ArrayRef, ArrowError> {
    let (column_data, value_data) = (column.to_data(), value.to_data());
    let mut filled = MutableArrayData::new(vec![&column_data, &value_data], false, column.len());
    let mut done = 0;
    for (row, missing) in missing(column).enumerate() {
        if missing {
            filled.try_extend(0, done, row)?;
            filled.try_extend(1, 0, 1)?;
            done = row + 1;
        }
    }
    filled.try_extend(0, done, column.len())?;
    Ok(make_array(filled.freeze()))
}

fn most_frequent_float(chunks: &[ArrayRef]) -> Option<(f64, u64)> {
    let mut values: Vec<f64> = all_floats(chunks).flatten().collect();
    values.sort_unstable_by(f64::total_cmp);
    let runs = values.chunk_by(|a, b| a == b);
    let most = runs.rev().max_by_key(|run| run.len())?;
    Some((most[0], most.len() as u64))
}

/// How many values of the column are missing.
pub fn count_missing(chunks: &[ArrayRef]) -> u64 {
    let counts = chunks.iter().map(|chunk| {
        let missing = missing(chunk.as_ref()).filter(|missing| *missing);
        missing.count() as u64
    });
    counts.sum()
}
