//! Walks over the values of a column, whatever its width; nulls are left out.
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayAccessor};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use lockflight_sdk::{floats, whole_numbers};

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
    let values = whole_numbers(array).expect("a check of whole numbers is bound to no other type");
    each_row(array.len(), array.nulls(), |row| take(row, values[row]));
}

/// Every number as a float.
pub fn each_float(array: &dyn Array, mut take: impl FnMut(usize, f64)) {
    let values = floats(array).expect("a check of numbers is bound to no other type");
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
