//! A column that is being read.

use std::fmt;
use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, FixedSizeListArray, PrimitiveArray, StringArray,
};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, NullBufferBuilder, OffsetBuffer};
use arrow_schema::{DataType, Field, FieldRef, TimeUnit};

use crate::columns::width;
use crate::datatype::Datatype;
use crate::{base64, moments};

/// A value that the column does not hold.
#[derive(Debug)]
pub(crate) struct Unfit;

type Pushed = Result<(), Unfit>;

/// A column that is being read.
pub(crate) struct Builder {
    values: Values,
    /// One for each row that is complete.
    nulls: NullBufferBuilder,
    nullable: bool,
}

enum Values {
    Bool(BooleanBufferBuilder),
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Text(Pieces),
    Binary(Pieces),
    Date(Vec<i32>),
    Time(Vec<i64>, TimeUnit, Option<Arc<str>>),
    List(Lists),
}

/// Bytes of variable length, one after the other.
struct Pieces {
    offsets: Vec<i32>,
    bytes: Vec<u8>,
}

impl Pieces {
    fn end(&mut self) {
        let end = i32::try_from(self.bytes.len()).expect("a request's text is limited to 2 GiB");
        self.offsets.push(end);
    }

    fn truncate(&mut self, rows: usize) {
        self.offsets.truncate(rows + 1);
        let end = self.offsets.last().expect("the first is 0");
        self.bytes.truncate(*end as usize);
    }

    fn finish(self) -> (OffsetBuffer<i32>, arrow_buffer::Buffer) {
        (OffsetBuffer::new(self.offsets.into()), self.bytes.into())
    }
}

/// Lists of `size` elements.
struct Lists {
    values: Vec<f32>,
    nulls: NullBufferBuilder,
    item: FieldRef,
    size: usize,
    /// Nulls in the row that is not yet complete.
    missing: usize,
}

impl Lists {
    fn push(&mut self, value: Option<f32>) {
        self.values.push(value.unwrap_or_default());
        self.nulls.append(value.is_some());
        self.missing += usize::from(value.is_none());
    }
}

impl Builder {
    /// For a column of [`Columns`](crate::Columns), so of a type that is known.
    pub(crate) fn new(field: &Field, rows: usize) -> Builder {
        Builder {
            values: Values::new(field.data_type(), rows),
            nulls: NullBufferBuilder::new(rows),
            nullable: field.is_nullable(),
        }
    }

    /// The rows that are complete.
    pub(crate) fn len(&self) -> usize {
        self.nulls.len()
    }

