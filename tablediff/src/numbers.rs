//! A column's values as numbers.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, UInt64Array};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};

/// The numbers of a column. Values at nulls mean nothing.
pub(crate) enum Numbers {
    Signed(Int64Array),
    Unsigned(UInt64Array),
    Real(Float64Array),
}

impl Numbers {
    /// The numbers of this column; none if its type is no number.
    pub fn of(array: &ArrayRef) -> Result<Option<Numbers>, ArrowError> {
        Ok(Some(match array.data_type() {
            DataType::UInt64 => Numbers::Unsigned(array.as_primitive::<UInt64Type>().clone()),
            integer if integer.is_integer() => Numbers::Signed(
                cast(array, &DataType::Int64)?
                    .as_primitive::<Int64Type>()
                    .clone(),
            ),
            number if number.is_numeric() => Numbers::Real(
                cast(array, &DataType::Float64)?
                    .as_primitive::<Float64Type>()
                    .clone(),
            ),
            _ => return Ok(None),
        }))
    }

    /// The number at this place.
    pub fn at(&self, index: usize) -> f64 {
        match self {
            Numbers::Signed(numbers) => numbers.value(index) as f64,
            Numbers::Unsigned(numbers) => numbers.value(index) as f64,
            Numbers::Real(numbers) => numbers.value(index),
        }
    }

    /// `self - old` at this place; whole numbers lose nothing before the subtraction.
    pub fn minus(&self, old: &Numbers, index: usize) -> f64 {
        match (old, self) {
            (Numbers::Signed(old), Numbers::Signed(new)) => {
                (i128::from(new.value(index)) - i128::from(old.value(index))) as f64
            }
            (Numbers::Unsigned(old), Numbers::Unsigned(new)) => {
                (i128::from(new.value(index)) - i128::from(old.value(index))) as f64
            }
            (old, new) => new.at(index) - old.at(index),
        }
    }
}
