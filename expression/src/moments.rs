//! Dates and times: their parts, and what texts of them mean.
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use chrono::Datelike;

use crate::clock::{Format, calendar, iso_date, iso_time, offset_seconds, time_of_day, weekday};
use crate::functions::Function;
use crate::types::{Type, per_second};
use crate::value::{Value, cast, rows_of, ticks, timestamps};

const DAY: i64 = 86_400;

/// A function of dates, times, or texts of them.
pub fn call(
    function: Function,
    value: &Value,
    from: &Type,
    format: Option<&Format>,
    of: &Type,
) -> Value {
    match (function, from) {
        (Function::HourOf | Function::MinuteOf, _) => {
            let texts = value.array.as_string::<i32>();
            rows_of::<Int64Type>(&[value], |row| {
                let (hour, minute) = time_of_day(texts.value(row))?;
                Some(if function == Function::HourOf {
                    hour
                } else {
                    minute
                })
            })
        }
        (Function::Date, Type::Text) => {
            let texts = value.array.as_string::<i32>();
            rows_of::<Date32Type>(&[value], |row| match format {
                Some(format) => format.date(texts.value(row)),
                None => iso_date(texts.value(row)),
            })
        }
        (Function::Date, Type::Date) => value.clone(),
        (Function::Date, _) => seconds::<Date32Type>(value, from, |local| {
            i32::try_from(local.div_euclid(DAY)).ok()
        }),
        (Function::Timestamp, Type::Text) => {
            let zoned = matches!(of, Type::Timestamp(_, Some(_)));
            let texts = value.array.as_string::<i32>();
            let micros = rows_of::<Int64Type>(&[value], |row| match format {
                Some(format) => format.time(texts.value(row)),
                None => iso_time(texts.value(row))
                    .filter(|written| written.offset == zoned)
                    .map(|written| written.micros),
            });
            let Type::Timestamp(unit, zone) = of else {
                unreachable!("a timestamp is one")
            };
            let ticks = micros.array.as_primitive::<Int64Type>();
            Value::like(&[value], timestamps(ticks, *unit, zone.clone()))
        }
        (Function::Timestamp, _) => cast(value, from, of),
        _ => seconds::<Int64Type>(value, from, |local| part(function, local)),
    }
}

/// Computes with the seconds on the wall of each date or time.
fn seconds<O: arrow_array::types::ArrowPrimitiveType>(
    value: &Value,
    from: &Type,
    compute: impl Fn(i64) -> Option<O::Native>,
) -> Value {
    if let Type::Timestamp(unit, zone) = from {
        let ticks = ticks(&value.array);
        let offset = zone.as_deref().and_then(offset_seconds).unwrap_or(0);
        let per_second = per_second(*unit);
        return rows_of::<O>(&[value], |row| {
            let local = ticks.value(row).div_euclid(per_second);
            compute(local.checked_add(i64::from(offset))?)
        });
    }
    let dates = value.array.as_primitive::<Date32Type>();
    rows_of::<O>(&[value], |row| compute(i64::from(dates.value(row)) * DAY))
}

fn part(function: Function, local: i64) -> Option<i64> {
    let (days, second) = (local.div_euclid(DAY), local.rem_euclid(DAY));
    let date = || calendar(days);
    Some(match function {
        Function::Hour => second / 3600,
        Function::Minute => second / 60 % 60,
        Function::Second => second % 60,
        Function::Weekday => weekday(days),
        Function::Year => i64::from(date()?.year()),
        Function::Month => i64::from(date()?.month()),
        Function::Week => i64::from(date()?.iso_week().week()),
        Function::DayOfYear => i64::from(date()?.ordinal()),
        _ => i64::from(date()?.day()),
    })
}
