//! The manifest with the digest of everything that stands for bytes: sources and files are snapshotted before any key is computed,
//! components are found and fit their worlds.

use std::{collections::BTreeMap, path::PathBuf};

use cap_std::{ambient_authority, fs::Dir};

use super::{
    Component, Memory, allowed,
    below::Below,
    components::{ComponentError, Finder},
    lockfile::{LockedSource, Lockfile},
    published::Registries,
    sources::{self, Outside},
};
use crate::{
    diagnostic::{Problem, Problems},
    digest::Digest,
    manifest::{PluginPlace, Resolved, Spot, Stage, StageKind},
    registry::Access,
    store::{Store, StoreError},
    world::World,
};

/// A source or file as it was when the run began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// The blob.
    pub digest: Digest,
    /// Its size.
    pub bytes: u64,
}

/// A manifest whose bytes are at hand.
#[derive(Debug)]
pub struct Locked {
    /// The manifest.
    pub manifest: Resolved,
    /// What its names stand for now, as it is to be locked.
    pub lockfile: Lockfile,
    /// The sources by name.
    pub sources: BTreeMap<String, Snapshot>,
    /// The stages, in the manifest's topological order.
    pub stages: Vec<LockedStage>,
    /// What is missing or does not fit. Planning goes on with the rest, to find all problems at once, and then fails.
    pub problems: Vec<Problem>,
}

/// A stage whose bytes are all at hand.
#[derive(Debug)]
pub struct LockedStage {
    /// The stage.
    pub stage: Stage,
    /// Its world.
    pub world: World,
    /// What does its work.
    pub code: Code,
    /// Its files by port.
    pub files: BTreeMap<String, Snapshot>,
}

/// The code that does the work of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// A plugin's component.
    Plugin(Component),
    /// The two components of a plugin that trains: what it fits is the state of its scorer.
    Trainer {
        /// Of world `train`.
        trainer: Component,
        /// Of world `score`.
        scorer: Component,
    },
    /// A model's scorers, which stand with the stages that train it.
    Model,
}

impl LockedStage {
    /// The component that is called; none for a built-in stage.
    pub fn component(&self) -> Option<&Component> {
        match &self.code {
            Code::Plugin(component)
            | Code::Trainer {
                trainer: component, ..
            } => Some(component),
            Code::Model => None,
        }
    }

    /// The scorer of what a train stage fits.
    pub fn scorer(&self) -> Option<&Component> {
        match &self.code {
            Code::Trainer { scorer, .. } => Some(scorer),
            Code::Plugin(_) | Code::Model => None,
        }
    }
}

/// Snapshots the sources and files and finds the components, as far as the policy allows; `was` is what the lock file says of them.
///
/// # Errors
/// When the manifest's folder cannot be opened, or the policy demands walls that this machine does not build.
pub fn lock(
    manifest: Resolved,
    store: &Store,
    memory: &mut Memory,
    was: Option<&Lockfile>,
    outside: &Outside<'_>,
) -> Result<Locked, Problems> {
    allowed::walls(outside.policy)?;
    let folder = Dir::open_ambient_dir(&manifest.folder, ambient_authority()).map_err(|e| {
        Problem::error(
            "folder",
            format!("{} cannot be opened: {e}", manifest.folder.display()),
        )
    })?;
    let access = Access {
        policy: outside.policy,
        cancel: outside.cancel,
    };
    let registries = Registries::new(store, access, manifest.retry, outside.tell);
    let mut below = Below {
        folder,
        path: &manifest.folder,
        store,
        memory,
        finder: Finder::new(store, was, registries),
        policy: outside.policy,
    };
    let (sources, mut problems) = sources::snapshot(&manifest, outside, &mut below);
    let mut stages = Vec::new();
    for stage in &manifest.stages {
        match lock_stage(&manifest, stage, &mut below) {
            Ok(locked) => stages.push(locked),
            Err(found) => allowed::note(&mut problems, found),
        }
    }
    let mut lockfile = Lockfile::default();
    lockfile.code.plugins = below.finder.found;
    lockfile.data = sources
        .iter()
        .map(|(name, snapshot)| (name.clone(), locked_source(&manifest, name, snapshot)))
        .collect();
    Ok(Locked {
        manifest,
        lockfile,
        sources,
        stages,
        problems,
    })
}

fn locked_source(manifest: &Resolved, name: &str, snapshot: &Snapshot) -> LockedSource {
    LockedSource {
        place: manifest.sources[name].place(),
        digest: snapshot.digest,
        bytes: snapshot.bytes,
    }
}