    /// How many elements a row has.
    pub(crate) fn width(&self) -> usize {
        match &self.values {
            Values::List(lists) => lists.size,
            _ => 1,
        }
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.values, Values::List(_))
    }

    pub(crate) fn is_single(&self) -> bool {
        matches!(self.values, Values::F32(_) | Values::List(_))
    }

    /// A missing row.
    pub(crate) fn null(&mut self) -> Pushed {
        if !self.nullable {
            return Err(Unfit);
        }
        match &mut self.values {
            Values::Bool(bits) => bits.append(false),
            Values::I8(values) => values.push(0),
            Values::I16(values) => values.push(0),
            Values::I32(values) | Values::Date(values) => values.push(0),
            Values::I64(values) | Values::Time(values, ..) => values.push(0),
            Values::U8(values) => values.push(0),
            Values::U16(values) => values.push(0),
            Values::U32(values) => values.push(0),
            Values::U64(values) => values.push(0),
            Values::F32(values) => values.push(0.0),
            Values::F64(values) => values.push(0.0),
            Values::Text(pieces) | Values::Binary(pieces) => pieces.end(),
            Values::List(lists) => {
                lists.values.resize(lists.values.len() + lists.size, 0.0);
                lists.nulls.append_n_non_nulls(lists.size);
            }
        }
        self.nulls.append_null();
        Ok(())
    }

    /// A missing element: of a list, or else a row.
    pub(crate) fn null_element(&mut self) -> Pushed {
        match &mut self.values {
            Values::List(lists) => {
                lists.push(None);
                Ok(())
            }
            _ => self.null(),
        }
    }

    pub(crate) fn boolean(&mut self, value: bool) -> Pushed {
        let Values::Bool(bits) = &mut self.values else {
            return Err(Unfit);
        };
        bits.append(value);
        self.nulls.append_non_null();
        Ok(())
    }

    /// A whole number. A float takes the nearest of its own, as it would if the text had a point.
    pub(crate) fn whole(&mut self, value: i128) -> Pushed {
        match &mut self.values {
            Values::I8(values) => values.push(value.try_into().map_err(|_| Unfit)?),
            Values::I16(values) => values.push(value.try_into().map_err(|_| Unfit)?),
            Values::I32(values) => values.push(value.try_into().map_err(|_| Unfit)?),
            Values::I64(values) => values.push(value.try_into().map_err(|_| Unfit)?),
            Values::U8(values) => values.push(value.try_into().map_err(|_| Unfit)?),
            Values::U16(values) => values.push(value.try_into().map_err(|_| Unfit)?),
            Values::U32(values) => values.push(value.try_into().map_err(|_| Unfit)?),
            Values::U64(values) => values.push(value.try_into().map_err(|_| Unfit)?),
            Values::F64(values) => values.push(value as f64),
            Values::F32(_) | Values::List(_) => return self.float((value as f32).into()),
            _ => return Err(Unfit),
        }
        self.nulls.append_non_null();
        Ok(())
    }

    /// A whole number that a float has to hold exactly.
    pub(crate) fn exactly_whole(&mut self, value: i128) -> Pushed {
        let exact = match self.values {
            Values::F64(_) => value as f64 as i128 == value,
            Values::F32(_) | Values::List(_) => value as f32 as i128 == value,
            _ => true,
        };
        if exact { self.whole(value) } else { Err(Unfit) }
    }

    /// A number with a point. Whole numbers are not written so.
    pub(crate) fn float(&mut self, value: f64) -> Pushed {
        let single = value as f32;
        let exact = f64::from(single) == value;
        match &mut self.values {
            Values::F64(values) => values.push(value),
            Values::F32(values) if exact => values.push(single),
            Values::List(lists) if exact => {
                lists.push(Some(single));
                // The row is complete only when the list is.
                return Ok(());
            }
            // The parser's answer to "-0", which is a whole number.
            _ if value == 0.0 && value.is_sign_negative() => return self.whole(0),
            _ => return Err(Unfit),
        }
        self.nulls.append_non_null();
        Ok(())
    }

    /// A number of a tensor of floats, which whole numbers hold when it is one.
    pub(crate) fn exactly_float(&mut self, value: f64) -> Pushed {
        match self.values {
            Values::F64(_) | Values::F32(_) | Values::List(_) => self.float(value),
            _ if value.fract() == 0.0 => self.whole(value as i128),
            _ => Err(Unfit),
        }
    }

    /// A text, or what is written as one.
    pub(crate) fn text(&mut self, text: &str) -> Pushed {
        match &mut self.values {
            Values::Text(pieces) => {
                pieces.bytes.extend_from_slice(text.as_bytes());
                pieces.end();
            }
            Values::Binary(pieces) => {
                if !base64::decode(text, &mut pieces.bytes) {
                    return Err(Unfit);
                }
                pieces.end();
            }
            Values::Date(values) => values.push(moments::days(text).ok_or(Unfit)?),
            Values::Time(values, unit, _) => {
                values.push(moments::units(text, *unit).ok_or(Unfit)?);
            }
            _ => return Err(Unfit),
        }
        self.nulls.append_non_null();
        Ok(())
    }

    /// Completes a list whose elements were all given. Flat tensors cannot name the row itself: there `blank` says that a list of
    /// nothing but nulls is a missing list.
    pub(crate) fn end_list(&mut self, blank: bool) -> Pushed {
        let Values::List(lists) = &mut self.values else {
            return Ok(());
        };
        let missing = std::mem::take(&mut lists.missing);
        if blank && self.nullable && missing == lists.size {
            self.nulls.append_null();
        } else if missing > 0 && !lists.item.is_nullable() {
            return Err(Unfit);
        } else {
            self.nulls.append_non_null();
        }
        Ok(())
    }

    /// Forgets the rows behind the first so many, and a row that is not complete.
    pub(crate) fn truncate(&mut self, rows: usize) {
        match &mut self.values {
            Values::Bool(bits) => bits.truncate(rows),
            Values::I8(values) => values.truncate(rows),
            Values::I16(values) => values.truncate(rows),
            Values::I32(values) | Values::Date(values) => values.truncate(rows),
            Values::I64(values) | Values::Time(values, ..) => values.truncate(rows),
            Values::U8(values) => values.truncate(rows),
            Values::U16(values) => values.truncate(rows),
            Values::U32(values) => values.truncate(rows),
            Values::U64(values) => values.truncate(rows),
            Values::F32(values) => values.truncate(rows),
            Values::F64(values) => values.truncate(rows),
            Values::Text(pieces) | Values::Binary(pieces) => pieces.truncate(rows),
            Values::List(lists) => {
                lists.values.truncate(rows * lists.size);
                lists.nulls.truncate(rows * lists.size);
                lists.missing = 0;
            }
        }
        self.nulls.truncate(rows);
    }

    /// The column.
    pub(crate) fn finish(mut self) -> ArrayRef {
        self.values.finish(self.nulls.finish())
    }

    /// What the column holds, for whoever sent something else.
    pub(crate) fn wanted(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let datatype = match &self.values {
            Values::Bool(_) => return f.write_str("true or false"),
            Values::F32(_) => return f.write_str("a 32-bit floating point number"),
            Values::F64(_) => return f.write_str("a number"),
            Values::Text(_) => return f.write_str("text"),
            Values::Binary(_) => return f.write_str("base64 text with padding"),
            Values::Date(_) => return f.write_str("a date such as \"2024-02-29\""),
            Values::Time(_, unit, _) => {
                let unit = moments::unit_name(*unit);
                return write!(
                    f,
                    "a time such as \"2024-02-29T13:45:00Z\", of whole {unit}"
                );
            }
            Values::List(lists) => return write!(f, "a list of {} numbers", lists.size),
            Values::I8(_) => Datatype::Int8,
            Values::I16(_) => Datatype::Int16,
            Values::I32(_) => Datatype::Int32,
            Values::I64(_) => Datatype::Int64,
            Values::U8(_) => Datatype::Uint8,
            Values::U16(_) => Datatype::Uint16,
            Values::U32(_) => Datatype::Uint32,
            Values::U64(_) => Datatype::Uint64,
        };
        datatype.write_whole(f)
    }
}

