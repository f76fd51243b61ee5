//! Texts: their characters are Unicode's, never bytes.
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};

use crate::clock::{date_text, time_text};
use crate::functions::Function;
use crate::types::{Type, per_second};
use crate::value::{Value, flags_of, rows_of, texts_of, ticks};

/// A function of texts.
pub fn call(function: Function, values: &[Value], from: &Type) -> Value {
    if function == Function::Text {
        return text(&values[0], from);
    }
    let all: Vec<&Value> = values.iter().collect();
    let at = |argument: usize, row: usize| {
        let value = &values[argument];
        let texts = value.array.as_string::<i32>();
        texts.value(row * value.stride())
    };
    let number = |argument: usize, row: usize| {
        let value = &values[argument];
        let numbers = value.array.as_primitive::<Int64Type>();
        numbers.value(row * value.stride())
    };
    match function {
        Function::Contains => flags_of(&all, |row| at(0, row).contains(at(1, row))),
        Function::StartsWith => flags_of(&all, |row| at(0, row).starts_with(at(1, row))),
        Function::EndsWith => flags_of(&all, |row| at(0, row).ends_with(at(1, row))),
        Function::Length => {
            rows_of::<Int64Type>(&all, |row| Some(at(0, row).chars().count() as i64))
        }
        Function::Lower => texts_of(&all, |row| Some(at(0, row).to_lowercase())),
        Function::Upper => texts_of(&all, |row| Some(at(0, row).to_uppercase())),
        Function::Trim => texts_of(&all, |row| Some(at(0, row).trim().to_owned())),
        Function::Replace => texts_of(&all, |row| {
            Some(replace(at(0, row), at(1, row), at(2, row)))
        }),
        Function::Concat => texts_of(&all, |row| {
            Some(
                (0..values.len())
                    .map(|argument| at(argument, row))
                    .collect(),
            )
        }),
        _ => texts_of(&all, |row| {
            let length = (values.len() > 2).then(|| number(2, row));
            Some(substring(at(0, row), number(1, row), length))
        }),
    }
}

/// An empty part is found nowhere.
fn replace(text: &str, part: &str, by: &str) -> String {
    if part.is_empty() {
        return text.to_owned();
    }
    text.replace(part, by)
}

/// `length` characters from the one with the number `start`, counted from 1; what lies outside of the text is left out.
fn substring(text: &str, start: i64, length: Option<i64>) -> String {
    let first = start.max(1);
    let end = length.map_or(i64::MAX, |length| start.saturating_add(length.max(0)));
    let skip = usize::try_from(first - 1).unwrap_or(usize::MAX);
    let take = usize::try_from(end.saturating_sub(first).max(0)).unwrap_or(usize::MAX);
    text.chars().skip(skip).take(take).collect()
}

fn text(value: &Value, from: &Type) -> Value {
    let (array, all) = (&value.array, [value]);
    match from {
        Type::Bool => {
            let flags = array.as_boolean();
            texts_of(&all, |row| Some(flags.value(row).to_string()))
        }
        Type::Int => {
            let ints = array.as_primitive::<Int64Type>();
            texts_of(&all, |row| Some(ints.value(row).to_string()))
        }
        Type::Float => {
            let floats = array.as_primitive::<Float64Type>();
            // The shortest digits that are read as the same number.
            texts_of(&all, |row| Some(format!("{:?}", floats.value(row))))
        }
        Type::Date => {
            let dates = array.as_primitive::<Date32Type>();
            texts_of(&all, |row| date_text(dates.value(row)))
        }
        Type::Timestamp(unit, zone) => {
            let ticks = ticks(array);
            let per_second = per_second(*unit);
            texts_of(&all, |row| {
                time_text(ticks.value(row), per_second, zone.as_deref())
            })
        }
        _ => value.clone(),
    }
}
