//! A stage that went beyond a limit, in a sentence that says which key raises it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Bound, Limit, Notation};

/// Whose limit it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whose {
    /// A stage's, which its manifest sets.
    Stage,
    /// That of a `check`, which nobody sets.
    Check,
}

/// A stage that went beyond a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub struct Exceeded {
    /// The limit.
    pub bound: Bound,
    /// Whose it was.
    pub whose: Whose,
    /// How much there would have been, in the unit of the limit, where that is known.
    pub wanted: Option<u64>,
    /// How much there was at most before, in the unit of the limit, where that is known.
    pub had: Option<u64>,
}

impl Exceeded {
    /// Of which no more is known.
    pub fn new(bound: Bound, whose: Whose) -> Exceeded {
        Exceeded {
            bound,
            whose: match bound.limit {
                // These are the stage's own in a check too.
                Limit::Component | Limit::Compile | Limit::CompileMemory => Whose::Stage,
                _ => whose,
            },
            wanted: None,
            had: None,
        }
    }

    /// The same with how much there would have been.
    #[must_use]
    pub fn wanted(self, wanted: u64) -> Exceeded {
        Exceeded {
            wanted: Some(wanted),
            ..self
        }
    }

    /// The same with how much there was at most before.
    #[must_use]
    pub fn had(self, had: u64) -> Exceeded {
        Exceeded {
            had: Some(had),
            ..self
        }
    }

    /// The key that raises the limit, if one does.
    pub fn key(&self) -> Option<&'static str> {
        (self.whose == Whose::Stage).then(|| self.bound.limit.key())
    }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bound { limit, value } = self.bound;
        let amount = |value| amount(limit.notation(), value);
        let beyond = limit.facts().beyond.replace("{}", &amount(value));
        f.write_str(&beyond)?;
        if let Some(wanted) = self.wanted {
            write!(f, ": {}", amount(wanted))?;
        }
        if let Some(had) = self.had {
            write!(f, ", after {} at most", amount(had))?;
        }
        match self.whose {
            Whose::Stage => write!(
                f,
                "; `limits.{}` of this stage is {}",
                limit.key(),
                self.bound
            ),
            Whose::Check => write!(f, ", which is all that a check may use"),
        }
    }
}

/// A value for people: what is exact only in bytes is said in bytes.
fn amount(notation: Notation, value: u64) -> String {
    match notation {
        Notation::Time => super::WallTime::of_millis(value).to_string(),
        Notation::Size if value.is_multiple_of(1 << 10) => super::ByteSize::of(value).to_string(),
        Notation::Size => format!("{} bytes", grouped(value)),
        Notation::Count => grouped(value),
    }
}

/// `1,234,567`.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
