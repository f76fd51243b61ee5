//! How much of what a plugin says about itself is taken: enough for a person, never enough to drown a terminal, a log or a record.

use super::Reason;
use crate::enforcement::{Point, stands};
use crate::wire::{Failure, Place, Problem};

/// The most bytes of one text.
const MAX_TEXT: usize = 4 << 10;
/// The most problems of one answer.
const MAX_PROBLEMS: usize = 100;

/// The reason with its texts cut.
pub(super) fn reason(mut reason: Reason) -> Reason {
    match &mut reason {
        Reason::Failure(Failure::Config(found)) => problems(found),
        Reason::Failure(Failure::Data(said) | Failure::Internal(said)) | Reason::Output(said) => {
            text(said);
        }
        Reason::Fault(fault) => {
            text(&mut fault.message);
            fault.frames.iter_mut().for_each(text);
        }
        _ => {}
    }
    reason
}

/// Cuts the problems and their texts; a last one says how many are missing.
pub(super) fn problems(found: &mut Vec<Problem>) {
    if found.len() > MAX_PROBLEMS {
        let missing = found.len() - MAX_PROBLEMS;
        found.truncate(MAX_PROBLEMS);
        found.push(Problem {
            place: Place::Stage,
            message: format!("the plugin has {missing} more problems, which are not shown"),
            help: None,
        });
    }
    for problem in found {
        text(&mut problem.message);
        problem.help.iter_mut().for_each(text);
        match &mut problem.place {
            Place::Config(name) | Place::Input(name) => text(name),
            Place::File { input, .. } => text(input),
            Place::Stage => {}
        }
    }
}

fn text(said: &mut String) {
    let all = said.len();
    if all > MAX_TEXT && stands(Point::TextLength) {
        said.truncate(said.floor_char_boundary(MAX_TEXT));
        said.push_str(&format!(" … (cut off: it has {all} bytes)"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        let mut said = "ü".repeat(MAX_TEXT);
        text(&mut said);
        assert!(said.len() < MAX_TEXT + 100);
        assert!(said.ends_with("ü … (cut off: it has 8192 bytes)"), "{said}");
        let mut short = "x".repeat(MAX_TEXT);
        text(&mut short);
        assert_eq!(short.len(), MAX_TEXT);
    }

    #[test]
    fn of_many_problems_the_first_are_kept_and_the_others_counted() {
        let problem = |n: usize| Problem {
            place: Place::Stage,
            message: n.to_string(),
            help: None,
        };
        let mut found: Vec<_> = (0..MAX_PROBLEMS + 7).map(problem).collect();
        problems(&mut found);
        assert_eq!(found.len(), MAX_PROBLEMS + 1);
        assert_eq!(
            found[MAX_PROBLEMS].message,
            "the plugin has 7 more problems, which are not shown"
        );
        let mut few = vec![problem(1)];
        problems(&mut few);
        assert_eq!(few, [problem(1)]);
    }
}
