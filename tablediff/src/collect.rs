//! Collects what differs, group of rows by group of rows. The result does not depend on the groups.

use arrow_array::ArrayRef;

use crate::chunk::{Chunk, Record};
use crate::column::Tally;
use crate::encode::Encoder;
use crate::error::DiffError;
use crate::join::{self, Matches};
use crate::plan::{Column, Plan};
use crate::result::{ColumnDiff, RowCounts, Samples};
use crate::samples::Sampler;

/// How many rows are decoded at a time.
const BATCH: usize = 4096;

/// What differs in the rows joined so far.
pub(crate) struct Collector<'a> {
    plan: &'a Plan,
    encoder: &'a Encoder,
    /// The columns of the plan in the order of the new version.
    order: Vec<usize>,
    most_samples: usize,
    tallies: Vec<Tally>,
    /// Without the rows of shared blocks; `old` and `new` are left at 0.
    pub rows: RowCounts,
    pub samples: Samples,
}

impl<'a> Collector<'a> {
    /// Starts with nothing.
    pub fn new(
        plan: &'a Plan,
        encoder: &'a Encoder,
        samples: usize,
    ) -> Result<Collector<'a>, DiffError> {
        // Types as they are decoded: dictionaries are plain values then, inside lists and structs too.
        let decoded = encoder.decode(std::iter::empty::<Record<'_>>())?;
        let tallies: Result<_, _> = decoded
            .iter()
            .map(|array| Tally::new(array.data_type()))
            .collect();
        let mut order: Vec<usize> = (0..plan.columns.len()).collect();
        order.sort_by_key(|&column| plan.columns[column].at.new);
        Ok(Collector {
            plan,
            encoder,
            order,
            most_samples: samples,
            tallies: tallies?,
            rows: RowCounts::default(),
            samples: Samples {
                columns: names(&plan.columns[..plan.joined]),
                ..Samples::default()
            },
        })
    }

    /// Joins a group of rows and counts.
    pub fn take(&mut self, old: &[Chunk], new: &[Chunk]) -> Result<(), DiffError> {
        let matches = join::join(old, new);
        self.count_rows(&matches);
        for batch in matches.added.chunks(BATCH) {
            let columns = self.decode(batch.iter().map(|at| at.record(new)))?;
            for (tally, column) in self.tallies.iter_mut().zip(&columns) {
                tally.count_added(&tally.values(column)?);
            }
        }
        for batch in matches.removed.chunks(BATCH) {
            let columns = self.decode(batch.iter().map(|at| at.record(old)))?;
            for (tally, column) in self.tallies.iter_mut().zip(&columns) {
                tally.count_removed(&tally.values(column)?);
            }
        }
        for batch in matches.changed.chunks(BATCH) {
            let was = self.decode(batch.iter().map(|(was, _)| was.record(old)))?;
            let is = self.decode(batch.iter().map(|(_, is)| is.record(new)))?;
            for ((tally, was), is) in self.tallies.iter_mut().zip(&was).zip(&is) {
                tally.count_changed(&tally.values(was)?, &tally.values(is)?);
            }
        }
        self.take_samples(old, new, &matches)
    }

    fn decode<'b>(
        &self,
        records: impl Iterator<Item = Record<'b>> + Clone,
    ) -> Result<Vec<ArrayRef>, DiffError> {
        self.encoder.decode(records)
    }

    fn count_rows(&mut self, matches: &Matches) {
        let rows = &mut self.rows;
        rows.unchanged += matches.unchanged;
        rows.changed += matches.changed.len() as u64;
        rows.added += matches.added.len() as u64;
        rows.removed += matches.removed.len() as u64;
        if self.plan.keyed {
            rows.duplicates_old += matches.repeated_old.len() as u64;
            rows.duplicates_new += matches.repeated_new.len() as u64;
        }
    }

    fn take_samples(
        &mut self,
        old: &[Chunk],
        new: &[Chunk],
        matches: &Matches,
    ) -> Result<(), DiffError> {
        let sampler = Sampler {
            plan: self.plan,
            encoder: self.encoder,
            order: &self.order,
            most: self.most_samples,
        };
        sampler.take(&mut self.samples, old, new, matches, &self.tallies)
    }

    /// The columns in the order of the new version, and the samples.
    pub fn finish(self) -> Result<(Vec<ColumnDiff>, Samples), DiffError> {
        let mut columns = Vec::with_capacity(self.tallies.len());
        for (position, tally) in self.tallies.into_iter().enumerate() {
            let column = &self.plan.columns[position];
            let key = position < self.plan.key().len();
            columns.push((column.at.new, tally.finish(column, key)?));
        }
        columns.sort_by_key(|(position, _)| *position);
        let columns = columns.into_iter().map(|(_, column)| column).collect();
        Ok((columns, self.samples))
    }
}

/// The names of these columns.
pub(crate) fn names(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| column.name.clone()).collect()
}
