//! Rows, collected into columns.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::builder::{Builder, Unfit};
use crate::cell::{Cell, Lists};
use crate::columns::Columns;
use crate::fault::quoted;
use crate::of_text::OfText;
use crate::trail::Trail;

/// The rows so far.
pub(super) struct Table<'a> {
    pub(super) takes: &'a Columns,
    pub(super) trail: &'a Trail,
    pub(super) ignored: BTreeSet<String>,
    /// Whether the rows are a list, and have a number.
    pub(super) many: bool,
    /// Each has one value for each complete row, and one more where the row that is being read has brought it.
    builders: &'a mut [Builder],
    /// The rows of requests before this one.
    before: usize,
    /// The request's own.
    rows: usize,
}

impl<'a> Table<'a> {
    pub(super) fn new(
        takes: &'a Columns,
        trail: &'a Trail,
        builders: &'a mut [Builder],
        before: usize,
    ) -> Table<'a> {
        Table {
            takes,
            trail,
            ignored: BTreeSet::new(),
            many: false,
            builders,
            before,
            rows: 0,
        }
    }

    /// Says where an error is.
    fn mark(&self, column: usize) {
        self.trail.mark(|| {
            let name = quoted(self.takes.name(column));
            match self.many {
                true => format!("rows[{}], {name}", self.rows),
                false => name,
            }
        });
    }

    /// Notes a key that is not taken.
    pub(super) fn ignore(ignored: &mut BTreeSet<String>, key: &str) {
        if !ignored.contains(key) {
            ignored.insert(key.to_owned());
        }
    }

    /// Reads the row's value of a column through `read`.
    pub(super) fn cell<E: Error>(
        &mut self,
        column: usize,
        read: impl FnOnce(Cell<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let builder = &mut self.builders[column];
        let done = if builder.len() > self.before + self.rows {
            Err(E::custom("the key is there twice"))
        } else {
            read(Cell {
                builder,
                declared: None,
                lists: Lists::Value,
                trail: self.trail,
            })
        };
        done.inspect_err(|_| self.mark(column))
    }

    /// Completes a row: keys that were absent are nulls.
    pub(super) fn end_row<E: Error>(&mut self) -> Result<(), E> {
        for column in 0..self.builders.len() {
            let builder = &mut self.builders[column];
            if builder.len() > self.before + self.rows {
                continue;
            }
            if let Err(Unfit) = builder.null() {
                self.mark(column);
                return Err(E::custom("is missing, and the column takes no nulls"));
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Whether another row is taken.
    pub(super) fn begin_row<E: Error>(&self) -> Result<(), E> {
        self.trail.rows(self.rows + 1)
    }

    /// How many rows there are, and the keys that were ignored.
    pub(super) fn finish(self) -> (usize, Vec<String>) {
        (self.rows, self.ignored.into_iter().collect())
    }
}

/// Reads one of several rows.
pub(super) struct Row<'t, 'a>(pub(super) &'t mut Table<'a>);

impl<'de> DeserializeSeed<'de> for Row<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let (trail, row) = (self.0.trail, self.0.rows);
        deserializer
            .deserialize_map(self)
            .inspect_err(|_| trail.mark(|| format!("rows[{row}]")))
    }
}

impl<'de> Visitor<'de> for Row<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a key per column")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let table = self.0;
        table.begin_row()?;
        let mut guess = 0;
        loop {
            let (takes, ignored) = (table.takes, &mut table.ignored);
            let key = OfText {
                wants: "a key",
                read: |key: &str| {
                    let column = takes.find(key, guess);
                    if column.is_none() {
                        Table::ignore(ignored, key);
                    }
                    Ok(column)
                },
            };
            match map.next_key_seed(key)? {
                Some(Some(column)) => {
                    table.cell(column, |cell| map.next_value_seed(cell).map(drop))?;
                    guess = column + 1;
                }
                Some(None) => drop(map.next_value::<IgnoredAny>()?),
                None => break,
            }
        }
        table.end_row()
    }
}
