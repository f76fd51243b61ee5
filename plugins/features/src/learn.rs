//! What a step has to learn before it can change a column.
use arrow_array::{ArrayRef, RecordBatch};

use crate::change::bin::Bin;
use crate::change::fill::Fill;
use crate::change::one_hot::OneHot;
use crate::change::ordinal::Ordinal;
use crate::change::scale::Scale;
use crate::change::target_mean::{Lesson, TargetMean};
use crate::change::{Change, Fact};
use crate::config::{BinWith, ScaleWith, Unknown, UnknownMean};
use crate::folds::Folds;
use crate::shape::Shape;
use crate::value::Key;

/// A change of a column that is not fitted yet.
#[derive(Clone, Debug)]
pub enum Task {
    /// Mark what is missing.
    Flag,
    /// Fill with the mean.
    Mean,
    /// Fill with the median.
    Median,
    /// Fill with the most frequent value.
    MostFrequent,
    /// Fill with this.
    Constant(Fill),
    /// A column for each category.
    OneHot {
        /// Instead of those of the table.
        given: Option<Vec<Key>>,
        /// What becomes of others.
        unknown: Unknown,
        /// How many are too many.
        max: u32,
    },
    /// The number of the category.
    Ordinal {
        /// Instead of those of the table.
        given: Option<Vec<Key>>,
        /// What becomes of others.
        unknown: Unknown,
    },
    /// The mean of the target.
    TargetMean {
        /// How many folds.
        folds: u32,
        /// How many rows with the mean of all count for every category.
        smoothing: f64,
        /// What tells rows apart; none for all columns that are taken.
        key: Option<Vec<String>>,
        /// What becomes of other categories.
        unknown: UnknownMean,
    },
    /// Shift and stretch.
    Scale(ScaleWith),
    /// So many ranges.
    Ranges(BinWith, u32),
    /// Ranges between these edges.
    Edges(Vec<f64>),
    /// Leave out.
    Drop,
}

/// What there is to learn from.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// The batches of the column, at least one.
    pub chunks: &'a [ArrayRef],
    /// The same rows, as the model takes them.
    pub raw: &'a [RecordBatch],
    /// The target of every row; empty when no step learns from it.
    pub target: &'a [Option<f64>],
}

/// What came of it.
#[derive(Debug)]
pub struct Learned {
    /// The fitted change.
    pub change: Change,
    /// What it is made of, for people.
    pub facts: Vec<Fact>,
}

impl Task {
    /// What becomes of the column, as far as it is known before fitting.
    pub fn shape(&self) -> Shape<'_> {
        match self {
            Task::Flag => Shape::Flag,
            Task::Mean | Task::Median => Shape::Fill { float: true },
            Task::MostFrequent => Shape::Fill { float: false },
            Task::Constant(fill) => Shape::Fill {
                float: fill.makes_floats(),
            },
            Task::OneHot { given, .. } => Shape::OneHot(given.as_deref()),
            Task::Ordinal { unknown, .. } => Shape::Ordinal(*unknown),
            Task::TargetMean { unknown, .. } => Shape::TargetMean(*unknown),
            Task::Scale(_) => Shape::Scale,
            Task::Ranges(..) | Task::Edges(_) => Shape::Bin,
            Task::Drop => Shape::Drop,
        }
    }

    /// Whether it learns anything from the table.
    pub fn learns(&self) -> bool {
        match self {
            Task::Flag | Task::Constant(_) | Task::Edges(_) | Task::Drop => false,
            Task::OneHot { given, .. } | Task::Ordinal { given, .. } => given.is_none(),
            Task::Mean
            | Task::Median
            | Task::MostFrequent
            | Task::TargetMean { .. }
            | Task::Scale(_)
            | Task::Ranges(..) => true,
        }
    }

    /// Learns from the training table.
    ///
    /// # Errors
    /// A sentence about the column, without its name.
    pub fn learn(&self, data: Data<'_>) -> Result<Learned, String> {
        let chunks = data.chunks;
        let (change, facts) = match self {
            Task::Flag => (Change::Flag, Vec::new()),
            Task::Mean => with(Change::Fill, Fill::mean(chunks)?),
            Task::Median => with(Change::Fill, Fill::median(chunks)?),
            Task::MostFrequent => with(Change::Fill, Fill::most_frequent(chunks)?),
            Task::Constant(fill) => (Change::Fill(fill.clone()), Vec::new()),
            Task::OneHot {
                given,
                unknown,
                max,
            } => with(
                Change::OneHot,
                OneHot::fit(chunks, given.as_deref(), *unknown, *max)?,
            ),
            Task::Ordinal { given, unknown } => with(
                Change::Ordinal,
                Ordinal::fit(chunks, given.as_deref(), *unknown)?,
            ),
            Task::TargetMean {
                folds,
                smoothing,
                key,
                unknown,
            } => {
                let folds = Folds::new(*folds, key.clone().unwrap_or_else(|| all_of(data.raw)));
                let lesson = Lesson {
                    chunks,
                    raw: data.raw,
                    target: data.target,
                };
                let fitted = TargetMean::fit(lesson, folds, *smoothing, *unknown)?;
                with(Change::TargetMean, fitted)
            }
            Task::Scale(how) => with(Change::Scale, Scale::fit(chunks, *how)?),
            Task::Ranges(BinWith::Width, bins) => with(Change::Bin, Bin::width(chunks, *bins)?),
            Task::Ranges(_, bins) => with(Change::Bin, Bin::quantile(chunks, *bins)?),
            Task::Edges(edges) => with(Change::Bin, Bin::at(edges)),
            Task::Drop => (Change::Drop, Vec::new()),
        };
        Ok(Learned { change, facts })
    }
}

fn with<T>(change: fn(T) -> Change, (fitted, facts): (T, Vec<Fact>)) -> (Change, Vec<Fact>) {
    (change(fitted), facts)
}

fn all_of(raw: &[RecordBatch]) -> Vec<String> {
    let fields = raw.iter().take(1).flat_map(|batch| {
        let schema = batch.schema();
        schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect::<Vec<_>>()
    });
    fields.collect()
}
