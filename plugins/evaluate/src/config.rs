//! The stage's config.
use lockflight_sdk::{Problem, Problems};
use schemars::JsonSchema;
use serde::Deserialize;

/// What is predicted, in which columns, and on which slices it is looked at.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What the model predicts: a number, or which of two classes.
    pub task: Task,
    /// The column with the true values.
    pub target: String,
    /// The column with the model's answer: a number, or the probability of the positive class.
    #[serde(default = "prediction")]
    pub prediction: String,
    /// Columns of which every value is a slice with figures of its own.
    #[serde(default)]
    pub slices: Vec<String>,
    /// Of a target of texts, the one that is the positive class.
    pub positive: Option<String>,
    /// From which probability on a row counts as positive, for accuracy and F1; 0.5 without it.
    pub threshold: Option<f64>,
    /// A slice with fewer rows gets the verdict `warn`: its figures say little.
    #[serde(default = "min_rows")]
    pub min_rows: u64,
    /// How many values a column of `slices` may have.
    #[serde(default = "max_slices")]
    pub max_slices: usize,
    /// How many bins the table `calibration` has, and the calibration error.
    #[serde(default = "bins")]
    pub bins: usize,
}

/// What a model predicts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// A number.
    Regression,
    /// The probability of one of two classes.
    Binary,
}

/// The column of the predictions where the config names none.
pub fn prediction() -> String {
    "prediction".to_owned()
}

/// From how many rows on a slice says something, where the config does not tell.
pub fn min_rows() -> u64 {
    30
}

/// How many values a column of slices may have, where the config does not tell.
pub fn max_slices() -> usize {
    100
}

/// How many bins there are, where the config does not tell.
pub fn bins() -> usize {
    10
}

impl Config {
    /// From which probability on a row counts as positive.
    pub fn threshold(&self) -> f64 {
        self.threshold.unwrap_or(0.5)
    }

    /// What is wrong with the config, whatever the table.
    pub fn problems(&self) -> Problems {
        let mut problems = Problems::new();
        if self.task == Task::Regression {
            let binary_only = [
                ("/positive", self.positive.is_some()),
                ("/threshold", self.threshold.is_some()),
            ];
            for (place, _) in binary_only.into_iter().filter(|(_, given)| *given) {
                let message = "this goes with the task binary only";
                problems.push(Problem::config(place, message));
            }
        }
        if !(0.0..=1.0).contains(&self.threshold()) {
            let message = "a threshold is a probability, from 0 to 1";
            problems.push(Problem::config("/threshold", message));
        }
        if self.target == self.prediction {
            let message = "the target and the prediction are one column";
            problems.push(Problem::config("/prediction", message));
        }
        if !(1..=1000).contains(&self.bins) {
            problems.push(Problem::config("/bins", "there can be 1 to 1000 bins"));
        }
        for (index, name) in self.slices.iter().enumerate() {
            let mut refuse = |message: String| {
                problems.push(Problem::config(format!("/slices/{index}"), message));
            };
            if self.slices[..index].contains(name) {
                refuse(format!("{name:?} is named twice"));
            } else if *name == self.prediction {
                refuse("the prediction has too many values for slices".to_owned());
            }
        }
        problems
    }
}
