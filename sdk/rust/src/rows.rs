//! Columns of a batch as plain slices.
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, BooleanArray, RecordBatch, StringArray};
use arrow_buffer::NullBuffer;

use crate::{Failure, did_you_mean, type_name};

/// The values of a column and which of them count.
#[derive(Clone, Copy, Debug)]
pub struct Slice<'a, T> {
    /// One value per row; what stands under a null means nothing.
    pub values: &'a [T],
    /// Which rows hold a value; none when all do.
    pub validity: Option<&'a NullBuffer>,
}

impl<'a, T: Copy> Slice<'a, T> {
    /// The value of a row, or none under a null.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn get(&self, row: usize) -> Option<T> {
        let valid = self.validity.is_none_or(|nulls| nulls.is_valid(row));
        valid.then(|| self.values[row])
    }

    /// Every row's value, or none under a null.
    pub fn iter(self) -> impl Iterator<Item = Option<T>> + 'a {
        (0..self.values.len()).map(move |row| self.get(row))
    }

    /// How many rows hold no value.
    pub fn null_count(&self) -> usize {
        self.validity.map_or(0, NullBuffer::null_count)
    }
}

/// Typed columns of a record batch by name. Every method fails with [`Failure::Data`] when there is no such column or it has
/// another type.
pub trait Rows {
    /// The column `name` as any type.
    ///
    /// # Errors
    /// No such column.
    fn column_named(&self, name: &str) -> Result<&dyn Array, Failure>;

    /// The column as plain numbers of a primitive Arrow type.
    ///
    /// # Errors
    /// No such column, or another type.
    fn primitive<T: ArrowPrimitiveType>(
        &self,
        name: &str,
    ) -> Result<Slice<'_, T::Native>, Failure> {
        let array = self.column_named(name)?;
        let typed = array
            .as_primitive_opt::<T>()
            .ok_or_else(|| wrong_type(name, array, &type_name(&T::DATA_TYPE)))?;
        Ok(Slice {
            values: typed.values(),
            validity: typed.nulls(),
        })
    }

    /// A float64 column.
    ///
    /// # Errors
    /// No such column, or another type.
    fn f64(&self, name: &str) -> Result<Slice<'_, f64>, Failure> {
        self.primitive::<Float64Type>(name)
    }

    /// A float32 column.
    ///
    /// # Errors
    /// No such column, or another type.
    fn f32(&self, name: &str) -> Result<Slice<'_, f32>, Failure> {
        self.primitive::<Float32Type>(name)
    }

    /// An int64 column.
    ///
    /// # Errors
    /// No such column, or another type.
    fn i64(&self, name: &str) -> Result<Slice<'_, i64>, Failure> {
        self.primitive::<Int64Type>(name)
    }

    /// An int32 column.
    ///
    /// # Errors
    /// No such column, or another type.
    fn i32(&self, name: &str) -> Result<Slice<'_, i32>, Failure> {
        self.primitive::<Int32Type>(name)
    }

    /// A text column.
    ///
    /// # Errors
    /// No such column, or another type.
    fn text(&self, name: &str) -> Result<&StringArray, Failure> {
        let array = self.column_named(name)?;
        array
            .as_string_opt::<i32>()
            .ok_or_else(|| wrong_type(name, array, "text"))
    }

    /// A bool column.
    ///
    /// # Errors
    /// No such column, or another type.
    fn bools(&self, name: &str) -> Result<&BooleanArray, Failure> {
        let array = self.column_named(name)?;
        array
            .as_boolean_opt()
            .ok_or_else(|| wrong_type(name, array, "bool"))
    }
}

impl Rows for RecordBatch {
    fn column_named(&self, name: &str) -> Result<&dyn Array, Failure> {
        if let Some(array) = self.column_by_name(name) {
            return Ok(array.as_ref());
        }
        let schema = self.schema_ref();
        let guess = did_you_mean(
            name,
            schema.fields().iter().map(|field| field.name().as_str()),
        );
        let hint = guess.map_or(String::new(), |guess| format!("; did you mean {guess:?}?"));
        Err(Failure::data(format!("there is no column {name:?}{hint}")))
    }
}

fn wrong_type(name: &str, array: &dyn Array, wanted: &str) -> Failure {
    let is = type_name(array.data_type());
    Failure::data(format!("column {name:?} is {is}, not {wanted}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array};

    use super::*;

    #[test]
    fn slices_know_their_nulls_and_errors_their_column() {
        let column: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), None, Some(3.0)]));
        let batch = RecordBatch::try_from_iter([("mass", column)])
            .unwrap()
            .slice(1, 2);
        let mass = batch.f64("mass").unwrap();
        assert_eq!(mass.iter().collect::<Vec<_>>(), [None, Some(3.0)]);
        assert_eq!(mass.null_count(), 1);
        let message = |result: Result<Slice<'_, f64>, Failure>| match result.unwrap_err() {
            Failure::Data(message) => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            message(batch.f64("mas")),
            "there is no column \"mas\"; did you mean \"mass\"?"
        );
        assert!(batch.text("mass").is_err());
    }
}
