//! The forms that a request of rows has.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Request;
use super::table::{Row, Table};
use crate::of_text::OfText;
use crate::trail::Trail;

/// Reads a request in any of its forms; of its rows it answers how many they are.
pub(super) struct Body<'a>(pub(super) Table<'a>);

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = Request<usize>;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Request<usize>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = Request<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a list of rows, {\"rows\": […]}, or one row as an object with a key per column",
        )
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, seq: A) -> Result<Request<usize>, A::Error> {
        Rows(&mut self.0).visit_seq(seq)?;
        Ok(request(self.0, None))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Request<usize>, A::Error> {
        Object {
            table: self.0,
            id: None,
            columns: false,
        }
        .read(map)
    }
}

fn request(table: Table<'_>, id: Option<String>) -> Request<usize> {
    let one = !table.many;
    let (rows, ignored) = table.finish();
    Request {
        id,
        rows,
        ignored,
        one,
    }
}

/// What a key of the outermost object is.
enum Key {
    Column(usize),
    Rows,
    /// Perhaps the request's, perhaps a column or nothing: that is known at the end.
    Id,
    Other,
}

/// The outermost object: a row, or what is around a list of them.
struct Object<'de, 'a> {
    table: Table<'a>,
    id: Option<&'de RawValue>,
    /// Whether a column was there.
    columns: bool,
}

impl<'de> Object<'de, '_> {
    fn read<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Request<usize>, A::Error> {
        let mut guess = 0;
        while let Some(key) = map.next_key_seed(self.key(guess))? {
            match key {
                Key::Column(column) => {
                    self.column(&mut map, column)?;
                    guess = column + 1;
                }
                Key::Rows if self.table.many => return Err(A::Error::duplicate_field("rows")),
                Key::Rows if self.columns => return Err(beside()),
                Key::Rows => {
                    let trail = self.table.trail;
                    map.next_value_seed(Rows(&mut self.table))
                        .inspect_err(|_| trail.mark(|| "\"rows\"".to_owned()))?;
                }
                Key::Id if self.id.is_some() => return Err(A::Error::duplicate_field("id")),
                Key::Id => self.id = Some(map.next_value()?),
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        match self.table.many {
            true => {
                let id = self.id.map(|id| name(self.table.trail, id)).transpose()?;
                Ok(request(self.table, id.flatten()))
            }
            false => self.one(),
        }
    }

    fn key(&mut self, guess: usize) -> OfText<impl FnOnce(&str) -> Result<Key, String>> {
        let (takes, ignored) = (self.table.takes, &mut self.table.ignored);
        OfText {
            wants: "a key",
            read: move |key: &str| {
                Ok(match (key, takes.find(key, guess)) {
                    ("id", _) => Key::Id,
                    (_, Some(column)) => Key::Column(column),
                    ("rows", None) => Key::Rows,
                    (_, None) => {
                        Table::ignore(ignored, key);
                        Key::Other
                    }
                })
            },
        }
    }

    fn column<A: MapAccess<'de>>(&mut self, map: &mut A, column: usize) -> Result<(), A::Error> {
        if self.table.many {
            return Err(beside());
        }
        if !self.columns {
            self.table.begin_row()?;
            self.columns = true;
        }
        self.table
            .cell(column, |cell| map.next_value_seed(cell).map(drop))
    }

    /// One row alone.
    fn one<E: Error>(mut self) -> Result<Request<usize>, E> {
        self.table.begin_row()?;
        if let Some(id) = self.id {
            match self.table.takes.find("id", 0) {
                Some(column) => self.table.cell(column, |cell| {
                    let mut deserializer = serde_json::Deserializer::from_str(id.get());
                    let read = cell.deserialize(&mut deserializer);
                    read.map(drop).map_err(E::custom)
                })?,
                None => Table::ignore(&mut self.table.ignored, "id"),
            }
        }
        self.table.end_row()?;
        Ok(request(self.table, None))
    }
}

fn beside<E: Error>() -> E {
    E::custom("there are columns beside \"rows\"; a row's values belong into an object of the list")
}

fn name<E: Error>(trail: &Trail, id: &RawValue) -> Result<Option<String>, E> {
    serde_json::from_str(id.get()).map_err(|error| {
        trail.mark(|| "\"id\"".to_owned());
        E::custom(error)
    })
}

/// Reads a list of rows.
struct Rows<'t, 'a>(&'t mut Table<'a>);

impl<'de> DeserializeSeed<'de> for Rows<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.0.many = true;
        while seq.next_element_seed(Row(self.0))?.is_some() {}
        Ok(())
    }
}
