//! The stage's config.
use std::collections::{BTreeMap, BTreeSet};

use lockflight_sdk::{Problem, Problems};
use schemars::JsonSchema;
use serde::Deserialize;

/// In which steps a candidate gets traffic, and what has to hold of its figures.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The candidate's shares of the traffic in percent, ascending. A step of 100 promotes it.
    #[serde(default = "steps")]
    pub steps: Vec<f64>,
    /// How many observations of each judged metric the candidate needs before a step is judged.
    #[serde(default = "min_count")]
    pub min_count: u64,
    /// By metric, the largest value allowed on the candidate.
    #[serde(default)]
    pub max: BTreeMap<String, f64>,
    /// By metric, how many times the stable version's value the candidate's may be at most.
    #[serde(default)]
    pub max_ratio: BTreeMap<String, f64>,
    /// After how many calls without enough observations a person has to decide.
    #[serde(default = "patience")]
    pub patience: u64,
}

fn steps() -> Vec<f64> {
    vec![5.0, 25.0, 50.0, 100.0]
}

fn min_count() -> u64 {
    500
}

fn patience() -> u64 {
    10
}

impl Config {
    /// The metrics that are judged.
    pub fn metrics(&self) -> BTreeSet<&str> {
        let names = self.max.keys().chain(self.max_ratio.keys());
        names.map(String::as_str).collect()
    }

    /// What is wrong with the config.
    pub fn problems(&self) -> Problems {
        let mut problems = Problems::new();
        self.find_wrong_steps(&mut problems);
        if self.min_count == 0 {
            let message = "without observations nothing can be judged: at least 1";
            problems.push(Problem::config("/min-count", message));
        }
        for (metric, ratio) in &self.max_ratio {
            if *ratio <= 0.0 {
                let message = format!("a ratio is above 0; this is {ratio}");
                let problem = Problem::config(pointer("max-ratio", metric), message);
                problems.push(problem.help("1.2 allows a fifth more than the stable version has"));
            }
        }
        if self.max.is_empty() && self.max_ratio.is_empty() {
            let message = "nothing is judged, so that every version would get all traffic";
            let help = "name a metric with a bound in `max` or `max-ratio`";
            problems.push(Problem::stage(message).help(help));
        }
        problems
    }

    fn find_wrong_steps(&self, problems: &mut Problems) {
        if self.steps.is_empty() {
            problems.push(Problem::config("/steps", "there has to be a step"));
        }
        let mut before = None;
        for (index, step) in self.steps.iter().enumerate() {
            let mut refuse = |message: String| {
                problems.push(Problem::config(format!("/steps/{index}"), message));
            };
            if !(*step > 0.0 && *step <= 100.0) {
                refuse(format!("a step is above 0 and at most 100; this is {step}"));
            } else if let Some(before) = before.filter(|before| step <= before) {
                refuse(format!("steps ascend; {step} comes after {before}"));
            }
            before = Some(*step);
        }
    }
}

/// The place of a metric's bound (RFC 6901).
fn pointer(key: &str, metric: &str) -> String {
    format!("/{key}/{}", metric.replace('~', "~0").replace('/', "~1"))
}
