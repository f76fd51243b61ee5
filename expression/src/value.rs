//! Columns while they are computed: one value per row, or one for all rows.
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Datum, Int64Array, PrimitiveArray, Scalar, StringArray,
    make_array, new_null_array,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_data::transform::MutableArrayData;
use arrow_schema::{DataType, TimeUnit};

use crate::clock::offset_seconds;
use crate::types::{Type, per_second};

/// A column, or a constant: one value that stands for every row.
#[derive(Clone, Debug)]
pub struct Value {
    /// One value per row; a single one for a constant.
    pub array: ArrayRef,
    /// Whether there is one value for all rows.
    pub constant: bool,
}

impl Value {
    /// One value per row.
    pub fn rows(array: ArrayRef) -> Value {
        Value {
            array,
            constant: false,
        }
    }

    /// The one value of the array for every row.
    pub fn constant(array: ArrayRef) -> Value {
        assert_eq!(array.len(), 1, "a constant is one value");
        Value {
            array,
            constant: true,
        }
    }

    /// Null for every row.
    pub fn null(of: &Type) -> Value {
        Value::constant(new_null_array(&of.data_type(), 1))
    }

    /// An array that was computed of `from`, row by row.
    pub fn like(from: &[&Value], array: ArrayRef) -> Value {
        Value {
            array,
            constant: from.iter().all(|value| value.constant),
        }
    }

    /// Whether every row is null because the one value is.
    pub fn is_constant_null(&self) -> bool {
        self.constant && self.array.logical_null_count() > 0
    }

    /// What a row's number is multiplied by to find its value: 0 for a constant.
    pub fn stride(&self) -> usize {
        usize::from(!self.constant)
    }

    /// One value per row.
    pub fn expanded(&self, rows: usize) -> ArrayRef {
        if !self.constant {
            return self.array.clone();
        }
        let one = Scalar::new(self.array.clone());
        let all = BooleanArray::new(BooleanBuffer::new_set(rows), None);
        choose(&all, &one, &one)
    }

    /// For `zip`: a scalar if it is a constant.
    pub fn datum(&self) -> Box<dyn Datum> {
        if self.constant {
            Box::new(Scalar::new(self.array.clone()))
        } else {
            Box::new(self.array.clone())
        }
    }
}

/// Where the mask is true the first, else (null too) the second.
///
/// `arrow_select::zip` does the same, and brings code for every type that Arrow has into each scorer: a third of its size.
pub fn choose(mask: &BooleanArray, first: &dyn Datum, second: &dyn Datum) -> ArrayRef {
    let sources = [second.get(), first.get()];
    let data = sources.map(|(array, _)| array.to_data());
    let mut chosen = MutableArrayData::new(data.iter().collect(), false, mask.len());
    let mut extend = |source: usize, rows: Range<usize>| {
        let (_, constant) = sources[source];
        // A constant has one row, which is taken again and again.
        let step = if constant { 1 } else { rows.len().max(1) };
        for start in rows.clone().step_by(step) {
            let taken = if constant { 0..1 } else { start..rows.end };
            let extended = chosen.try_extend(source, taken.start, taken.end);
            extended.expect("a column of a batch is not that long");
        }
    };
    let holds = match mask.nulls() {
        None => mask.values().clone(),
        Some(nulls) => mask.values() & nulls.inner(),
    };
    let mut done = 0;
    for (start, end) in holds.set_slices() {
        extend(0, done..start);
        extend(1, start..end);
        done = end;
    }
    extend(0, done..mask.len());
    make_array(chosen.freeze())
}

/// How many rows come out of these: 1 if all are constants.
pub fn common_rows(values: &[&Value]) -> usize {
    let rows = values.iter().find(|value| !value.constant);
    rows.map_or(1, |value| value.array.len())
}

/// Null where any of the values is. Constants that are null are left to the caller.
pub fn common_nulls(values: &[&Value]) -> Option<NullBuffer> {
    let nulls = values.iter().filter(|value| !value.constant);
    nulls.fold(None, |nulls, value| {
        NullBuffer::union(nulls.as_ref(), value.array.logical_nulls().as_ref())
    })
}

/// Computes a row of two numbers; none is null.
pub fn binary<A, B, O>(
    left: &Value,
    right: &Value,
    compute: impl Fn(A::Native, B::Native) -> Option<O::Native>,
) -> Value
where
    A: ArrowPrimitiveType,
    B: ArrowPrimitiveType,
    O: ArrowPrimitiveType,
{
    let (a, b) = (
        left.array.as_primitive::<A>(),
        right.array.as_primitive::<B>(),
    );
    let (a_stride, b_stride) = (left.stride(), right.stride());
    let (a, b) = (a.values(), b.values());
    rows_of::<O>(&[left, right], |row| {
        compute(a[row * a_stride], b[row * b_stride])
    })
}

/// Computes each row in which none of the values is null; none is null.
pub fn rows_of<O: ArrowPrimitiveType>(
    from: &[&Value],
    compute: impl Fn(usize) -> Option<O::Native>,
) -> Value {
    let rows = common_rows(from);
    let nulls = common_nulls(from);
    let mut missing = false;
    let mut values = Vec::with_capacity(rows);
    let mut valid = vec![true; rows];
    for (row, valid) in valid.iter_mut().enumerate() {
        let value = match &nulls {
            Some(nulls) if nulls.is_null(row) => None,
            _ => compute(row),
        };
        *valid = value.is_some();
        missing |= value.is_none();
        values.push(value.unwrap_or_default());
    }
    let nulls = missing.then(|| NullBuffer::from(valid));
    let array = PrimitiveArray::<O>::new(values.into(), nulls);
    Value::like(from, Arc::new(array))
}

