//! The values of a column, whatever its width.
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use lockflight_sdk::whole_numbers;

/// The rows from 0, with their values: none where it is missing. A NaN is missing.
pub fn floats(array: &dyn Array) -> impl Iterator<Item = Option<f64>> + '_ {
    let values = lockflight_sdk::floats(array);
    let values = values.expect("a step that wants numbers is bound to no other type");
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

/// The column as whole numbers; what stands under a null means nothing.
///
/// # Panics
/// When it holds no whole numbers, truth values, dates or times: steps are bound to the types of their columns before.
pub fn ints(array: &dyn Array) -> Vec<i128> {
    whole_numbers(array).expect("a step that wants whole numbers is bound to no other type")
}
