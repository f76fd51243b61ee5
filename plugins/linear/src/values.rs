//! Columns of any number type as float64.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, PrimitiveArray};
use arrow_schema::DataType;

/// Whether a column of this type counts as numbers; booleans do, as 0 and 1.
pub(crate) fn is_number(data_type: &DataType) -> bool {
    data_type.is_integer()
        || matches!(
            data_type,
            DataType::Boolean | DataType::Float32 | DataType::Float64
        )
}

/// The values of a column, one per row, the nearest float64 of each; what stands under a null means nothing.
///
/// # Panics
/// When the column is not one of numbers.
pub(crate) fn numbers(array: &dyn Array) -> Vec<f64> {
    fn copy<T: ArrowPrimitiveType>(
        array: &PrimitiveArray<T>,
        number: impl Fn(T::Native) -> f64,
    ) -> Vec<f64> {
        array.values().iter().map(|value| number(*value)).collect()
    }
    match array.data_type() {
        DataType::Boolean => {
            let bits = array.as_boolean().values();
            bits.iter().map(|bit| f64::from(u8::from(bit))).collect()
        }
        DataType::Int8 => copy(array.as_primitive::<Int8Type>(), f64::from),
        DataType::Int16 => copy(array.as_primitive::<Int16Type>(), f64::from),
        DataType::Int32 => copy(array.as_primitive::<Int32Type>(), f64::from),
        DataType::Int64 => copy(array.as_primitive::<Int64Type>(), |value| value as f64),
        DataType::UInt8 => copy(array.as_primitive::<UInt8Type>(), f64::from),
        DataType::UInt16 => copy(array.as_primitive::<UInt16Type>(), f64::from),
        DataType::UInt32 => copy(array.as_primitive::<UInt32Type>(), f64::from),
        DataType::UInt64 => copy(array.as_primitive::<UInt64Type>(), |value| value as f64),
        DataType::Float32 => copy(array.as_primitive::<Float32Type>(), f64::from),
        DataType::Float64 => array.as_primitive::<Float64Type>().values().to_vec(),
        other => unreachable!("{other} is not a type of numbers"),
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{BooleanArray, Float32Array, Int64Array, UInt8Array};

    use super::*;

    #[test]
    fn numbers_of_any_type_are_read() {
        assert_eq!(numbers(&Int64Array::from(vec![1, -3]).slice(1, 1)), [-3.0]);
        assert_eq!(numbers(&UInt8Array::from(vec![255])), [255.0]);
        assert_eq!(numbers(&Float32Array::from(vec![0.5])), [0.5]);
        let bools = BooleanArray::from(vec![Some(false), None, Some(true)]);
        assert_eq!(numbers(&bools.slice(2, 1)), [1.0]);
        assert_eq!(numbers(&bools).len(), 3);
    }

    #[test]
    fn every_type_that_counts_as_numbers_can_be_read() {
        for name in lockflight_sdk::TYPE_NAMES {
            let data_type = lockflight_sdk::type_from_name(name).expect("a type's name");
            if is_number(&data_type) {
                let empty = arrow_array::new_empty_array(&data_type);
                assert!(numbers(&empty).is_empty());
            }
        }
        assert!(!is_number(&DataType::Utf8) && !is_number(&DataType::Date32));
    }
}