/// Answers each row in which none of the values is null.
pub fn flags_of(from: &[&Value], test: impl Fn(usize) -> bool) -> Value {
    let rows = common_rows(from);
    let nulls = common_nulls(from);
    let flags = BooleanBuffer::collect_bool(rows, |row| {
        nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) && test(row)
    });
    Value::like(from, Arc::new(BooleanArray::new(flags, nulls)))
}

/// Writes each row in which none of the values is null; none is null.
pub fn texts_of(from: &[&Value], write: impl Fn(usize) -> Option<String>) -> Value {
    let nulls = common_nulls(from);
    let texts = (0..common_rows(from)).map(|row| match &nulls {
        Some(nulls) if nulls.is_null(row) => None,
        _ => write(row),
    });
    Value::like(from, Arc::new(texts.collect::<StringArray>()))
}

/// A column as expressions compute with it: whole numbers as `int64`, floats as `float64`.
pub fn widened(array: &ArrayRef) -> ArrayRef {
    fn ints<T: ArrowPrimitiveType>(array: &ArrayRef) -> ArrayRef
    where
        i64: From<T::Native>,
    {
        let widened: Int64Array = array.as_primitive::<T>().unary(i64::from);
        Arc::new(widened)
    }
    match array.data_type() {
        DataType::Int8 => ints::<Int8Type>(array),
        DataType::Int16 => ints::<Int16Type>(array),
        DataType::Int32 => ints::<Int32Type>(array),
        DataType::UInt8 => ints::<UInt8Type>(array),
        DataType::UInt16 => ints::<UInt16Type>(array),
        DataType::UInt32 => ints::<UInt32Type>(array),
        DataType::UInt64 => {
            let column = array.as_primitive::<UInt64Type>();
            let ints: Int64Array = column.unary_opt(|value| i64::try_from(value).ok());
            Arc::new(ints)
        }
        DataType::Float32 => {
            let column = array.as_primitive::<Float32Type>();
            Arc::new(column.unary::<_, Float64Type>(f64::from))
        }
        _ => array.clone(),
    }
}

/// Makes values of one type values of another that [`Type::common`] gave. What does not fit becomes null.
pub fn cast(value: &Value, from: &Type, to: &Type) -> Value {
    let array: ArrayRef = match (from, to) {
        (Type::Null, to) => return Value::null(to),
        (Type::Int, Type::Float) => {
            let ints = value.array.as_primitive::<Int64Type>();
            Arc::new(ints.unary::<_, Float64Type>(|value| value as f64))
        }
        (Type::Date, Type::Timestamp(unit, zone)) => {
            let offset = i64::from(zone.as_deref().and_then(offset_seconds).unwrap_or(0));
            let dates = value.array.as_primitive::<Date32Type>();
            let ticks: Int64Array = dates.unary_opt(|days| {
                (i64::from(days) * 86_400 - offset).checked_mul(per_second(*unit))
            });
            timestamps(&ticks, *unit, zone.clone())
        }
        (Type::Timestamp(coarse, _), Type::Timestamp(fine, zone)) => {
            let factor = per_second(*fine) / per_second(*coarse);
            let ticks: Int64Array =
                ticks(&value.array).unary_opt(|ticks: i64| ticks.checked_mul(factor));
            timestamps(&ticks, *fine, zone.clone())
        }
        _ => return value.clone(),
    };
    Value::like(&[value], array)
}

/// The numbers of a column of timestamps, in its unit.
pub fn ticks(array: &ArrayRef) -> Int64Array {
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => array
            .as_primitive::<TimestampSecondType>()
            .reinterpret_cast(),
        DataType::Timestamp(TimeUnit::Millisecond, _) => array
            .as_primitive::<TimestampMillisecondType>()
            .reinterpret_cast(),
        DataType::Timestamp(TimeUnit::Microsecond, _) => array
            .as_primitive::<TimestampMicrosecondType>()
            .reinterpret_cast(),
        _ => array
            .as_primitive::<TimestampNanosecondType>()
            .reinterpret_cast(),
    }
}

/// A column of timestamps of numbers in its unit.
pub fn timestamps(ticks: &Int64Array, unit: TimeUnit, zone: Option<Arc<str>>) -> ArrayRef {
    fn of<T: arrow_array::types::ArrowTimestampType>(
        ticks: &Int64Array,
        zone: Option<Arc<str>>,
    ) -> ArrayRef {
        Arc::new(ticks.reinterpret_cast::<T>().with_timezone_opt(zone))
    }
    match unit {
        TimeUnit::Second => of::<TimestampSecondType>(ticks, zone),
        TimeUnit::Millisecond => of::<TimestampMillisecondType>(ticks, zone),
        TimeUnit::Microsecond => of::<TimestampMicrosecondType>(ticks, zone),
        TimeUnit::Nanosecond => of::<TimestampNanosecondType>(ticks, zone),
    }
}
