//! The stage's config.
use std::collections::BTreeMap;

use lockflight_sdk::{Problem, Problems};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::columns::Kind;

/// Which columns are compared, how, and from which size on a difference is drift.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The columns to look at; without it all numbers, texts and truth values that both tables have.
    pub columns: Vec<String>,
    /// Columns not to look at.
    pub ignore: Vec<String>,
    /// The window is compared only with those rows of the reference whose values in these columns occur together in a row of the
    /// window, so that a season is compared with the same season. The columns themselves are not looked at.
    #[serde(rename = "match")]
    pub matched: Vec<String>,
    /// For a column, the methods it is compared with instead of the usual ones.
    pub methods: BTreeMap<String, Vec<Method>>,
    /// What a p-value, adjusted for the number of tests in the window, has to be at most for drift.
    pub alpha: f64,
    /// From which Kolmogorov-Smirnov distance on a column drifts, if its p-value says so too.
    pub max_ks: f64,
    /// From which Wasserstein distance on a column drifts, in standard deviations of the reference.
    pub max_wasserstein: f64,
    /// From which population stability index on a column drifts.
    pub max_psi: f64,
    /// From which Jensen-Shannon distance (base 2) on a column drifts.
    pub max_jensen_shannon: f64,
    /// From which Cramér's V on a column drifts by `chi-square`, if its p-value says so too.
    pub max_cramers_v: f64,
    /// From which change of the share of missing values on a column drifts, if its p-value says so too.
    pub max_missing_change: f64,
    /// Which share of the window's rows may have values that the reference does not have.
    pub max_unseen: f64,
    /// With fewer rows or values in the window or the reference nothing is judged.
    pub min_rows: u64,
    /// From which share of drifted columns on the window fails.
    pub share: f64,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            columns: Vec::new(),
            ignore: Vec::new(),
            matched: Vec::new(),
            methods: BTreeMap::new(),
            alpha: 0.05,
            max_ks: 0.1,
            max_wasserstein: 0.1,
            max_psi: 0.25,
            max_jensen_shannon: 0.1,
            max_cramers_v: 0.1,
            max_missing_change: 0.05,
            max_unseen: 0.0,
            min_rows: 30,
            share: 0.5,
        }
    }
}

/// A way to compare a column; findings are in this order.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The greatest distance of the distribution functions, with a p-value.
    Ks,
    /// The area between the distribution functions.
    Wasserstein,
    /// The population stability index.
    Psi,
    /// The Jensen-Shannon distance.
    JensenShannon,
    /// The chi-square test of independence, by its effect size, Cramér's V.
    ChiSquare,
    /// The change of the share of missing values, with a p-value.
    MissingRate,
    /// The share of rows with values that the reference does not have.
    Unseen,
}

impl Method {
    /// Its name in the config and in findings.
    pub fn name(self) -> &'static str {
        match self {
            Method::Ks => "ks",
            Method::Wasserstein => "wasserstein",
            Method::Psi => "psi",
            Method::JensenShannon => "jensen-shannon",
            Method::ChiSquare => "chi-square",
            Method::MissingRate => "missing-rate",
            Method::Unseen => "unseen",
        }
    }

    /// The name of the metric with its statistic.
    pub fn metric(self) -> &'static str {
        match self {
            Method::JensenShannon => "jensen_shannon",
            Method::ChiSquare => "cramers_v",
            Method::MissingRate => "missing_change",
            other => other.name(),
        }
    }

    /// Whether it can compare columns of a kind. Numbers can be compared as categories, but not the other way round.
    pub fn fits(self, kind: Kind) -> bool {
        kind == Kind::Number || !matches!(self, Method::Ks | Method::Wasserstein)
    }

    /// What a column is compared with unless the config says otherwise.
    pub fn usual(categories: bool) -> &'static [Method] {
        match categories {
            true => &[
                Method::JensenShannon,
                Method::ChiSquare,
                Method::MissingRate,
                Method::Unseen,
            ],
            false => &[Method::Ks, Method::Psi, Method::MissingRate],
        }
    }
}

impl Config {
    /// What is wrong with the config, whatever the tables.
    pub fn problems(&self) -> Problems {
        let mut problems = Problems::new();
        let open = |value: f64| value > 0.0 && value < 1.0;
        if !open(self.alpha) {
            let message = "alpha is a probability between 0 and 1";
            problems.push(Problem::config("/alpha", message));
        }
        if !(open(self.share) || self.share == 1.0) {
            let message = "this is a share above 0, at most 1";
            problems.push(Problem::config("/share", message));
        }
        if self.min_rows == 0 {
            let message = "without a row nothing can be judged: at least 1";
            problems.push(Problem::config("/min-rows", message));
        }
        self.limit_problems(&mut problems);
        self.list_problems(&mut problems);
        problems
    }

    fn limit_problems(&self, problems: &mut Problems) {
        let limits = [
            ("max-ks", self.max_ks, 1.0),
            ("max-wasserstein", self.max_wasserstein, f64::INFINITY),
            ("max-psi", self.max_psi, f64::INFINITY),
            ("max-jensen-shannon", self.max_jensen_shannon, 1.0),
            ("max-cramers-v", self.max_cramers_v, 1.0),
            ("max-missing-change", self.max_missing_change, 1.0),
            ("max-unseen", self.max_unseen, 1.0),
        ];
        for (key, value, most) in limits {
            if !(0.0..=most).contains(&value) {
                let message = match most.is_finite() {
                    true => format!("this is a number from 0 to {most}"),
                    false => "this is a number from 0 on".to_owned(),
                };
                problems.push(Problem::config(format!("/{key}"), message));
            }
        }
    }

    fn list_problems(&self, problems: &mut Problems) {
        let lists = [
            ("columns", &self.columns),
            ("ignore", &self.ignore),
            ("match", &self.matched),
        ];
        for (key, names) in lists {
            for (index, name) in names.iter().enumerate() {
                let pointer = format!("/{key}/{index}");
                if names[..index].contains(name) {
                    problems.push(Problem::config(pointer, format!("{name:?} is named twice")));
                } else if key == "columns" {
                    problems.0.extend(self.left_out(&pointer, name));
                }
            }
        }
        for (name, methods) in &self.methods {
            let pointer = methods_pointer(name);
            let listed = self.columns.is_empty() || self.columns.contains(name);
            if let Some(problem) = self.left_out(&pointer, name) {
                problems.push(problem);
            } else if !listed {
                let message = format!("{name:?} is not among the columns to look at");
                problems.push(Problem::config(&pointer, message).help("add it to `columns`"));
            }
            if methods.is_empty() {
                let problem = Problem::config(&pointer, format!("no method for {name:?}"));
                problems.push(problem.help("to leave the column out, put it into `ignore`"));
            }
            for (index, method) in methods.iter().enumerate() {
                if methods[..index].contains(method) {
                    let message = format!("{:?} is named twice", method.name());
                    problems.push(Problem::config(format!("{pointer}/{index}"), message));
                }
            }
        }
    }

    /// The problem of a column that is to be looked at and at the same time not.
    fn left_out(&self, pointer: &str, name: &String) -> Option<Problem> {
        let message = if self.ignore.contains(name) {
            format!("{name:?} is in `ignore` too")
        } else if self.matched.contains(name) {
            format!("{name:?} is in `match`, and such a column is not looked at")
        } else {
            return None;
        };
        Some(Problem::config(pointer, message))
    }
}

/// The JSON pointer to the methods of a column.
pub fn methods_pointer(column: &str) -> String {
    let escaped = column.replace('~', "~0").replace('/', "~1");
    format!("/methods/{escaped}")
}
