//! Columns being filled: text in, Arrow arrays out.
use std::sync::Arc;

use arrow_array::types::{self as arrow, ArrowPrimitiveType};
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBuffer, NullBufferBuilder, OffsetBuffer};
use arrow_schema::{DataType, TimeUnit};

use crate::config::Config;
use crate::layout::ColumnLayout;
use crate::nulls::Nulls;
use crate::rows::Rows;
use crate::value::{Written, boolean, days, float, int, iso_date, iso_time, uint};

/// A column being filled.
pub trait Column {
    /// Appends the field `index` of every row. Rows whose field does not fit get a null and are named in `bad`.
    fn extend(&mut self, rows: &Rows, index: usize, bad: &mut Vec<usize>);
    /// Forgets all but the first values.
    fn truncate(&mut self, len: usize);
    /// How many bytes the values take.
    fn bytes(&self) -> usize;
    /// The values so far; the column is empty afterwards.
    fn finish(&mut self) -> ArrayRef;
}

/// An empty column.
pub fn column(layout: &ColumnLayout, config: &Config) -> Box<dyn Column> {
    let decimal = config.decimal;
    let start = Start {
        nulls: Nulls::new(config),
        nullable: layout.nullable,
        data_type: layout.data_type.clone(),
    };
    match &layout.data_type {
        DataType::Boolean => start.parsed(BooleanBufferBuilder::new(0), boolean),
        DataType::Int8 => start.primitive::<arrow::Int8Type>(|text| int(text)?.try_into().ok()),
        DataType::Int16 => start.primitive::<arrow::Int16Type>(|text| int(text)?.try_into().ok()),
        DataType::Int32 => start.primitive::<arrow::Int32Type>(|text| int(text)?.try_into().ok()),
        DataType::Int64 => start.primitive::<arrow::Int64Type>(int),
        DataType::UInt8 => start.primitive::<arrow::UInt8Type>(|text| uint(text)?.try_into().ok()),
        DataType::UInt16 => {
            start.primitive::<arrow::UInt16Type>(|text| uint(text)?.try_into().ok())
        }
        DataType::UInt32 => {
            start.primitive::<arrow::UInt32Type>(|text| uint(text)?.try_into().ok())
        }
        DataType::UInt64 => start.primitive::<arrow::UInt64Type>(uint),
        DataType::Float32 => {
            start.primitive::<arrow::Float32Type>(move |text| float(text, decimal))
        }
        DataType::Float64 => {
            start.primitive::<arrow::Float64Type>(move |text| float(text, decimal))
        }
        DataType::Date32 => match layout.format.clone() {
            None => start.primitive::<arrow::Date32Type>(|text| iso_date(text).map(days)),
            Some(format) => {
                start.primitive::<arrow::Date32Type>(move |text| format.date(text).map(days))
            }
        },
        DataType::Timestamp(unit, _) => times(start, *unit, layout),
        _ => Box::new(Texts::new(start)),
    }
}

fn times(start: Start, unit: TimeUnit, layout: &ColumnLayout) -> Box<dyn Column> {
    let (format, zone) = (layout.format.clone(), layout.offset);
    let parse = move |text: &[u8]| {
        let written = match &format {
            None => iso_time(text)?,
            Some(format) => format.time(text)?,
        };
        instant(written, zone.map(|offset| offset.local_minus_utc()), unit)
    };
    match unit {
        TimeUnit::Second => start.primitive::<arrow::TimestampSecondType>(parse),
        TimeUnit::Millisecond => start.primitive::<arrow::TimestampMillisecondType>(parse),
        TimeUnit::Microsecond => start.primitive::<arrow::TimestampMicrosecondType>(parse),
        TimeUnit::Nanosecond => start.primitive::<arrow::TimestampNanosecondType>(parse),
    }
}

/// A time in units since 1970. None when the unit is too coarse for it, or when it has an offset and the column no zone.
fn instant(written: Written, zone: Option<i32>, unit: TimeUnit) -> Option<i64> {
    let shift = match (written.offset, zone) {
        (Some(_), None) => return None,
        (Some(offset), Some(_)) => offset.local_minus_utc(),
        (None, zone) => zone.unwrap_or(0),
    };
    let utc = written.local.and_utc();
    let seconds = utc.timestamp() - i64::from(shift);
    let per_second = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    };
    let nanos = i64::from(utc.timestamp_subsec_nanos());
    let unit_nanos = 1_000_000_000 / per_second;
    if nanos % unit_nanos != 0 {
        return None;
    }
    seconds
        .checked_mul(per_second)?
        .checked_add(nanos / unit_nanos)
}

/// What all kinds of columns start from.
struct Start {
    nulls: Nulls,
    nullable: bool,
    data_type: DataType,
}

impl Start {
    fn primitive<T: ArrowPrimitiveType>(
        self,
        parse: impl Fn(&[u8]) -> Option<T::Native> + 'static,
    ) -> Box<dyn Column> {
        self.parsed(Primitives::<T>(Vec::new()), parse)
    }

