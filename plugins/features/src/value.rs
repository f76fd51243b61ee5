//! Values that are kept: categories and constants.
use std::fmt::Display;
use std::sync::Arc;

use arrow_array::types as arrow;
use arrow_array::{
    ArrayRef, ArrowPrimitiveType, BooleanArray, Float32Array, Float64Array, PrimitiveArray,
    StringArray,
};
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};
use lockflight_sdk::type_name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value as it stands in the config. Dates and times are text, as `2024-02-29` and `2024-02-29T12:00:00`.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(untagged)]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text, date or time.
    Text(String),
}

/// A value of a column that is no float. Whole numbers stand for themselves, for truth values, for days since 1970-01-01, and for
/// units of the column's time unit since then.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Key {
    /// Of columns of whole numbers, truth values, dates and times.
    Int(i128),
    /// Of text.
    Text(String),
}

/// Whether a column of this type holds [`Key`]s.
pub fn has_keys(data_type: &DataType) -> bool {
    data_type.is_integer()
        || matches!(
            data_type,
            DataType::Boolean | DataType::Utf8 | DataType::Date32 | DataType::Timestamp(..)
        )
}

impl Literal {
    /// What the value means in a column of a type that [has keys](has_keys).
    ///
    /// # Errors
    /// A sentence, when it means nothing there.
    pub fn key(&self, data_type: &DataType) -> Result<Key, String> {
        let int = match (data_type, self) {
            (DataType::Utf8, Literal::Text(text)) => return Ok(Key::Text(text.clone())),
            (DataType::Boolean, Literal::Bool(flag)) => Some(i128::from(*flag)),
            (DataType::Date32, Literal::Text(text)) => text.parse().ok().map(days),
            (DataType::Timestamp(unit, zone), Literal::Text(text)) => {
                instant(text, zone.is_some()).and_then(|time| units(time, *unit))
            }
            (whole, Literal::Int(value)) if whole.is_integer() => {
                Some(i128::from(*value)).filter(|value| range(whole).contains(value))
            }
            _ => None,
        };
        int.map(Key::Int).ok_or_else(|| self.misfit(data_type))
    }

    /// The number, for a column of floats.
    ///
    /// # Errors
    /// A sentence, when it is none.
    pub fn float(&self, data_type: &DataType) -> Result<f64, String> {
        match self {
            Literal::Int(value) => Ok(*value as f64),
            Literal::Float(value) => Ok(*value),
            _ => Err(self.misfit(data_type)),
        }
    }

    fn misfit(&self, data_type: &DataType) -> String {
        let value = match self {
            Literal::Bool(flag) => flag.to_string(),
            Literal::Int(value) => value.to_string(),
            Literal::Float(value) => format!("{value:?}"),
            Literal::Text(text) => format!("{text:?}"),
        };
        format!("{value} is no value of type {}", type_name(data_type))
    }
}

/// What a column of whole numbers can hold.
fn range(data_type: &DataType) -> std::ops::RangeInclusive<i128> {
    fn of<T: Into<i128>>(min: T, max: T) -> std::ops::RangeInclusive<i128> {
        min.into()..=max.into()
    }
    match data_type {
        DataType::Int8 => of(i8::MIN, i8::MAX),
        DataType::Int16 => of(i16::MIN, i16::MAX),
        DataType::Int32 => of(i32::MIN, i32::MAX),
        DataType::UInt8 => of(u8::MIN, u8::MAX),
        DataType::UInt16 => of(u16::MIN, u16::MAX),
        DataType::UInt32 => of(u32::MIN, u32::MAX),
        DataType::UInt64 => of(u64::MIN, u64::MAX),
        _ => of(i64::MIN, i64::MAX),
    }
}

fn days(date: NaiveDate) -> i128 {
    date.signed_duration_since(NaiveDate::default())
        .num_days()
        .into()
}

/// An instant, written with an offset if and only if the column has a zone.
fn instant(text: &str, zoned: bool) -> Option<NaiveDateTime> {
    if zoned {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| time.naive_utc())
    } else {
        text.parse().ok()
    }
}

/// None when the time is finer than the unit, or out of its range.
fn units(time: NaiveDateTime, unit: TimeUnit) -> Option<i128> {
    let time = time.and_utc();
    let nanos =
        i128::from(time.timestamp()) * 1_000_000_000 + i128::from(time.timestamp_subsec_nanos());
    let per_unit = 1_000_000_000 / per_second(unit);
    let units = nanos / per_unit;
    (nanos % per_unit == 0 && i64::try_from(units).is_ok()).then_some(units)
}

