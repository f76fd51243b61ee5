//! The bounds of a config, read and held against the figures that there are.
use std::collections::BTreeMap;

use lockflight_evaluate::figure::Figure;
use lockflight_sdk::{Finding, Problem, Problems};

use crate::bound::Bound;
use crate::config::{Config, Task};

/// All bounds.
#[derive(Debug)]
pub struct Limits {
    all: Pair,
    slices: Pair,
}

/// Bounds by figure.
type Bounds = BTreeMap<String, Bound>;

/// The bounds of all rows, or those of the slices.
#[derive(Debug)]
struct Pair {
    warn: Bounds,
    fail: Bounds,
}

/// The bounds of one figure.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What should hold.
    pub warn: Option<Bound>,
    /// What has to hold.
    pub fail: Option<Bound>,
}

impl Limits {
    /// Reads the bounds of a config.
    ///
    /// # Errors
    /// Figures that the task does not have, bounds that are none or never speak, and bounds of slices that there are not.
    pub fn of(config: &Config) -> Result<Limits, Problems> {
        let mut problems = Problems::new();
        let mut read = |key: &str, texts: &BTreeMap<String, String>| {
            if key.starts_with("slice-") && !texts.is_empty() && config.slices.is_empty() {
                let problem = Problem::config(format!("/{key}"), "there are no slices");
                problems.push(problem.help("name their columns in `slices`"));
            }
            bounds(config.task, key, texts, &mut problems)
        };
        let all = Pair {
            warn: read("warn", &config.warn),
            fail: read("fail", &config.fail),
        };
        let slices = Pair {
            warn: read("slice-warn", &config.slice_warn),
            fail: read("slice-fail", &config.slice_fail),
        };
        all.find_silent("warn", &mut problems);
        slices.find_silent("slice-warn", &mut problems);
        problems.or(Limits { all, slices })
    }

    /// The bounds that a finding is held against.
    pub fn for_finding(&self, finding: &Finding) -> Limit {
        let pair = match finding.slice {
            None => &self.all,
            Some(_) => &self.slices,
        };
        Limit {
            warn: pair.warn.get(&finding.name).copied(),
            fail: pair.fail.get(&finding.name).copied(),
        }
    }
}

impl Limit {
    /// The bound to show where none is broken: the one that would be broken first.
    pub fn shown(self) -> Option<Bound> {
        self.warn.or(self.fail)
    }
}

impl Pair {
    /// A bound of `warn` that holds wherever that of `fail` does never makes a warning: one of the two is a mistake.
    fn find_silent(&self, key: &str, problems: &mut Problems) {
        for (name, warn) in &self.warn {
            if let Some(fail) = self.fail.get(name).filter(|fail| warn.follows_from(**fail)) {
                let message = format!("{warn} never warns, since a value has to be {fail} anyway");
                let problem = Problem::config(pointer(key, name), message);
                problems.push(problem.help("a warning comes before a failure: make it stricter"));
            }
        }
    }
}

/// The bounds of one key of the config.
fn bounds(
    task: Task,
    key: &str,
    texts: &BTreeMap<String, String>,
    problems: &mut Problems,
) -> Bounds {
    let mut bounds = Bounds::new();
    for (name, text) in texts {
        let at = pointer(key, name);
        if let Err(problem) = known(task, name, &at) {
            problems.push(problem);
        }
        match text.parse() {
            Ok(bound) => {
                bounds.insert(name.clone(), bound);
            }
            Err(message) => {
                let help = "say what should hold, e.g. \">= 0.7\"";
                problems.push(Problem::config(at, message).help(help));
            }
        }
    }
    bounds
}

/// Whether a task has a figure of this name.
fn known(task: Task, name: &str, at: &str) -> Result<(), Problem> {
    let names: Vec<&str> = Figure::of(task)
        .iter()
        .map(|figure| figure.name())
        .collect();
    if names.contains(&name) {
        return Ok(());
    }
    let task = match task {
        Task::Regression => "a regression",
        Task::Binary => "a task of two classes",
    };
    let problem = Problem::config(at, format!("{task} has no figure {name:?}"));
    let listed = format!("its figures are {}", names.join(", "));
    Err(problem.help(listed).suggest(name, names))
}

/// The place of a figure's bound (RFC 6901).
fn pointer(key: &str, name: &str) -> String {
    format!("/{key}/{}", name.replace('~', "~0").replace('/', "~1"))
}
