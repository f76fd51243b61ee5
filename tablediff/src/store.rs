//! Keeps the rows of both versions until they are joined: in memory as long as they fit, then in files.

use std::path::Path;

use crate::chunk::Chunk;
use crate::error::{DiffError, Side};
use crate::spill::{Part, Splitter};

/// How often a part is split again at most; the hashes of 32^16 parts are never that unlucky.
const DEEPEST: u64 = 16;

/// The rows of both versions.
pub(crate) struct Store<'a> {
    scratch: &'a Path,
    /// Bytes that may be in memory.
    memory: usize,
    old: Vec<Chunk>,
    new: Vec<Chunk>,
    /// Bytes in memory.
    size: usize,
    spilled: Option<Splitter>,
}

impl<'a> Store<'a> {
    /// An empty store that keeps `memory` bytes in memory and the others in `scratch`.
    pub fn new(scratch: &'a Path, memory: usize) -> Store<'a> {
        Store {
            scratch,
            memory,
            old: Vec::new(),
            new: Vec::new(),
            size: 0,
            spilled: None,
        }
    }

    /// Adds rows; those of a version come in the order of their numbers.
    pub fn push(&mut self, side: Side, chunk: Chunk) -> Result<(), DiffError> {
        if let Some(splitter) = &mut self.spilled {
            return write(splitter, side, &chunk);
        }
        self.size += chunk.size();
        match side {
            Side::Old => self.old.push(chunk),
            Side::New => self.new.push(chunk),
        }
        if self.size > self.memory {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), DiffError> {
        let mut splitter = Splitter::new(self.scratch, 0)?;
        for (side, chunks) in [(Side::Old, &mut self.old), (Side::New, &mut self.new)] {
            for chunk in std::mem::take(chunks) {
                write(&mut splitter, side, &chunk)?;
            }
        }
        self.spilled = Some(splitter);
        Ok(())
    }

    /// Hands over the rows in groups to be joined: those with the same key are in the same group.
    pub fn groups(
        self,
        mut join: impl FnMut(&[Chunk], &[Chunk]) -> Result<(), DiffError>,
    ) -> Result<(), DiffError> {
        match self.spilled {
            None => join(&self.old, &self.new),
            Some(splitter) => {
                let limits = Limits {
                    scratch: self.scratch,
                    memory: self.memory,
                };
                limits.join_parts(splitter, 1, &mut join)
            }
        }
    }
}

fn write(splitter: &mut Splitter, side: Side, chunk: &Chunk) -> Result<(), DiffError> {
    chunk
        .iter()
        .try_for_each(|record| splitter.write(side, record))
}

/// What parts are joined within.
struct Limits<'a> {
    scratch: &'a Path,
    memory: usize,
}

impl Limits<'_> {
    fn join_parts(
        &self,
        splitter: Splitter,
        depth: u64,
        join: &mut impl FnMut(&[Chunk], &[Chunk]) -> Result<(), DiffError>,
    ) -> Result<(), DiffError> {
        let mut parts = splitter.finish()?;
        for part in parts.parts.drain(..).filter(|part| part.size() > 0) {
            if part.size() <= self.memory || part.has_one_key() || depth == DEEPEST {
                let (old, new) = (part.load(Side::Old)?, part.load(Side::New)?);
                part.delete()?;
                join(&old, &new)?;
            } else {
                self.join_parts(self.split(part, depth)?, depth + 1, join)?;
            }
        }
        Ok(())
    }

    /// Splits a part that is too large, by another hash: the depth is its seed.
    fn split(&self, part: Part, depth: u64) -> Result<Splitter, DiffError> {
        let mut splitter = Splitter::new(self.scratch, depth)?;
        for side in [Side::Old, Side::New] {
            part.each(side, |record| splitter.write(side, record))?;
        }
        part.delete()?;
        Ok(splitter)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashSet;

    use super::*;
    use crate::chunk::Record;

    fn rows(count: u64) -> Chunk {
        let mut chunk = Chunk::default();
        for row in 0..count {
            // Each key twice.
            let key = (row / 2).to_le_bytes();
            chunk.push(Record {
                row,
                key: &key,
                values: &[],
            });
        }
        chunk
    }

    /// How many groups the rows come in; each row must come once and its key in one group only.
    fn groups(memory: usize, count: u64) -> usize {
        let scratch = tempfile::tempdir().unwrap();
        let mut store = Store::new(scratch.path(), memory);
        store.push(Side::Old, rows(count)).unwrap();
        store.push(Side::New, rows(count)).unwrap();
        let (mut groups, mut keys, mut total) = (0, HashSet::new(), 0);
        store
            .groups(|old, new| {
                let records = || old.iter().chain(new).flat_map(Chunk::iter);
                let own: HashSet<_> = records().map(|record| record.key.to_vec()).collect();
                assert!(own.into_iter().all(|key| keys.insert(key)));
                assert!(
                    old.iter()
                        .all(|chunk| chunk.iter().is_sorted_by_key(|record| record.row))
                );
                total += records().count() as u64;
                groups += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(total, 2 * count);
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
        groups
    }

    #[test]
    fn what_fits_is_one_group() {
        assert_eq!(groups(1 << 20, 1000), 1);
    }

    #[test]
    fn what_does_not_fit_is_split_and_split_again() {
        assert_eq!(groups(50_000, 1000), 32);
        assert!(groups(500, 1000) > 200);
    }
}
