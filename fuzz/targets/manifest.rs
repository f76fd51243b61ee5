//! The manifest: any text is resolved or refused, and whatever is found can be shown, as text and as JSON.

use std::path::Path;

use lockflight::diagnostic::{Problem, render};
use lockflight::manifest::{FILE_NAME, REFERENCE, load_text};

/// What is wrong with the seeds: the files that they name are none.
const FILES: [&str; 2] = ["missing-file", "missing-plugin"];

/// Whether anything was taken.
pub fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let file = Path::new("/nowhere").join(FILE_NAME);
    let problems = match load_text(&file, text.to_owned()) {
        Ok((_, warnings)) => {
            assert!(!warnings.iter().any(Problem::is_error));
            warnings
        }
        Err(problems) => {
            assert!(problems.errors() > 0);
            problems.into_vec()
        }
    };
    assert!(!render(&problems, false, 80).contains("Failed to read"));
    serde_json::to_string(&problems).expect("problems are plain JSON");
    problems
        .iter()
        .all(|problem| !problem.is_error() || FILES.contains(&problem.code))
}

pub fn seeds() -> Vec<Vec<u8>> {
    let example = include_str!("../../examples/penguins/lockflight.toml");
    [REFERENCE, example].map(Vec::from).into()
}
