//! Figures of predicted numbers.
use crate::figure::{Figure, Measured, NO_ROWS, finite};
use crate::sums::{Spread, Sum};

/// What the rows of a group add up to.
#[derive(Clone, Debug, Default)]
pub struct Regression {
    rows: u64,
    errors: Sum,
    absolute: Sum,
    squared: Sum,
    targets: Spread,
    predictions: Spread,
}

impl Regression {
    /// Takes a row into account.
    pub fn add(&mut self, target: f64, prediction: f64) {
        let error = prediction - target;
        self.rows += 1;
        self.errors.add(error);
        self.absolute.add(error.abs());
        self.squared.add(error * error);
        self.targets.add(target);
        self.predictions.add(prediction);
    }

    /// How many rows there were.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The least and the greatest prediction.
    pub fn range(&self) -> Option<(f64, f64)> {
        self.predictions.range()
    }

    /// A figure of this task.
    pub fn measure(&self, figure: Figure) -> Measured {
        if self.rows == 0 {
            return Err(NO_ROWS);
        }
        let rows = self.rows as f64;
        match figure {
            Figure::Rmse => finite((self.squared.get() / rows).sqrt()),
            Figure::Mae => finite(self.absolute.get() / rows),
            Figure::Bias => finite(self.errors.get() / rows),
            Figure::R2 if self.targets.is_constant() => {
                Err("the target is the same in all rows, so there is no variance to explain")
            }
            Figure::R2 => finite(1.0 - self.squared.get() / self.targets.squares()),
            other => unreachable!("{} is no figure of a regression", other.name()),
        }
    }
}
