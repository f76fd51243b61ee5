//! Calls that make dates and times, and that take them apart.
use std::sync::Arc;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_schema::TimeUnit;

use super::calls::Call;
use super::convert::{coerced, known_zone};
use crate::clock::{Format, iso_date, iso_time};
use crate::fault::Fault;
use crate::functions::Function;
use crate::node::Node;
use crate::types::Type;

impl Call {
    /// `date(…)`, `timestamp(…)`
    pub(super) fn moment(mut self) -> Result<Node, Fault> {
        let name = self.name();
        let format = match self.arguments.len() {
            1 => None,
            _ => self.arguments.pop(),
        };
        let given = &self.arguments[0];
        if let Some(format) = &format
            && given.of != Type::Text
        {
            let message = format!("a format is for texts; {name} is given {}", given.of);
            return Err(Fault::new(format.span, message));
        }
        let is_date = self.doc.function == Function::Date;
        match &given.of {
            Type::Text => {}
            Type::Null => self = self.map_arguments(|argument| coerced(argument, &Type::Text))?,
            Type::Date => {
                let of = if is_date {
                    Type::Date
                } else {
                    Type::Timestamp(TimeUnit::Microsecond, None)
                };
                return Ok(self.answer(of, !is_date));
            }
            Type::Timestamp(_, zone) => {
                if let Some(zone) = zone {
                    known_zone(zone, given.span)?;
                }
                let of = if is_date {
                    Type::Date
                } else {
                    given.of.clone()
                };
                return Ok(self.answer(of, is_date));
            }
            other => {
                let message = format!("{name} wants a text, a date or a time; this is {other}");
                let fault = Fault::new(given.span, message);
                return Err(match other {
                    Type::Int => fault.help("for days: date('1970-01-01') + days"),
                    _ => fault,
                });
            }
        }
        let format = format.map(|node| read_format(&node)).transpose()?;
        let zoned = match &format {
            Some(format) => format.has_offset(),
            None => constant_text(&self.arguments[0])
                .and_then(iso_time)
                .is_some_and(|written| written.offset),
        };
        let of = if is_date {
            Type::Date
        } else {
            Type::Timestamp(TimeUnit::Microsecond, zoned.then(|| "UTC".into()))
        };
        if format.is_none()
            && let Some(text) = constant_text(&self.arguments[0])
        {
            let (readable, example) = if is_date {
                (iso_date(text).is_some(), "2024-02-29")
            } else {
                (iso_time(text).is_some(), "2024-02-29T12:30")
            };
            if !readable {
                let message = format!("{text:?} is no {name}");
                let help = format!(
                    "write it as {example}; another way of writing is the second argument, e.g. '%d.%m.%Y'"
                );
                return Err(Fault::new(self.arguments[0].span, message).help(help));
            }
        }
        Ok(self.answer_of(of, true, format.map(Arc::new)))
    }

    /// `hour(…)`, `day(…)` and the like; `of_day` if a date has such a part.
    pub(super) fn part_of(self, of_day: bool) -> Result<Node, Fault> {
        let given = &self.arguments[0];
        let name = self.name();
        match &given.of {
            Type::Timestamp(_, zone) => {
                if let Some(zone) = zone {
                    known_zone(zone, given.span)?;
                }
            }
            Type::Date if of_day => {}
            Type::Null => {
                let call = self.map_arguments(|argument| coerced(argument, &Type::Date))?;
                return Ok(call.answer(Type::Int, false));
            }
            other => {
                let wanted = if of_day { "a date or a time" } else { "a time" };
                let message = format!("{name} wants {wanted}; this is {other}");
                let fault = Fault::new(given.span, message);
                return Err(match (other, self.doc.function) {
                    (Type::Text, Function::Hour | Function::Minute) => fault.help(format!(
                        "for a time of the day such as 6am: {name}_of(text); for a date and time: timestamp(text)"
                    )),
                    (Type::Text, _) => fault.help("read it by date(text) or timestamp(text)"),
                    _ => fault,
                });
            }
        }
        // There are years that the calendar does not have.
        let partial = of_day && self.doc.function != Function::Weekday;
        Ok(self.answer(Type::Int, partial))
    }
}

fn constant_text(node: &Node) -> Option<&str> {
    let array = node.as_constant().filter(|_| node.of == Type::Text)?;
    array.is_valid(0).then(|| array.as_string::<i32>().value(0))
}

fn read_format(node: &Node) -> Result<Format, Fault> {
    let Some(text) = constant_text(node) else {
        return Err(Fault::new(node.span, "a format is a text in quotes")
            .help("e.g. '%d.%m.%Y %H:%M', in strftime's letters"));
    };
    Format::new(text).ok_or_else(|| {
        Fault::new(
            node.span,
            format!("{text:?} is not a format of dates or times"),
        )
        .help("it is written in strftime's letters, e.g. '%d.%m.%Y %H:%M'")
    })
}
