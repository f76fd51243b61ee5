//! Batches from the host become Arrow arrays over the same memory.
use std::sync::Arc;

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, FixedSizeListArray, PrimitiveArray, RecordBatch,
    RecordBatchOptions, StringArray, types as arrow,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, FieldRef, SchemaRef, TimeUnit};

use crate::bindings::types;

/// A batch over the buffers of the host's. Nothing is copied unless a buffer is not aligned for its type.
///
/// # Errors
/// When the batch does not fit the schema: columns are missing or left over, buffers are too short, text is not UTF-8.
pub(crate) fn adopt_batch(
    schema: &SchemaRef,
    batch: types::Batch,
) -> Result<RecordBatch, ArrowError> {
    let rows = batch.rows as usize;
    let mut columns = batch.columns.into_iter();
    let arrays = schema
        .fields()
        .iter()
        .map(|field| adopt_column(field, &mut columns))
        .collect::<Result<Vec<_>, _>>()?;
    if columns.next().is_some() {
        let message = "the batch goes on behind the last column".to_owned();
        return Err(ArrowError::SchemaError(message));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema.clone(), arrays, &options)
}

/// Takes the column of `field`, and of its child, from those that are left.
fn adopt_column(
    field: &FieldRef,
    columns: &mut impl Iterator<Item = types::Column>,
) -> Result<ArrayRef, ArrowError> {
    let column = columns.next().ok_or_else(|| {
        ArrowError::SchemaError(format!("the batch ends before column {:?}", field.name()))
    })?;
    let length = column.length as usize;
    let nulls = match column.validity {
        Some(bits) => Some(NullBuffer::new(bitmap(bits, length)?)),
        None => None,
    };
    Ok(match field.data_type() {
        DataType::Boolean => {
            let values = bitmap(column.values, length)?;
            Arc::new(BooleanArray::new(values, nulls))
        }
        DataType::Utf8 => {
            let offsets = offsets(column.offsets, length)?;
            Arc::new(StringArray::try_new(
                offsets,
                Buffer::from_vec(column.values),
                nulls,
            )?)
        }
        DataType::Binary => {
            let offsets = offsets(column.offsets, length)?;
            Arc::new(BinaryArray::try_new(
                offsets,
                Buffer::from_vec(column.values),
                nulls,
            )?)
        }
        DataType::FixedSizeList(child, size) => {
            let values = adopt_column(child, columns)?;
            Arc::new(FixedSizeListArray::try_new(
                child.clone(),
                *size,
                values,
                nulls,
            )?)
        }
        primitive => return adopt_primitive(primitive, column.values, length, nulls),
    })
}

fn adopt_primitive(
    data_type: &DataType,
    values: Vec<u8>,
    length: usize,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    fn array<T: ArrowPrimitiveType>(
        data_type: &DataType,
        values: Vec<u8>,
        length: usize,
        nulls: Option<NullBuffer>,
    ) -> Result<ArrayRef, ArrowError> {
        let values = scalars::<T::Native>(values, length)?;
        let array = PrimitiveArray::<T>::try_new(values, nulls)?;
        Ok(Arc::new(array.with_data_type(data_type.clone())))
    }
    let array = match data_type {
        DataType::Int8 => array::<arrow::Int8Type>,
        DataType::UInt8 => array::<arrow::UInt8Type>,
        DataType::Int16 => array::<arrow::Int16Type>,
        DataType::UInt16 => array::<arrow::UInt16Type>,
        DataType::Int32 => array::<arrow::Int32Type>,
        DataType::UInt32 => array::<arrow::UInt32Type>,
        DataType::Int64 => array::<arrow::Int64Type>,
        DataType::UInt64 => array::<arrow::UInt64Type>,
        DataType::Float32 => array::<arrow::Float32Type>,
        DataType::Float64 => array::<arrow::Float64Type>,
        DataType::Date32 => array::<arrow::Date32Type>,
        DataType::Timestamp(TimeUnit::Second, _) => array::<arrow::TimestampSecondType>,
        DataType::Timestamp(TimeUnit::Millisecond, _) => array::<arrow::TimestampMillisecondType>,
        DataType::Timestamp(TimeUnit::Microsecond, _) => array::<arrow::TimestampMicrosecondType>,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => array::<arrow::TimestampNanosecondType>,
        other => {
            return Err(ArrowError::SchemaError(format!(
                "a table cannot hold {other}"
            )));
        }
    };
    array(data_type, values, length, nulls)
}

fn bitmap(bytes: Vec<u8>, length: usize) -> Result<BooleanBuffer, ArrowError> {
    if bytes.len() < length.div_ceil(8) {
        return Err(too_short(bytes.len(), length.div_ceil(8)));
    }
    Ok(BooleanBuffer::new(Buffer::from_vec(bytes), 0, length))
}

fn offsets(bytes: Option<Vec<u8>>, length: usize) -> Result<OffsetBuffer<i32>, ArrowError> {
    let offsets = scalars::<i32>(bytes.unwrap_or_default(), length + 1)?;
    let ascending = offsets.windows(2).all(|pair| pair[0] <= pair[1]);
    if offsets[0] < 0 || !ascending {
        let message = "offsets are not ascending".to_owned();
        return Err(ArrowError::InvalidArgumentError(message));
    }
    Ok(OffsetBuffer::new(offsets))
}

/// `length` values of T over the bytes. A `list<u8>` promises alignment 1 only; the allocator gives 8, but for small lists
/// or other bindings it may be less, and then the bytes are copied to where they are aligned.
fn scalars<T: arrow_buffer::ArrowNativeType>(
    bytes: Vec<u8>,
    length: usize,
) -> Result<ScalarBuffer<T>, ArrowError> {
    let wanted = length.saturating_mul(size_of::<T>());
    if bytes.len() < wanted {
        return Err(too_short(bytes.len(), wanted));
    }
    let aligned = bytes.as_ptr().cast::<T>().is_aligned();
    let buffer = if aligned {
        Buffer::from_vec(bytes)
    } else {
        Buffer::from(bytes.as_slice())
    };
    Ok(ScalarBuffer::new(buffer, 0, length))
}

fn too_short(is: usize, wanted: usize) -> ArrowError {
    ArrowError::InvalidArgumentError(format!("a buffer has {is} bytes instead of {wanted}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn aligned_bytes_are_not_copied() {
        let bytes: Vec<u8> = [1.0_f64, 2.0]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        let (address, aligned) = (bytes.as_ptr(), bytes.as_ptr().cast::<f64>().is_aligned());
        let scalars = scalars::<f64>(bytes, 2).unwrap();
        assert_eq!(scalars.as_ref(), [1.0, 2.0]);
        assert_eq!(scalars.inner().as_ptr() == address, aligned);
    }

    #[test]
    fn short_or_wrong_buffers_are_refused() {
        assert!(scalars::<f64>(vec![0; 15], 2).is_err());
        assert!(bitmap(vec![0], 9).is_err());
        let descending: Vec<u8> = [0_i32, 2, 1].iter().flat_map(|v| v.to_le_bytes()).collect();
        assert!(offsets(Some(descending), 2).is_err());
        assert!(offsets(None, 0).is_err());
    }
}
