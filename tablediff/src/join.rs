//! Joins rows that fit in memory.

use std::cmp::Ordering;

use twox_hash::XxHash64;

use crate::chunk::{At, Chunk, places};

/// The seed of the hash by which rows are sorted; those of partitions are other ones.
const SEED: u64 = u64::MAX;

/// How the rows of two versions match.
#[derive(Debug, Default)]
pub(crate) struct Matches {
    /// How many pairs are equal.
    pub unchanged: u64,
    /// Pairs with the same key and other values, old and new.
    pub changed: Vec<(At, At)>,
    /// Rows of the new version without a partner.
    pub added: Vec<At>,
    /// Rows of the old version without a partner.
    pub removed: Vec<At>,
    /// For each key that occurs more than once in the old version its first row and how many there are.
    pub repeated_old: Vec<(At, u64)>,
    /// The same of the new version.
    pub repeated_new: Vec<(At, u64)>,
}

/// A row to be sorted by its key. The hash decides nearly always; equal hashes are told apart by the key's bytes, so that a
/// collision costs time and never a wrong match.
#[derive(Clone, Copy)]
struct Entry {
    hash: u64,
    at: At,
}

/// Matches the rows by key.
pub(crate) fn join(old: &[Chunk], new: &[Chunk]) -> Matches {
    let (old_entries, new_entries) = (sorted(old), sorted(new));
    let (mut old_rest, mut new_rest) = (&old_entries[..], &new_entries[..]);
    let mut matches = Matches::default();
    while !old_rest.is_empty() || !new_rest.is_empty() {
        let (old_group, new_group);
        (old_group, old_rest, new_group, new_rest) = next_key(old, old_rest, new, new_rest);
        repeated(old_group, &mut matches.repeated_old);
        repeated(new_group, &mut matches.repeated_new);
        match (old_group, new_group) {
            ([], group) => matches.added.extend(group.iter().map(|entry| entry.at)),
            (group, []) => matches.removed.extend(group.iter().map(|entry| entry.at)),
            ([was], [is]) => pair(old, was.at, new, is.at, &mut matches),
            (was, is) => match_group(old, was, new, is, &mut matches),
        }
    }
    matches
}

/// All rows by hash, then key, then place, which is the order of their numbers.
fn sorted(chunks: &[Chunk]) -> Vec<Entry> {
    let count = chunks.iter().map(Chunk::len).sum();
    let mut entries = Vec::with_capacity(count);
    entries.extend(places(chunks).map(|at| Entry {
        hash: XxHash64::oneshot(SEED, at.record(chunks).key),
        at,
    }));
    entries.sort_unstable_by(|a, b| by_key(chunks, a, chunks, b).then(a.at.cmp(&b.at)));
    entries
}

fn by_key(a_chunks: &[Chunk], a: &Entry, b_chunks: &[Chunk], b: &Entry) -> Ordering {
    let keys = || (a.at.record(a_chunks).key, b.at.record(b_chunks).key);
    a.hash.cmp(&b.hash).then_with(|| {
        let (a, b) = keys();
        a.cmp(b)
    })
}

/// Splits off the rows with the first key that is left: those of the old version, its rest, and the same of the new one.
fn next_key<'a>(
    old: &[Chunk],
    old_rest: &'a [Entry],
    new: &[Chunk],
    new_rest: &'a [Entry],
) -> (&'a [Entry], &'a [Entry], &'a [Entry], &'a [Entry]) {
    let order = match (old_rest.first(), new_rest.first()) {
        (Some(was), Some(is)) => by_key(old, was, new, is),
        (Some(_), None) => Ordering::Less,
        (None, _) => Ordering::Greater,
    };
    let old_count = if order.is_le() {
        group(old, old_rest)
    } else {
        0
    };
    let new_count = if order.is_ge() {
        group(new, new_rest)
    } else {
        0
    };
    let (old_group, old_rest) = old_rest.split_at(old_count);
    let (new_group, new_rest) = new_rest.split_at(new_count);
    (old_group, old_rest, new_group, new_rest)
}

