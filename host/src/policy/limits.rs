//! `[limits]`: the highest that a stage may ask for, by the keys and in the notation of `limits` in a manifest.

use std::{collections::BTreeMap, fmt};

use serde::{Serialize, Serializer};

use super::refusal::{Line, Refusal};
use crate::manifest::{
    Limits,
    fields::{Fields, Reader},
    limits::Amount,
    read,
};

/// The highest limits; one that is not set is unbounded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LimitsPolicy {
    highest: Limits,
    /// Of those that are set: where.
    lines: BTreeMap<&'static str, Line>,
}

impl Default for LimitsPolicy {
    fn default() -> LimitsPolicy {
        LimitsPolicy {
            highest: Limits::UNBOUNDED,
            lines: BTreeMap::new(),
        }
    }
}

impl LimitsPolicy {
    pub fn read(reader: &mut Reader, root: &Fields<'_, '_>) -> LimitsPolicy {
        let written = read::limits(reader, root);
        let line = |(key, span): (&&'static str, &crate::diagnostic::Span)| {
            (*key, Line::of(&reader.text, span.clone()))
        };
        LimitsPolicy {
            highest: written.or(Limits::UNBOUNDED),
            lines: written.spans.iter().map(line).collect(),
        }
    }

    pub fn highest(&self) -> &Limits {
        &self.highest
    }

    /// The limits that are set, by key.
    pub fn set(&self) -> BTreeMap<&'static str, Amount> {
        let each = self.highest.each().into_iter();
        each.filter(|(key, _)| self.lines.contains_key(key))
            .collect()
    }

    pub fn allow(
        &self,
        wished: &Limits,
        is_asked: impl Fn(&str) -> bool,
    ) -> Result<Limits, BTreeMap<&'static str, Refusal>> {
        let both = wished.each().into_iter().zip(self.highest.each());
        let refused: BTreeMap<_, _> = both
            .filter(|((key, wished), (_, highest))| wished > highest && is_asked(key))
            .map(|((key, wished), (_, highest))| (key, self.refusal(key, wished, highest)))
            .collect();
        match refused.is_empty() {
            true => Ok(wished.at_most(&self.highest)),
            false => Err(refused),
        }
    }

    fn refusal(&self, key: &'static str, wished: Amount, highest: Amount) -> Refusal {
        let line = self.lines.get(key);
        Refusal::by(
            line.expect("what is not set is unbounded, and nothing is beyond that"),
            format!("the limit `{key}` is {wished}, and the policy allows {highest} at most"),
        )
    }
}

impl Serialize for LimitsPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let set = self.set().into_iter();
        serializer.collect_map(set.map(|(key, amount)| (key, amount.to_string())))
    }
}

impl fmt::Display for LimitsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set: Vec<_> = self
            .set()
            .into_iter()
            .map(|(key, amount)| format!("{key} {amount} at most"))
            .collect();
        match set.as_slice() {
            [] => f.write_str("as a manifest asks"),
            set => f.write_str(&set.join(", ")),
        }
    }
}
