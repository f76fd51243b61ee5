//! The values of a column, whatever its width, so that what is done with them is compiled for one type instead of fourteen.
use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{self as arrow, ArrowPrimitiveType};
use arrow_array::{Array, downcast_integer_array};
use arrow_schema::{DataType, TimeUnit};

/// The column as whole numbers, one for each row: those of any width, truth values as 0 and 1, days, and times in the column's unit;
/// none if it holds something else. What stands under a null means nothing.
pub fn whole_numbers(array: &dyn Array) -> Option<Vec<i128>> {
    fn widened<T: ArrowPrimitiveType<Native: Into<i128>>>(array: &dyn Array) -> Vec<i128> {
        let values = array.as_primitive::<T>().values();
        values.iter().map(|value| (*value).into()).collect()
    }
    Some(match array.data_type() {
        DataType::Int8 => widened::<arrow::Int8Type>(array),
        DataType::Int16 => widened::<arrow::Int16Type>(array),
        DataType::Int32 => widened::<arrow::Int32Type>(array),
        DataType::Int64 => widened::<arrow::Int64Type>(array),
        DataType::UInt8 => widened::<arrow::UInt8Type>(array),
        DataType::UInt16 => widened::<arrow::UInt16Type>(array),
        DataType::UInt32 => widened::<arrow::UInt32Type>(array),
        DataType::UInt64 => widened::<arrow::UInt64Type>(array),
        DataType::Date32 => widened::<arrow::Date32Type>(array),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => widened::<arrow::TimestampSecondType>(array),
            TimeUnit::Millisecond => widened::<arrow::TimestampMillisecondType>(array),
            TimeUnit::Microsecond => widened::<arrow::TimestampMicrosecondType>(array),
            TimeUnit::Nanosecond => widened::<arrow::TimestampNanosecondType>(array),
        },
        DataType::Boolean => {
            let values = array.as_boolean().values();
            values.iter().map(i128::from).collect()
        }
        _ => return None,
    })
}

/// The column as floats, one for each row, of all that [`whole_numbers`] takes and of floats; none if it holds something else. Whole
/// numbers beyond 2^53 are rounded. What stands under a null means nothing.
pub fn floats(array: &dyn Array) -> Option<Cow<'_, [f64]>> {
    Some(match array.data_type() {
        DataType::Float64 => Cow::Borrowed(array.as_primitive::<arrow::Float64Type>().values()),
        DataType::Float32 => {
            let values = array.as_primitive::<arrow::Float32Type>().values();
            Cow::Owned(values.iter().map(|value| f64::from(*value)).collect())
        }
        _ => {
            let values = whole_numbers(array)?.into_iter();
            Cow::Owned(values.map(|value| value as f64).collect())
        }
    })
}

/// A value of a row that rows can be grouped by, in the order of these variants.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Cell {
    /// A truth value.
    Flag(bool),
    /// A whole number; those of any width are equal if they are the same number.
    Whole(i128),
    /// A text.
    Text(String),
    /// No value.
    Null,
}

impl Cell {
    /// The value of a row; none if the column is not of truth values, whole numbers or texts.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn of(column: &dyn Array, row: usize) -> Option<Cell> {
        if column.is_null(row) {
            return Some(Cell::Null);
        }
        downcast_integer_array!(
            column => Some(Cell::Whole(column.value(row).into())),
            DataType::Boolean => Some(Cell::Flag(column.as_boolean().value(row))),
            DataType::Utf8 => Some(Cell::Text(column.as_string::<i32>().value(row).to_owned())),
            _ => None,
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, BooleanArray, Date32Array, Float32Array, Float64Array, Int8Array, StringArray,
        TimestampMillisecondArray, UInt64Array,
    };

    use super::*;

    fn columns() -> [(ArrayRef, Option<i128>, Option<f64>); 8] {
        [
            (Arc::new(Int8Array::from(vec![-1])), Some(-1), Some(-1.0)),
            (
                Arc::new(UInt64Array::from(vec![u64::MAX])),
                Some(u64::MAX.into()),
                Some(18_446_744_073_709_551_615.0),
            ),
            (Arc::new(Date32Array::from(vec![3])), Some(3), Some(3.0)),
            (
                Arc::new(TimestampMillisecondArray::from(vec![5])),
                Some(5),
                Some(5.0),
            ),
            (Arc::new(BooleanArray::from(vec![true])), Some(1), Some(1.0)),
            (Arc::new(Float32Array::from(vec![0.5])), None, Some(0.5)),
            (Arc::new(Float64Array::from(vec![0.1])), None, Some(0.1)),
            (Arc::new(StringArray::from(vec!["1"])), None, None),
        ]
    }

    #[test]
    fn numbers_of_every_width() {
        for (column, whole, float) in columns() {
            let is = column.data_type();
            assert_eq!(whole_numbers(&column).map(|all| all[0]), whole, "{is}");
            assert_eq!(floats(&column).map(|all| all[0]), float, "{is}");
        }
    }

    #[test]
    fn equal_numbers_of_any_width_are_the_same_cell() {
        let narrow = Int8Array::from(vec![Some(7), None]);
        let wide = UInt64Array::from(vec![7]);
        assert_eq!(Cell::of(&narrow, 0), Cell::of(&wide, 0));
        assert_eq!(Cell::of(&narrow, 1), Some(Cell::Null));
        let text = Cell::of(&StringArray::from(vec!["7"]), 0).unwrap();
        let flag = Cell::of(&BooleanArray::from(vec![true]), 0).unwrap();
        let number = Cell::of(&wide, 0).unwrap();
        assert!(flag < number && number < text && text < Cell::Null);
        assert_eq!(Cell::of(&Date32Array::from(vec![7]), 0), None);
        assert_eq!(Cell::of(&Float64Array::from(vec![7.0]), 0), None);
    }
}