/// How many rows have the key of the first one.
fn group(chunks: &[Chunk], entries: &[Entry]) -> usize {
    let others = entries.iter().skip(1);
    1 + others
        .take_while(|entry| by_key(chunks, &entries[0], chunks, entry).is_eq())
        .count()
}

fn repeated(group: &[Entry], repeated: &mut Vec<(At, u64)>) {
    if let [first, _, ..] = group {
        repeated.push((first.at, group.len() as u64));
    }
}

fn pair(old: &[Chunk], was: At, new: &[Chunk], is: At, matches: &mut Matches) {
    if was.record(old).values == is.record(new).values {
        matches.unchanged += 1;
    } else {
        matches.changed.push((was, is));
    }
}

/// Rows of one key, of which a version has several: equal ones cancel, first ones first; the rest are pairs in order.
fn match_group(
    old: &[Chunk],
    old_group: &[Entry],
    new: &[Chunk],
    new_group: &[Entry],
    matches: &mut Matches,
) {
    let (was, is) = (by_values(old, old_group), by_values(new, new_group));
    let (mut old_left, mut new_left) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < was.len() || j < is.len() {
        let order = match (was.get(i), is.get(j)) {
            (Some(was), Some(is)) => was.record(old).values.cmp(is.record(new).values),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => old_left.push(was[i]),
            Ordering::Greater => new_left.push(is[j]),
            Ordering::Equal => matches.unchanged += 1,
        }
        i += usize::from(order.is_le());
        j += usize::from(order.is_ge());
    }
    old_left.sort_unstable();
    new_left.sort_unstable();
    let pairs = old_left.len().min(new_left.len());
    matches.removed.extend(old_left.drain(pairs..));
    matches.added.extend(new_left.drain(pairs..));
    matches.changed.extend(old_left.into_iter().zip(new_left));
}

fn by_values(chunks: &[Chunk], group: &[Entry]) -> Vec<At> {
    let mut places: Vec<At> = group.iter().map(|entry| entry.at).collect();
    places.sort_unstable_by(|a, b| {
        let (a_values, b_values) = (a.record(chunks).values, b.record(chunks).values);
        a_values.cmp(b_values).then(a.cmp(b))
    });
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::Record;

    fn chunks(rows: &[(&str, &str)]) -> Vec<Chunk> {
        let mut chunk = Chunk::default();
        for (row, (key, values)) in (0..).zip(rows) {
            chunk.push(Record {
                row,
                key: key.as_bytes(),
                values: values.as_bytes(),
            });
        }
        vec![chunk]
    }

    fn rows(chunks: &[Chunk], places: &[At]) -> Vec<u64> {
        places.iter().map(|at| at.record(chunks).row).collect()
    }

    #[test]
    fn single_keys() {
        let old = chunks(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let new = chunks(&[("d", "1"), ("c", "2"), ("b", "1")]);
        let matches = join(&old, &new);
        assert_eq!(matches.unchanged, 1);
        assert_eq!(rows(&new, &matches.added), [0]);
        assert_eq!(rows(&old, &matches.removed), [0]);
        assert_eq!(matches.changed.len(), 1);
        assert!(matches.repeated_old.is_empty() && matches.repeated_new.is_empty());
    }

    #[test]
    fn repeated_keys_cancel_then_pair_then_are_left() {
        let old = chunks(&[("a", "1"), ("a", "2"), ("a", "2"), ("a", "3")]);
        let new = chunks(&[("a", "9"), ("a", "2"), ("a", "3")]);
        let matches = join(&old, &new);
        assert_eq!(matches.unchanged, 2);
        assert!(matches.added.is_empty());
        assert_eq!(rows(&old, &matches.removed), [2]);
        let (was, is) = matches.changed[0];
        assert_eq!((was.record(&old).row, is.record(&new).row), (0, 0));
        assert_eq!(
            (matches.repeated_old[0].1, matches.repeated_new[0].1),
            (4, 3)
        );
    }
}
