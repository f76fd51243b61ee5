//! Walks over the values of a column, whatever its width; nulls are left out.
use arrow_array::cast::AsArray;
use arrow_array::types::{self as arrow, ArrowPrimitiveType};
use arrow_array::{Array, ArrayAccessor};
use arrow_schema::{DataType, TimeUnit};

/// Whether a column's values are whole numbers to [`each_int`].
pub fn is_int(data_type: &DataType) -> bool {
    data_type.is_integer()
        || matches!(
            data_type,
            DataType::Boolean | DataType::Date32 | DataType::Timestamp(..)
        )
}

/// Hands over the rows that hold a value.
fn each<A: ArrayAccessor>(array: A, mut take: impl FnMut(usize, A::Item)) {
    match array.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => (0..array.len()).for_each(|row| take(row, array.value(row))),
        Some(nulls) => nulls
            .valid_indices()
            .for_each(|row| take(row, array.value(row))),
    }
}

/// Every whole number, day, time (in the column's unit) or truth value.
pub fn each_int(array: &dyn Array, mut take: impl FnMut(usize, i128)) {
    fn ints<T: ArrowPrimitiveType<Native: Into<i128>>>(
        array: &dyn Array,
        take: &mut impl FnMut(usize, i128),
    ) {
        each(array.as_primitive::<T>(), |row, value| {
            take(row, value.into())
        });
    }
    let take = &mut take;
    match array.data_type() {
        DataType::Int8 => ints::<arrow::Int8Type>(array, take),
        DataType::Int16 => ints::<arrow::Int16Type>(array, take),
        DataType::Int32 => ints::<arrow::Int32Type>(array, take),
        DataType::Int64 => ints::<arrow::Int64Type>(array, take),
        DataType::UInt8 => ints::<arrow::UInt8Type>(array, take),
        DataType::UInt16 => ints::<arrow::UInt16Type>(array, take),
        DataType::UInt32 => ints::<arrow::UInt32Type>(array, take),
        DataType::UInt64 => ints::<arrow::UInt64Type>(array, take),
        DataType::Date32 => ints::<arrow::Date32Type>(array, take),
        DataType::Timestamp(TimeUnit::Second, _) => ints::<arrow::TimestampSecondType>(array, take),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            ints::<arrow::TimestampMillisecondType>(array, take)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            ints::<arrow::TimestampMicrosecondType>(array, take)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            ints::<arrow::TimestampNanosecondType>(array, take)
        }
        DataType::Boolean => each(array.as_boolean(), |row, value| take(row, value.into())),
        other => unreachable!("a check of whole numbers is never bound to {other}"),
    }
}

/// Every number as a float.
pub fn each_float(array: &dyn Array, mut take: impl FnMut(usize, f64)) {
    match array.data_type() {
        DataType::Float32 => {
            each(array.as_primitive::<arrow::Float32Type>(), |row, value| {
                take(row, value.into())
            });
        }
        DataType::Float64 => each(array.as_primitive::<arrow::Float64Type>(), take),
        _ => each_int(array, |row, value| take(row, value as f64)),
    }
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
