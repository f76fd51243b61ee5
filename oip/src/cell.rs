//! One JSON value, read into a column.

use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error, Expected, IgnoredAny, SeqAccess, Unexpected, Visitor,
};
use serde_json::value::RawValue;

use crate::builder::{Builder, Unfit};
use crate::datatype::Datatype;
use crate::fault::quoted;
use crate::trail::Trail;

/// What a list means where the value stands.
#[derive(Clone, Copy)]
pub(crate) enum Lists<'a> {
    /// Nothing: elements of a list.
    Refused,
    /// A row's value, in a column of lists.
    Value,
    /// A row of a nested tensor; the value is then an element, of a list in a column of lists.
    Row {
        /// The tensor.
        input: &'a str,
        /// How many elements were before.
        first: usize,
    },
}

/// What was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Got {
    /// A value.
    One,
    /// A row of a nested tensor.
    Row,
}

/// Reads a value into a column.
pub(crate) struct Cell<'a> {
    pub(crate) builder: &'a mut Builder,
    /// The tensor's datatype when it is another than the column's: then the column has to hold each value exactly.
    pub(crate) declared: Option<Datatype>,
    pub(crate) lists: Lists<'a>,
    pub(crate) trail: &'a Trail,
}

impl Cell<'_> {
    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            builder: self.builder,
            declared: self.declared,
            element: !matches!(self.lists, Lists::Value),
        }
    }

    fn pushed<E: Error>(&self, pushed: Result<(), Unfit>, found: Unexpected<'_>) -> Result<Got, E> {
        match pushed {
            Ok(()) => Ok(Got::One),
            Err(Unfit) => Err(E::invalid_value(found, &self.wanted())),
        }
    }

    /// Whether elements are wanted here at all.
    fn takes_elements(&self) -> bool {
        !(self.builder.is_list() && matches!(self.lists, Lists::Value))
    }

    /// Whether the value is a 32-bit float. Such a text has to be read as one: by way of 64 bits it would be rounded twice.
    fn is_single(&self) -> bool {
        match self.declared {
            None => self.builder.is_single() && self.takes_elements(),
            Some(declared) => declared == Datatype::Fp32,
        }
    }

    fn single<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Got, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        match text.as_bytes().first() {
            Some(b'n') => self.visit_unit(),
            Some(b'[') if matches!(self.lists, Lists::Row { .. }) => {
                serde_json::Deserializer::from_str(text)
                    .deserialize_seq(self)
                    .map_err(D::Error::custom)
            }
            Some(b'-' | b'0'..=b'9') => {
                let number: f32 = text.parse().expect("JSON's numbers are Rust's");
                let pushed = match number.is_finite() {
                    true => self.builder.exactly_float(number.into()),
                    false => Err(Unfit),
                };
                self.pushed(pushed, Unexpected::Other(text))
            }
            _ => self.pushed(Err(Unfit), Unexpected::Other(text)),
        }
    }

    fn whole<E: Error>(self, value: i128, found: Unexpected<'_>) -> Result<Got, E> {
        let pushed = match self.declared {
            _ if !self.takes_elements() => Err(Unfit),
            None => self.builder.whole(value),
            Some(declared) => match declared.whole() {
                Some((least, most)) if (least..=most).contains(&value) => {
                    self.builder.exactly_whole(value)
                }
                Some(_) => Err(Unfit),
                None => self.builder.exactly_float(value as f64),
            },
        };
        self.pushed(pushed, found)
    }

    /// The elements of a list, which have to be as many as a row has.
    fn row<'de, A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let width = self.builder.width();
        for count in 0..width {
            let cell = Cell {
                builder: &mut *self.builder,
                declared: self.declared,
                lists: Lists::Refused,
                trail: self.trail,
            };
            let read = seq.next_element_seed(cell).inspect_err(|_| {
                if let Lists::Row { input, first } = self.lists {
                    self.trail.mark(|| element(input, first + count));
                }
            });
            if read?.is_none() {
                return Err(A::Error::custom(wrong_length(&count.to_string(), width)));
            }
        }
        if seq.next_element::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom(wrong_length("more", width)));
        }
        let blank = matches!(self.lists, Lists::Row { .. });
        let ended = self.builder.end_list(blank);
        ended.map_err(|Unfit| A::Error::custom("a list has a null in it, and takes none"))
    }
}

fn wrong_length(found: &str, width: usize) -> String {
    format!("found a list of {found}, wants one of {width}")
}

/// Where an element of a tensor is.
pub(crate) fn element(input: &str, index: usize) -> String {
    format!("input {}, data[{index}]", quoted(input))
}

impl<'de> DeserializeSeed<'de> for Cell<'_> {
    type Value = Got;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Got, D::Error> {
        if self.is_single() {
            self.single(deserializer)
        } else {
            deserializer.deserialize_any(self)
        }
    }
}

impl<'de> Visitor<'de> for Cell<'_> {
    type Value = Got;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Expected::fmt(&self.wanted(), f)
    }

    fn visit_unit<E: Error>(self) -> Result<Got, E> {
        let pushed = match self.takes_elements() {
            true => self.builder.null_element(),
            false => self.builder.null(),
        };
        self.pushed(pushed, Unexpected::Unit)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Got, E> {
        let pushed = self.builder.boolean(value);
        self.pushed(pushed, Unexpected::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Got, E> {
        self.whole(value.into(), Unexpected::Signed(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Got, E> {
        self.whole(value.into(), Unexpected::Unsigned(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Got, E> {
        let negative_zero = value == 0.0 && value.is_sign_negative();
        let pushed = match self.declared {
            _ if !self.takes_elements() => Err(Unfit),
            None => self.builder.float(value),
            // "-0" arrives here, and is a whole number.
            Some(declared) if declared.whole().is_some() && !negative_zero => Err(Unfit),
            Some(_) => self.builder.exactly_float(value),
        };
        self.pushed(pushed, Unexpected::Float(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Got, E> {
        self.trail.text(text.len())?;
        let pushed = self.builder.text(text);
        self.pushed(pushed, Unexpected::Str(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Got, A::Error> {
        match self.lists {
            Lists::Value if self.builder.is_list() => self.row(seq).map(|()| Got::One),
            Lists::Row { .. } => self.row(seq).map(|()| Got::Row),
            _ => Err(A::Error::invalid_type(Unexpected::Seq, &self.wanted())),
        }
    }
}

/// What would have been right.
struct Wanted<'a> {
    builder: &'a Builder,
    declared: Option<Datatype>,
    element: bool,
}

impl Expected for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.declared {
            None if self.element && self.builder.is_list() => {
                f.write_str("a 32-bit floating point number")
            }
            None => self.builder.wanted(f),
            Some(declared) => {
                match declared.whole() {
                    Some(_) => declared.write_whole(f)?,
                    None => write!(f, "a number of the type {declared}")?,
                }
                f.write_str(" that is exactly ")?;
                match self.builder.is_list() {
                    true => f.write_str("a 32-bit floating point number"),
                    false => self.builder.wanted(f),
                }
            }
        }
    }
}
