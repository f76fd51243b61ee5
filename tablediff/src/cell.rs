//! A value as JSON.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, make_array};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType};
use serde_json::{Number, Value};

/// The most bytes of a binary value that are shown.
const BYTES: usize = 16;

/// The value at this place.
pub(crate) fn json(array: &ArrayRef, index: usize) -> Result<Value, ArrowError> {
    if array
        .logical_nulls()
        .is_some_and(|nulls| nulls.is_null(index))
    {
        return Ok(Value::Null);
    }
    Ok(match array.data_type() {
        DataType::Boolean => array.as_boolean().value(index).into(),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(index).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(index).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(index).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(index).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(index).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(index).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(index).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(index).into(),
        DataType::Float16 => float(&displayed(array, index)?),
        // Through its text, so that 0.1 is 0.1 and not the 64 bit number that is nearest to it.
        DataType::Float32 => float(&array.as_primitive::<Float32Type>().value(index).to_string()),
        DataType::Float64 => float(&array.as_primitive::<Float64Type>().value(index).to_string()),
        DataType::Utf8 => array.as_string::<i32>().value(index).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(index).into(),
        DataType::Utf8View => array.as_string_view().value(index).into(),
        DataType::Binary => hex(array.as_binary::<i32>().value(index)),
        DataType::LargeBinary => hex(array.as_binary::<i64>().value(index)),
        DataType::BinaryView => hex(array.as_binary_view().value(index)),
        DataType::FixedSizeBinary(_) => hex(array.as_fixed_size_binary().value(index)),
        DataType::Timestamp(unit, Some(_)) => {
            // In UTC: names of time zones would need a database of them.
            let utc = DataType::Timestamp(*unit, Some("+00:00".into()));
            let data = array.to_data().into_builder().data_type(utc).build()?;
            displayed(&make_array(data), index)?.into()
        }
        _ => displayed(array, index)?.into(),
    })
}

fn displayed(array: &ArrayRef, index: usize) -> Result<String, ArrowError> {
    let options = FormatOptions::default().with_null("null");
    ArrayFormatter::try_new(array, &options)?
        .value(index)
        .try_to_string()
}

/// A float from its text: a number if it is finite, else a text.
fn float(text: &str) -> Value {
    let number: Option<f64> = text.parse().ok();
    match number.and_then(Number::from_f64) {
        Some(number) => Value::Number(number),
        None => text.into(),
    }
}

fn hex(bytes: &[u8]) -> Value {
    let shown = &bytes[..bytes.len().min(BYTES)];
    let digits: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
    if shown.len() < bytes.len() {
        format!("0x{digits}... ({} bytes)", bytes.len()).into()
    } else {
        format!("0x{digits}").into()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use super::*;
    use arrow_array::*;
    use serde_json::json;

    fn first(array: impl Array + 'static) -> Value {
        let array: ArrayRef = Arc::new(array);
        super::json(&array, 0).unwrap()
    }

    #[test]
    fn values_as_json() {
        assert_eq!(first(UInt64Array::from(vec![u64::MAX])), json!(u64::MAX));
        assert_eq!(first(Float32Array::from(vec![0.1])), json!(0.1));
        assert_eq!(first(Float64Array::from(vec![f64::NAN])), json!("NaN"));
        assert_eq!(
            first(Float64Array::from(vec![f64::NEG_INFINITY])),
            json!("-inf")
        );
        assert_eq!(first(Float64Array::from(vec![None])), Value::Null);
        assert_eq!(first(NullArray::new(1)), Value::Null);
        assert_eq!(first(Date32Array::from(vec![1])), json!("1970-01-02"));
        let decimal = Decimal128Array::from(vec![150])
            .with_precision_and_scale(5, 2)
            .unwrap();
        assert_eq!(first(decimal), json!("1.50"));
        let moment = TimestampSecondArray::from(vec![0]).with_timezone("Europe/Berlin");
        assert_eq!(first(moment), json!("1970-01-01T00:00:00Z"));
        assert_eq!(
            first(BinaryArray::from(vec![&[1_u8, 255][..]])),
            json!("0x01ff")
        );
        let long = first(BinaryArray::from(vec![&[0_u8; 20][..]]));
        assert_eq!(
            long,
            json!("0x00000000000000000000000000000000... (20 bytes)")
        );
    }
}
