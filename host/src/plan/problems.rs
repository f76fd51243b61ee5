//! A plugin's problems as a user sees them: underlined in the manifest or in the file they are about.

use crate::{
    diagnostic::{self, Problem},
    manifest::{Spot, Stage},
    wire::{self, Place},
};

/// Translates a problem of a stage's plugin. `file` gives the text of one of the stage's files, by port.
pub fn plugin_problem(
    stage: &Stage,
    problem: &wire::Problem,
    file: impl Fn(&str) -> Option<String>,
) -> Problem {
    const CODE: &str = "plugin-check";
    let message = format!("{}: {}", stage.name, problem.message);
    let at = |spot| stage.problem(spot, CODE, message.clone());
    let found = match &problem.place {
        Place::Stage => at(Spot::Header),
        Place::Config(pointer) => at(Spot::Config(pointer)),
        Place::Input(port) => at(Spot::Port(port)),
        Place::File { input, start, end } => match (stage.files.get(input), file(input)) {
            (Some(named), Some(content)) => {
                let text = diagnostic::text(named.path.display().to_string(), content);
                Problem::error(CODE, message.clone()).at(&text, clamp(*start)..clamp(*end))
            }
            _ => at(Spot::Port(input)),
        },
    };
    found.maybe_help(problem.help.clone())
}

fn clamp(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
