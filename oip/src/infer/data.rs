//! The elements of a tensor.

use std::fmt;

use arrow_array::ArrayRef;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

use super::shape::Layout;
use crate::builder::{Builder, Unfit};
use crate::cell::{Cell, Got, Lists, element};
use crate::trail::Trail;

/// Reads the elements, flat or a list per row.
pub(super) struct Data<'a> {
    pub(super) name: &'a str,
    pub(super) builder: Builder,
    pub(super) layout: Layout,
    pub(super) trail: &'a Trail,
}

impl Data<'_> {
    pub(super) fn rows(&self) -> usize {
        self.layout.rows
    }

    /// Completes what one value brought; answers how many elements that was.
    fn took<E: Error>(&mut self, got: Got, before: usize) -> Result<usize, E> {
        let width = self.builder.width();
        if got == Got::Row {
            return Ok(width);
        }
        if (before + 1).is_multiple_of(width) {
            let ended = self.builder.end_list(true);
            ended.map_err(|Unfit| {
                E::custom("the list that ends here has a null in it, and takes none")
            })?;
        }
        Ok(1)
    }
}

impl<'de> DeserializeSeed<'de> for Data<'_> {
    type Value = ArrayRef;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ArrayRef, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Data<'_> {
    type Value = ArrayRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the list of the tensor's elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<ArrayRef, A::Error> {
        let (name, trail, total) = (self.name, self.trail, self.layout.total);
        let mut count = 0;
        let mut form = None;
        loop {
            let here = || trail.mark(|| element(name, count));
            let cell = Cell {
                builder: &mut self.builder,
                declared: self.layout.declared,
                lists: Lists::Row {
                    input: name,
                    first: count,
                },
                trail,
            };
            let Some(got) = seq.next_element_seed(cell).inspect_err(|_| here())? else {
                break;
            };
            if *form.get_or_insert(got) != got {
                here();
                return Err(A::Error::custom("elements and lists of elements are mixed"));
            }
            count += self.took(got, count).inspect_err(|_: &A::Error| here())?;
            if count > total {
                return Err(wrong_count(&format!("more than {total}"), total));
            }
        }
        if count < total {
            return Err(wrong_count(&count.to_string(), total));
        }
        Ok(self.builder.finish())
    }
}

fn wrong_count<E: Error>(found: &str, total: usize) -> E {
    E::custom(format!("found {found} elements, the shape wants {total}"))
}
