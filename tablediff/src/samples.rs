//! Keeps the first few rows of each kind.

use arrow_array::ArrayRef;
use serde_json::Value;

use crate::cell;
use crate::chunk::{At, Chunk, Record};
use crate::column::Tally;
use crate::encode::Encoder;
use crate::error::DiffError;
use crate::join::Matches;
use crate::plan::Plan;
use crate::result::{CellChange, ChangedRow, RepeatedKey, RowSample, Samples};

/// What samples are made with.
pub(crate) struct Sampler<'a> {
    pub plan: &'a Plan,
    pub encoder: &'a Encoder,
    /// The columns of the plan in the order of the new version.
    pub order: &'a [usize],
    /// The most of each kind.
    pub most: usize,
}

impl Sampler<'_> {
    /// Puts rows of this group in place of those that come after them.
    pub fn take(
        &self,
        samples: &mut Samples,
        old: &[Chunk],
        new: &[Chunk],
        matches: &Matches,
        tallies: &[Tally],
    ) -> Result<(), DiffError> {
        if self.most == 0 {
            return Ok(());
        }
        let added = self.rows(new, &matches.added)?;
        self.merge(&mut samples.added, added, |sample| sample.row);
        let removed = self.rows(old, &matches.removed)?;
        self.merge(&mut samples.removed, removed, |sample| sample.row);
        let changed = self.changed(old, new, &matches.changed, tallies)?;
        self.merge(&mut samples.changed, changed, |sample| sample.new_row);
        if self.plan.keyed {
            let repeated = self.repeated(old, &matches.repeated_old)?;
            self.merge(&mut samples.duplicates_old, repeated, |sample| sample.row);
            let repeated = self.repeated(new, &matches.repeated_new)?;
            self.merge(&mut samples.duplicates_new, repeated, |sample| sample.row);
        }
        Ok(())
    }

    fn merge<T>(&self, samples: &mut Vec<T>, more: Vec<T>, row: impl Fn(&T) -> u64) {
        samples.extend(more);
        samples.sort_by_key(row);
        samples.truncate(self.most);
    }

    /// The first few by `row`, in order.
    fn first<T: Copy>(&self, items: &[T], row: impl Fn(&T) -> u64) -> Vec<T> {
        let mut items = items.to_vec();
        if items.len() > self.most {
            items.select_nth_unstable_by_key(self.most, &row);
            items.truncate(self.most);
        }
        items.sort_unstable_by_key(row);
        items
    }

    fn rows(&self, chunks: &[Chunk], places: &[At]) -> Result<Vec<RowSample>, DiffError> {
        let first = self.first(places, |at| at.record(chunks).row);
        let records: Vec<_> = first.iter().map(|at| at.record(chunks)).collect();
        let keys = self.keys(&self.decode(&records)?, records.len())?;
        let samples = records.iter().zip(keys);
        Ok(samples
            .map(|(record, key)| RowSample {
                row: record.row,
                key,
            })
            .collect())
    }

    fn repeated(
        &self,
        chunks: &[Chunk],
        keys: &[(At, u64)],
    ) -> Result<Vec<RepeatedKey>, DiffError> {
        let first = self.first(keys, |(at, _)| at.record(chunks).row);
        let records: Vec<_> = first.iter().map(|(at, _)| at.record(chunks)).collect();
        let keys = self.keys(&self.decode(&records)?, records.len())?;
        let samples = first.iter().zip(records).zip(keys);
        Ok(samples
            .map(|(((_, rows), record), key)| RepeatedKey {
                row: record.row,
                key,
                rows: *rows,
            })
            .collect())
    }

    fn changed(
        &self,
        old: &[Chunk],
        new: &[Chunk],
        pairs: &[(At, At)],
        tallies: &[Tally],
    ) -> Result<Vec<ChangedRow>, DiffError> {
        let first = self.first(pairs, |(_, is)| is.record(new).row);
        let was: Vec<_> = first.iter().map(|(was, _)| was.record(old)).collect();
        let is: Vec<_> = first.iter().map(|(_, is)| is.record(new)).collect();
        let (old_columns, new_columns) = (self.decode(&was)?, self.decode(&is)?);
        let keys = self.keys(&new_columns, is.len())?;
        let mut samples: Vec<ChangedRow> = was
            .iter()
            .zip(&is)
            .zip(keys)
            .map(|((was, is), key)| ChangedRow {
                old_row: was.row,
                new_row: is.row,
                key,
                columns: Vec::new(),
            })
            .collect();
        for &column in self.order {
            let name = &self.plan.columns[column].name;
            let arrays = (&old_columns[column], &new_columns[column]);
            add_changes(&mut samples, name, arrays, &tallies[column])?;
        }
        Ok(samples)
    }

    fn decode(&self, records: &[Record<'_>]) -> Result<Vec<ArrayRef>, DiffError> {
        self.encoder.decode(records.iter().copied())
    }

    fn keys(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<Vec<Value>>, DiffError> {
        let key = &columns[..self.plan.joined];
        let values = |row| {
            key.iter()
                .map(move |column| cell::json(column, row))
                .collect()
        };
        let keys: Result<_, _> = (0..rows).map(values).collect();
        Ok(keys?)
    }
}

/// Adds what changed in one column.
fn add_changes(
    samples: &mut [ChangedRow],
    name: &str,
    (old, new): (&ArrayRef, &ArrayRef),
    tally: &Tally,
) -> Result<(), DiffError> {
    let (was, is) = (tally.values(old)?, tally.values(new)?);
    for (row, sample) in samples.iter_mut().enumerate() {
        if !was.same(&is, row) {
            sample.columns.push(CellChange {
                column: name.to_owned(),
                old: cell::json(old, row)?,
                new: cell::json(new, row)?,
            });
        }
    }
    Ok(())
}