    fn parsed<V: Values + 'static>(
        self,
        values: V,
        parse: impl Fn(&[u8]) -> Option<V::Value> + 'static,
    ) -> Box<dyn Column> {
        Box::new(Parsed {
            start: self,
            parse,
            values,
            validity: NullBufferBuilder::new(0),
        })
    }

    /// Walks the fields: hands over every value, or none for a null. What the receiver does not take, and a null that
    /// may not be, is bad; the receiver gets a none for it.
    #[inline]
    fn walk(
        &self,
        rows: &Rows,
        index: usize,
        bad: &mut Vec<usize>,
        mut receive: impl FnMut(Option<&[u8]>) -> bool,
    ) {
        for row in 0..rows.len() {
            let field = self.nulls.trimmed(rows.field(row, index));
            let fits = if self.nulls.contains(field) {
                receive(None);
                self.nullable
            } else {
                receive(Some(field)) || {
                    receive(None);
                    false
                }
            };
            if !fits {
                bad.push(row);
            }
        }
    }
}

/// A column of values that are parsed one by one.
struct Parsed<V, P> {
    start: Start,
    parse: P,
    values: V,
    validity: NullBufferBuilder,
}

/// Values of one size.
trait Values {
    type Value: Default;

    fn push(&mut self, value: Self::Value);
    fn truncate(&mut self, len: usize);
    fn bytes(&self) -> usize;
    fn finish(&mut self, nulls: Option<NullBuffer>, data_type: &DataType) -> ArrayRef;
}

impl<V: Values, P: Fn(&[u8]) -> Option<V::Value>> Column for Parsed<V, P> {
    fn extend(&mut self, rows: &Rows, index: usize, bad: &mut Vec<usize>) {
        let (values, validity, parse) = (&mut self.values, &mut self.validity, &self.parse);
        self.start.walk(rows, index, bad, |field| match field {
            None => {
                values.push(V::Value::default());
                validity.append_null();
                true
            }
            Some(field) => parse(field).is_some_and(|value| {
                values.push(value);
                validity.append_non_null();
                true
            }),
        });
    }

    fn truncate(&mut self, len: usize) {
        self.values.truncate(len);
        self.validity.truncate(len);
    }

    fn bytes(&self) -> usize {
        self.values.bytes()
    }

    fn finish(&mut self) -> ArrayRef {
        let nulls = self.validity.finish();
        self.values.finish(nulls, &self.start.data_type)
    }
}

struct Primitives<T: ArrowPrimitiveType>(Vec<T::Native>);

impl<T: ArrowPrimitiveType> Values for Primitives<T> {
    type Value = T::Native;

    fn push(&mut self, value: T::Native) {
        self.0.push(value);
    }

    fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    fn bytes(&self) -> usize {
        size_of_val(self.0.as_slice())
    }

    fn finish(&mut self, nulls: Option<NullBuffer>, data_type: &DataType) -> ArrayRef {
        let array = PrimitiveArray::<T>::new(std::mem::take(&mut self.0).into(), nulls);
        Arc::new(array.with_data_type(data_type.clone()))
    }
}

impl Values for BooleanBufferBuilder {
    type Value = bool;

    fn push(&mut self, value: bool) {
        self.append(value);
    }

    fn truncate(&mut self, len: usize) {
        BooleanBufferBuilder::truncate(self, len);
    }

    fn bytes(&self) -> usize {
        self.len() / 8
    }

    fn finish(&mut self, nulls: Option<NullBuffer>, _: &DataType) -> ArrayRef {
        Arc::new(BooleanArray::new(self.finish(), nulls))
    }
}

struct Texts {
    start: Start,
    text: Vec<u8>,
    offsets: Vec<i32>,
    validity: NullBufferBuilder,
}

impl Texts {
    fn new(start: Start) -> Texts {
        Texts {
            start,
            text: Vec::new(),
            offsets: vec![0],
            validity: NullBufferBuilder::new(0),
        }
    }
}

impl Column for Texts {
    fn extend(&mut self, rows: &Rows, index: usize, bad: &mut Vec<usize>) {
        let (text, offsets, validity) = (&mut self.text, &mut self.offsets, &mut self.validity);
        let ascii = rows.is_ascii();
        self.start.walk(rows, index, bad, |field| {
            match field {
                None => validity.append_null(),
                Some(field) if !ascii && std::str::from_utf8(field).is_err() => return false,
                Some(field) => {
                    text.extend_from_slice(field);
                    validity.append_non_null();
                }
            }
            offsets.push(i32::try_from(text.len()).expect("batches are cut long before 2 GiB"));
            true
        });
    }

    fn truncate(&mut self, len: usize) {
        self.offsets.truncate(len + 1);
        self.text.truncate(self.offsets[len] as usize);
        self.validity.truncate(len);
    }

    fn bytes(&self) -> usize {
        self.text.len()
    }

    fn finish(&mut self) -> ArrayRef {
        let text = Buffer::from_vec(std::mem::take(&mut self.text));
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        let offsets = OffsetBuffer::new(offsets.into());
        Arc::new(StringArray::new(offsets, text, self.validity.finish()))
    }
}
