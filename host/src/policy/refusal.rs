//! What the policy refuses, and which line of it.

use std::{fmt, path::PathBuf};

use serde::{Serialize, Serializer};

use crate::diagnostic::{Problem, Span, Text};

/// A line of the policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    path: PathBuf,
    number: usize,
    text: String,
}

impl Line {
    /// The line on which something begins.
    pub(super) fn of(text: &Text, span: Span) -> Line {
        let place = Problem::error("line", "").at(text, span.clone());
        let number = place.position().map_or(1, |(_, line, _)| line);
        let before = text.inner().get(..span.start).unwrap_or_default();
        let start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let rest = text.inner().get(start..).unwrap_or_default();
        Line {
            path: PathBuf::from(text.name()),
            number,
            text: rest.lines().next().unwrap_or_default().trim().to_owned(),
        }
    }

    /// Its number, from 1.
    pub(super) fn number(&self) -> usize {
        self.number
    }
}

/// ``policy.toml:3 says `memory = "4GiB"` ``
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Line { path, number, text } = self;
        write!(f, "{}:{number} says `{text}`", path.display())
    }
}

/// In JSON a line is its number.
impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.number as u64)
    }
}

/// Something that the policy refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}: {line}")]
pub struct Refusal {
    /// What is refused, in one sentence without a full stop.
    pub message: String,
    /// What refuses it.
    pub line: Line,
}

impl Refusal {
    /// A refusal by a line.
    pub(super) fn by(line: &Line, message: String) -> Refusal {
        Refusal {
            message,
            line: line.clone(),
        }
    }
}