impl Values {
    fn new(data_type: &DataType, rows: usize) -> Values {
        let pieces = || {
            let mut offsets = Vec::with_capacity(rows + 1);
            offsets.push(0);
            // Most texts are words.
            Pieces {
                offsets,
                bytes: Vec::with_capacity(8 * rows),
            }
        };
        match data_type {
            DataType::Boolean => Values::Bool(BooleanBufferBuilder::new(rows)),
            DataType::Int8 => Values::I8(Vec::with_capacity(rows)),
            DataType::Int16 => Values::I16(Vec::with_capacity(rows)),
            DataType::Int32 => Values::I32(Vec::with_capacity(rows)),
            DataType::Int64 => Values::I64(Vec::with_capacity(rows)),
            DataType::UInt8 => Values::U8(Vec::with_capacity(rows)),
            DataType::UInt16 => Values::U16(Vec::with_capacity(rows)),
            DataType::UInt32 => Values::U32(Vec::with_capacity(rows)),
            DataType::UInt64 => Values::U64(Vec::with_capacity(rows)),
            DataType::Float32 => Values::F32(Vec::with_capacity(rows)),
            DataType::Float64 => Values::F64(Vec::with_capacity(rows)),
            DataType::Utf8 => Values::Text(pieces()),
            DataType::Binary => Values::Binary(pieces()),
            DataType::Date32 => Values::Date(Vec::with_capacity(rows)),
            DataType::Timestamp(unit, zone) => {
                Values::Time(Vec::with_capacity(rows), *unit, zone.clone())
            }
            DataType::FixedSizeList(item, _) => Values::List(Lists {
                values: Vec::with_capacity(rows),
                nulls: NullBufferBuilder::new(rows),
                item: item.clone(),
                size: width(data_type),
                missing: 0,
            }),
            other => unreachable!("`Columns` refuses {other}"),
        }
    }

