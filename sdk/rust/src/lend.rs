//! Arrow arrays become the buffers that the host takes.
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::{Array, GenericByteArray, RecordBatch, types::ByteArrayType};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};
use arrow_schema::DataType;

use crate::bindings::types;

/// The buffers of some rows of a batch, given as ascending ranges: bitmaps start at bit 0, offsets at 0, and no byte outside of
/// those rows is in them.
pub(crate) fn lend_batch(batch: &RecordBatch, rows: &[Range<usize>]) -> types::Batch {
    let mut columns = Vec::new();
    for array in batch.columns() {
        lend_column(array.as_ref(), rows, &mut columns);
    }
    types::Batch {
        rows: length(rows.iter().map(ExactSizeIterator::len).sum()),
        columns,
    }
}

fn lend_column(array: &dyn Array, rows: &[Range<usize>], into: &mut Vec<types::Column>) {
    let validity = array
        .nulls()
        .filter(|nulls| nulls.null_count() > 0)
        .map(|nulls| bits(nulls.inner(), rows));
    let (offsets, values) = match array.data_type() {
        DataType::Boolean => (None, bits(array.as_boolean().values(), rows)),
        DataType::Utf8 => cut(array.as_string::<i32>(), rows),
        DataType::Binary => cut(array.as_binary::<i32>(), rows),
        DataType::FixedSizeList(..) => (None, Vec::new()),
        fixed => (None, fixed_width(array, fixed, rows)),
    };
    into.push(types::Column {
        length: length(rows.iter().map(ExactSizeIterator::len).sum()),
        validity,
        offsets,
        values,
    });
    if let Some(list) = array.as_fixed_size_list_opt() {
        let size = list.value_length() as usize;
        let values = list
            .values()
            .slice(list.value_offset_at(0), list.len() * size);
        let rows: Vec<_> = rows
            .iter()
            .map(|run| run.start * size..run.end * size)
            .collect();
        lend_column(values.as_ref(), &rows, into);
    }
}

fn fixed_width(array: &dyn Array, data_type: &DataType, rows: &[Range<usize>]) -> Vec<u8> {
    let width = data_type
        .primitive_width()
        .expect("the writer's schema holds only types of the contract");
    let data = array.to_data();
    let bytes = &data.buffers()[0].as_slice()[data.offset() * width..];
    let runs = rows
        .iter()
        .map(|run| &bytes[run.start * width..run.end * width]);
    runs.collect::<Vec<_>>().concat()
}

/// A bitmap that starts at bit 0.
fn bits(bits: &BooleanBuffer, rows: &[Range<usize>]) -> Vec<u8> {
    let mut packed = BooleanBufferBuilder::new(bits.len());
    for run in rows {
        packed.append_packed_range(
            bits.offset() + run.start..bits.offset() + run.end,
            bits.values(),
        );
    }
    packed.as_slice().to_vec()
}

/// Offsets from 0, and the bytes that they cut.
fn cut<T: ByteArrayType<Offset = i32>>(
    array: &GenericByteArray<T>,
    rows: &[Range<usize>],
) -> (Option<Vec<u8>>, Vec<u8>) {
    let (offsets, bytes) = (array.value_offsets(), array.value_data());
    let mut values = Vec::new();
    let mut lent = 0_i32.to_le_bytes().to_vec();
    for run in rows {
        let first = offsets[run.start];
        let shift = values.len() as i32 - first;
        values.extend_from_slice(&bytes[first as usize..offsets[run.end] as usize]);
        let ends = offsets[run.start + 1..=run.end].iter();
        lent.extend(ends.flat_map(|offset| (offset + shift).to_le_bytes()));
    }
    (Some(lent), values)
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

    fn all(batch: &RecordBatch) -> types::Batch {
        lend_batch(batch, std::slice::from_ref(&(0..batch.num_rows())))
    }

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
                let back = adopt_batch(&slice.schema(), all(&slice)).unwrap();
                assert_eq!(back, slice, "{start}+{len}");
            }
        }
    }

    #[test]
    fn selected_rows_come_back_side_by_side() {
        let batch = sample().slice(1, 18);
        let runs = [0..1, 3..3, 4..9, 17..18];
        let back = adopt_batch(&batch.schema(), lend_batch(&batch, &runs)).unwrap();
        let (mut start, mut expected) = (0, Vec::new());
        for run in runs {
            expected.push((batch.slice(run.start, run.len()), start));
            start += run.len();
        }
        assert_eq!(back.num_rows(), start);
        for (part, start) in expected {
            assert_eq!(back.slice(start, part.num_rows()), part);
        }
        let none = adopt_batch(&batch.schema(), lend_batch(&batch, &[])).unwrap();
        assert_eq!(none.num_rows(), 0);
    }

    #[test]
    fn a_slice_lends_only_its_own_bytes() {
        let lent = all(&sample().slice(1, 1));
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
        assert_eq!(adopt_batch(&schema, all(&batch)).unwrap().num_rows(), 7);
    }
}
