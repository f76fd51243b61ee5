//! Properties: the order of keys means nothing, and no text brings the reader down.

use std::path::Path;

use proptest::prelude::*;

use super::{facts, folder, load};
use crate::diagnostic::{Problem, render};
use crate::manifest::REFERENCE;

/// Loads a text and shows what comes of it.
fn survive(folder: &Path, content: &str) -> Result<(), TestCaseError> {
    let problems = match load(folder, content) {
        Ok((_, warnings)) => {
            prop_assert!(!warnings.iter().any(Problem::is_error));
            warnings
        }
        Err(problems) => {
            prop_assert!(problems.errors() > 0);
            problems.into_vec()
        }
    };
    prop_assert!(problems.iter().all(|problem| problem.source.is_some()));
    prop_assert!(!render(&problems, false, 80).contains("Failed to read"));
    serde_json::to_string(&problems)
        .map(drop)
        .map_err(|error| TestCaseError::fail(error.to_string()))
}

/// The blocks of the reference manifest: each header with its lines, comments left out.
fn blocks() -> Vec<(String, Vec<String>)> {
    let mut blocks: Vec<(String, Vec<String>)> = Vec::new();
    for line in REFERENCE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if line.starts_with('[') {
            blocks.push((line.to_owned(), Vec::new()));
        } else {
            blocks.last_mut().unwrap().1.push(line.to_owned());
        }
    }
    blocks
}

fn shuffled() -> impl Strategy<Value = String> {
    let block = |(header, lines): (String, Vec<String>)| {
        Just(lines)
            .prop_shuffle()
            .prop_map(move |lines| format!("{header}\n{}\n", lines.join("\n")))
    };
    let blocks: Vec<_> = blocks().into_iter().map(block).collect();
    blocks.prop_shuffle().prop_map(|blocks| blocks.join("\n"))
}

/// The words of a text, and what stands before each.
fn words(text: &str) -> (Vec<String>, Vec<String>) {
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    let is_word = |c: char| c.is_alphanumeric() || "-_/:".contains(c);
    let (mut words, mut gaps) = (Vec::new(), Vec::new());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(is_word) {
        let end = rest[start..]
            .find(|c| !is_word(c))
            .map_or(rest.len(), |len| start + len);
        gaps.push(rest[..start].to_owned());
        words.push(rest[start..end].to_owned());
        rest = &rest[end..];
    }
    (words, gaps)
}

/// Fragments of which manifests, broken ones above all, are made.
const FRAGMENTS: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "\"",
    "'",
    "#",
    "\n",
    "inputs",
    "config",
    "[ingest.a]",
    "[validate.raw]",
    "[plugins]",
    "limits",
    "\"raw\"",
    "\"../x\"",
    "nan",
    "-inf",
    "1e999",
    "0x",
    "1979-05-27",
    "true",
    "\u{0}",
    "ü",
    "[train.x]",
    "raw",
    "table = 1",
];

proptest! {
    #[test]
    fn the_order_of_keys_means_nothing(content in shuffled()) {
        let folder = folder();
        let expected = load(folder.path(), REFERENCE).unwrap().0;
        let found = load(folder.path(), &content).map_err(|problems| TestCaseError::fail(problems.to_string()))?.0;
        prop_assert_eq!(facts(&found), facts(&expected));
        for (place, stage) in found.stages.iter().enumerate() {
            let before: Vec<_> = found.stages[..place].iter().map(|stage| stage.name.as_str()).collect();
            prop_assert!(stage.needs().iter().all(|need| before.contains(need)), "{} in {before:?}", stage.name);
        }
    }

    #[test]
    fn any_text_is_survived(content in "(?s).{0,200}") {
        survive(Path::new("/nonexistent"), &content)?;
    }

    /// Well-formed TOML whose words mean something else: cycles, unknown and taken names, ports used twice, missing files.
    #[test]
    fn misplaced_words_are_survived(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..8)
    ) {
        let folder = folder();
        let (mut words, separators) = words(REFERENCE);
        for (to, from) in edits {
            let word = words[from.index(words.len())].clone();
            let to = to.index(words.len());
            words[to] = word;
        }
        let content: String = separators.iter().zip(words.iter()).map(|(gap, word)| format!("{gap}{word}")).collect();
        survive(folder.path(), &content)?;
    }

    #[test]
    fn a_mutated_manifest_is_survived(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..40, prop::sample::select(FRAGMENTS)), 1..6)
    ) {
        let folder = folder();
        let mut content = REFERENCE.to_owned();
        for (at, removed, inserted) in edits {
            let start = content.floor_char_boundary(at.index(content.len().max(1)));
            let end = content.ceil_char_boundary(start + removed);
            content.replace_range(start..end, inserted);
        }
        survive(folder.path(), &content)?;
    }
}

#[test]
fn deep_nesting_is_refused() {
    for part in ["a.", "[", "{a=", "a = ["] {
        let content = format!("x = {}", part.repeat(100_000));
        assert!(load(Path::new("/nonexistent"), &content).is_err());
        assert!(load(Path::new("/nonexistent"), &part.repeat(100_000)).is_err());
    }
}
