//! Shapes, and what they mean for a column.

use std::fmt;

use arrow_schema::{DataType, Field};
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

use crate::columns::{known, width};
use crate::datatype::Datatype;

/// A shape of one or two dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    rows: u64,
    width: Option<u64>,
}

/// How a tensor becomes a column.
pub(super) struct Layout {
    pub(super) rows: usize,
    /// How many elements there are in all.
    pub(super) total: usize,
    /// The tensor's datatype, when it is another than the column's.
    pub(super) declared: Option<Datatype>,
}

impl Layout {
    /// Holds a shape and a datatype against a column.
    pub(super) fn new(field: &Field, shape: Shape, datatype: Datatype) -> Result<Layout, String> {
        let natural = known(field).expect("`Columns` takes no other types");
        if datatype == Datatype::Fp16 {
            return Err("the datatype FP16 has no form in JSON; send FP32".to_owned());
        }
        if datatype != natural && !(datatype.is_number() && natural.is_number()) {
            return Err(format!(
                "the datatype is {datatype}, the column is {natural}"
            ));
        }
        let total = shape.total(field.data_type())?;
        Ok(Layout {
            rows: total / width(field.data_type()),
            total,
            declared: (datatype != natural).then_some(datatype),
        })
    }
}

impl Shape {
    fn total(self, column: &DataType) -> Result<usize, String> {
        let wanted = width(column);
        let fits = match (column, self.width) {
            (DataType::FixedSizeList(..), None) => false,
            (_, width) => width.is_none_or(|width| usize::try_from(width) == Ok(wanted)),
        };
        if !fits {
            let wanted = match column {
                DataType::FixedSizeList(..) => format!("[n, {wanted}]"),
                _ => "[n] or [n, 1]".to_owned(),
            };
            return Err(format!("the shape is {self}, the column takes {wanted}"));
        }
        let rows = usize::try_from(self.rows).ok();
        rows.and_then(|rows| rows.checked_mul(wanted))
            .ok_or_else(|| format!("the shape {self} has more elements than can be counted"))
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.width {
            None => write!(f, "[{}]", self.rows),
            Some(width) => write!(f, "[{}, {width}]", self.rows),
        }
    }
}

/// Reads a shape.
pub(super) struct ReadShape;

impl<'de> DeserializeSeed<'de> for ReadShape {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ReadShape {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of one or two whole numbers that are not negative")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
        let rows = seq.next_element_seed(Dimension)?;
        let width = match rows {
            Some(_) => seq.next_element_seed(Dimension)?,
            None => None,
        };
        let third = match width {
            Some(_) => seq.next_element_seed(Dimension)?,
            None => None,
        };
        match (rows, third) {
            (Some(rows), None) => Ok(Shape { rows, width }),
            (None, _) => Err(A::Error::custom(
                "the shape is empty, and takes [n] at least",
            )),
            (_, Some(_)) => Err(A::Error::custom("the shape has more than two dimensions")),
        }
    }
}

struct Dimension;

impl<'de> DeserializeSeed<'de> for Dimension {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_u64(self)
    }
}

impl Visitor<'_> for Dimension {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number that is not negative")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<u64, E> {
        Ok(value)
    }
}
