//! Arrow arrays become the buffers that the host takes.
use arrow_array::cast::AsArray;
use arrow_array::{Array, GenericByteArray, RecordBatch, types::ByteArrayType};
use arrow_buffer::{BooleanBuffer, ToByteSlice};
use arrow_schema::DataType;

use crate::bindings::types;

/// The buffers of a batch: bitmaps start at bit 0, offsets at 0, and no byte outside a slice is in them.
pub(crate) fn lend_batch(batch: &RecordBatch) -> types::Batch {
    let mut columns = Vec::new();
    for array in batch.columns() {
        lend_column(array.as_ref(), &mut columns);
    }
    types::Batch {
        rows: length(batch.num_rows()),
        columns,
    }
}

fn lend_column(array: &dyn Array, into: &mut Vec<types::Column>) {
    let validity = array
        .nulls()
        .filter(|nulls| nulls.null_count() > 0)
        .map(|nulls| bits(nulls.inner()));
    let (offsets, values) = match array.data_type() {
        DataType::Boolean => (None, bits(array.as_boolean().values())),
        DataType::Utf8 => cut(array.as_string::<i32>()),
        DataType::Binary => cut(array.as_binary::<i32>()),
        DataType::FixedSizeList(..) => (None, Vec::new()),
        fixed => {
            let width = fixed
                .primitive_width()
                .expect("the writer's schema holds only types of the contract");
            let data = array.to_data();
            let start = data.offset() * width;
            let bytes = &data.buffers()[0].as_slice()[start..start + data.len() * width];
            (None, bytes.to_vec())
        }
    };
    into.push(types::Column {
        length: length(array.len()),
        validity,
        offsets,
        values,
    });
    if let Some(list) = array.as_fixed_size_list_opt() {
        lend_column(list.values().as_ref(), into);
    }
}

/// A bitmap shifted to start at bit 0.
fn bits(bits: &BooleanBuffer) -> Vec<u8> {
    let packed = bits.sliced();
    packed.as_slice()[..bits.len().div_ceil(8)].to_vec()
}

/// Offsets from 0, and the bytes that they cut.
fn cut<T: ByteArrayType<Offset = i32>>(array: &GenericByteArray<T>) -> (Option<Vec<u8>>, Vec<u8>) {
    let offsets = array.value_offsets();
    let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
    let values = array.value_data()[first as usize..last as usize].to_vec();
    let offsets = if first == 0 {
        offsets.to_byte_slice().to_vec()
    } else {
        offsets
            .iter()
            .flat_map(|offset| (offset - first).to_le_bytes())
            .collect()
    };
    (Some(offsets), values)
}

fn length(length: usize) -> u32 {
    u32::try_from(length).expect("a batch has less than 2^32 rows")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, FixedSizeListArray, Float64Array,
        Int16Array, StringArray, TimestampMillisecondArray, types::Float32Type,
    };
    use arrow_schema::{Field, Schema};

    use super::*;
    use crate::adopt::adopt_batch;

    fn sample() -> RecordBatch {
        let rows = 20_usize;
        let odd = |i: usize| i % 3 == 1;
        let vectors = (0..rows).map(|i| (!odd(i)).then(|| vec![Some(i as f32), None]));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(
                (0..rows)
                    .map(|i| odd(i).then_some(i as f64))
                    .collect::<Float64Array>(),
            ),
            Arc::new(
                (0..rows)
                    .map(|i| (!odd(i)).then_some(i % 2 == 0))
                    .collect::<BooleanArray>(),
            ),
            Arc::new(
                (0..rows)
                    .map(|i| odd(i).then(|| "ä".repeat(i)))
                    .collect::<StringArray>(),
            ),
            Arc::new(
                (0..rows)
                    .map(|i| Some([i as u8, 255]))
                    .collect::<BinaryArray>(),
            ),
            Arc::new((0..rows).map(|i| Some(-(i as i16))).collect::<Int16Array>()),
            Arc::new(
                (0..rows)
                    .map(|i| odd(i).then_some(i as i32))
                    .collect::<Date32Array>(),
            ),
            Arc::new(
                (0..rows)
                    .map(|i| Some(i as i64))
                    .collect::<TimestampMillisecondArray>()
                    .with_timezone("UTC"),
            ),
            Arc::new(FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>(vectors, 2)),
        ];
        let fields: Vec<_> = columns
            .iter()
            .enumerate()
            .map(|(i, c)| Field::new(i.to_string(), c.data_type().clone(), true))
            .collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    }

    #[test]
    fn slices_come_back_as_they_were() {
        let batch = sample();
        for start in 0..batch.num_rows() {
            for len in [0, 1, batch.num_rows() - start] {
                let slice = batch.slice(start, len);
                let back = adopt_batch(&slice.schema(), lend_batch(&slice)).unwrap();
                assert_eq!(back, slice, "{start}+{len}");
            }
        }
    }

    #[test]
    fn a_slice_lends_only_its_own_bytes() {
        let lent = lend_batch(&sample().slice(1, 1));
        assert_eq!(lent.columns[0].values.len(), 8);
        assert_eq!(lent.columns[2].values, "ä".as_bytes());
        assert_eq!(
            lent.columns[2].offsets.as_deref(),
            Some(&[0, 0, 0, 0, 2, 0, 0, 0][..])
        );
        assert_eq!(lent.columns[4].validity, None);
    }

    #[test]
    fn a_batch_without_columns_keeps_its_rows() {
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(7));
        let schema = Arc::new(Schema::empty());
        let batch = RecordBatch::try_new_with_options(schema.clone(), vec![], &options).unwrap();
        assert_eq!(
            adopt_batch(&schema, lend_batch(&batch)).unwrap().num_rows(),
            7
        );
    }
}
