//! One stage without a manifest, as commands for authors are told it: a component, its config and its inputs from files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::Value;

use super::super::{context::Context, error::CliError, progress};
use crate::digest::Digest;
use crate::job::{ABI, InputDigest, JobDocument};
use crate::launcher::{Launcher, StageOrder};
use crate::manifest::{SCORED, WINDOW_PORT};
use crate::plan::{Uncompiled, compile_all};
use crate::plugin::build::Outcome;
use crate::plugin::inspect::{self, Inspection};
use crate::plugin::spec::Declared;
use crate::printable::line;
use crate::store::Store;
use crate::table::export::FileFormat;
use crate::table::import;
use crate::world::World;

/// A stage, as it is told on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct StageArgs {
    /// The plugin's folder, which is built if it is stale, or a component
    #[arg(value_name = "DIR|FILE")]
    pub plugin: PathBuf,
    /// An input and its port; may be given several times [default port: `table`, of a monitor `window`, of a blob `file`]
    ///
    /// A .csv, .arrow or .parquet is a table, any other file a blob; for a plugin of the world ingest every file is a blob. The columns
    /// of a CSV get the types that its values have: for other types give an .arrow or .parquet.
    #[arg(long = "input", value_name = "[PORT=]FILE")]
    pub inputs: Vec<Input>,
    /// The config, a file with a JSON object [default: {}]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The world, if the plugin is for several
    #[arg(long, value_name = "WORLD")]
    world: Option<World>,
    /// The seed of a plugin that declares one
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
}

/// A file for a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    port: Option<String>,
    /// The file.
    pub file: PathBuf,
}

impl FromStr for Input {
    type Err = String;

    fn from_str(text: &str) -> Result<Input, String> {
        let (port, file) = match text.split_once('=') {
            // A path may hold the sign too.
            Some((port, file)) if !port.contains(['/', '.']) => (Some(port.to_owned()), file),
            _ => (None, text),
        };
        if file.is_empty() || port.as_ref().is_some_and(String::is_empty) {
            return Err("write FILE or PORT=FILE".into());
        }
        Ok(Input {
            port,
            file: file.into(),
        })
    }
}

/// A component that is to be called.
pub(super) struct Chosen {
    /// The world that is called.
    pub world: World,
    /// The file.
    pub file: PathBuf,
    /// What it is.
    pub inspection: Inspection,
}

impl Chosen {
    /// The plugin's name and version, or the file's name where it states none.
    pub fn name(&self) -> String {
        match &self.inspection.facts {
            Some(facts) => format!("{} {}", facts.name, facts.version),
            None => self.file.display().to_string(),
        }
    }
}

impl StageArgs {
    /// Finds the component, building what is stale.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn choose(&self, context: &Context) -> Result<Chosen, CliError> {
        let there = components(&self.plugin, context)?;
        // A scorer is called with a model alone, so beside its trainer it is not meant.
        let callable = |world: &World| *world != World::Score;
        let worlds: Vec<_> = there.keys().copied().filter(callable).collect();
        let listed = || {
            let names: Vec<_> = worlds.iter().map(|world| world.name()).collect();
            names.join(", ")
        };
        let plugin = self.plugin.display();
        let world = match (self.world, worlds.as_slice()) {
            (Some(World::Score), _) | (None, []) => {
                return Err(CliError::Usage(format!(
                    "{plugin}: a scorer is called with a model alone: train one with `lockflight run`, then apply it with `lockflight predict`"
                )));
            }
            (Some(wanted), _) if worlds.contains(&wanted) => wanted,
            (None, [world]) => *world,
            (Some(wanted), _) => {
                return Err(CliError::Usage(format!(
                    "{plugin} is for world {}, not for {wanted}",
                    listed()
                )));
            }
            (None, _) => {
                return Err(CliError::Usage(format!(
                    "{plugin} is for several worlds: choose one of {} with --world",
                    listed()
                )));
            }
        };
        let file = there[&world].clone();
        let inspection = inspect::inspect(&file).map_err(usage)?;
        Ok(Chosen {
            world,
            file,
            inspection,
        })
    }

    /// The job: component, config and inputs are in the store afterwards.
    ///
    /// # Errors
    /// When a file is missing or is not what it should be.
    pub fn job(&self, chosen: &Chosen, store: &Store) -> Result<JobDocument, CliError> {
        let mut inputs = BTreeMap::new();
        for input in &self.inputs {
            let port = input.port(chosen.world);
            let digest = input.read(chosen.world, store)?;
            if inputs.insert(port.clone(), digest).is_some() {
                return Err(CliError::Usage(format!(
                    "two files are given for the input `{port}`: write --input PORT=FILE"
                )));
            }
        }
        Ok(JobDocument {
            abi: ABI,
            world: chosen.world,
            component: Some(blob(&chosen.file, store)?.0),
            config: self.config()?,
            inputs,
            partition: None,
            seed: match chosen.inspection.gets(Declared::Seed) {
                true => self.seed,
                false => 0,
            },
            state: None,
            time: 0,
        })
    }

    /// The files of the inputs, by port.
    pub fn files(&self, world: World) -> impl Iterator<Item = (String, &Path)> {
        let inputs = self.inputs.iter();
        inputs.map(move |input| (input.port(world), input.file.as_path()))
    }

    fn config(&self) -> Result<Value, CliError> {
        let Some(file) = &self.config else {
            return Ok(Value::Object(serde_json::Map::new()));
        };
        let wrong = |what: &dyn std::fmt::Display| {
            CliError::Usage(format!("--config {}: {what}", file.display()))
        };
        let text = fs::read_to_string(file).map_err(|error| wrong(&error))?;
        let config: Value = serde_json::from_str(&text)
            .map_err(|error| wrong(&format_args!("it is no JSON: {error}")))?;
        match config.is_object() {
            true => Ok(config),
            false => Err(wrong(&"a config is a JSON object, such as {\"key\": 1}")),
        }
    }
}

