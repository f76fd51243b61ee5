//! Columns, written as JSON.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrowPrimitiveType, PrimitiveArray};
use arrow_schema::{DataType, Field, TimeUnit};
use serde::Serialize;

use crate::columns::{ColumnError, known, width};
use crate::{base64, moments};

/// Writes a text, escaped and in quotes.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    value(out, text);
}

/// Writes any value. Of floats it is the shortest text that is read as the same bits, and null for NaN and infinities.
pub(crate) fn value<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).expect("memory takes everything, and the keys are texts");
}

/// A column of a type that is known.
pub(crate) struct Cells<'a> {
    array: &'a dyn Array,
    write: Write,
    width: usize,
}

type Write = fn(&mut Vec<u8>, &dyn Array, usize);

impl<'a> Cells<'a> {
    /// A column.
    ///
    /// # Errors
    /// When it has a type that cannot be written.
    pub(crate) fn new(field: &Field, array: &'a dyn Array) -> Result<Cells<'a>, ColumnError> {
        known(field)?;
        Ok(Cells {
            array,
            write: writer(array.data_type()),
            width: width(array.data_type()),
        })
    }

    /// Writes a row's value: null, a scalar, or a list.
    pub(crate) fn row(&self, out: &mut Vec<u8>, row: usize) {
        if self.array.is_null(row) {
            out.extend_from_slice(b"null");
        } else {
            (self.write)(out, self.array, row);
        }
    }

    /// Writes a row's value without brackets around it: a list's elements, as many nulls for a missing list.
    pub(crate) fn flat(&self, out: &mut Vec<u8>, row: usize) {
        let DataType::FixedSizeList(..) = self.array.data_type() else {
            return self.row(out, row);
        };
        if self.array.is_null(row) {
            out.extend_from_slice(b"null");
            for _ in 1..self.width {
                out.extend_from_slice(b",null");
            }
        } else {
            elements(out, self.array, row);
        }
    }
}

fn writer(data_type: &DataType) -> Write {
    match data_type {
        DataType::Boolean => |out, array, row| value(out, &array.as_boolean().value(row)),
        DataType::Int8 => number::<Int8Type>,
        DataType::Int16 => number::<Int16Type>,
        DataType::Int32 => number::<Int32Type>,
        DataType::Int64 => number::<Int64Type>,
        DataType::UInt8 => number::<UInt8Type>,
        DataType::UInt16 => number::<UInt16Type>,
        DataType::UInt32 => number::<UInt32Type>,
        DataType::UInt64 => number::<UInt64Type>,
        DataType::Float32 => number::<Float32Type>,
        DataType::Float64 => number::<Float64Type>,
        DataType::Utf8 => |out, array, row| text(out, array.as_string::<i32>().value(row)),
        DataType::Binary => |out, array, row| {
            text(out, &base64::encode(array.as_binary::<i32>().value(row)));
        },
        DataType::Date32 => |out, array, row| {
            let days = array.as_primitive::<Date32Type>().value(row);
            quotes(out, |out| moments::write_days(out, days.into()));
        },
        DataType::Timestamp(TimeUnit::Second, _) => time::<TimestampSecondType>,
        DataType::Timestamp(TimeUnit::Millisecond, _) => time::<TimestampMillisecondType>,
        DataType::Timestamp(TimeUnit::Microsecond, _) => time::<TimestampMicrosecondType>,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => time::<TimestampNanosecondType>,
        DataType::FixedSizeList(..) => |out, array, row| {
            out.push(b'[');
            elements(out, array, row);
            out.push(b']');
        },
        other => unreachable!("{other} is not known"),
    }
}

fn number<T: ArrowPrimitiveType<Native: Serialize>>(
    out: &mut Vec<u8>,
    array: &dyn Array,
    row: usize,
) {
    value(out, &array.as_primitive::<T>().value(row));
}

fn time<T: arrow_array::types::ArrowTimestampType>(
    out: &mut Vec<u8>,
    array: &dyn Array,
    row: usize,
) {
    let times: &PrimitiveArray<T> = array.as_primitive();
    let instant = times.timezone().is_some();
    quotes(out, |out| {
        moments::write_units(out, times.value(row), T::UNIT, instant);
    });
}

fn quotes(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

fn elements(out: &mut Vec<u8>, array: &dyn Array, row: usize) {
    let list = array.as_fixed_size_list().value(row);
    let list = list.as_primitive::<Float32Type>();
    for (number, element) in list.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        value(out, &element);
    }
}
