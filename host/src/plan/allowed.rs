//! What the policy allows of a manifest: each refusal is a problem with its place there and the line that refuses it.

use super::{Component, locked::Code};
use crate::{
    diagnostic::{Problem, Problems},
    manifest::{Spot, Stage},
    policy::{Policy, Refusal},
    walls::Walls,
};

/// Whether this machine has the walls that every guest needs.
///
/// # Errors
/// When it has not: then nothing runs.
pub(super) fn walls(policy: &Policy) -> Result<(), Problems> {
    policy.demands(Walls::offered()).map_err(|refusal| {
        let problem = Problem::error("policy-walls", refusal.message);
        problem.help(refusal.line.to_string()).into()
    })
}

/// Gives a stage the limits that it asks for, and lowers those that it does not ask for to what is allowed. What is refused is left
/// as it was.
pub(super) fn limits(stage: &mut Stage, policy: &Policy) -> Vec<Problem> {
    match policy.limits(&stage.limits, |limit| stage.asks_limit(limit)) {
        Ok(limits) => {
            stage.limits = limits;
            Vec::new()
        }
        Err(refused) => refused
            .into_iter()
            .map(|(limit, refusal)| problem(stage, Spot::Limit(limit), "policy-limit", refusal))
            .collect(),
    }
}

/// Whether a stage's components may run, and import what they import.
pub(super) fn components(stage: &Stage, code: &Code, policy: &Policy) -> Vec<Problem> {
    let components: Vec<(&Component, &str)> = match code {
        Code::Plugin(component) => vec![(component, "")],
        Code::Trainer { trainer, scorer } => vec![(trainer, ""), (scorer, "its scorer: ")],
        // Its scorers stand with the stages that train it.
        Code::Model => Vec::new(),
    };
    let answers = components.into_iter().flat_map(|(component, part)| {
        let of_part = |refusal: Refusal| Refusal {
            message: format!("{part}{}", refusal.message),
            ..refusal
        };
        [
            (
                "policy-plugin",
                policy.may_run(&component.claims).map_err(of_part),
            ),
            (
                "policy-wasi",
                policy.may_import(&component.claims).map_err(of_part),
            ),
        ]
    });
    answers
        .filter_map(|(code, answer)| Some(problem(stage, Spot::Plugin, code, answer.err()?)))
        .collect()
}

fn problem(stage: &Stage, spot: Spot<'_>, code: &'static str, refusal: Refusal) -> Problem {
    stage
        .problem(spot, code, refusal.message)
        .help(refusal.line.to_string())
}

/// Notes problems, but none that is there already: what `[pipeline]` asks for is refused once, not once for each stage.
pub(super) fn note(problems: &mut Vec<Problem>, found: Vec<Problem>) {
    for problem in found {
        let same = |other: &Problem| {
            other.message == problem.message && other.position() == problem.position()
        };
        if !problems.iter().any(same) {
            problems.push(problem);
        }
    }
}
