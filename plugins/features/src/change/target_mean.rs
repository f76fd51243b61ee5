//! The mean of the target over the rows of a category, leaving out the fold that a row is in.
//!
//! The fold of a row is a hash of its key columns, for training rows and new rows alike. So the value of a training row never
//! holds its own target, and a state needs no memory of which rows it was trained on.
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch};
use serde::{Deserialize, Serialize};

use super::{ALL_MISSING, Fact};
use crate::categories::{Categories, Code, Counts};
use crate::config::UnknownMean;
use crate::folds::Folds;
use crate::statistics::Sum;

/// The means.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TargetMean {
    /// The categories of the training table.
    pub categories: Categories,
    /// How rows fall into folds.
    pub folds: Folds,
    /// For each category, and last for all rows: the mean outside of each fold, `folds` numbers each.
    means: Vec<f64>,
    /// What becomes of other categories.
    pub unknown: UnknownMean,
}

/// What to learn from.
#[derive(Clone, Copy, Debug)]
pub struct Lesson<'a> {
    /// The batches of the column.
    pub chunks: &'a [ArrayRef],
    /// The same rows as the model takes them.
    pub raw: &'a [RecordBatch],
    /// The target of every row, none where it is missing.
    pub target: &'a [Option<f64>],
}

impl TargetMean {
    /// Learns the means.
    pub fn fit(
        lesson: Lesson<'_>,
        folds: Folds,
        smoothing: f64,
        unknown: UnknownMean,
    ) -> Result<(TargetMean, Vec<Fact>), String> {
        let counts = Counts::of(lesson.chunks).into_sorted();
        if counts.is_empty() {
            return Err(ALL_MISSING.to_owned());
        }
        let keys: Vec<_> = counts.into_iter().map(|(key, _)| key).collect();
        let categories = Categories::from(keys);
        let sums = Sums::over(lesson, &categories, &folds)?;
        if let Some(problem) = sums.confined(&folds) {
            return Err(problem);
        }
        let means = sums.means(smoothing);
        if means.iter().any(|mean| !mean.is_finite()) {
            return Err("the target is too large for a mean".to_owned());
        }
        let facts = sums.facts(&categories, lesson.chunks, smoothing);
        let fitted = TargetMean {
            categories,
            folds,
            means,
            unknown,
        };
        Ok((fitted, facts))
    }

    /// The mean of every row's category.
    ///
    /// # Errors
    /// A value is no category, and such rows are refused.
    pub fn apply(&self, column: &ArrayRef, raw: &RecordBatch) -> Result<ArrayRef, String> {
        let codes = match self.unknown {
            UnknownMean::Error => self.categories.known_codes(column.as_ref())?,
            UnknownMean::Mean | UnknownMean::Missing => self.categories.codes(column.as_ref()),
        };
        let folds = self.folds.of(raw)?;
        let all = self.categories.len();
        let means = codes.into_iter().zip(folds).map(|(code, fold)| {
            let category = match code {
                Code::Known(code) => code as usize,
                Code::Unknown if self.unknown == UnknownMean::Mean => all,
                Code::Unknown | Code::Missing => return None,
            };
            Some(self.means[category * self.folds.count() + fold])
        });
        Ok(Arc::new(means.collect::<Float64Array>()))
    }

    /// Whether the numbers fit together, of a state that was read.
    pub fn is_whole(&self) -> bool {
        self.folds.count() > 0
            && self.means.len() == (self.categories.len() + 1) * self.folds.count()
    }
}

/// The sums of the target, by category and fold; those of all rows come last.
struct Sums {
    folds: usize,
    sums: Vec<Sum>,
}

impl Sums {
    fn over(lesson: Lesson<'_>, categories: &Categories, folds: &Folds) -> Result<Sums, String> {
        let count = folds.count();
        let mut sums = vec![Sum::default(); (categories.len() + 1) * count];
        let mut target = lesson.target.iter();
        for (chunk, raw) in lesson.chunks.iter().zip(lesson.raw) {
            let codes = categories.codes(chunk.as_ref());
            for (code, fold) in codes.into_iter().zip(folds.of(raw)?) {
                let Some(Some(target)) = target.next() else {
                    continue;
                };
                sums[categories.len() * count + fold].add(*target);
                if let Code::Known(code) = code {
                    sums[code as usize * count + fold].add(*target);
                }
            }
        }
        Ok(Sums { folds: count, sums })
    }

    /// A problem when the key does not tell rows apart: when most rows are of categories that lie in one fold as a whole, so
    /// that nothing is known of them outside of it.
    fn confined(&self, folds: &Folds) -> Option<String> {
        if self.folds == 1 {
            return None;
        }
        let by_category = self.sums.chunks_exact(self.folds);
        let categories = by_category.take(self.sums.len() / self.folds - 1);
        let (mut confined, mut rows) = (0, 0);
        for sums in categories {
            let count: u64 = sums.iter().map(Sum::count).sum();
            // So few rows may lie in one fold by chance.
            if count >= 4 {
                rows += count;
                let one = sums.iter().any(|sum| sum.count() == count);
                confined += if one { count } else { 0 };
            }
        }
        (confined * 2 > rows).then(|| {
            format!(
                "{confined} of {rows} rows have their whole category in one fold, so that no mean can be taken outside of it: the \
                 key {} does not tell rows apart; name columns in `key` that do",
                folds.shown()
            )
        })
    }

    fn category(&self, category: usize) -> &[Sum] {
        &self.sums[category * self.folds..][..self.folds]
    }

    /// The sum over all folds, or over all but one.
    fn without(&self, category: usize, fold: Option<usize>) -> Sum {
        let mut sum = Sum::default();
        // Added up anew: taking one away from the whole would leave what rounding lost.
        for (other, part) in self.category(category).iter().enumerate() {
            if Some(other) != fold {
                sum.join(part);
            }
        }
        sum
    }

    /// The smoothed mean of a category outside of a fold.
    fn mean(&self, category: usize, fold: Option<usize>, smoothing: f64) -> f64 {
        let all = self.sums.len() / self.folds - 1;
        let overall = self.without(all, fold);
        // A fold may hold every row; then the mean of all is what is left.
        let overall = if overall.count() == 0 {
            self.without(all, None).mean()
        } else {
            overall.mean()
        };
        let own = self.without(category, fold);
        if category == all || own.count() == 0 {
            return overall;
        }
        (own.total() + smoothing * overall) / (own.count() as f64 + smoothing)
    }

    fn means(&self, smoothing: f64) -> Vec<f64> {
        let categories = self.sums.len() / self.folds;
        let outside = |fold| (self.folds > 1).then_some(fold);
        let each =
            (0..categories).flat_map(|category| (0..self.folds).map(move |fold| (category, fold)));
        each.map(|(category, fold)| self.mean(category, outside(fold), smoothing))
            .collect()
    }

    fn facts(&self, categories: &Categories, chunks: &[ArrayRef], smoothing: f64) -> Vec<Fact> {
        let Some(first) = chunks.first() else {
            return Vec::new();
        };
        let all = categories.len();
        let mut facts = vec![Fact::new("mean", self.mean(all, None, smoothing))];
        for (category, shown) in categories.shown(first.data_type()).enumerate() {
            let mean = self.mean(category, None, smoothing);
            let rows = self.without(category, None).count() as f64;
            facts.push(Fact::of(shown.clone(), "mean", mean));
            facts.push(Fact::of(shown, "rows", rows));
        }
        facts
    }
}
