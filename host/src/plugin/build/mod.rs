//! `plugin build`: a folder of source becomes one component per world in `dist/`.
//!
//! Each language has a file here with one function that makes a component of an [`Order`]. What is the same for all of them is
//! done around it: the check that the component fits its world, the static facts, the record of the build.

mod c;
mod go;
pub mod installed;
mod javascript;
#[cfg(test)]
mod layout;
mod module;
mod module_root;
mod python;
pub mod readiness;
mod rust;
pub(in crate::plugin) mod sdk;
mod shared;
mod told;
pub mod tool;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::Value;

use super::facts::Facts;
use super::fit::{Misfit, fit};
use super::fresh::{self, Built, Component, DIST, Freshness, Record};
use super::sources::{self, SourceError};
use super::spec::{Language, PluginSpec, SpecError};
use super::toolchain::ToolchainError;
use super::wit;
use crate::world::World;
use installed::InstallError;
use tool::ToolError;

/// What a language's builder is asked to make: the component of one plugin for one world.
pub struct Order<'a> {
    /// The plugin's folder, absolute.
    pub folder: &'a Path,
    /// Its `plugin.toml`.
    pub spec: &'a PluginSpec,
    /// The world to build for.
    pub world: World,
    /// A folder with the contract's WIT files, as tools want it.
    pub wit: &'a Path,
    /// An empty folder for whatever is made on the way; it is removed afterwards.
    pub scratch: &'a Path,
}

impl Order<'_> {
    /// The world's name with its package, for tools that see several packages.
    fn qualified_world(&self) -> String {
        let contract = wit::contract();
        let world = &contract.resolve.worlds[contract.world(self.world)];
        let package = world.package.expect("a parsed world is in a package");
        contract.resolve.id_of_name(package, &world.name)
    }
}

/// What a language's builder makes of an order.
pub struct Made {
    /// A component, without static facts.
    pub component: Vec<u8>,
    /// The JSON Schema of the config, if the code told; otherwise the file named in `plugin.toml` is taken.
    pub config: Option<Value>,
    /// What built it, in one line with versions.
    pub toolchain: String,
}

/// What a build did.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing: the components are those of the present source.
    UpToDate(BTreeMap<World, Component>),
    /// It built them.
    Built(BTreeMap<World, Component>),
}

/// Why a plugin could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// `plugin.toml` is missing or wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The source can't be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// There is no compiler for the target.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// A tool that the build needs failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// A tool of the plugin's language is missing and could not be installed.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The source compiled, but what came out is no plugin.
    #[error("{} builds, but what it makes is no plugin: {message}", .folder.display())]
    Product {
        /// The plugin's folder.
        folder: PathBuf,
        /// What is wrong and what to do.
        message: String,
    },
    /// The component does not fit the world that it was built for.
    #[error("{} does not make a plugin for world {world}: {error}", .folder.display())]
    Misfit {
        /// The plugin's folder.
        folder: PathBuf,
        /// The world.
        world: World,
        /// What is missing or differs.
        error: Misfit,
    },
    /// The file with the config's schema is no JSON.
    #[error("{} is no JSON: {error}", .path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The parser's message.
        error: serde_json::Error,
    },
    /// Reading or writing a file failed.
    #[error("{}: {error}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl BuildError {
    /// An error of the system at a path; for `map_err`.
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |error| Self::Io {
            path: path.to_owned(),
            error,
        }
    }
}

/// Builds a plugin folder's components, unless they are those of the present source already; with `force`, in any case. `say`
/// is told each step that takes time.
///
/// # Errors
/// When the folder is no plugin, a tool is missing or fails, or the result does not fit the contract. What was built before
/// is left as it was.
pub fn build(folder: &Path, force: bool, say: &dyn Fn(&str)) -> Result<Outcome, BuildError> {
    let folder = &fs::canonicalize(folder).map_err(BuildError::io(folder))?;
    let spec = PluginSpec::read(folder)?;
    let dist = folder.join(DIST);
    fs::create_dir_all(&dist).map_err(BuildError::io(&dist))?;
    let _lock = lock(&dist.join(".lock"))?;

    let mut source = sources::digest(folder, &spec)?;
    if !force && let Freshness::Fresh(components) = fresh::judge(folder, &spec, source) {
        return Ok(Outcome::UpToDate(components));
    }

    if let Language::Rust { .. } = spec.language {
        rust::lock_dependencies(folder)?;
        source = sources::digest(folder, &spec)?;
    }
    // The source is not read again from here on: what is changed during the build counts as changed.
    let contract = tempfile::tempdir().map_err(BuildError::io(&std::env::temp_dir()))?;
    wit::unpack(contract.path()).map_err(BuildError::io(contract.path()))?;
    let mut record = Record {
        source,
        toolchain: String::new(),
        components: BTreeMap::new(),
    };
    let mut components = BTreeMap::new();
    for world in &spec.worlds {
        say(&format!("building {} for world {world}", spec.name));
    }
    for (world, component, toolchain) in make_all(folder, &spec, contract.path())? {
        let path = fresh::component_path(folder, world);
        let built = Built::write(&path, &component).map_err(BuildError::io(&path))?;
        components.insert(
            world,
            Component {
                path,
                digest: built.digest,
            },
        );
        record.components.insert(world, built);
        record.toolchain = toolchain;
    }
    record.write(folder).map_err(BuildError::io(&dist))?;
    Ok(Outcome::Built(components))
}

