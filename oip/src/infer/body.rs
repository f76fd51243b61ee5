//! The request around its tensors.

use std::fmt;

use arrow_array::ArrayRef;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::tensor::Tensor;
use crate::columns::Columns;
use crate::fault::quoted;
use crate::trail::Trail;

/// Reads a request.
pub(super) struct Body<'a> {
    takes: &'a Columns,
    trail: &'a Trail,
    /// The body's length: no more elements can follow than half of it, whatever a shape promises.
    length: usize,
}

/// What was read.
#[derive(Default)]
pub(super) struct Read {
    pub(super) id: Option<String>,
    pub(super) inputs: Option<Inputs>,
    pub(super) outputs: Option<Vec<String>>,
}

/// The tensors so far.
pub(super) struct Inputs {
    /// A place for each column.
    pub(super) arrays: Vec<Option<ArrayRef>>,
    /// How many rows they have, and the column that said so first.
    pub(super) rows: Option<(usize, usize)>,
}

impl<'a> Body<'a> {
    pub(super) fn new(takes: &'a Columns, trail: &'a Trail, length: usize) -> Body<'a> {
        Body {
            takes,
            trail,
            length,
        }
    }

    fn at<T, E>(&self, place: &str, read: Result<T, E>) -> Result<T, E> {
        read.inspect_err(|_| self.trail.mark(|| format!("{place:?}")))
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Id,
    Inputs,
    Outputs,
    #[serde(other)]
    Other,
}

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = Read;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object such as {\"inputs\": […]}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read, A::Error> {
        let mut read = Read::default();
        while let Some(key) = map.next_key()? {
            match key {
                Key::Id => read.id = self.at("id", map.next_value())?,
                Key::Inputs if read.inputs.is_some() => {
                    return Err(A::Error::duplicate_field("inputs"));
                }
                Key::Inputs => {
                    let inputs = map.next_value_seed(Tensors(&self));
                    read.inputs = Some(self.at("inputs", inputs)?);
                }
                Key::Outputs => read.outputs = self.at("outputs", outputs(&mut map))?,
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(read)
    }
}

struct Tensors<'a, 'b>(&'b Body<'a>);

impl<'de> DeserializeSeed<'de> for Tensors<'_, '_> {
    type Value = Inputs;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Inputs, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Tensors<'_, '_> {
    type Value = Inputs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of tensors")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Inputs, A::Error> {
        let Body {
            takes,
            trail,
            length,
        } = *self.0;
        let mut inputs = Inputs {
            arrays: vec![None; takes.schema().fields().len()],
            rows: None,
        };
        let mut guess = 0;
        loop {
            let tensor = Tensor {
                takes,
                trail,
                inputs: &mut inputs,
                guess,
                length,
            };
            let read = seq.next_element_seed(tensor);
            let read = read.inspect_err(|_| trail.mark(|| format!("inputs[{guess}]")));
            if read?.is_none() {
                break;
            }
            guess += 1;
        }
        Ok(inputs)
    }
}

#[derive(Deserialize)]
struct Output {
    name: String,
}

/// The names of the outputs. An empty list asks for nothing in particular, so for all.
fn outputs<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Vec<String>>, A::Error> {
    let outputs: Option<Vec<Output>> = map.next_value()?;
    let mut names: Vec<String> = Vec::new();
    for Output { name } in outputs.into_iter().flatten() {
        if names.contains(&name) {
            let twice = format!("output {} is asked for twice", quoted(&name));
            return Err(A::Error::custom(twice));
        }
        names.push(name);
    }
    Ok((!names.is_empty()).then_some(names))
}