fn lock_stage(
    manifest: &Resolved,
    stage: &Stage,
    below: &mut Below<'_>,
) -> Result<LockedStage, Vec<Problem>> {
    let mut stage = stage.clone();
    let mut problems = allowed::limits(&mut stage, below.policy);
    let mut files = BTreeMap::new();
    for (port, file) in &stage.files {
        match below.snapshot(&file.path) {
            Ok(snapshot) => {
                files.insert(port.clone(), snapshot);
            }
            Err(e) => problems.push(stage.problem(Spot::Port(port), "file-unreadable", e)),
        }
    }
    let world = world_of(stage.kind);
    let code = match stage.plugin() {
        None => Ok(Code::Model),
        Some(plugin) => code(manifest, &stage, plugin, world, below),
    };
    if let Ok(code) = &code {
        problems.extend(allowed::components(&stage, code, below.policy));
    }
    match code {
        Ok(code) if problems.is_empty() => Ok(LockedStage {
            stage,
            world,
            code,
            files,
        }),
        Ok(_) => Err(problems),
        Err(problem) => {
            problems.push(*problem);
            Err(problems)
        }
    }
}

/// The components of a stage's plugin.
fn code(
    manifest: &Resolved,
    stage: &Stage,
    plugin: &str,
    world: World,
    below: &mut Below<'_>,
) -> Result<Code, Box<Problem>> {
    let place = &manifest.plugins[plugin].place;
    let mut find = |world| below.finder.find(below.memory, plugin, place, world);
    let refused = |error| Box::new(component_problem(manifest, stage, plugin, error));
    let component = find(world).map_err(refused)?;
    if world != World::Train {
        return Ok(Code::Plugin(component));
    }
    let scorer = find(World::Score).map_err(|error| match error {
        ComponentError::OtherWorld { .. } | ComponentError::Misfit(_) => Box::new(
            stage
                .problem(
                    Spot::Plugin,
                    "no-scorer",
                    format!("`{plugin}` trains, but has no scorer that could load what it fits: {error}"),
                )
                .help("its author adds a component of world score: `worlds = [\"train\", \"score\"]` in plugin.toml"),
        ),
        other => refused(other),
    })?;
    Ok(Code::Trainer {
        trainer: component,
        scorer,
    })
}

fn component_problem(
    manifest: &Resolved,
    stage: &Stage,
    name: &str,
    error: ComponentError,
) -> Problem {
    let shown = || shown(&manifest.plugins[name].place);
    let about_plugin = |code, text: String| manifest.plugin_problem(name, code, text);
    match error {
        ComponentError::Missing(_) => about_plugin(
            "plugin-missing",
            format!("the plugin `{name}` is not there: {error}"),
        ),
        ComponentError::NotBuilt { stale, .. } => about_plugin(
            "plugin-not-built",
            if stale {
                format!("the plugin `{name}` has changed since it was built")
            } else {
                format!("the plugin `{name}` is not built")
            },
        )
        .help(format!("run `lockflight plugin build {}`", shown())),
        ComponentError::OtherWorld { .. } => stage
            .problem(
                Spot::Plugin,
                "wrong-world",
                format!("`{name}` cannot fill this stage: {error}"),
            )
            .maybe_help(right_table(&error)),
        ComponentError::Misfit(text) => stage
            .problem(
                Spot::Plugin,
                "misfit",
                format!("`{name}` cannot fill this stage: {text}"),
            )
            .help(format!(
                "`lockflight plugin inspect {}` shows what it has",
                shown()
            )),
        ComponentError::Folder(text) => about_plugin("plugin-folder", text),
        ComponentError::Registry(error) => {
            about_plugin(error.code(), format!("the plugin `{name}`: {error}"))
                .maybe_help(error.help())
        }
        ComponentError::Store(error) => store_problem(&error),
    }
}

/// A plugin as a person would type it: what the manifest says if that is where they stand, else from where they stand.
fn shown(place: &PluginPlace) -> String {
    let (path, written) = match place {
        PluginPlace::Path(path, written) => (path, written),
        PluginPlace::Artifact(artifact) => return artifact.reference.to_string(),
    };
    let here = std::env::current_dir().ok();
    let absolute = path.canonicalize().unwrap_or_else(|_| PathBuf::from(path));
    match here
        .as_deref()
        .and_then(|here| absolute.strip_prefix(here).ok())
    {
        Some(relative) if !relative.as_os_str().is_empty() => relative.display().to_string(),
        _ => {
            if path.is_absolute() {
                absolute.display().to_string()
            } else {
                written.to_owned()
            }
        }
    }
}

fn right_table(error: &ComponentError) -> Option<String> {
    match error {
        ComponentError::OtherWorld { has, .. } => has.first().map(|world| {
            format!(
                "use it in a `[{}.NAME]` table",
                world.replace("packaging", "package")
            )
        }),
        _ => None,
    }
}

/// A failing store as a problem.
pub(super) fn store_problem(error: &StoreError) -> Problem {
    Problem::error("store", error.to_string())
}

/// The world of a stage's plugins.
fn world_of(kind: StageKind) -> World {
    match kind {
        StageKind::Ingest => World::Ingest,
        StageKind::Validate => World::Validate,
        StageKind::Train => World::Train,
        StageKind::Score => World::Score,
        StageKind::Package => World::Packaging,
        StageKind::Deploy => World::Deploy,
        StageKind::Monitor => World::Monitor,
    }
}
