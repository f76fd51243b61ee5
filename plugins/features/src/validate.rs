//! What is wrong with a config, whatever the table.
use std::collections::BTreeSet;

use lockflight_expression::Expression;
use lockflight_sdk::{Problem, Problems, did_you_mean};

use crate::config::{
    BinConfig, BinWith, Config, Given, ImputeConfig, ImputeWith, Step, TargetMeanConfig,
};
use crate::pipeline::misfit_of;

/// A step's place in the config.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its number, from 0.
    pub step: usize,
    /// Its key.
    pub kind: &'static str,
    /// Whether its columns are a list of their own, without a table around.
    listed: bool,
}

impl Place {
    /// Of the step with this number.
    pub fn of(number: usize, step: &Step<'_>) -> Place {
        let (kind, listed) = match step {
            Step::Derive(_) => ("derive", false),
            Step::Impute(_) => ("impute", false),
            Step::OneHot(one_hot) => ("one-hot", one_hot.listed),
            Step::Ordinal(ordinal) => ("ordinal", ordinal.listed),
            Step::TargetMean(means) => ("target-mean", means.listed),
            Step::Scale(scale) => ("scale", scale.listed),
            Step::Bin(_) => ("bin", false),
            Step::Drop(_) => ("drop", true),
        };
        Place {
            step: number,
            kind,
            listed,
        }
    }

    /// A JSON pointer to the step.
    pub fn pointer(&self) -> String {
        format!("/steps/{}/{}", self.step, self.kind)
    }

    /// A JSON pointer to one of its columns.
    pub fn column(&self, index: usize) -> String {
        let within = if self.listed { "" } else { "/columns" };
        format!("{}{within}/{index}", self.pointer())
    }

    /// A JSON pointer to a key of its table.
    pub fn key(&self, key: &str) -> String {
        let key = key.replace('~', "~0").replace('/', "~1");
        format!("{}/{key}", self.pointer())
    }

    /// As in a message.
    pub fn shown(&self) -> String {
        format!("step {} ({})", self.step + 1, self.kind)
    }
}

/// Everything that is wrong with a config by itself.
pub fn problems(config: &Config) -> Vec<Problem> {
    let mut problems = Problems::new();
    if config.steps.is_empty() {
        problems.push(Problem::config("/steps", "there are no steps"));
    }
    if config.positive.is_some() && config.target.is_none() {
        problems.push(Problem::config(
            "/positive",
            "this says nothing without a `target`",
        ));
    }
    for (number, step) in config.steps.iter().enumerate() {
        match step.step() {
            None => problems.push(one_key(number)),
            Some(step) => step_problems(&Place::of(number, &step), step, config, &mut problems),
        }
    }
    problems.0
}

fn one_key(number: usize) -> Problem {
    let pointer = format!("/steps/{number}");
    Problem::config(pointer, "a step has exactly one key").help(
        "it is derive, impute, one-hot, ordinal, target-mean, scale, bin or drop; what comes after another is a step of its own",
    )
}

fn step_problems(place: &Place, step: Step<'_>, config: &Config, problems: &mut Problems) {
    let columns = match step {
        Step::Derive(columns) => {
            if columns.is_empty() {
                problems.push(Problem::config(place.pointer(), "there are no columns"));
            }
            for (name, source) in columns {
                if let Err(fault) = Expression::parse(source) {
                    let misfit = misfit_of(&fault, source);
                    let mut problem = Problem::config(place.key(name), misfit.message);
                    problem.help = misfit.help;
                    problems.push(problem);
                }
            }
            return;
        }
        Step::Impute(impute) => {
            problems.0.extend(value_problem(place, impute));
            &impute.columns
        }
        Step::OneHot(one_hot) => {
            given_problems(place, &one_hot.categories, &one_hot.columns, problems);
            &one_hot.columns
        }
        Step::Ordinal(ordinal) => {
            given_problems(place, &ordinal.categories, &ordinal.columns, problems);
            &ordinal.columns
        }
        Step::TargetMean(means) => {
            problems.0.extend(mean_problems(place, means, config));
            &means.columns
        }
        Step::Scale(scale) => &scale.columns,
        Step::Bin(bin) => {
            problems.0.extend(bin_problem(place, bin));
            &bin.columns
        }
        Step::Drop(columns) => columns,
    };
    if columns.is_empty() {
        problems.push(Problem::config(place.pointer(), "there are no columns"));
    }
    let mut seen = BTreeSet::new();
    for (index, name) in columns.iter().enumerate() {
        if !seen.insert(name) {
            let message = format!("column {name:?} is named twice");
            problems.push(Problem::config(place.column(index), message));
        }
    }
}

