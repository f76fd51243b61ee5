//! The figures by which predictions are judged.
use crate::config::Task;

/// A figure's value, or why it has none.
pub type Measured = Result<f64, &'static str>;

/// A figure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Figure {
    /// The root of the mean squared error.
    Rmse,
    /// The mean absolute error.
    Mae,
    /// The share of the target's variance that the predictions explain.
    R2,
    /// The mean of prediction less target.
    Bias,
    /// The area under the ROC curve: how probable it is that a positive row has a higher prediction than a negative one.
    Auc,
    /// The mean of -ln of the probability given to what was true.
    LogLoss,
    /// The mean squared error of the probability.
    Brier,
    /// The share of rows on the right side of the threshold.
    Accuracy,
    /// The harmonic mean of precision and recall.
    F1,
    /// The mean distance between probability and observed share over bins, weighted by rows.
    CalibrationError,
}

impl Figure {
    /// The figures of a task, in the order in which they are measured and reported.
    pub const fn of(task: Task) -> &'static [Figure] {
        match task {
            Task::Regression => &[Figure::Rmse, Figure::Mae, Figure::R2, Figure::Bias],
            Task::Binary => &[
                Figure::Auc,
                Figure::LogLoss,
                Figure::Brier,
                Figure::Accuracy,
                Figure::F1,
                Figure::CalibrationError,
            ],
        }
    }

    /// Its name in findings and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Figure::Rmse => "rmse",
            Figure::Mae => "mae",
            Figure::R2 => "r2",
            Figure::Bias => "bias",
            Figure::Auc => "auc",
            Figure::LogLoss => "log_loss",
            Figure::Brier => "brier",
            Figure::Accuracy => "accuracy",
            Figure::F1 => "f1",
            Figure::CalibrationError => "calibration_error",
        }
    }

    /// How much better a value is than the baseline's: below zero when it is worse.
    pub fn gain(self, value: f64, baseline: f64) -> f64 {
        match self {
            Figure::R2 | Figure::Auc | Figure::Accuracy | Figure::F1 => value - baseline,
            Figure::Bias => baseline.abs() - value.abs(),
            Figure::Rmse
            | Figure::Mae
            | Figure::LogLoss
            | Figure::Brier
            | Figure::CalibrationError => baseline - value,
        }
    }
}

/// What is said of figures without rows.
pub const NO_ROWS: &str = "there is no row with a target and a prediction";

/// A quotient of sums over rows, as a figure.
pub fn finite(value: f64) -> Measured {
    if value.is_finite() {
        Ok(value)
    } else {
        Err("the errors are too large to be added up")
    }
}
