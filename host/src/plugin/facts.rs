//! Static facts: what a component says about itself in a custom section, read without running any of its code.
//!
//! The section's name is [`SECTION`] and its content is JSON. The builder appends it to every component, whatever the
//! language; keys that a reader does not know are ignored, so that it can grow.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wasm_encoder::{CustomSection, Encode as _, Section as _};
use wasmparser::{Chunk, Parser, Payload};

use super::spec::{Declared, PluginSpec};
use crate::world::World;

/// The custom section's name.
pub const SECTION: &str = "lockflight:plugin";

/// What a component says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The plugin's name.
    pub name: String,
    /// The plugin's version.
    pub version: String,
    /// The world that this component was built for.
    pub world: World,
    /// Who answers for it, such as a team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What the plugin does, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// An SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// The JSON Schema of the stage's config.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Value>,
    /// What it wants of `seed` and `time`.
    #[serde(default)]
    pub declares: BTreeSet<Declared>,
}

/// Why facts could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// The bytes are no WebAssembly.
    #[error("not WebAssembly: {0}")]
    Malformed(#[from] wasmparser::BinaryReaderError),
    /// A section ends behind the file's end.
    #[error("the file is cut short")]
    CutShort,
    /// The section is no JSON of the expected form.
    #[error("the section `{SECTION}` is not as it should be: {0}")]
    Content(#[from] serde_json::Error),
}

impl Facts {
    /// The facts of a plugin's component for one of its worlds.
    pub fn new(spec: &PluginSpec, world: World, config: Option<Value>) -> Self {
        Self {
            name: spec.name.clone(),
            version: spec.version.clone(),
            world,
            owner: spec.owner.clone(),
            description: spec.description.clone(),
            license: spec.license.clone(),
            config,
            declares: spec.declares.clone(),
        }
    }

    /// Reads the facts of a component; none if it has no such section, as one that was not built by lockflight.
    ///
    /// # Errors
    /// When the bytes or the section are malformed.
    pub fn read(component: &[u8]) -> Result<Option<Self>, FactsError> {
        let Some(section) = custom_section(component, SECTION)? else {
            return Ok(None);
        };
        Ok(Some(serde_json::from_slice(section)?))
    }

    /// Appends the facts to a component that has none yet. Equal facts give equal bytes.
    pub fn append(&self, component: &mut Vec<u8>) {
        // Strings, sets and a JSON value, whose objects are sorted by key: nothing that JSON can't say.
        let json = serde_json::to_vec(self).expect("facts are plain JSON");
        let section = CustomSection {
            name: SECTION.into(),
            data: Cow::Owned(json),
        };
        component.push(section.id());
        section.encode(component);
    }
}

/// The content of a file's own custom section of that name.
fn custom_section<'a>(wasm: &'a [u8], name: &str) -> Result<Option<&'a [u8]>, FactsError> {
    own_sections(wasm, |payload| match payload {
        Payload::CustomSection(section) if section.name() == name => Ok(Some(section.data())),
        _ => Ok(None),
    })
}

/// Goes through a file's own sections, until `look` has found something; nested modules and components are skipped unread.
pub(super) fn own_sections<'a, T>(
    wasm: &'a [u8],
    mut look: impl FnMut(Payload<'a>) -> Result<Option<T>, FactsError>,
) -> Result<Option<T>, FactsError> {
    let mut parser = Parser::new(0);
    let mut rest = wasm;
    loop {
        let (payload, consumed) = match parser.parse(rest, true)? {
            Chunk::Parsed { payload, consumed } => (payload, consumed),
            Chunk::NeedMoreData(_) => unreachable!("the parser was told that there is no more"),
        };
        rest = &rest[consumed..];
        match payload {
            Payload::CodeSectionStart { size, .. } => {
                parser.skip_section();
                rest = behind(rest, u64::from(size))?;
            }
            Payload::ModuleSection {
                unchecked_range, ..
            }
            | Payload::ComponentSection {
                unchecked_range, ..
            } => {
                rest = behind(rest, unchecked_range.end - unchecked_range.start)?;
            }
            Payload::End(_) => return Ok(None),
            payload => {
                if let Some(found) = look(payload)? {
                    return Ok(Some(found));
                }
            }
        }
    }
}

fn behind(bytes: &[u8], skipped: u64) -> Result<&[u8], FactsError> {
    usize::try_from(skipped)
        .ok()
        .and_then(|skipped| bytes.get(skipped..))
        .ok_or(FactsError::CutShort)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;
    use wasm_encoder::{Component, ComponentSection as _, Module, ModuleSection};

    fn facts() -> Facts {
        Facts {
            name: "outliers".into(),
            version: "0.1.0".into(),
            world: World::Validate,
            owner: Some("data-platform".into()),
            description: Some("Finds rows that stand apart.".into()),
            license: None,
            config: Some(json!({ "type": "object" })),
            declares: [Declared::Seed].into(),
        }
    }

    /// A component around a module that has a section of the same name itself.
    fn component() -> Vec<u8> {
        let mut module = Module::new();
        module.section(&CustomSection {
            name: SECTION.into(),
            data: b"{}".as_slice().into(),
        });
        let mut component = Component::new();
        component.section(&ModuleSection(&module));
        component.finish()
    }

    #[test]
    fn are_read_as_they_were_written() {
        let mut bytes = component();
        assert_eq!(
            Facts::read(&bytes).unwrap(),
            None,
            "the nested module's section is not ours"
        );
        facts().append(&mut bytes);
        assert_eq!(Facts::read(&bytes).unwrap(), Some(facts()));
        wasmparser::Validator::new().validate_all(&bytes).unwrap();
    }

    #[test]
    fn a_core_module_has_none() {
        assert_eq!(Facts::read(&Module::new().finish()).unwrap(), None);
    }

    #[test]
    fn malformed_files_are_errors() {
        let mut bytes = component();
        facts().append(&mut bytes);
        for length in [0, 4, 9, 12, bytes.len() - 1] {
            let error = Facts::read(&bytes[..length]).unwrap_err();
            assert!(
                matches!(error, FactsError::Malformed(_) | FactsError::CutShort),
                "{length}: {error}"
            );
        }
        let mut wrong = component();
        CustomSection {
            name: SECTION.into(),
            data: b"{".as_slice().into(),
        }
        .append_to_component(&mut wrong);
        assert!(matches!(Facts::read(&wrong), Err(FactsError::Content(_))));
    }

    #[test]
    fn unknown_keys_are_ignored() {
        let mut value = serde_json::to_value(facts()).unwrap();
        value["later"] = json!(1);
        assert_eq!(serde_json::from_value::<Facts>(value).unwrap(), facts());
    }
}
