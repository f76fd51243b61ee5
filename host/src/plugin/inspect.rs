//! `plugin inspect`: what a file is, as a plugin.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use wasm_metadata::Producers;
use wasmparser::{KnownCustom, Parser, Payload};

use super::facts::{Facts, FactsError};
use super::fit::{Difference, NotAComponent, Shape};
use super::spec::Declared;
use crate::digest::Digest;
use crate::engine::MAX_COMPONENT;
use crate::world::World;

/// What there is to say about a component.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// The worlds of the contract that it fits; empty for a component that is no plugin.
    pub worlds: Vec<World>,
    /// Everything it imports.
    pub imports: Vec<String>,
    /// Everything it exports.
    pub exports: Vec<String>,
    /// What it says about itself; none if it was not built by lockflight.
    pub facts: Option<Facts>,
    /// The tools and languages it was made with, sorted and each once.
    pub producers: Vec<Producer>,
}

/// A tool or language that a component was made with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Producer {
    /// What it did: `language`, `processed-by` or `sdk`.
    pub role: String,
    /// Its name.
    pub name: String,
    /// Its version; empty if it did not say.
    pub version: String,
}

impl Inspection {
    /// Whether a part of the job reaches the component: it declares that, or asks a system for it that the host plays.
    pub fn gets(&self, what: Declared) -> bool {
        let stated = self.facts.as_ref();
        stated.is_some_and(|facts| facts.declares.contains(&what))
            || self
                .imports
                .iter()
                .any(|import| import.starts_with("wasi:"))
    }
}

/// Why a file could not be inspected.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// It can't be read.
    #[error("could not read {}: {error}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It is no component.
    #[error("{} is no plugin: {error}", .path.display())]
    NotAComponent {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        error: NotAComponent,
    },
    /// It is a component whose static facts are broken.
    #[error("{}: {error}", .path.display())]
    Facts {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: FactsError,
    },
}

/// Inspects the file at `path`, without running any of its code.
///
/// # Errors
/// When it can't be read, is no component or has broken facts.
pub fn inspect(path: &Path) -> Result<Inspection, InspectError> {
    inspect_bytes(&read_at(path)?, path)
}

/// Inspects a component; `path` is for messages.
///
/// # Errors
/// When it is none, or has broken facts.
pub fn inspect_bytes(bytes: &[u8], path: &Path) -> Result<Inspection, InspectError> {
    let not_a_component = |error| InspectError::NotAComponent {
        path: path.to_owned(),
        error,
    };
    let shape = Shape::read(bytes).map_err(not_a_component)?;
    let facts = Facts::read(bytes).map_err(|error| InspectError::Facts {
        path: path.to_owned(),
        error,
    })?;
    Ok(Inspection {
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
        worlds: shape.worlds(),
        imports: shape.imports(),
        exports: shape.exports(),
        facts,
        producers: producers(bytes),
    })
}

/// How the component at `path` differs from a world, sorted; empty if it fits. None of its code is run.
///
/// # Errors
/// When it can't be read or is no component.
pub fn differences(path: &Path, world: World) -> Result<Vec<Difference>, InspectError> {
    let shape = Shape::read(&read_at(path)?).map_err(|error| InspectError::NotAComponent {
        path: path.to_owned(),
        error,
    })?;
    Ok(shape.differences(world))
}

fn read_at(path: &Path) -> Result<Vec<u8>, InspectError> {
    read(path).map_err(|error| InspectError::Unreadable {
        path: path.to_owned(),
        error,
    })
}

/// Reads a file that may be a component by its size.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let size = fs::metadata(path)?.len();
    if size > MAX_COMPONENT {
        return Err(io::Error::other(format!(
            "it has {size} bytes; a component may have {} MiB",
            MAX_COMPONENT >> 20
        )));
    }
    fs::read(path)
}

/// Gathers the `producers` sections of the component and all that is nested in it. They are a courtesy of the tools, so a
/// malformed one is passed over.
fn producers(component: &[u8]) -> Vec<Producer> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        let Ok(Payload::CustomSection(section)) = payload else {
            continue;
        };
        let KnownCustom::Producers(_) = section.as_known() else {
            continue;
        };
        let Ok(producers) = Producers::from_bytes(section.data(), section.data_offset()) else {
            continue;
        };
        for (role, entries) in producers.iter() {
            found.extend(entries.iter().map(|(name, version)| Producer {
                role: role.clone(),
                name: name.clone(),
                version: version.clone(),
            }));
        }
    }
    found.sort();
    found.dedup();
    found
}
