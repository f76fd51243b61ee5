//! Rows with equal keys, exactly and in bounded memory: 8 bytes per row while the table is read the first time, plus the keys
//! that occur more than once, which a second reading of the key columns tells apart.
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hasher};

use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;

use crate::check::float_bits;
use crate::marks::Marks;
use crate::values::{each_bytes, each_float, each_int, is_int};

/// The hashes of the keys seen so far.
#[derive(Debug, Default)]
pub struct Hashes {
    hashes: Vec<u64>,
}

/// What is known of the keys at the end.
#[derive(Debug, Default)]
pub struct Keys {
    /// How many rows have a key: none of its columns is null.
    pub rows: u64,
    /// How many different keys there are.
    pub distinct: u64,
    /// The rows whose key another row has; with `keep_first` without the first row of each key.
    pub repeated: Marks,
}

impl Hashes {
    /// Takes the next rows of the table into account; the batch holds the key columns and nothing else.
    pub fn see(&mut self, batch: &RecordBatch) {
        let hashes = &mut self.hashes;
        each_key(batch, |_, key| hashes.push(hash(key)));
    }

    /// Reads the key columns once more, if any hash occurred twice, to find the keys that are really equal.
    pub fn finish(
        mut self,
        again: impl IntoIterator<Item = RecordBatch>,
        keep_first: bool,
    ) -> Keys {
        let mut keys = Keys {
            rows: self.hashes.len() as u64,
            ..Keys::default()
        };
        self.hashes.sort_unstable();
        let mut twice = Vec::new();
        for group in self.hashes.chunk_by(|a, b| a == b) {
            match group {
                [_] => keys.distinct += 1,
                _ => twice.push(group[0]),
            }
        }
        drop(self);
        if twice.is_empty() {
            return keys;
        }
        let mut first_rows: HashMap<Vec<u8>, u64> = HashMap::new();
        let mut start = 0;
        for batch in again {
            each_key(&batch, |row, key| {
                if twice.binary_search(&hash(key)).is_err() {
                    return;
                }
                let row = start + row as u64;
                match first_rows.entry(key.to_vec()) {
                    Entry::Vacant(vacant) => drop(vacant.insert(row)),
                    Entry::Occupied(first) => {
                        keys.repeated.add(row);
                        if !keep_first {
                            keys.repeated.add(*first.get());
                        }
                    }
                }
            });
            start += batch.num_rows() as u64;
        }
        keys.distinct += first_rows.len() as u64;
        keys
    }
}

/// Without a random seed, so that a run repeats. That two keys may share a hash is allowed for.
fn hash(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(key);
    hasher.finish()
}

/// Hands over the key of every row that has one: the values of all columns, none of them null, in an encoding that differs
/// when a value does.
fn each_key(batch: &RecordBatch, mut take: impl FnMut(usize, &[u8])) {
    let rows = batch.num_rows();
    let mut keys: Vec<Vec<u8>> = vec![Vec::new(); rows];
    let mut complete = vec![0_usize; rows];
    for column in batch.columns() {
        encode(column.as_ref(), |row, bytes| {
            keys[row].extend_from_slice(bytes);
            complete[row] += 1;
        });
    }
    for (row, key) in keys.iter().enumerate() {
        if complete[row] == batch.num_columns() {
            take(row, key);
        }
    }
}

fn encode(column: &dyn Array, mut take: impl FnMut(usize, &[u8])) {
    let data_type = column.data_type();
    if is_int(data_type) {
        each_int(column, |row, value| {
            take(row, &(value as i64).to_le_bytes())
        });
    } else if matches!(data_type, DataType::Float32 | DataType::Float64) {
        each_float(column, |row, value| {
            take(row, &float_bits(value).to_le_bytes())
        });
    } else {
        let mut buffer = Vec::new();
        each_bytes(column, |row, bytes| {
            buffer.clear();
            buffer.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            buffer.extend_from_slice(bytes);
            take(row, &buffer);
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray};
    use proptest::prelude::*;

    use super::*;

    fn keys(batches: &[RecordBatch], keep_first: bool) -> Keys {
        let mut hashes = Hashes::default();
        batches.iter().for_each(|batch| hashes.see(batch));
        hashes.finish(batches.to_vec(), keep_first)
    }

    fn batch(columns: Vec<ArrayRef>) -> RecordBatch {
        RecordBatch::try_from_iter(
            columns
                .into_iter()
                .enumerate()
                .map(|(i, c)| (i.to_string(), c)),
        )
        .unwrap()
    }

    #[test]
    fn values_do_not_run_into_each_other() {
        let a = StringArray::from(vec!["ab", "a", "ab"]);
        let b = StringArray::from(vec!["c", "bc", "c"]);
        let keys = keys(&[batch(vec![Arc::new(a), Arc::new(b)])], false);
        assert_eq!((keys.rows, keys.distinct), (3, 2));
        assert_eq!(keys.repeated.iter().collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn zeros_are_equal_and_nulls_are_no_keys() {
        let column = Float64Array::from(vec![Some(0.0), None, Some(-0.0), None, Some(f64::NAN)]);
        let keys = keys(&[batch(vec![Arc::new(column)])], true);
        assert_eq!((keys.rows, keys.distinct), (3, 2));
        assert_eq!(keys.repeated.iter().collect::<Vec<_>>(), [2]);
    }

    proptest! {
        #[test]
        fn repeated_keys_are_found_as_by_comparing_all(
            values in prop::collection::vec(prop::option::of(0_i64..12), 0..60),
            cut in 0_usize..60,
            keep_first: bool,
        ) {
            let cut = cut.min(values.len());
            let part = |values: &[Option<i64>]| batch(vec![Arc::new(Int64Array::from(values.to_vec()))]);
            let keys = keys(&[part(&values[..cut]), part(&values[cut..])], keep_first);
            let expected: Vec<u64> = (0..values.len())
                .filter(|i| values[*i].is_some())
                .filter(|i| {
                    let others = if keep_first { 0..*i } else { 0..values.len() };
                    others.into_iter().any(|j| j != *i && values[j] == values[*i])
                })
                .map(|i| i as u64)
                .collect();
            prop_assert_eq!(keys.repeated.iter().collect::<Vec<_>>(), expected);
            let distinct: std::collections::BTreeSet<_> = values.iter().flatten().collect();
            prop_assert_eq!(keys.distinct, distinct.len() as u64);
        }
    }
}
