//! `[walls]`: the walls that have to stand around every guest. A machine that cannot build them runs nothing.

use std::fmt;

use serde::Serialize;
use toml::{Spanned, de::DeValue};

use super::refusal::{Line, Refusal};
use crate::{
    diagnostic::did_you_mean,
    manifest::fields::{Fields, Reader},
};

/// All walls that this version can build or knows of; what stands on a machine is in [`crate::child::walls`].
pub const KNOWN: &[&str] = &["wasm", "process", "rlimits", "landlock", "seccomp"];

/// The walls that are demanded.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct WallsPolicy {
    require: Vec<String>,
    #[serde(skip)]
    line: Option<Line>,
}

impl WallsPolicy {
    pub const KEYS: &[&str] = &["require"];

    pub fn fields(
        reader: &mut Reader,
        fields: &Fields<'_, '_>,
        value: &Spanned<DeValue<'_>>,
    ) -> WallsPolicy {
        fields.require(reader, "require", value.span(), "require = [\"process\"]");
        let require = fields.strings(reader, "require");
        for wall in require
            .iter()
            .filter(|wall| !KNOWN.contains(&wall.get_ref().as_str()))
        {
            let name = wall.get_ref();
            let help = did_you_mean(name, KNOWN)
                .unwrap_or_else(|| format!("write some of {}", KNOWN.join(", ")));
            let message = format!("there is no wall {name:?}");
            reader.error(wall.span(), "invalid-value", message).help = Some(help);
        }
        WallsPolicy {
            require: require.into_iter().map(Spanned::into_inner).collect(),
            line: fields
                .key_span("require")
                .map(|span| Line::of(&reader.text, span)),
        }
    }

    pub fn demand(&self, standing: &[&str]) -> Result<(), Refusal> {
        let Some(line) = &self.line else {
            return Ok(());
        };
        let missing: Vec<_> = self
            .require
            .iter()
            .filter(|wall| !standing.contains(&wall.as_str()))
            .map(String::as_str)
            .collect();
        match missing.as_slice() {
            [] => Ok(()),
            missing => Err(Refusal::by(
                line,
                format!(
                    "the policy requires the wall{} {}, and what stands here is {}",
                    if missing.len() == 1 { "" } else { "s" },
                    missing.join(" and "),
                    standing.join(", "),
                ),
            )),
        }
    }
}

impl fmt::Display for WallsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.require.as_slice() {
            [] => f.write_str("whichever this machine builds"),
            require => write!(f, "{} required", require.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wall_that_is_built_can_be_required() {
        for wall in crate::child::walls() {
            assert!(KNOWN.contains(&wall), "{wall}");
        }
    }
}
