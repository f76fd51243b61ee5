//! Small tables made of any bytes, for targets that want data beside a config.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMillisecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowNativeTypeOp, BinaryArray, BooleanArray, FixedSizeListArray,
    Float32Array, Float64Array, PrimitiveArray, RecordBatch, RecordBatchOptions, StringArray,
};
use arrow_buffer::ArrowNativeType;
use arrow_schema::{DataType, Field, Schema, TimeUnit};

const TEXTS: [&str; 7] = ["", "a", "b", "6am", "é\0", "2024-02-29", "no"];

/// Bytes that decide, one after the other; from the last it goes on with the first, each a bit changed.
#[derive(Clone)]
pub struct Picks<'a> {
    bytes: &'a [u8],
    next: usize,
}

impl<'a> Picks<'a> {
    pub fn of(bytes: &'a [u8]) -> Picks<'a> {
        let bytes = if bytes.is_empty() { b"\x07" } else { bytes };
        Picks { bytes, next: 0 }
    }

    pub fn byte(&mut self) -> u8 {
        let round = (self.next / self.bytes.len()) as u8;
        let byte = self.bytes[self.next % self.bytes.len()];
        self.next += 1;
        byte.wrapping_add(round.wrapping_mul(29))
    }

    fn take<T>(&mut self, rows: usize, value: impl Fn(u8) -> T) -> Vec<T> {
        (0..rows).map(|_| value(self.byte())).collect()
    }
}

/// What bytes are made into seeds with.
pub fn sample(rows: u8) -> Vec<u8> {
    let values = (1..250_u8).map(|at| at.wrapping_mul(37) % 240);
    [rows].into_iter().chain(values).collect()
}

/// A table of these columns with up to 15 rows.
pub fn table(columns: &[(&str, DataType)], picks: &mut Picks<'_>) -> RecordBatch {
    let rows = usize::from(picks.byte() % 16);
    let named = columns.iter().map(|(name, of)| {
        let array = column(of, rows, picks);
        let nullable = array.null_count() > 0 || picks.byte().is_multiple_of(2);
        (Field::new(*name, of.clone(), nullable), array)
    });
    let (fields, arrays): (Vec<_>, Vec<_>) = named.unzip();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options);
    batch.expect("the columns of the schema")
}

/// The same rows in smaller batches.
pub fn cut(table: &RecordBatch, picks: &mut Picks<'_>) -> Vec<RecordBatch> {
    let size = usize::from(1 + picks.byte() % 7);
    let rows = table.num_rows();
    let starts = (0..rows).step_by(size);
    starts
        .map(|start| table.slice(start, size.min(rows - start)))
        .collect()
}

/// A column of a type that tables have: nulls, extremes, and mostly small values.
pub fn column(of: &DataType, rows: usize, picks: &mut Picks<'_>) -> ArrayRef {
    match of {
        DataType::Boolean => {
            let value = |byte: u8| (byte != 0).then_some(byte % 2 == 1);
            Arc::new(BooleanArray::from(picks.take(rows, value)))
        }
        DataType::Int8 => ints::<Int8Type>(of, rows, picks),
        DataType::Int16 => ints::<Int16Type>(of, rows, picks),
        DataType::Int32 => ints::<Int32Type>(of, rows, picks),
        DataType::Int64 => ints::<Int64Type>(of, rows, picks),
        DataType::UInt8 => ints::<UInt8Type>(of, rows, picks),
        DataType::UInt16 => ints::<UInt16Type>(of, rows, picks),
        DataType::UInt32 => ints::<UInt32Type>(of, rows, picks),
        DataType::UInt64 => ints::<UInt64Type>(of, rows, picks),
        DataType::Date32 => ints::<Date32Type>(of, rows, picks),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            ints::<TimestampMillisecondType>(of, rows, picks)
        }
        DataType::Float32 => {
            let narrow = |byte| float(byte).map(|value| value as f32);
            Arc::new(Float32Array::from(picks.take(rows, narrow)))
        }
        DataType::Float64 => Arc::new(Float64Array::from(picks.take(rows, float))),
        DataType::Utf8 => Arc::new(StringArray::from(picks.take(rows, text))),
        DataType::Binary => {
            let bytes = picks.take(rows, |byte| text(byte).map(str::as_bytes));
            Arc::new(BinaryArray::from(bytes))
        }
        DataType::FixedSizeList(item, size) => {
            let values = rows * usize::try_from(*size).expect("a size");
            let values = picks.take(values, f32::from);
            let values = Arc::new(Float32Array::from(values));
            let list = FixedSizeListArray::try_new(item.clone(), *size, values, None);
            Arc::new(list.expect("as many values as there is room for"))
        }
        other => unreachable!("no column of {other} was asked for"),
    }
}

fn ints<T: ArrowPrimitiveType>(of: &DataType, rows: usize, picks: &mut Picks<'_>) -> ArrayRef {
    let value = |byte: u8| match byte {
        0 => None,
        0xff => Some(T::Native::MAX_TOTAL_ORDER),
        0xfe => Some(T::Native::MIN_TOTAL_ORDER),
        _ => Some(T::Native::usize_as(byte.cast_signed() as usize)),
    };
    let values: PrimitiveArray<T> = picks.take(rows, value).into_iter().collect();
    Arc::new(values.with_data_type(of.clone()))
}

fn float(byte: u8) -> Option<f64> {
    match byte {
        0 => None,
        0xff => Some(f64::NAN),
        0xfe => Some(f64::INFINITY),
        0xfd => Some(1e300),
        0xfc => Some(-0.0),
        0xfb => Some(5e-324),
        0xfa => Some(-1e160),
        _ => Some(f64::from(byte.cast_signed()) / 16.0),
    }
}

fn text(byte: u8) -> Option<&'static str> {
    (byte != 0).then(|| TEXTS[usize::from(byte) % TEXTS.len()])
}
