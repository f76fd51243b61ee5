//! Walks over the values of a column, whatever its width; nulls are left out.
use arrow_array::cast::AsArray;
use arrow_array::types::{self as arrow, ArrowPrimitiveType};
use arrow_array::{Array, ArrayAccessor};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};

/// Whether a column's values are whole numbers to [`each_int`].
pub fn is_int(data_type: &DataType) -> bool {
    data_type.is_integer()
        || matches!(
            data_type,
            DataType::Boolean | DataType::Date32 | DataType::Timestamp(..)
        )
}

/// The rows that hold a value.
fn each<A: ArrayAccessor>(array: A, mut take: impl FnMut(usize, A::Item)) {
    let nulls = array.nulls().cloned();
    each_row(array.len(), nulls.as_ref(), |row| {
        take(row, array.value(row))
    });
}

fn each_row(rows: usize, nulls: Option<&NullBuffer>, take: impl FnMut(usize)) {
    match nulls.filter(|nulls| nulls.null_count() > 0) {
        None => (0..rows).for_each(take),
        Some(nulls) => nulls.valid_indices().for_each(take),
    }
}

/// Every whole number, day, time (in the column's unit) or truth value.
pub fn each_int(array: &dyn Array, mut take: impl FnMut(usize, i128)) {
    let values = ints(array);
    each_row(array.len(), array.nulls(), |row| take(row, values[row]));
}

/// The values widened, so that what is done with them is compiled for one type instead of fourteen.
fn ints(array: &dyn Array) -> Vec<i128> {
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
        DataType::Boolean => array.as_boolean().values().iter().map(i128::from).collect(),
        other => unreachable!("a check of whole numbers is never bound to {other}"),
    }
}

/// Every number as a float.
pub fn each_float(array: &dyn Array, mut take: impl FnMut(usize, f64)) {
    let widened;
    let values: &[f64] = match array.data_type() {
        DataType::Float64 => array.as_primitive::<arrow::Float64Type>().values(),
        DataType::Float32 => {
            let values = array.as_primitive::<arrow::Float32Type>().values();
            widened = values
                .iter()
                .map(|value| f64::from(*value))
                .collect::<Vec<_>>();
            &widened
        }
        _ => {
            widened = ints(array).into_iter().map(|value| value as f64).collect();
            &widened
        }
    };
    each_row(array.len(), array.nulls(), |row| take(row, values[row]));
}

/// Every text.
pub fn each_text<'a>(array: &'a dyn Array, take: impl FnMut(usize, &'a str)) {
    each(array.as_string::<i32>(), take);
}

/// Every value of a text or bytes column, as bytes.
pub fn each_bytes<'a>(array: &'a dyn Array, mut take: impl FnMut(usize, &'a [u8])) {
    match array.data_type() {
        DataType::Utf8 => each_text(array, |row, text| take(row, text.as_bytes())),
        _ => each(array.as_binary::<i32>(), take),
    }
}
