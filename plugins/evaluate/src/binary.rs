//! Figures of predicted probabilities.
use crate::bins::Bins;
use crate::config::Config;
use crate::figure::{Figure, Measured, NO_ROWS, finite};
use crate::sums::Sum;

/// What the rows of a group add up to.
#[derive(Clone, Debug)]
pub struct Binary {
    threshold: f64,
    log_loss: Sum,
    brier: Sum,
    /// Rows by prediction (negative, positive) and then by target.
    confusion: [[u64; 2]; 2],
    bins: Bins,
}

impl Binary {
    /// No rows yet.
    pub fn new(config: &Config) -> Binary {
        Binary {
            threshold: config.threshold(),
            log_loss: Sum::default(),
            brier: Sum::default(),
            confusion: [[0; 2]; 2],
            bins: Bins::new(config.bins, 0.0, 1.0),
        }
    }

    /// Takes a row into account.
    pub fn add(&mut self, target: bool, probability: f64) {
        // A certainty that is wrong would cost an infinity; it is counted as nearly certain, as is customary.
        let bounded = probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        let of_truth = if target { bounded } else { 1.0 - bounded };
        let truth = f64::from(u8::from(target));
        self.log_loss.add(-of_truth.ln());
        self.brier
            .add((probability - truth) * (probability - truth));
        self.confusion[usize::from(probability >= self.threshold)][usize::from(target)] += 1;
        self.bins.add(probability, truth);
    }

    /// How many rows there were.
    pub fn rows(&self) -> u64 {
        self.confusion.as_flattened().iter().sum()
    }

    /// The rows by their probability.
    pub fn bins(&self) -> &Bins {
        &self.bins
    }

    /// A figure of this task; the area under the curve comes from the ranks of all rows.
    pub fn measure(&self, figure: Figure, auc: Option<f64>) -> Measured {
        if self.rows() == 0 {
            return Err(NO_ROWS);
        }
        let rows = self.rows() as f64;
        let [[right_negative, missed], [false_alarms, hits]] = self.confusion;
        match figure {
            Figure::Auc => auc.ok_or("all rows are of one class"),
            Figure::LogLoss => finite(self.log_loss.get() / rows),
            Figure::Brier => finite(self.brier.get() / rows),
            Figure::Accuracy => Ok((right_negative + hits) as f64 / rows),
            Figure::F1 if hits + missed + false_alarms == 0 => {
                Err("no row is positive, and none was predicted to be")
            }
            Figure::F1 => Ok((2 * hits) as f64 / (2 * hits + missed + false_alarms) as f64),
            Figure::CalibrationError => finite(self.bins.distance() / rows),
            other => unreachable!("{} is no figure of two classes", other.name()),
        }
    }
}