    fn finish(self, nulls: Option<NullBuffer>) -> ArrayRef {
        match self {
            Values::Bool(mut bits) => Arc::new(BooleanArray::new(bits.finish(), nulls)),
            Values::I8(values) => primitive::<Int8Type>(values, nulls),
            Values::I16(values) => primitive::<Int16Type>(values, nulls),
            Values::I32(values) => primitive::<Int32Type>(values, nulls),
            Values::I64(values) => primitive::<Int64Type>(values, nulls),
            Values::U8(values) => primitive::<UInt8Type>(values, nulls),
            Values::U16(values) => primitive::<UInt16Type>(values, nulls),
            Values::U32(values) => primitive::<UInt32Type>(values, nulls),
            Values::U64(values) => primitive::<UInt64Type>(values, nulls),
            Values::F32(values) => primitive::<Float32Type>(values, nulls),
            Values::F64(values) => primitive::<Float64Type>(values, nulls),
            Values::Text(pieces) => {
                let (offsets, bytes) = pieces.finish();
                Arc::new(StringArray::new(offsets, bytes, nulls))
            }
            Values::Binary(pieces) => {
                let (offsets, bytes) = pieces.finish();
                Arc::new(BinaryArray::new(offsets, bytes, nulls))
            }
            Values::Date(values) => primitive::<Date32Type>(values, nulls),
            Values::Time(values, unit, zone) => times(values, nulls, unit, zone),
            Values::List(mut lists) => {
                let values = primitive::<Float32Type>(lists.values, lists.nulls.finish());
                let size = i32::try_from(lists.size).expect("it was an i32");
                Arc::new(FixedSizeListArray::new(lists.item, size, values, nulls))
            }
        }
    }
}

fn primitive<T: ArrowPrimitiveType>(values: Vec<T::Native>, nulls: Option<NullBuffer>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(values.into(), nulls))
}

fn times(
    values: Vec<i64>,
    nulls: Option<NullBuffer>,
    unit: TimeUnit,
    zone: Option<Arc<str>>,
) -> ArrayRef {
    let values = values.into();
    match unit {
        TimeUnit::Second => {
            let times = PrimitiveArray::<TimestampSecondType>::new(values, nulls);
            Arc::new(times.with_timezone_opt(zone))
        }
        TimeUnit::Millisecond => {
            let times = PrimitiveArray::<TimestampMillisecondType>::new(values, nulls);
            Arc::new(times.with_timezone_opt(zone))
        }
        TimeUnit::Microsecond => {
            let times = PrimitiveArray::<TimestampMicrosecondType>::new(values, nulls);
            Arc::new(times.with_timezone_opt(zone))
        }
        TimeUnit::Nanosecond => {
            let times = PrimitiveArray::<TimestampNanosecondType>::new(values, nulls);
            Arc::new(times.with_timezone_opt(zone))
        }
    }
}
