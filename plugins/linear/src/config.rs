//! The stage's config.

use lockflight_sdk::{Problem, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is learnt from which columns, and how.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The column to predict.
    pub target: String,
    /// What is predicted. Without it: `binary` for a target of type bool or text, else `regression`.
    pub task: Option<Task>,
    /// For a target of type text: the value whose probability is predicted.
    pub positive: Option<String>,
    /// The columns to predict from, in order. Without it: every column but the target and those in `ignore`.
    pub features: Option<Vec<String>>,
    /// Columns that are not predicted from.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// How strongly the coefficients are drawn to 0: what the sum of their squares is multiplied with, for columns scaled to a
    /// deviation of 1.
    #[serde(default = "default_alpha")]
    pub alpha: f64,
    /// What becomes of a row without a value in a feature.
    #[serde(default)]
    pub missing: Missing,
    /// The name of the column with predictions.
    #[serde(default = "default_prediction")]
    pub prediction: String,
}

/// What is predicted.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// A number.
    Regression,
    /// The probability of one of two classes.
    Binary,
}

/// What becomes of a row without a value in a feature.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// The mean of the training table stands in.
    #[default]
    Mean,
    /// Training, or scoring, fails.
    Error,
}

fn default_alpha() -> f64 {
    1.0
}

fn default_prediction() -> String {
    "prediction".to_owned()
}

impl Config {
    /// What is wrong with the values, each by itself.
    pub(crate) fn problems(&self) -> Problems {
        let mut problems = Problems::new();
        if !(self.alpha.is_finite() && self.alpha >= 0.0) {
            problems.push(Problem::config("/alpha", "alpha has to be 0 or more"));
        }
        if self.prediction.is_empty() {
            let message = "prediction has to be the name of a column";
            problems.push(Problem::config("/prediction", message));
        }
        if self.prediction == self.target {
            let message = format!(
                "the column of predictions cannot be called {:?} as the target is",
                self.target
            );
            problems.push(Problem::config("/prediction", message));
        }
        problems
    }
}
