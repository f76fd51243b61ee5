//! Gates: the conditions that what a stage found and measured has to meet before what depends on the stage may go on.

mod figure;
mod read;
#[cfg(test)]
mod tests;
mod within;

use std::fmt;

use lockflight_expression::{Fault, Span};
use serde::{Serialize, Serializer};

pub use figure::{Figure, Figures, Part};
pub(super) use read::read;

use crate::diagnostic::did_you_mean;

/// All conditions of a stage, in the order they are written; never empty. Each has to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    conditions: Vec<Condition>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Over the verdicts of all findings.
    Verdicts(Verdicts),
    /// Over values of findings and metrics.
    Figures(Figures),
}

/// Which verdicts close a gate. A verdict `inconclusive` closes it as `fail` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verdicts {
    /// Closed by any finding that fails or is inconclusive.
    #[default]
    NoFail,
    /// Closed by warnings as well.
    NoWarn,
    /// Always open: the findings are recorded and nothing more.
    None,
}

impl Verdicts {
    const ALL: [Verdicts; 3] = [Verdicts::NoFail, Verdicts::NoWarn, Verdicts::None];

    /// The word in the manifest.
    pub const fn word(self) -> &'static str {
        match self {
            Verdicts::NoFail => "no-fail",
            Verdicts::NoWarn => "no-warn",
            Verdicts::None => "none",
        }
    }
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong with it; the span counts characters of the text.
    pub fn parse(text: &str) -> Result<Condition, Fault> {
        let written = text.trim();
        if let Some(word) = Verdicts::ALL
            .into_iter()
            .find(|word| word.word() == written)
        {
            return Ok(Condition::Verdicts(word));
        }
        // A figure alone is no condition, so a text of letters and dashes can only be meant as one of the words.
        let is_letter = |c: char| c.is_alphabetic() || c == '-' || c == '_';
        if written.chars().all(is_letter) {
            return Err(unknown_word(text));
        }
        Figures::parse(text).map(Condition::Figures)
    }
}

fn unknown_word(text: &str) -> Fault {
    let words = Verdicts::ALL.map(Verdicts::word);
    let listed = words.map(|word| format!("{word:?}")).join(", ");
    let example = "a condition such as \"r2 >= 0.8\"";
    let message = format!("`gate` cannot be {text:?}: it is one of {listed}, or {example}");
    let help = did_you_mean(text, words)
        .unwrap_or_else(|| format!("choose among {listed}, or write {example}"));
    Fault::new(Span::new(0, text.chars().count()), message).help(help)
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Condition::Verdicts(word) => word.word(),
            Condition::Figures(figures) => figures.text(),
        })
    }
}

impl Gate {
    /// The conditions.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }
}

/// `no-fail`.
impl Default for Gate {
    fn default() -> Gate {
        Gate {
            conditions: vec![Condition::Verdicts(Verdicts::default())],
        }
    }
}

/// As in the manifest: a text, or a list of several.
impl Serialize for Gate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.conditions[..] {
            [condition] => serializer.collect_str(condition),
            several => serializer.collect_seq(several.iter().map(Condition::to_string)),
        }
    }
}
