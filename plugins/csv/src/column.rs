//! Columns being filled: text in, Arrow arrays out.
use std::sync::Arc;

use arrow_array::types::{self as arrow, ArrowPrimitiveType};
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBufferBuilder, OffsetBuffer};
use arrow_schema::{DataType, TimeUnit};

use crate::config::Config;
use crate::layout::ColumnLayout;
use crate::nulls::Nulls;
use crate::tokens::Rows;
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
        DataType::Boolean => Box::new(Booleans::new(start)),
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
        Box::new(Primitives::<T, _> {
            start: self,
            parse,
            values: Vec::new(),
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

struct Primitives<T: ArrowPrimitiveType, P> {
    start: Start,
    parse: P,
    values: Vec<T::Native>,
    validity: NullBufferBuilder,
}

impl<T: ArrowPrimitiveType, P: Fn(&[u8]) -> Option<T::Native>> Column for Primitives<T, P> {
    fn extend(&mut self, rows: &Rows, index: usize, bad: &mut Vec<usize>) {
        let (values, validity, parse) = (&mut self.values, &mut self.validity, &self.parse);
        self.start.walk(rows, index, bad, |field| match field {
            None => {
                values.push(T::Native::default());
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
        size_of_val(self.values.as_slice())
    }

    fn finish(&mut self) -> ArrayRef {
        let values = std::mem::take(&mut self.values);
        let array = PrimitiveArray::<T>::new(values.into(), self.validity.finish());
        Arc::new(array.with_data_type(self.start.data_type.clone()))
    }
}

struct Booleans {
    start: Start,
    values: BooleanBufferBuilder,
    validity: NullBufferBuilder,
}

impl Booleans {
    fn new(start: Start) -> Booleans {
        Booleans {
            start,
            values: BooleanBufferBuilder::new(0),
            validity: NullBufferBuilder::new(0),
        }
    }
}

impl Column for Booleans {
    fn extend(&mut self, rows: &Rows, index: usize, bad: &mut Vec<usize>) {
        let (values, validity) = (&mut self.values, &mut self.validity);
        self.start.walk(rows, index, bad, |field| match field {
            None => {
                values.append(false);
                validity.append_null();
                true
            }
            Some(field) => boolean(field).is_some_and(|value| {
                values.append(value);
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
        self.values.len() / 8
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(BooleanArray::new(
            self.values.finish(),
            self.validity.finish(),
        ))
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
        self.start.walk(rows, index, bad, |field| {
            match field {
                None => validity.append_null(),
                Some(field) if std::str::from_utf8(field).is_err() => return false,
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
