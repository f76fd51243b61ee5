//! The figures of one scored table: of all rows, and of every slice.
use arrow_array::RecordBatch;
use lockflight_sdk::prelude::*;
use lockflight_sdk::progress;

use crate::binary::Binary;
use crate::bins::Bins;
use crate::columns::{Target, bind, column, no_probability, numbers};
use crate::config::{Config, Task};
use crate::figure::{Figure, Measured};
use crate::ranks::Ranks;
use crate::regression::Regression;
use crate::slices::Slices;
use crate::sums::Sum;

/// What came of a table.
#[derive(Debug)]
pub struct Evaluation {
    /// The groups; the first is all rows.
    pub groups: Vec<Group>,
    /// Which group is which slice.
    pub slices: Slices,
    /// The rows that could not be looked at.
    pub excluded: Excluded,
    /// The targets added up, to tell whether two tables have the same.
    pub targets: f64,
    /// All rows by their prediction.
    pub bins: Bins,
}

/// The figures of some rows.
#[derive(Debug)]
pub struct Group {
    /// How many rows.
    pub rows: u64,
    /// The values, in the order of [`Figure::of`].
    pub figures: Vec<Measured>,
}

/// Rows without a finite target or prediction.
#[derive(Debug, Default)]
pub struct Excluded {
    /// How many rows the table has.
    pub of: u64,
    /// How many have no finite target.
    pub targets: u64,
    /// How many have a target, and no finite prediction.
    pub predictions: u64,
    /// The first of them.
    pub examples: Vec<u64>,
}

impl Excluded {
    /// How many rows.
    pub fn rows(&self) -> u64 {
        self.targets + self.predictions
    }
}

/// What the rows of a group add up to.
#[derive(Clone, Debug)]
enum Tally {
    Regression(Regression),
    Binary(Binary),
}

/// Reads a table that is scored, the baseline's if `baseline` is its input's name.
///
/// # Errors
/// What is wrong with the config, or with a value.
pub fn evaluate(
    table: &Table,
    config: &Config,
    baseline: Option<&str>,
) -> Result<Evaluation, Failure> {
    let target = bind(config, table.schema(), baseline)?;
    let mut rows = Rows {
        config,
        target,
        empty: match config.task {
            Task::Regression => Tally::Regression(Regression::default()),
            Task::Binary => Tally::Binary(Binary::new(config)),
        },
        slices: Slices::new(config),
        tallies: Vec::new(),
        ranks: Ranks::default(),
        excluded: Excluded::default(),
        targets: Sum::default(),
    };
    rows.tallies.push(rows.empty.clone());
    let mut names = vec![&config.target, &config.prediction];
    for slice in &config.slices {
        if !names.contains(&slice) {
            names.push(slice);
        }
    }
    for batch in table.scan_columns(&names) {
        rows.take(&batch)?;
        progress(rows.excluded.of, table.rows());
    }
    rows.target.finish()?;
    let bins = rows.bins(table)?;
    Ok(rows.finish(bins))
}

struct Rows<'a> {
    config: &'a Config,
    target: Target,
    empty: Tally,
    slices: Slices,
    /// By group.
    tallies: Vec<Tally>,
    ranks: Ranks,
    excluded: Excluded,
    targets: Sum,
}

impl Rows<'_> {
    /// Targets and predictions of a batch; NaN where there is none.
    fn pairs(&mut self, batch: &RecordBatch, start: u64) -> Result<(Vec<f64>, Vec<f64>), Failure> {
        let (target, prediction) = (&self.config.target, &self.config.prediction);
        let targets = self.target.read(target, column(batch, target), start)?;
        Ok((targets, numbers(column(batch, prediction))))
    }

    fn take(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        let start = self.excluded.of;
        let (targets, predictions) = self.pairs(batch, start)?;
        self.excluded.of += batch.num_rows() as u64;
        if self.config.task == Task::Binary
            && let Some((row, value)) = no_probability(&predictions, start..self.excluded.of)
        {
            let name = &self.config.prediction;
            return Err(Failure::data(format!(
                "row {row} has {value} in column {name:?}; of two classes a prediction is the probability of the positive one, from 0 to 1"
            )));
        }
        let groups = self.slices.of(batch)?;
        self.tallies
            .resize(self.slices.groups(), self.empty.clone());
        let per_row = self.slices.per_row();
        let pairs = targets.into_iter().zip(predictions);
        for ((row, (target, prediction)), groups) in
            (start..).zip(pairs).zip(groups.chunks(per_row))
        {
            if target.is_finite() && prediction.is_finite() {
                self.add(target, prediction, groups);
            } else {
                self.exclude(row, !target.is_finite());
            }
        }
        Ok(())
    }

    fn add(&mut self, target: f64, prediction: f64, groups: &[u32]) {
        self.targets.add(target);
        if self.config.task == Task::Binary {
            self.ranks.add(groups, target == 1.0, prediction);
        }
        for group in groups {
            match &mut self.tallies[*group as usize] {
                Tally::Regression(tally) => tally.add(target, prediction),
                Tally::Binary(tally) => tally.add(target == 1.0, prediction),
            }
        }
    }

    fn exclude(&mut self, row: u64, for_its_target: bool) {
        let count = match for_its_target {
            true => &mut self.excluded.targets,
            false => &mut self.excluded.predictions,
        };
        *count += 1;
        if self.excluded.examples.len() < 20 {
            self.excluded.examples.push(row);
        }
    }

    /// All rows by their prediction. Where its range is known only now, the table is read once more.
    fn bins(&mut self, table: &Table) -> Result<Bins, Failure> {
        let (low, high) = match &self.tallies[0] {
            Tally::Binary(tally) => return Ok(tally.bins().clone()),
            Tally::Regression(tally) => match tally.range() {
                Some(range) => range,
                None => return Ok(Bins::new(0, 0.0, 0.0)),
            },
        };
        let mut bins = Bins::new(self.config.bins, low, high);
        let mut start = 0;
        for batch in table.scan_columns(&[&self.config.target, &self.config.prediction]) {
            let (targets, predictions) = self.pairs(&batch, start)?;
            start += batch.num_rows() as u64;
            for (target, prediction) in targets.into_iter().zip(predictions) {
                if target.is_finite() && prediction.is_finite() {
                    bins.add(prediction, target);
                }
            }
        }
        Ok(bins)
    }

    fn finish(self, bins: Bins) -> Evaluation {
        let areas = self.ranks.areas(self.tallies.len());
        let figures = Figure::of(self.config.task);
        let groups = self.tallies.iter().zip(areas).map(|(tally, area)| Group {
            rows: match tally {
                Tally::Regression(tally) => tally.rows(),
                Tally::Binary(tally) => tally.rows(),
            },
            figures: figures
                .iter()
                .map(|figure| match tally {
                    Tally::Regression(tally) => tally.measure(*figure),
                    Tally::Binary(tally) => tally.measure(*figure, area),
                })
                .collect(),
        });
        Evaluation {
            groups: groups.collect(),
            slices: self.slices,
            excluded: self.excluded,
            targets: self.targets.get(),
            bins,
        }
    }
}