/// Makes the components of all worlds, as many at a time as there are processors: their bytes, and what built them.
fn make_all(
    folder: &Path,
    spec: &PluginSpec,
    wit: &Path,
) -> Result<Vec<(World, Vec<u8>, String)>, BuildError> {
    let at_a_time = match spec.language {
        // Cargo uses all processors by itself, and lets one build at a time into a target folder.
        Language::Rust { .. } => 1,
        _ => thread::available_parallelism().map_or(1, usize::from),
    };
    let make = |world: World| -> Result<_, BuildError> {
        let scratch = tempfile::tempdir().map_err(BuildError::io(&std::env::temp_dir()))?;
        let (component, toolchain) = make(&Order {
            folder,
            spec,
            world,
            wit,
            scratch: scratch.path(),
        })?;
        Ok((world, component, toolchain))
    };
    let mut made = Vec::with_capacity(spec.worlds.len());
    for together in spec.worlds.chunks(at_a_time) {
        let built = thread::scope(|scope| {
            let begun: Vec<_> = together
                .iter()
                .map(|world| scope.spawn(|| make(*world)))
                .collect();
            let built = begun
                .into_iter()
                .map(|build| build.join().unwrap_or_else(|panic| resume_unwind(panic)));
            built.collect::<Vec<_>>()
        });
        for built in built {
            made.push(built?);
        }
    }
    Ok(made)
}

/// Makes one component: builds, checks that it fits, adds the facts. Returns its bytes and what built it.
fn make(order: &Order<'_>) -> Result<(Vec<u8>, String), BuildError> {
    let made = match &order.spec.language {
        Language::Rust { package } => rust::build(order, package.as_deref())?,
        Language::Python { module } => python::build(order, module)?,
        Language::Javascript { main } | Language::Typescript { main } => {
            javascript::build(order, main)?
        }
        Language::C => c::build(order)?,
        Language::Go => go::build(order)?,
    };
    let mut component = made.component;
    fit(&component, order.world).map_err(|error| BuildError::Misfit {
        folder: order.folder.to_owned(),
        world: order.world,
        error,
    })?;
    let config = match (made.config, &order.spec.config) {
        (None, Some(path)) => Some(read_schema(&order.folder.join(path))?),
        (Some(_), Some(path)) => {
            let message = format!(
                "its code tells the schema of its config, and so does {}; drop the key `config` from plugin.toml",
                path.display()
            );
            return Err(BuildError::Product {
                folder: order.folder.to_owned(),
                message,
            });
        }
        (config, None) => config,
    };
    Facts::new(order.spec, order.world, config).append(&mut component);
    Ok((component, made.toolchain))
}

/// The first requirement of a pinned file, e.g. `componentize-py==0.25.1`.
fn first_pin(requirements: &str) -> String {
    let pins = requirements.lines().filter(|line| !line.starts_with('#'));
    pins.flat_map(str::split_whitespace)
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn read_schema(path: &Path) -> Result<Value, BuildError> {
    let text = fs::read(path).map_err(BuildError::io(path))?;
    serde_json::from_slice(&text).map_err(|error| BuildError::Schema {
        path: path.to_owned(),
        error,
    })
}

/// Waits for other builds of the same folder; the lock is released when the file is dropped.
fn lock(path: &Path) -> Result<File, BuildError> {
    let file = File::create(path).map_err(BuildError::io(path))?;
    file.lock().map_err(BuildError::io(path))?;
    Ok(file)
}