fn value_problem(place: &Place, impute: &ImputeConfig) -> Option<Problem> {
    match (impute.with, &impute.value) {
        (ImputeWith::Constant, None) => Some(
            Problem::config(place.key("with"), "a constant needs a `value`")
                .help("add e.g. `value = 0`"),
        ),
        (ImputeWith::Constant, Some(_)) | (_, None) => None,
        (_, Some(_)) => Some(
            Problem::config(place.key("value"), "only a constant has a `value`")
                .help("write `with = \"constant\"`"),
        ),
    }
}

fn given_problems(place: &Place, given: &Given, columns: &[String], problems: &mut Problems) {
    for (name, values) in given {
        let pointer = format!(
            "{}/{}",
            place.key("categories"),
            name.replace('~', "~0").replace('/', "~1")
        );
        if !columns.contains(name) {
            let problem =
                Problem::config(&pointer, format!("{name:?} is none of the step's columns"));
            let guess = did_you_mean(name, columns.iter().map(String::as_str));
            problems.push(match guess {
                Some(guess) => problem.help(format!("did you mean {guess:?}?")),
                None => problem,
            });
        }
        if values.is_empty() {
            problems.push(Problem::config(pointer, "there are no categories"));
        }
    }
}

fn mean_problems(place: &Place, means: &TargetMeanConfig, config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    if config.target.is_none() {
        let problem = Problem::config(place.pointer(), "this needs a target");
        problems.push(problem.help("name it beside `steps`, e.g. `target = \"cnt\"`"));
    }
    if means.folds == 1 || means.folds > 100 {
        let message = "there are 2 to 100 folds, or 0 for none";
        problems.push(Problem::config(place.key("folds"), message));
    }
    if !(means.smoothing >= 0.0 && means.smoothing.is_finite()) {
        let message = "this is a number of rows, 0 or more";
        problems.push(Problem::config(place.key("smoothing"), message));
    }
    if means.key.as_ref().is_some_and(Vec::is_empty) {
        let problem = Problem::config(place.key("key"), "there are no columns");
        problems.push(problem.help("leave it out to use all that the model takes"));
    }
    problems
}

fn bin_problem(place: &Place, bin: &BinConfig) -> Option<Problem> {
    let edges_wanted = bin.with == BinWith::Edges;
    let problem = |key: &str, message: &str| Some(Problem::config(place.key(key), message));
    match (&bin.edges, bin.bins) {
        (None, _) if edges_wanted => problem("with", "this needs `edges`, a list of numbers"),
        (Some(_), _) if !edges_wanted => problem("edges", "only `with = \"edges\"` has edges"),
        (_, Some(_)) if edges_wanted => {
            problem("bins", "there is one range more than there are edges")
        }
        (_, None) if !edges_wanted => problem("with", "this needs `bins`, the number of ranges"),
        (_, Some(bins)) if !(2..=1000).contains(&bins) => {
            problem("bins", "there are 2 to 1000 ranges")
        }
        (Some(edges), _) => {
            let ascend =
                edges.is_sorted_by(|a, b| a < b) && edges.iter().all(|edge| edge.is_finite());
            if ascend && !edges.is_empty() {
                None
            } else {
                problem(
                    "edges",
                    "these are one or more finite numbers, each greater than the one before",
                )
            }
        }
        _ => None,
    }
}
