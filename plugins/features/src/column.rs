//! The values of a column, whatever its width.
use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{self as arrow, ArrowPrimitiveType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

/// The rows from 0, with their values: none where it is missing. A NaN is missing.
pub fn floats(array: &dyn Array) -> impl Iterator<Item = Option<f64>> + '_ {
    let values: Cow<'_, [f64]> = match array.data_type() {
        DataType::Float64 => Cow::Borrowed(array.as_primitive::<arrow::Float64Type>().values()),
        DataType::Float32 => {
            let values = array.as_primitive::<arrow::Float32Type>().values();
            Cow::Owned(values.iter().map(|value| f64::from(*value)).collect())
        }
        _ => Cow::Owned(ints(array).into_iter().map(|value| value as f64).collect()),
    };
    (0..array.len()).map(move |row| {
        let value = values[row];
        (array.is_valid(row) && !value.is_nan()).then_some(value)
    })
}

/// As [`floats`], over the batches of a column in their order.
pub fn all_floats(chunks: &[ArrayRef]) -> impl Iterator<Item = Option<f64>> + '_ {
    chunks.iter().flat_map(|chunk| floats(chunk.as_ref()))
}

/// A value of a column that is no float, borrowed.
#[derive(Clone, Copy, Debug)]
pub enum KeyRef<'a> {
    /// As [`crate::value::Key::Int`].
    Int(i128),
    /// As [`crate::value::Key::Text`].
    Text(&'a str),
}

/// Calls `take` with every row and its value, none where it is missing.
pub fn each_key<'a>(array: &'a dyn Array, mut take: impl FnMut(usize, Option<KeyRef<'a>>)) {
    if let Some(texts) = array.as_string_opt::<i32>() {
        for (row, text) in texts.iter().enumerate() {
            take(row, text.map(KeyRef::Text));
        }
        return;
    }
    for (row, value) in ints(array).into_iter().enumerate() {
        take(row, array.is_valid(row).then_some(KeyRef::Int(value)));
    }
}

/// The values widened, so that what is done with them is compiled for one type instead of fourteen; what stands under a null
/// means nothing.
///
/// # Panics
/// When the column holds no whole numbers, truth values, dates or times: steps are bound to the types of their columns before.
pub fn ints(array: &dyn Array) -> Vec<i128> {
    fn widen<T: ArrowPrimitiveType<Native: Into<i128>>>(array: &dyn Array) -> Vec<i128> {
        let values = array.as_primitive::<T>().values();
        values.iter().map(|value| (*value).into()).collect()
    }
    match array.data_type() {
        DataType::Int8 => widen::<arrow::Int8Type>(array),
        DataType::Int16 => widen::<arrow::Int16Type>(array),
        DataType::Int32 => widen::<arrow::Int32Type>(array),
        DataType::Int64 => widen::<arrow::Int64Type>(array),
        DataType::UInt8 => widen::<arrow::UInt8Type>(array),
        DataType::UInt16 => widen::<arrow::UInt16Type>(array),
        DataType::UInt32 => widen::<arrow::UInt32Type>(array),
        DataType::UInt64 => widen::<arrow::UInt64Type>(array),
        DataType::Date32 => widen::<arrow::Date32Type>(array),
        DataType::Timestamp(TimeUnit::Second, _) => widen::<arrow::TimestampSecondType>(array),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            widen::<arrow::TimestampMillisecondType>(array)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            widen::<arrow::TimestampMicrosecondType>(array)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            widen::<arrow::TimestampNanosecondType>(array)
        }
        DataType::Boolean => {
            let values = array.as_boolean().values();
            values.iter().map(i128::from).collect()
        }
        other => unreachable!("a step that wants whole numbers is never bound to {other}"),
    }
}
