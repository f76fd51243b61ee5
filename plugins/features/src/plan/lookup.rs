//! Finds the columns that steps name.
use lockflight_sdk::{Problem, did_you_mean, type_name};

use super::Planner;
use crate::folds::is_hashable;
use crate::validate::Place;

impl Planner<'_> {
    /// Whether the columns of a key are good. They are raw columns, whatever steps have made of them.
    pub(super) fn key(&mut self, place: &Place, key: &[String]) -> bool {
        let before = self.problems.0.len();
        for (index, name) in key.iter().enumerate() {
            let pointer = format!("{}/{index}", place.key("key"));
            let problem = match self.schema.fields().find(name) {
                _ if self.is_target(name) => target_problem(&pointer, name),
                Some((_, field)) if is_hashable(field.data_type()) => {
                    self.untouched.remove(name);
                    continue;
                }
                Some((_, field)) => {
                    let is = type_name(field.data_type());
                    Problem::config(
                        &pointer,
                        format!("column {name:?} is {is}, which cannot tell rows apart"),
                    )
                }
                None => {
                    let names = self.schema.fields().iter();
                    no_column(&pointer, name, names.map(|field| field.name().as_str()))
                }
            };
            self.problem(problem);
        }
        self.problems.0.len() == before
    }

    /// Whether this is the column that is to be predicted.
    pub(super) fn is_target(&self, name: &str) -> bool {
        self.target
            .as_ref()
            .is_some_and(|target| target.name() == name)
    }

    /// Where a column stands that a step reads; none with a problem, or where one was reported before.
    pub(super) fn find(&mut self, name: &str, pointer: &str) -> Option<usize> {
        if self.is_target(name) {
            self.problem(target_problem(pointer, name));
            return None;
        }
        if self.lost.contains(name) {
            return None;
        }
        let Some(at) = self.layout.position(name) else {
            let problem = match self.gone.get(name) {
                Some(step) => {
                    let message =
                        format!("there is no column {name:?} any more: {step} left it out");
                    Problem::config(pointer, message)
                }
                None => no_column(pointer, name, self.layout.names()),
            };
            let of_one_hot = self.open && name.contains('=');
            self.problem(if of_one_hot {
                problem.help("the columns of a one-hot step are known here only if it lists its `categories`")
            } else {
                problem
            });
            return None;
        };
        self.untouched.remove(name);
        Some(at)
    }
}

fn target_problem(pointer: &str, name: &str) -> Problem {
    Problem::config(
        pointer,
        format!("{name:?} is the target, which is not there when the model is used"),
    )
}

fn no_column<'a>(pointer: &str, name: &str, names: impl Iterator<Item = &'a str>) -> Problem {
    let names: Vec<_> = names.collect();
    let problem = Problem::config(pointer, format!("there is no column {name:?}"));
    match did_you_mean(name, names.iter().copied()) {
        Some(guess) => problem.help(format!("did you mean {guess:?}?")),
        None => problem.help(format!("the columns are {}", names.join(", "))),
    }
}
