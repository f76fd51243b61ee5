//! The fold of a row: a hash of some of its columns.
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;

use crate::column::{KeyRef, each_key, floats};
use crate::value::{has_keys, list};

/// How rows fall into folds.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Folds {
    /// How many; 1 for none.
    count: u32,
    /// The raw columns that are hashed.
    key: Vec<String>,
}

impl Folds {
    /// `count` folds by these columns; 0 means that there are none, and no row has a fold of its own.
    pub fn new(count: u32, key: Vec<String>) -> Folds {
        Folds {
            count: count.max(1),
            key: if count > 1 { key } else { Vec::new() },
        }
    }

    /// How many there are, at least 1.
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// The key, for a message.
    pub fn shown(&self) -> String {
        format!("({})", list(self.key.iter(), 10))
    }

    /// The fold of each row, below [`count`](Folds::count).
    ///
    /// # Errors
    /// A key column is not there.
    pub fn of(&self, raw: &RecordBatch) -> Result<Vec<usize>, String> {
        if self.count == 1 {
            return Ok(vec![0; raw.num_rows()]);
        }
        let mut keys = vec![Vec::new(); raw.num_rows()];
        for name in &self.key {
            let column = raw
                .column_by_name(name)
                .ok_or_else(|| format!("there is no column {name:?}"))?;
            append(column.as_ref(), &mut keys);
        }
        let fold = |key: Vec<u8>| XxHash64::oneshot(0, &key) % u64::from(self.count);
        Ok(keys.into_iter().map(|key| fold(key) as usize).collect())
    }
}

/// Whether a column of this type can be part of a key.
pub fn is_hashable(data_type: &DataType) -> bool {
    data_type.is_floating() || has_keys(data_type)
}

/// Appends each row's value so that different keys give different bytes: a mark, then a fixed width or a length.
fn append(column: &dyn Array, keys: &mut [Vec<u8>]) {
    const NULL: u8 = 0;
    const VALUE: u8 = 1;
    if column.data_type().is_floating() {
        for (key, value) in keys.iter_mut().zip(floats(column)) {
            match value {
                None => key.push(NULL),
                Some(value) => {
                    key.push(VALUE);
                    // -0 and 0 are one number.
                    key.extend((value + 0.0).to_bits().to_le_bytes());
                }
            }
        }
    } else if has_keys(column.data_type()) {
        each_key(column, |row, value| match value {
            None => keys[row].push(NULL),
            Some(KeyRef::Int(value)) => {
                keys[row].push(VALUE);
                keys[row].extend(value.to_le_bytes());
            }
            Some(KeyRef::Text(text)) => {
                keys[row].push(VALUE);
                keys[row].extend((text.len() as u64).to_le_bytes());
                keys[row].extend(text.as_bytes());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray};

    use super::*;

    fn rows() -> RecordBatch {
        let text: ArrayRef = Arc::new(StringArray::from_iter_values(
            (0..1000).map(|row| (row % 20).to_string()),
        ));
        let int: ArrayRef = Arc::new(Int64Array::from_iter_values((0..1000).map(|row| row / 20)));
        RecordBatch::try_from_iter([("text", text), ("int", int)]).unwrap()
    }

    #[test]
    fn rows_spread_over_the_folds_and_stay_where_they_are() {
        let rows = rows();
        let folds = Folds::new(5, vec!["text".into(), "int".into()]);
        let of = folds.of(&rows).unwrap();
        for fold in 0..5 {
            let count = of.iter().filter(|other| **other == fold).count();
            assert!((150..250).contains(&count), "{count} rows in fold {fold}");
        }
        assert_eq!(folds.of(&rows.slice(123, 5)).unwrap(), of[123..128]);
        // The hash is part of every state's meaning: it never changes.
        assert_eq!(of[..10], [3, 2, 1, 1, 0, 2, 4, 0, 0, 3]);
        assert!(Folds::new(5, vec!["nix".into()]).of(&rows).is_err());
    }

    #[test]
    fn no_folds_are_one() {
        let folds = Folds::new(0, vec!["text".into()]);
        assert_eq!((folds.count(), folds.of(&rows()).unwrap()[999]), (1, 0));
    }

    #[test]
    fn the_two_zeros_are_one_key() {
        let zeros: ArrayRef = Arc::new(Float64Array::from(vec![0.0, -0.0]));
        let rows = RecordBatch::try_from_iter([("zero", zeros)]).unwrap();
        let folds = Folds::new(100, vec!["zero".into()]).of(&rows).unwrap();
        assert_eq!(folds[0], folds[1]);
    }
}