fn per_second(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

impl Key {
    /// The value as a person writes it, given the type of its column.
    pub fn show(&self, data_type: &DataType) -> String {
        let value = match self {
            Key::Text(text) => return text.clone(),
            Key::Int(value) => *value,
        };
        let shown = match data_type {
            DataType::Boolean => Some((value != 0).to_string()),
            DataType::Date32 => show_time(value * 86_400_000_000_000, "%Y-%m-%d"),
            DataType::Timestamp(unit, zone) => {
                let zone = if zone.is_some() { "Z" } else { "" };
                let nanos = value * (1_000_000_000 / per_second(*unit));
                show_time(nanos, &format!("%Y-%m-%dT%H:%M:%S%.f{zone}"))
            }
            _ => None,
        };
        shown.unwrap_or_else(|| value.to_string())
    }

    /// A column of this one value.
    ///
    /// # Errors
    /// A sentence, when the value is not of the type.
    pub fn array(&self, data_type: &DataType) -> Result<ArrayRef, String> {
        fn one<T>(value: i128, data_type: &DataType) -> Option<ArrayRef>
        where
            T: ArrowPrimitiveType<Native: TryFrom<i128>>,
        {
            let value = T::Native::try_from(value).ok()?;
            let array = PrimitiveArray::<T>::from_value(value, 1);
            Some(Arc::new(array.with_data_type(data_type.clone())))
        }
        let array: Option<ArrayRef> = match (data_type, self) {
            (DataType::Utf8, Key::Text(text)) => Some(Arc::new(StringArray::from(vec![&**text]))),
            (DataType::Boolean, Key::Int(flag)) => {
                Some(Arc::new(BooleanArray::from(vec![*flag != 0])))
            }
            (DataType::Int8, Key::Int(v)) => one::<arrow::Int8Type>(*v, data_type),
            (DataType::Int16, Key::Int(v)) => one::<arrow::Int16Type>(*v, data_type),
            (DataType::Int32, Key::Int(v)) => one::<arrow::Int32Type>(*v, data_type),
            (DataType::Int64, Key::Int(v)) => one::<arrow::Int64Type>(*v, data_type),
            (DataType::UInt8, Key::Int(v)) => one::<arrow::UInt8Type>(*v, data_type),
            (DataType::UInt16, Key::Int(v)) => one::<arrow::UInt16Type>(*v, data_type),
            (DataType::UInt32, Key::Int(v)) => one::<arrow::UInt32Type>(*v, data_type),
            (DataType::UInt64, Key::Int(v)) => one::<arrow::UInt64Type>(*v, data_type),
            (DataType::Date32, Key::Int(v)) => one::<arrow::Date32Type>(*v, data_type),
            (DataType::Timestamp(unit, _), Key::Int(v)) => match unit {
                TimeUnit::Second => one::<arrow::TimestampSecondType>(*v, data_type),
                TimeUnit::Millisecond => one::<arrow::TimestampMillisecondType>(*v, data_type),
                TimeUnit::Microsecond => one::<arrow::TimestampMicrosecondType>(*v, data_type),
                TimeUnit::Nanosecond => one::<arrow::TimestampNanosecondType>(*v, data_type),
            },
            _ => None,
        };
        array.ok_or_else(|| format!("{} is no {}", self.show(data_type), type_name(data_type)))
    }
}

/// A column of one number.
///
/// # Errors
/// A sentence, when the type is none of floats.
pub fn float_array(value: f64, data_type: &DataType) -> Result<ArrayRef, String> {
    match data_type {
        DataType::Float64 => Ok(Arc::new(Float64Array::from(vec![value]))),
        DataType::Float32 => Ok(Arc::new(Float32Array::from(vec![value as f32]))),
        other => Err(format!("{value:?} is no {}", type_name(other))),
    }
}

fn show_time(nanos: i128, format: &str) -> Option<String> {
    let (seconds, rest) = (
        nanos.div_euclid(1_000_000_000),
        nanos.rem_euclid(1_000_000_000),
    );
    let delta = TimeDelta::new(i64::try_from(seconds).ok()?, u32::try_from(rest).ok()?)?;
    let time = NaiveDateTime::default().checked_add_signed(delta)?;
    Some(time.format(format).to_string())
}

/// At most `count` of them in quotes, with how many more there are.
pub fn list<T: Display>(items: impl ExactSizeIterator<Item = T>, count: usize) -> String {
    let more = items.len().saturating_sub(count);
    let shown: Vec<_> = items
        .take(count)
        .map(|item| format!("\"{item}\""))
        .collect();
    let shown = shown.join(", ");
    if more == 0 {
        shown
    } else {
        format!("{shown} and {more} more")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn text(text: &str) -> Literal {
        Literal::Text(text.to_owned())
    }

    #[test]
    fn literals_are_read_as_their_column_has_them_and_shown_alike() {
        let seconds = DataType::Timestamp(TimeUnit::Second, None);
        let millis = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
        let cases = [
            (DataType::Utf8, text("x"), Key::Text("x".into()), "x"),
            (DataType::Boolean, Literal::Bool(true), Key::Int(1), "true"),
            (DataType::UInt8, Literal::Int(255), Key::Int(255), "255"),
            (
                DataType::Date32,
                text("1970-02-01"),
                Key::Int(31),
                "1970-02-01",
            ),
            (
                DataType::Date32,
                text("1969-12-31"),
                Key::Int(-1),
                "1969-12-31",
            ),
            (
                seconds.clone(),
                text("1970-01-01T00:01:00"),
                Key::Int(60),
                "1970-01-01T00:01:00",
            ),
            (
                millis.clone(),
                text("1970-01-01T01:00:00.5+01:00"),
                Key::Int(500),
                "1970-01-01T00:00:00.500Z",
            ),
        ];
        for (data_type, literal, key, shown) in cases {
            assert_eq!(literal.key(&data_type).unwrap(), key);
            assert_eq!(key.show(&data_type), shown);
            let array = key.array(&data_type).unwrap();
            assert_eq!((array.len(), array.data_type()), (1, &data_type));
        }
        for (data_type, literal) in [
            (DataType::UInt8, Literal::Int(256)),
            (DataType::Utf8, Literal::Int(1)),
            (DataType::Boolean, Literal::Int(1)),
            (DataType::Date32, text("31.12.1969")),
            (seconds.clone(), text("1970-01-01T00:01:00.5")),
            (seconds, text("1970-01-01T00:01:00Z")),
            (millis, text("1970-01-01T00:01:00")),
        ] {
            assert!(
                literal.key(&data_type).is_err(),
                "{literal:?} as {data_type}"
            );
        }
    }

    #[test]
    fn a_long_list_is_cut() {
        assert_eq!(list(["a", "b", "c"].iter(), 2), "\"a\", \"b\" and 1 more");
        assert_eq!(list(["a", "b"].iter(), 2), "\"a\", \"b\"");
    }
}
