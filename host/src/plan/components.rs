//! The component behind a stage's plugin: found, fitting its world, and a blob of the store.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs::File,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    lockfile::{LockedFrom, LockedPlugin, Lockfile},
    memory::Memory,
    published::Registries,
};
use crate::{
    digest::Digest,
    engine::MAX_COMPONENT,
    manifest::PluginPlace,
    plugin::{
        claims::Claims,
        facts::Facts,
        fit::{Misfit, NotAComponent, Shape},
        fresh::{self, Freshness},
        spec::Declared,
    },
    printable,
    registry::RegistryError,
    store::{Store, StoreError},
    world::World,
};

/// The most bytes of a name or version that are taken from a component.
const MAX_LABEL: usize = 100;

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
    /// What a policy asks of it.
    pub claims: Claims,
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
    /// The name as it is stated, which a policy is asked of; `name` is what is shown of it.
    claimed: Option<String>,
    /// The owner as it is stated.
    owner: Option<String>,
    /// The packages of `wasi:*` that it imports, which bring clocks and random numbers.
    wasi: BTreeSet<String>,
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
    /// It cannot be had from its registry.
    #[error(transparent)]
    Registry(Box<RegistryError>),
    /// The file cannot be copied into the store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finds components. Each folder is judged once, and each artifact asked for once, however many stages use it.
pub(super) struct Finder<'a> {
    store: &'a Store,
    /// What the lock file says.
    locked: Option<&'a Lockfile>,
    folders: HashMap<PathBuf, Folder>,
    registries: Registries<'a>,
    /// The plugins that were found, as they are to be locked.
    pub found: BTreeMap<String, LockedPlugin>,
}

/// A plugin's folder.
#[derive(Clone)]
struct Folder {
    source: Digest,
    freshness: Freshness,
}

impl<'a> Finder<'a> {
    pub fn new(store: &'a Store, locked: Option<&'a Lockfile>, registries: Registries<'a>) -> Self {
        Finder {
            store,
            locked,
            folders: HashMap::new(),
            registries,
            found: BTreeMap::new(),
        }
    }

    /// The component of a plugin for a world.
    ///
    /// # Errors
    /// When there is none that fits.
    pub fn find(
        &mut self,
        memory: &mut Memory,
        name: &str,
        place: &PluginPlace,
        world: World,
    ) -> Result<Component, ComponentError> {
        let (from, component) = match place {
            PluginPlace::Path(path, _) => self.on_disk(memory, name, path, world)?,
            PluginPlace::Artifact(artifact) => {
                let locked = self
                    .locked
                    .and_then(|locked| locked.artifact(name, &artifact.written));
                let (manifest, component) =
                    self.registries.component(name, artifact, locked, world)?;
                let oci = artifact.written.clone();
                (LockedFrom::Artifact { oci, manifest }, component)
            }
        };
        let fitting = fitting(self.store, memory, component, world)?;
        let found = self.found.entry(name.to_owned());
        let found = found.or_insert_with(|| LockedPlugin {
            from,
            components: BTreeMap::new(),
        });
        found.components.insert(world, fitting.digest);
        Ok(fitting)
    }

    /// The component of a file or folder, as a blob.
    fn on_disk(
        &mut self,
        memory: &mut Memory,
        name: &str,
        path: &Path,
        world: World,
    ) -> Result<(LockedFrom, (Digest, u64)), ComponentError> {
        let source = match path.is_dir() {
            true => Some(self.folder(path)?.source),
            false => None,
        };
        let from = source.map_or(LockedFrom::File, |source| LockedFrom::Folder { source });
        let locked = source.and_then(|source| self.locked_component(name, path, &source, world));
        if let Some(digest) = locked {
            return Ok((from, (digest, self.store.blob_size(&digest)?)));
        }
        let file = self.component_file(path, world)?;
        let missing = |_| ComponentError::Missing(file.clone());
        let mut opened = File::open(&file).map_err(missing)?;
        let size = opened.metadata().map_err(missing)?.len();
        if size > MAX_COMPONENT {
            return Err(ComponentError::Misfit(format!(
                "it has {size} bytes; a component may have {} MiB",
                MAX_COMPONENT >> 20
            )));
        }
        Ok((from, memory.snapshot(self.store, &file, &mut opened)?))
    }

    /// The component that was locked for the present source, where it is at hand and the folder has another one or none: builds
    /// differ between machines, and a result is found again only under the component that made it.
    fn locked_component(
        &self,
        name: &str,
        path: &Path,
        source: &Digest,
        world: World,
    ) -> Option<Digest> {
        let locked = *self.locked?.component(name, source, world)?;
        let built = match &self.folders.get(path)?.freshness {
            Freshness::Fresh(components) => components.get(&world).map(|built| built.digest),
            Freshness::Stale | Freshness::Missing => None,
        };
        let at_hand = || self.store.obtain_blob(&locked).unwrap_or(false);
        (built != Some(locked) && at_hand()).then_some(locked)
    }

    fn folder(&mut self, path: &Path) -> Result<&Folder, ComponentError> {
        if !self.folders.contains_key(path) {
            let (source, freshness) =
                fresh::fresh(path).map_err(|e| ComponentError::Folder(e.to_string()))?;
            let folder = Folder { source, freshness };
            self.folders.insert(path.to_path_buf(), folder);
        }
        Ok(&self.folders[path])
    }

    /// The `.wasm` file that a plugin's path stands for.
    fn component_file(&mut self, path: &Path, world: World) -> Result<PathBuf, ComponentError> {
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
        match &self.folder(path)?.freshness {
            Freshness::Fresh(components) => match components.get(&world) {
                Some(component) => Ok(component.path.clone()),
                None => Err(ComponentError::OtherWorld {
                    wanted: world,
                    has: components.keys().map(|world| world.to_string()).collect(),
                }),
            },
            Freshness::Stale => Err(not_built(true)),
            Freshness::Missing => Err(not_built(false)),
        }
    }
}

/// A component, if it fits the world.
fn fitting(
    store: &Store,
    memory: &mut Memory,
    (digest, bytes): (Digest, u64),
    world: World,
) -> Result<Component, ComponentError> {
    if memory.component(&digest).is_none() {
        let bytes = store.blob(&digest)?;
        memory.learn(
            digest,
            learn(digest, &bytes).map_err(|e| ComponentError::Misfit(e.to_string()))?,
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
        claims: Claims {
            digest,
            name: facts.claimed.clone(),
            owner: facts.owner.clone(),
            wasi: facts.wasi.clone(),
        },
        seed: facts.declares_seed || !facts.wasi.is_empty(),
        time: facts.declares_time || !facts.wasi.is_empty(),
    })
}

fn learn(digest: Digest, bytes: &[u8]) -> Result<ComponentFacts, NotAComponent> {
    let shape = Shape::read(bytes)?;
    let claims =
        Claims::read(digest, bytes).map_err(|error| NotAComponent::Damaged(error.to_string()))?;
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
        name: claims.name.as_deref().map(label).unwrap_or_default(),
        version: stated
            .map(|facts| label(&facts.version))
            .unwrap_or_default(),
        claimed: claims.name,
        owner: claims.owner,
        wasi: claims.wasi,
        misfits,
    })
}

/// A name or version as a component states it, fit to be shown and recorded.
fn label(stated: &str) -> String {
    let start = &stated[..stated.floor_char_boundary(MAX_LABEL)];
    printable::line(start).into_owned()
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
