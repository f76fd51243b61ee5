//! One NaN for all, so that equal bytes mean equal values.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float16Type, Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, PrimitiveArray, make_array};
use arrow_schema::{ArrowError, DataType};

/// The same values with every NaN, at any depth, replaced by the same one.
pub(crate) fn canonical(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    type Half = <Float16Type as ArrowPrimitiveType>::Native;
    Ok(match array.data_type() {
        DataType::Float16 => one_nan::<Float16Type>(array, Half::NAN, |value| value.is_nan()),
        DataType::Float32 => one_nan::<Float32Type>(array, f32::NAN, f32::is_nan),
        DataType::Float64 => one_nan::<Float64Type>(array, f64::NAN, f64::is_nan),
        data_type if has_float(data_type) => nested(array)?,
        _ => Arc::clone(array),
    })
}

fn one_nan<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    nan: T::Native,
    is_nan: impl Fn(T::Native) -> bool,
) -> ArrayRef {
    let floats = array.as_primitive::<T>();
    if !floats.values().iter().any(|value| is_nan(*value)) {
        return Arc::clone(array);
    }
    let canonical: PrimitiveArray<T> =
        floats.unary(|value| if is_nan(value) { nan } else { value });
    Arc::new(canonical)
}

fn has_float(data_type: &DataType) -> bool {
    match data_type {
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _)
        | DataType::Map(field, _)
        | DataType::RunEndEncoded(_, field) => has_float(field.data_type()),
        DataType::Struct(fields) => fields.iter().any(|field| has_float(field.data_type())),
        DataType::Union(fields, _) => fields.iter().any(|(_, field)| has_float(field.data_type())),
        DataType::Dictionary(_, values) => has_float(values),
        floating => floating.is_floating(),
    }
}

fn nested(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let data = array.to_data();
    let mut children = Vec::with_capacity(data.child_data().len());
    for child in data.child_data() {
        children.push(canonical(&make_array(child.clone()))?.to_data());
    }
    Ok(make_array(
        data.into_builder().child_data(children).build()?,
    ))
}
