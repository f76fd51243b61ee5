//! `[walls]`: the walls that have to stand around every guest. A machine that cannot build them runs nothing.

use std::fmt;

use serde::Serialize;
use toml::{Spanned, de::DeValue};

use super::refusal::{Line, Refusal};
use crate::{
    diagnostic::did_you_mean,
    enforcement::{Point, stands},
    manifest::fields::{Fields, Reader},
    walls::{Wall, Walls},
};

/// The walls that are demanded.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct WallsPolicy {
    require: Walls,
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
        let known = Wall::ALL.map(Wall::name);
        let mut walls = Walls::default();
        for name in &require {
            match Wall::from_name(name.get_ref()) {
                Some(wall) => walls.insert(wall),
                None => {
                    let text = name.get_ref();
                    let help = did_you_mean(text, known)
                        .unwrap_or_else(|| format!("write some of {}", known.join(", ")));
                    let message = format!("there is no wall {text:?}");
                    reader.error(name.span(), "invalid-value", message).help = Some(help);
                }
            }
        }
        WallsPolicy {
            require: walls,
            line: fields
                .key_span("require")
                .map(|span| Line::of(&reader.text, span)),
        }
    }

    pub fn demand(&self, standing: Walls) -> Result<(), Refusal> {
        let Some(line) = &self.line else {
            return Ok(());
        };
        let missing: Vec<_> = self
            .require
            .iter()
            .filter(|wall| !standing.has(*wall))
            .map(Wall::name)
            .collect();
        match missing.as_slice() {
            [] => Ok(()),
            _ if !stands(Point::PolicyWalls) => Ok(()),
            missing => Err(Refusal::by(
                line,
                format!(
                    "the policy requires the wall{} {}, and what stands here is {standing}",
                    if missing.len() == 1 { "" } else { "s" },
                    missing.join(" and "),
                ),
            )),
        }
    }
}

impl fmt::Display for WallsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.require == Walls::default() {
            true => f.write_str("whichever this machine builds"),
            false => write!(f, "{} required", self.require),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::policy::Policy;

    #[test]
    fn every_wall_can_be_required() {
        for wall in Wall::ALL {
            let text = format!("[walls]\nrequire = [\"{wall}\"]\n");
            let policy = Policy::parse(Path::new("policy.toml"), text).unwrap();
            policy.demands(Walls::of(&[wall])).unwrap();
            let others = Wall::ALL.into_iter().filter(|other| *other != wall);
            assert!(policy.demands(others.collect()).is_err(), "{wall}");
        }
    }
}
