//! Values of a contract file, and what they mean in a column.
use arrow_schema::{DataType, TimeUnit};
use chrono::NaiveDate;
use toml::de::DeValue;
use toml::value::{Datetime, Offset};

/// A plain value.
#[derive(Clone, Debug)]
pub enum Literal {
    /// A whole number.
    Int(i128),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// A date, or a date and time.
    Time(Datetime),
}

/// A value in the terms of a column: whole numbers stand for themselves, for days, for units of time and for truth values.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed {
    /// Of columns of whole numbers, dates, times and truth values.
    Int(i128),
    /// Of floats; of columns of whole numbers too where it is none.
    Float(f64),
    /// Of text.
    Text(String),
}

impl Literal {
    /// Reads a plain value; none for lists and tables.
    pub fn read(value: &DeValue<'_>) -> Option<Literal> {
        Some(match value {
            DeValue::String(text) => Literal::Text(text.to_string()),
            DeValue::Integer(int) => {
                Literal::Int(i128::from_str_radix(int.as_str(), int.radix()).ok()?)
            }
            DeValue::Float(float) => Literal::Float(float.as_str().parse().ok()?),
            DeValue::Boolean(flag) => Literal::Bool(*flag),
            DeValue::Datetime(time) => Literal::Time(*time),
            DeValue::Array(_) | DeValue::Table(_) => return None,
        })
    }

    /// The number, if it is one.
    pub fn float(&self) -> Option<f64> {
        match self {
            Literal::Int(value) => Some(*value as f64),
            Literal::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// What the value means in a column of this type; none if nothing.
    pub fn typed(&self, data_type: &DataType) -> Option<Typed> {
        match (data_type, self) {
            (DataType::Float32 | DataType::Float64, value) => value.float().map(Typed::Float),
            (DataType::Utf8, Literal::Text(text)) => Some(Typed::Text(text.clone())),
            (DataType::Boolean, Literal::Bool(flag)) => Some(Typed::Int((*flag).into())),
            (DataType::Date32, Literal::Time(time)) if time.time.is_none() => {
                let days = date(time)?
                    .signed_duration_since(NaiveDate::default())
                    .num_days();
                Some(Typed::Int(days.into()))
            }
            (DataType::Timestamp(unit, zone), Literal::Time(time)) => {
                instant(time, *unit, zone.is_some()).map(Typed::Int)
            }
            (integer, Literal::Int(value)) if integer.is_integer() => Some(Typed::Int(*value)),
            (integer, Literal::Float(value)) if integer.is_integer() => Some(Typed::Float(*value)),
            _ => None,
        }
    }
}

fn date(time: &Datetime) -> Option<NaiveDate> {
    let date = time.date?;
    NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
}

/// A time in units since 1970: with an offset in a column with a zone and without in one without, or a date for its midnight.
fn instant(time: &Datetime, unit: TimeUnit, zoned: bool) -> Option<i128> {
    let midnight = date(time)?.and_hms_opt(0, 0, 0)?.and_utc().timestamp();
    let (mut seconds, mut nanos) = (i128::from(midnight), 0);
    if let Some(clock) = time.time {
        let of_day = u32::from(clock.hour) * 3600 + u32::from(clock.minute) * 60;
        seconds += i128::from(of_day + u32::from(clock.second.unwrap_or(0)));
        nanos = i128::from(clock.nanosecond.unwrap_or(0));
        match time.offset {
            Some(Offset::Z) if zoned => {}
            Some(Offset::Custom { minutes }) if zoned => seconds -= i128::from(minutes) * 60,
            None if !zoned => {}
            _ => return None,
        }
    }
    let per_second = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    };
    let unit_nanos = 1_000_000_000 / per_second;
    (nanos % unit_nanos == 0).then(|| seconds * per_second + nanos / unit_nanos)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn typed(text: &str, type_name: &str) -> Option<Typed> {
        let data_type = lockflight_sdk::type_from_name(type_name).unwrap();
        Literal::read(DeValue::parse(text).unwrap().get_ref())
            .unwrap()
            .typed(&data_type)
    }

    #[test]
    fn literals_mean_what_the_column_holds() {
        assert_eq!(typed("0xff", "uint64"), Some(Typed::Int(255)));
        assert_eq!(typed("1", "float32"), Some(Typed::Float(1.0)));
        assert_eq!(typed("1970-01-03", "date"), Some(Typed::Int(2)));
        assert_eq!(
            typed("1970-01-02", "timestamp[s]"),
            Some(Typed::Int(86_400))
        );
        assert_eq!(
            typed("1970-01-01T01:00:00.5+01:00", "timestamp[ms, UTC]"),
            Some(Typed::Int(500))
        );
        assert_eq!(
            typed("1970-01-01T00:00:01", "timestamp[us]"),
            Some(Typed::Int(1_000_000))
        );
        assert_eq!(typed("true", "bool"), Some(Typed::Int(1)));
    }

    #[test]
    fn what_means_nothing_is_none() {
        let nothing = [
            ("1", "text"),
            ("'1'", "int8"),
            ("1", "bool"),
            ("1970-01-01T00:00:00", "date"),
            ("1970-01-01T00:00:00Z", "timestamp[s]"),
            ("1970-01-01T00:00:00", "timestamp[s, UTC]"),
            ("1970-01-01T00:00:00.5", "timestamp[s]"),
        ];
        for (text, name) in nothing {
            assert_eq!(typed(text, name), None, "{text} {name}");
        }
    }
}
