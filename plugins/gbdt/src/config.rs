//! The stage's config.

use lockflight_sdk::{Problem, Problems};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cuts::MOST_BINS;

/// The deepest tree.
const MOST_DEPTH: u32 = 16;

/// The most trees.
const MOST_ROUNDS: u32 = 100_000;

/// What is learnt from which columns, and how.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The column to predict.
    pub target: String,
    /// What is predicted. Without it: `binary` for a target of type bool or text, else `regression`.
    pub task: Option<Task>,
    /// For a binary target of type text: the value whose probability is predicted.
    pub positive: Option<String>,
    /// The columns to predict from, in order. Without it: every column of type bool, number or text but the target, the weight and
    /// those in `ignore`.
    pub features: Option<Vec<String>>,
    /// Columns that are not predicted from.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The column with the weight of each row.
    pub weight: Option<String>,
    /// The most trees.
    #[serde(default = "default::rounds")]
    pub rounds: u32,
    /// The most splits between the root of a tree and a leaf.
    #[serde(default = "default::depth")]
    pub depth: u32,
    /// How much of its best value a leaf gets.
    #[serde(default = "default::learning_rate")]
    pub learning_rate: f64,
    /// How strongly the values of leaves are drawn to 0.
    #[serde(default = "default::l2")]
    pub l2: f64,
    /// The least weight on either side of a split.
    #[serde(default = "default::min_child_weight")]
    pub min_child_weight: f64,
    /// What a split has to gain more than.
    #[serde(default)]
    pub min_split_gain: f64,
    /// Into how many bins the values of a column are cut at most.
    #[serde(default = "default::max_bins")]
    pub max_bins: u32,
    /// The share of rows that each tree is grown from.
    #[serde(default = "default::all")]
    pub subsample: f64,
    /// The share of features that each tree may use.
    #[serde(default = "default::all")]
    pub colsample: f64,
    /// When to stop before the last round. Needs the input `validation`.
    pub early_stopping: Option<EarlyStopping>,
    /// What becomes of a category that was not there in training.
    #[serde(default)]
    pub unknown: Unknown,
    /// The name of the column with predictions.
    #[serde(default = "default::prediction")]
    pub prediction: String,
}

/// What is predicted.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// A number.
    Regression,
    /// The probability of one of two classes.
    Binary,
}

/// When to stop before the last round.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EarlyStopping {
    /// After how many rounds in which the loss on the validation table was not lower than ever before. The trees up to the round
    /// with the lowest loss are kept.
    pub rounds: u32,
}

/// What becomes of a category that was not there in training.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// It is treated as a missing value.
    #[default]
    Missing,
    /// Scoring fails.
    Error,
}

mod default {
    pub(super) fn rounds() -> u32 {
        100
    }
    pub(super) fn depth() -> u32 {
        6
    }
    pub(super) fn learning_rate() -> f64 {
        0.1
    }
    pub(super) fn l2() -> f64 {
        1.0
    }
    pub(super) fn min_child_weight() -> f64 {
        1.0
    }
    pub(super) fn max_bins() -> u32 {
        super::MOST_BINS as u32
    }
    pub(super) fn all() -> f64 {
        1.0
    }
    pub(super) fn prediction() -> String {
        "prediction".to_owned()
    }
}

impl Config {
    /// What is wrong with the numbers and words, each by itself.
    pub fn problems(&self) -> Problems {
        let mut problems = Problems::new();
        let mut demand = |key: &str, holds: bool, wanted: &str| {
            if !holds {
                problems.push(Problem::config(
                    format!("/{key}"),
                    format!("{key} has to be {wanted}"),
                ));
            }
        };
        let between = |value: u32, most: u32| (1..=most).contains(&value);
        let share = |value: f64| value > 0.0 && value <= 1.0;
        let not_negative = |value: f64| value >= 0.0 && value.is_finite();
        let rounds = format!("from 1 to {MOST_ROUNDS}");
        demand("rounds", between(self.rounds, MOST_ROUNDS), &rounds);
        demand(
            "depth",
            between(self.depth, MOST_DEPTH),
            &format!("from 1 to {MOST_DEPTH}"),
        );
        let bins = format!("from 2 to {MOST_BINS}");
        demand(
            "max-bins",
            (2..=MOST_BINS as u32).contains(&self.max_bins),
            &bins,
        );
        for (key, value) in [
            ("learning-rate", self.learning_rate),
            ("subsample", self.subsample),
            ("colsample", self.colsample),
        ] {
            demand(key, share(value), "above 0 and at most 1");
        }
        for (key, value) in [
            ("l2", self.l2),
            ("min-child-weight", self.min_child_weight),
            ("min-split-gain", self.min_split_gain),
        ] {
            demand(key, not_negative(value), "0 or more");
        }
        if let Some(early) = &self.early_stopping {
            let holds = between(early.rounds, MOST_ROUNDS);
            demand("early-stopping/rounds", holds, &rounds);
        }
        demand(
            "prediction",
            !self.prediction.is_empty(),
            "the name of a column",
        );
        problems
    }
}
