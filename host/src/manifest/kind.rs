//! The words of the manifest: lifecycle stages, the treatment of NaN.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::invalid::Invalid;
use crate::diagnostic::did_you_mean;

/// A stage of the lifecycle: the first part of a table's header, as in `[ingest.raw]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageKind {
    /// Sources become tables.
    Ingest,
    /// A table is held against expectations.
    Validate,
    /// A table becomes a model.
    Train,
    /// A model is applied to a table.
    Score,
    /// A model becomes an artifact.
    Package,
    /// An artifact takes traffic.
    Deploy,
    /// Traffic is watched.
    Monitor,
}

impl StageKind {
    /// All of them, in the order of the lifecycle.
    pub const ALL: [StageKind; 7] = [
        StageKind::Ingest,
        StageKind::Validate,
        StageKind::Train,
        StageKind::Score,
        StageKind::Package,
        StageKind::Deploy,
        StageKind::Monitor,
    ];

    /// Whether a gate may judge what such a stage finds and measures.
    pub const fn has_gate(self) -> bool {
        matches!(self, StageKind::Validate | StageKind::Train)
    }

    /// The name in the manifest and in messages, e.g. `package`.
    pub const fn label(self) -> &'static str {
        match self {
            StageKind::Ingest => "ingest",
            StageKind::Validate => "validate",
            StageKind::Train => "train",
            StageKind::Score => "score",
            StageKind::Package => "package",
            StageKind::Deploy => "deploy",
            StageKind::Monitor => "monitor",
        }
    }

    /// The WIT world of its plugins: the label, but for `packaging`, since `package` is a keyword of WIT.
    pub const fn world(self) -> &'static str {
        match self {
            StageKind::Package => "packaging",
            other => other.label(),
        }
    }
}

impl fmt::Display for StageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// How a stage's floating-point results that are not a number are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nan {
    /// As the processor makes them: results are equal bit for bit on one instruction set.
    #[default]
    Fast,
    /// In one form: results are equal across instruction sets, at some cost in speed.
    Canonical,
}

impl FromStr for Nan {
    type Err = Invalid;

    fn from_str(word: &str) -> Result<Nan, Invalid> {
        one_of(
            "nan",
            word,
            &[("fast", Nan::Fast), ("canonical", Nan::Canonical)],
        )
    }
}

impl fmt::Display for Nan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Nan::Fast => "fast",
            Nan::Canonical => "canonical",
        })
    }
}

/// The value of `word` among `choices`; the refusal names all of them.
fn one_of<T: Copy>(key: &str, word: &str, choices: &[(&str, T)]) -> Result<T, Invalid> {
    if let Some((_, value)) = choices.iter().find(|(name, _)| *name == word) {
        return Ok(*value);
    }
    let names = || choices.iter().map(|(name, _)| *name);
    let listed = names()
        .map(|name| format!("{name:?}"))
        .collect::<Vec<_>>()
        .join(", ");
    let help = did_you_mean(word, names()).unwrap_or_else(|| format!("choose among {listed}"));
    Err(Invalid::new(format!("`{key}` cannot be {word:?}: it is one of {listed}")).help(help))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_round_trip() {
        for nan in [Nan::Fast, Nan::Canonical] {
            assert_eq!(nan.to_string().parse(), Ok(nan));
        }
        for kind in StageKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.label());
        }
    }

    #[test]
    fn wrong_words_name_the_choices() {
        let refused = "canonic".parse::<Nan>().unwrap_err();
        assert_eq!(
            refused.message,
            r#"`nan` cannot be "canonic": it is one of "fast", "canonical""#
        );
        assert_eq!(refused.help.unwrap(), r#"did you mean "canonical"?"#);
    }
}
