//! The stage's config.
use std::collections::BTreeMap;

use lockflight_evaluate::config as measuring;
use lockflight_sdk::Problems;
use schemars::JsonSchema;
use serde::Deserialize;

pub use lockflight_evaluate::Task;

use crate::limits::Limits;

/// What is predicted, in which columns, on which slices it is looked at, and what should hold of the figures.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What the model predicts: a number, or which of two classes.
    pub task: Task,
    /// The column with the true values; null where there is none yet.
    pub target: String,
    /// The column with the model's answer: a number, or the probability of the positive class.
    #[serde(default = "measuring::prediction")]
    pub prediction: String,
    /// Columns of which every value is a slice with figures of its own.
    #[serde(default)]
    pub slices: Vec<String>,
    /// Of a target of texts, the one that is the positive class.
    pub positive: Option<String>,
    /// From which probability on a row counts as positive, for accuracy and F1; 0.5 without it.
    pub threshold: Option<f64>,
    /// A window or slice with fewer labelled rows is not judged.
    #[serde(default = "measuring::min_rows")]
    pub min_rows: u64,
    /// How many values a column of `slices` may have.
    #[serde(default = "measuring::max_slices")]
    pub max_slices: usize,
    /// By figure, what should hold of it over all rows, e.g. `>= 0.7`; else the verdict is `warn`.
    #[serde(default)]
    pub warn: BTreeMap<String, String>,
    /// By figure, what has to hold of it over all rows; else the verdict is `fail`.
    #[serde(default)]
    pub fail: BTreeMap<String, String>,
    /// By figure, what should hold of it in every slice; else the verdict is `warn`.
    #[serde(default)]
    pub slice_warn: BTreeMap<String, String>,
    /// By figure, what has to hold of it in every slice; else the verdict is `fail`.
    #[serde(default)]
    pub slice_fail: BTreeMap<String, String>,
}

impl Config {
    /// What `evaluate` has to measure. It gives no verdict on few rows, since this plugin has its own.
    pub fn measuring(&self) -> measuring::Config {
        measuring::Config {
            task: self.task,
            target: self.target.clone(),
            prediction: self.prediction.clone(),
            slices: self.slices.clone(),
            positive: self.positive.clone(),
            threshold: self.threshold,
            min_rows: 0,
            max_slices: self.max_slices,
            bins: measuring::bins(),
        }
    }

    /// What is wrong with the config, whatever the tables.
    pub fn problems(&self) -> Problems {
        let mut problems = self.measuring().problems();
        if let Err(found) = Limits::of(self) {
            problems.0.extend(found.0);
        }
        problems
    }
}
