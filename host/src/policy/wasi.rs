//! `[wasi]`: the WASI packages that a component may import at all. All of them are answered virtually; a package that is allowed gives
//! a plugin nothing of the machine.

use std::fmt;

use serde::Serialize;
use toml::{Spanned, de::DeValue};

use super::refusal::{Line, Refusal};
use crate::{
    diagnostic::did_you_mean,
    enforcement::{Point, stands},
    manifest::fields::{Fields, Reader},
    plugin::claims::Claims,
};

/// The packages of WASI 0.2.
const PACKAGES: &[&str] = &[
    "wasi:cli",
    "wasi:clocks",
    "wasi:filesystem",
    "wasi:http",
    "wasi:io",
    "wasi:random",
    "wasi:sockets",
];

/// Which packages may be imported; any if nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct WasiPolicy {
    worlds: Option<Vec<String>>,
    #[serde(skip)]
    line: Option<Line>,
}

impl WasiPolicy {
    pub const KEYS: &[&str] = &["worlds"];

    pub fn fields(
        reader: &mut Reader,
        fields: &Fields<'_, '_>,
        value: &Spanned<DeValue<'_>>,
    ) -> WasiPolicy {
        fields.require(reader, "worlds", value.span(), "worlds = []");
        let worlds = fields.strings(reader, "worlds");
        for world in worlds
            .iter()
            .filter(|world| !PACKAGES.contains(&world.get_ref().as_str()))
        {
            let name = world.get_ref();
            let message = format!("{name:?} is no package of WASI 0.2");
            let help = did_you_mean(name, PACKAGES)
                .unwrap_or_else(|| format!("write some of {}", PACKAGES.join(", ")));
            reader.error(world.span(), "invalid-value", message).help = Some(help);
        }
        WasiPolicy {
            worlds: Some(worlds.into_iter().map(Spanned::into_inner).collect()),
            line: fields
                .key_span("worlds")
                .map(|span| Line::of(&reader.text, span)),
        }
    }

    pub fn asks(&self) -> bool {
        self.worlds.is_some()
    }

    pub fn allow(&self, component: &Claims) -> Result<(), Refusal> {
        let (Some(worlds), Some(line)) = (&self.worlds, &self.line) else {
            return Ok(());
        };
        let refused: Vec<_> = component
            .wasi
            .iter()
            .filter(|package| !worlds.contains(package))
            .map(String::as_str)
            .collect();
        match refused.is_empty() || !stands(Point::PolicyWasi) {
            true => Ok(()),
            false => {
                let packages = refused.join(", ");
                let message =
                    format!("{component} imports {packages}, which the policy does not allow");
                Err(Refusal::by(line, message))
            }
        }
    }
}

impl fmt::Display for WasiPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.worlds.as_deref() {
            None => f.write_str("any package, answered virtually"),
            Some([]) => f.write_str("none"),
            Some(worlds) => f.write_str(&worlds.join(", ")),
        }
    }
}
