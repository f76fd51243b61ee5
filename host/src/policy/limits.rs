//! `[limits]`: the highest that a stage may ask for, by the keys and in the notation of `limits` in a manifest.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::refusal::{Line, Refusal};
use crate::enforcement::{Point, stands};
use crate::manifest::{
    Limit, Limits, PartialLimits,
    fields::{Fields, Reader},
    limits::Bound,
    read,
};

/// The highest limits; one that is not set is unbounded.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct LimitsPolicy {
    highest: PartialLimits,
    /// Where each that is set stands.
    #[serde(skip)]
    lines: BTreeMap<Limit, Line>,
}

impl LimitsPolicy {
    pub fn read(reader: &mut Reader, root: &Fields<'_, '_>) -> LimitsPolicy {
        let written = read::limits(reader, root);
        let line = |(limit, span)| (limit, Line::of(&reader.text, span));
        LimitsPolicy {
            highest: written.set,
            lines: written.spans.into_iter().map(line).collect(),
        }
    }

    pub fn highest(&self) -> &PartialLimits {
        &self.highest
    }

    pub fn allow(
        &self,
        wished: &Limits,
        is_asked: impl Fn(Limit) -> bool,
    ) -> Result<Limits, BTreeMap<Limit, Refusal>> {
        let refused: BTreeMap<_, _> = self
            .highest
            .iter()
            .filter(|highest| wished.get(highest.limit) > highest.value && is_asked(highest.limit))
            .map(|highest| {
                let limit = highest.limit;
                (limit, self.refusal(wished.bound(limit), highest))
            })
            .collect();
        match refused.is_empty() || !stands(Point::PolicyLimits) {
            true => Ok(wished.lowered_to(&self.highest)),
            false => Err(refused),
        }
    }

    fn refusal(&self, wished: Bound, highest: Bound) -> Refusal {
        let key = wished.limit.key();
        let line = self.lines.get(&wished.limit);
        Refusal::by(
            line.expect("a limit that is set stands on a line"),
            format!("the limit `{key}` is {wished}, and the policy allows {highest} at most"),
        )
    }
}

impl fmt::Display for LimitsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set: Vec<_> = self
            .highest
            .iter()
            .map(|highest| format!("{} {highest} at most", highest.limit.key()))
            .collect();
        match set.as_slice() {
            [] => f.write_str("as a manifest asks"),
            set => f.write_str(&set.join(", ")),
        }
    }
}