/// The components of a plugin's folder, built now if they are stale.
pub(super) fn built(
    folder: &Path,
    context: &Context,
) -> Result<BTreeMap<World, PathBuf>, CliError> {
    let built = super::make(folder, false, context.quiet).map_err(usage)?;
    let (Outcome::UpToDate(components) | Outcome::Built(components)) = built;
    let files = components.into_iter();
    Ok(files.map(|(world, made)| (world, made.path)).collect())
}

/// The components of a folder; or a file under each world that it fits.
fn components(plugin: &Path, context: &Context) -> Result<BTreeMap<World, PathBuf>, CliError> {
    if plugin.is_dir() {
        return built(plugin, context);
    }
    let inspection = inspect::inspect(plugin).map_err(usage)?;
    if inspection.worlds.is_empty() {
        let plugin = plugin.display();
        return Err(CliError::Usage(format!(
            "{plugin} fits no world of the contract; `lockflight plugin inspect {plugin}` shows what it imports and exports"
        )));
    }
    let worlds = inspection.worlds.into_iter();
    Ok(worlds.map(|world| (world, plugin.to_owned())).collect())
}

/// An error that the user can mend.
pub(super) fn usage(error: impl std::fmt::Display) -> CliError {
    CliError::Usage(error.to_string())
}

impl Input {
    fn is_table(&self, world: World) -> bool {
        world != World::Ingest && FileFormat::of(&self.file).is_ok()
    }

    /// The port that is named, or the usual one.
    fn port(&self, world: World) -> String {
        let usual = match (self.is_table(world), world) {
            (true, World::Monitor) => WINDOW_PORT,
            (true, _) => SCORED,
            (false, _) => "file",
        };
        self.port.clone().unwrap_or(usual.to_owned())
    }

    /// Brings the file into the store.
    fn read(&self, world: World, store: &Store) -> Result<InputDigest, CliError> {
        Ok(if self.is_table(world) {
            let known = import::inferred(&self.file)?;
            let mut publication = store.begin();
            let written =
                import::import(&self.file, known.arrow().fields(), &[], &mut publication)?;
            publication.commit()?;
            InputDigest::Table(written.digest)
        } else {
            InputDigest::Blob(blob(&self.file, store)?.0)
        })
    }
}

/// Compiles the component that a job calls, as [`compile`] does.
pub(super) fn compile_called(
    chosen: &Chosen,
    job: &JobDocument,
    launcher: &Launcher,
    (order, context): (&StageOrder, &Context),
) {
    if let Some(digest) = job.component {
        let blob = (digest, chosen.inspection.size);
        let uncompiled = uncompiled(blob, &chosen.name(), order);
        compile(vec![uncompiled], launcher, context);
    }
}

/// A component in the store, of so many bytes, to be compiled as the order says.
pub(super) fn uncompiled(
    (component, bytes): (Digest, u64),
    plugin: &str,
    order: &StageOrder,
) -> Uncompiled {
    Uncompiled {
        component,
        bytes,
        code: order.code,
        plugin: line(plugin).to_string(),
        limits: order.limits,
    }
}

/// Compiles what was not compiled before, and says so: a component with an interpreter takes seconds. One that cannot be compiled is met
/// again, with what to say of it, where it is called.
pub(super) fn compile(uncompiled: Vec<Uncompiled>, launcher: &Launcher, context: &Context) {
    compile_all(uncompiled, launcher, &|event| {
        if !context.quiet {
            progress::compiling(&event);
        }
    });
}

/// Brings a file into the store: its digest, and how many bytes it has.
pub(super) fn blob(file: &Path, store: &Store) -> Result<(Digest, u64), CliError> {
    let unreadable =
        |error: std::io::Error| CliError::Usage(format!("cannot read {}: {error}", file.display()));
    let mut opened = File::open(file).map_err(unreadable)?;
    Ok(store.put_blob_file(&mut opened)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_port_stands_before_its_file() {
        let input = |text: &str| text.parse::<Input>().map(|input| (input.port, input.file));
        let file = PathBuf::from;
        assert_eq!(input("a.csv"), Ok((None, file("a.csv"))));
        assert_eq!(input("x=a.csv"), Ok((Some("x".into()), file("a.csv"))));
        assert_eq!(input("./x=a.csv"), Ok((None, file("./x=a.csv"))));
        for wrong in ["", "x=", "=a.csv"] {
            assert!(input(wrong).is_err(), "{wrong}");
        }
    }
}
