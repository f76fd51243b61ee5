//! The component behind a stage's plugin: found, fitting its world, and a blob of the store.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::memory::Memory;
use crate::{
    digest::Digest,
    plugin::{
        facts::Facts,
        fit::{Misfit, NotAComponent, Shape},
        fresh::{self, Freshness},
        spec::Declared,
    },
    store::{Store, StoreError},
    world::World,
};

/// A component that fills a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Its digest; its bytes are a blob of the store.
    pub digest: Digest,
    /// Its size.
    pub bytes: u64,
    /// The plugin's name and version as it states them itself; empty if it does not.
    pub name: String,
    /// See `name`.
    pub version: String,
    /// Whether the job's seed reaches it.
    pub seed: bool,
    /// Whether the job's time reaches it.
    pub time: bool,
}

/// What is known of a component by its digest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ComponentFacts {
    name: String,
    version: String,
    declares_seed: bool,
    declares_time: bool,
    /// Whether it imports `wasi:*`, which brings clocks and random numbers.
    wasi: bool,
    /// For each world that it does not fit: why.
    misfits: BTreeMap<World, String>,
}

/// Why a stage has no component.
#[derive(Debug, thiserror::Error)]
pub enum ComponentError {
    /// There is no such file or folder.
    #[error("there is no file or folder {}", .0.display())]
    Missing(PathBuf),
    /// The folder has to be built.
    #[error("the plugin has no component yet for its present source")]
    NotBuilt {
        /// The folder.
        folder: PathBuf,
        /// Whether there is an older one.
        stale: bool,
    },
    /// The plugin's folder makes components for other worlds only.
    #[error("the plugin is for world {}, not for {wanted}", .has.join(" and "))]
    OtherWorld {
        /// The stage's world.
        wanted: World,
        /// The worlds it is for.
        has: Vec<String>,
    },
    /// The folder is not a plugin.
    #[error("{0}")]
    Folder(String),
    /// The file is no component of this world.
    #[error("{0}")]
    Misfit(String),
    /// The file cannot be copied into the store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finds the component of a plugin for a world.
///
/// # Errors
/// When there is none that fits.
pub(super) fn find(
    store: &Store,
    memory: &mut Memory,
    path: &Path,
    world: World,
) -> Result<Component, ComponentError> {
    let file = component_file(path, world)?;
    let mut opened = File::open(&file).map_err(|_| ComponentError::Missing(file.clone()))?;
    let (digest, bytes) = memory.snapshot(store, &file, &mut opened)?;
    if memory.component(&digest).is_none() {
        let bytes = store.blob(&digest)?;
        memory.learn(
            digest,
            learn(&bytes).map_err(|e| ComponentError::Misfit(e.to_string()))?,
        );
    }
    let facts = memory.component(&digest).expect("just learned");
    if let Some(misfit) = facts.misfits.get(&world) {
        return Err(ComponentError::Misfit(misfit.clone()));
    }
    Ok(Component {
        digest,
        bytes,
        name: facts.name.clone(),
        version: facts.version.clone(),
        seed: facts.declares_seed || facts.wasi,
        time: facts.declares_time || facts.wasi,
    })
}

/// The `.wasm` file that a plugin's path stands for.
fn component_file(path: &Path, world: World) -> Result<PathBuf, ComponentError> {
    if path.is_file() {
        return Ok(path.to_path_buf());
    }
    if !path.is_dir() {
        return Err(ComponentError::Missing(path.to_path_buf()));
    }
    let not_built = |stale| ComponentError::NotBuilt {
        folder: path.to_path_buf(),
        stale,
    };
    match fresh::fresh(path).map_err(|e| ComponentError::Folder(e.to_string()))? {
        Freshness::Fresh(mut components) => match components.remove(&world) {
            Some(component) => Ok(component.path),
            None => Err(ComponentError::OtherWorld {
                wanted: world,
                has: components.keys().map(|world| world.to_string()).collect(),
            }),
        },
        Freshness::Stale => Err(not_built(true)),
        Freshness::Missing => Err(not_built(false)),
    }
}

fn learn(bytes: &[u8]) -> Result<ComponentFacts, NotAComponent> {
    let shape = Shape::read(bytes)?;
    let stated = Facts::read(bytes).ok().flatten();
    let fits = shape.worlds();
    let misfits = World::ALL
        .into_iter()
        .filter(|world| !fits.contains(world))
        .map(|world| (world, misfit(&shape, &fits, world).to_string()))
        .collect();
    let declares = |what| {
        stated
            .as_ref()
            .is_some_and(|facts| facts.declares.contains(&what))
    };
    Ok(ComponentFacts {
        declares_seed: declares(Declared::Seed),
        declares_time: declares(Declared::Time),
        wasi: shape
            .imports()
            .iter()
            .any(|import| import.starts_with("wasi:")),
        name: stated
            .as_ref()
            .map(|facts| facts.name.clone())
            .unwrap_or_default(),
        version: stated.map(|facts| facts.version).unwrap_or_default(),
        misfits,
    })
}

fn misfit(shape: &Shape, fits: &[World], wanted: World) -> Misfit {
    if fits.is_empty() {
        Misfit::Differs {
            wanted,
            differences: shape.differences(wanted),
        }
    } else {
        Misfit::OtherWorld {
            wanted,
            fits: fits.to_vec(),
        }
    }
}
