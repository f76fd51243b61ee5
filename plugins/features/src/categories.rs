//! The categories of a column, numbered from 0.
use std::collections::{BTreeMap, BTreeSet};

use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use serde::{Deserialize, Serialize};

use crate::column::{KeyRef, each_key};
use crate::value::{Key, list};

/// Distinct values in an order. A state holds them as a list.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(from = "Vec<Key>", into = "Vec<Key>")]
pub struct Categories {
    keys: Vec<Key>,
    ints: BTreeMap<i128, u32>,
    texts: BTreeMap<String, u32>,
}

/// What a row holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Code {
    /// No value.
    Missing,
    /// A value that is none of the categories.
    Unknown,
    /// The category of this number.
    Known(u32),
}

impl From<Vec<Key>> for Categories {
    fn from(keys: Vec<Key>) -> Categories {
        let mut categories = Categories::default();
        for (key, code) in keys.iter().zip(0..) {
            match key {
                Key::Int(value) => categories.ints.insert(*value, code),
                Key::Text(text) => categories.texts.insert(text.clone(), code),
            };
        }
        Categories { keys, ..categories }
    }
}

impl From<Categories> for Vec<Key> {
    fn from(categories: Categories) -> Vec<Key> {
        categories.keys
    }
}

impl Categories {
    /// The values, in their order.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The category of every row.
    pub fn codes(&self, column: &dyn Array) -> Vec<Code> {
        let mut codes = Vec::with_capacity(column.len());
        each_key(column, |_, key| {
            let found = match key {
                None => {
                    codes.push(Code::Missing);
                    return;
                }
                Some(KeyRef::Int(value)) => self.ints.get(&value),
                Some(KeyRef::Text(text)) => self.texts.get(text),
            };
            codes.push(found.map_or(Code::Unknown, |code| Code::Known(*code)));
        });
        codes
    }

    /// As [`codes`](Categories::codes), refusing values that are no category.
    ///
    /// # Errors
    /// A sentence that names the first such value and its row.
    pub fn known_codes(&self, column: &dyn Array) -> Result<Vec<Code>, String> {
        let codes = self.codes(column);
        match codes.iter().position(|code| *code == Code::Unknown) {
            None => Ok(codes),
            Some(row) => Err(self.stranger(column, row)),
        }
    }

    fn stranger(&self, column: &dyn Array, row: usize) -> String {
        let mut value = String::new();
        each_key(&column.slice(row, 1), |_, key| {
            value = match key {
                Some(KeyRef::Text(text)) => text.to_owned(),
                Some(KeyRef::Int(int)) => Key::Int(int).show(column.data_type()),
                None => String::new(),
            };
        });
        let known = list(self.shown(column.data_type()), 10);
        format!("row {row} of the batch holds {value:?}, which is none of the categories {known}")
    }

    /// The categories as a person writes them.
    pub fn shown(&self, data_type: &DataType) -> impl ExactSizeIterator<Item = String> {
        self.keys.iter().map(|key| key.show(data_type))
    }
}

/// How many rows hold each value, sorted by value.
#[derive(Debug, Default)]
pub struct Counts {
    ints: BTreeMap<i128, u64>,
    texts: BTreeMap<String, u64>,
}

impl Counts {
    /// Over the batches of a column that [has keys](crate::value::has_keys).
    pub fn of(chunks: &[ArrayRef]) -> Counts {
        let mut counts = Counts::default();
        for chunk in chunks {
            each_key(chunk.as_ref(), |_, key| match key {
                Some(KeyRef::Int(value)) => *counts.ints.entry(value).or_default() += 1,
                // Looked up first, so that a text is copied once and not for every row.
                Some(KeyRef::Text(text)) => match counts.texts.get_mut(text) {
                    Some(count) => *count += 1,
                    None => {
                        counts.texts.insert(text.to_owned(), 1);
                    }
                },
                None => {}
            });
        }
        counts
    }

    /// Each value with its rows.
    pub fn into_sorted(self) -> Vec<(Key, u64)> {
        let ints = self.ints.into_iter().map(|(v, rows)| (Key::Int(v), rows));
        let texts = self.texts.into_iter().map(|(v, rows)| (Key::Text(v), rows));
        ints.chain(texts).collect()
    }
}

/// The first value that is there twice.
pub fn repeated(keys: &[Key]) -> Option<&Key> {
    let mut seen = BTreeSet::new();
    keys.iter().find(|key| !seen.insert(*key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{BooleanArray, StringArray, UInt64Array};

    use super::*;

    #[test]
    fn values_are_counted_in_order() {
        let chunk = |values: Vec<Option<&str>>| -> ArrayRef { Arc::new(StringArray::from(values)) };
        let chunks = [
            chunk(vec![Some("b"), None, Some("a")]),
            chunk(vec![Some("b")]),
        ];
        let sorted = Counts::of(&chunks).into_sorted();
        let text = |text: &str| Key::Text(text.to_owned());
        assert_eq!(sorted, [(text("a"), 1), (text("b"), 2)]);
        let large: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX, 0]));
        let sorted = Counts::of(&[large]).into_sorted();
        assert_eq!(sorted[1].0, Key::Int(u64::MAX.into()));
    }

    #[test]
    fn strangers_are_unknown_or_refused() {
        let categories = Categories::from(vec![Key::Int(1)]);
        let column = BooleanArray::from(vec![Some(true), None, Some(false)]);
        let codes = [Code::Known(0), Code::Missing, Code::Unknown];
        assert_eq!(categories.codes(&column), codes);
        let refused = categories.known_codes(&column).unwrap_err();
        assert_eq!(
            refused,
            "row 2 of the batch holds \"false\", which is none of the categories \"true\""
        );
    }
}
