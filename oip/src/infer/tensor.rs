//! One tensor of a request.

use std::fmt;

use arrow_array::ArrayRef;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::body::Inputs;
use super::data::Data;
use super::shape::{Layout, ReadShape, Shape};
use crate::builder::Builder;
use crate::columns::Columns;
use crate::datatype::Datatype;
use crate::fault::quoted;
use crate::of_text::OfText;
use crate::trail::Trail;

/// Reads a tensor into its column's place.
pub(super) struct Tensor<'a> {
    pub(super) takes: &'a Columns,
    pub(super) trail: &'a Trail,
    pub(super) inputs: &'a mut Inputs,
    /// Its number, which is likely its column's too.
    pub(super) guess: usize,
    pub(super) length: usize,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Name,
    Shape,
    Datatype,
    Parameters,
    Data,
    #[serde(other)]
    Other,
}

/// What is known of a tensor before its data.
#[derive(Default)]
struct Head {
    column: Option<usize>,
    shape: Option<Shape>,
    datatype: Option<Datatype>,
}

impl Head {
    fn complete(&self) -> Option<(usize, Shape, Datatype)> {
        Some((self.column?, self.shape?, self.datatype?))
    }

    /// What is not there. It is only asked for when something is.
    fn missing(&self) -> &'static str {
        match (self.column, self.shape) {
            (None, _) => "name",
            (_, None) => "shape",
            _ => "datatype",
        }
    }
}

impl<'de> DeserializeSeed<'de> for Tensor<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Tensor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a tensor such as {\"name\": …, \"shape\": […], \"datatype\": …, \"data\": […]}",
        )
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let (takes, trail) = (self.takes, self.trail);
        let mut head = Head::default();
        let read = self.fields(&mut map, &mut head);
        if let Some(column) = head.column {
            // A tensor's faults are its name's, once that is known.
            return read.inspect_err(|_| {
                trail.mark(|| format!("input {}", quoted(takes.name(column))));
            });
        }
        read
    }
}

impl Tensor<'_> {
    fn fields<'de, A: MapAccess<'de>>(
        &mut self,
        map: &mut A,
        head: &mut Head,
    ) -> Result<(), A::Error> {
        let mut early: Option<&'de RawValue> = None;
        let mut filled = false;
        while let Some(key) = map.next_key()? {
            match key {
                Key::Name => head.column = Some(map.next_value_seed(self.name())?),
                Key::Shape => head.shape = Some(map.next_value_seed(ReadShape)?),
                Key::Datatype => head.datatype = Some(map.next_value_seed(datatype())?),
                Key::Parameters => map.next_value_seed(Parameters(self.trail))?,
                Key::Data if filled || early.is_some() => {
                    return Err(A::Error::duplicate_field("data"));
                }
                Key::Data => match head.complete() {
                    Some(head) => {
                        let data = self.data(head)?;
                        let rows = data.rows();
                        let array = map.next_value_seed(data)?;
                        self.place(head.0, array, rows);
                        filled = true;
                    }
                    None => early = Some(map.next_value()?),
                },
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let Some(head) = head.complete() else {
            let missing = format!("the tensor has no {:?}", head.missing());
            return Err(A::Error::custom(missing));
        };
        match early {
            Some(text) => self.early(head, text),
            None if filled => Ok(()),
            None => Err(A::Error::custom("the tensor has no \"data\"")),
        }
    }

    /// Data that stood before what says how to read it.
    fn early<E: Error>(
        &mut self,
        head: (usize, Shape, Datatype),
        text: &RawValue,
    ) -> Result<(), E> {
        let data = self.data(head)?;
        let rows = data.rows();
        let mut deserializer = serde_json::Deserializer::from_str(text.get());
        let array = data.deserialize(&mut deserializer).map_err(E::custom)?;
        self.place(head.0, array, rows);
        Ok(())
    }

    fn name(&self) -> OfText<impl FnOnce(&str) -> Result<usize, String>> {
        let (takes, guess) = (self.takes, self.guess);
        OfText {
            wants: "the tensor's name",
            read: move |name: &str| {
                takes.find(name, guess).ok_or_else(|| {
                    let names = Columns::names(takes.schema());
                    format!("the model has no input {}; it takes {names}", quoted(name))
                })
            },
        }
    }

    fn data<E: Error>(
        &self,
        (column, shape, datatype): (usize, Shape, Datatype),
    ) -> Result<Data<'_>, E> {
        if self.inputs.arrays[column].is_some() {
            return Err(E::custom("there are two inputs of this name"));
        }
        let field = self.takes.schema().field(column);
        let layout = Layout::new(field, shape, datatype).map_err(E::custom)?;
        self.trail.rows(layout.rows)?;
        match self.inputs.rows {
            Some((rows, first)) if rows != layout.rows => {
                let first = quoted(self.takes.name(first));
                let differs = format!("{} rows, but input {first} has {rows}", layout.rows);
                return Err(E::custom(differs));
            }
            _ => {}
        }
        // An element takes two bytes at least, with its comma.
        let capacity = layout.total.min(self.length / 2);
        Ok(Data {
            name: field.name(),
            builder: Builder::new(field, capacity),
            layout,
            trail: self.trail,
        })
    }

    fn place(&mut self, column: usize, array: ArrayRef, rows: usize) {
        self.inputs.rows.get_or_insert((rows, column));
        self.inputs.arrays[column] = Some(array);
    }
}

fn datatype() -> OfText<impl FnOnce(&str) -> Result<Datatype, String>> {
    OfText {
        wants: "the name of a datatype",
        read: |name: &str| {
            Datatype::named(name).ok_or_else(|| format!("there is no datatype {}", quoted(name)))
        },
    }
}

/// Looks for the one parameter that changes how a tensor is read.
struct Parameters<'a>(&'a Trail);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Parameter {
    BinaryDataSize,
    #[serde(other)]
    Other,
}

impl<'de> DeserializeSeed<'de> for Parameters<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Parameters<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of parameters")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(parameter) = map.next_key()? {
            match parameter {
                Parameter::BinaryDataSize => return Err(self.0.binary()),
                Parameter::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}
