//! `lockflight plugin`: `build` and `inspect` are here, the others have files of their own.

mod bench;
mod check;
mod grown;
mod new;
mod replay;
mod run;
mod stage;
mod test;
mod watch;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{context::Context, error::CliError};
use crate::plugin::build::{self, BuildError, Outcome};
use crate::plugin::inspect::{self, InspectError, Inspection};
use crate::printable::line;

/// Build, test and inspect plugins.
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// Make the folder of a new plugin
    New(new::Args),
    /// Build a folder with a plugin.toml into components, one per world
    #[command(
        after_help = "Examples:\n  lockflight plugin build plugins/csv\n  lockflight plugin build plugins/*"
    )]
    Build {
        /// The folders
        #[arg(required = true, value_name = "DIR")]
        folders: Vec<PathBuf>,
        /// Build even what is up to date
        #[arg(long)]
        force: bool,
    },
    /// Run one stage alone on files
    Run(run::Args),
    /// Run the job of one stage of a run again, outside of its pipeline
    Replay(replay::Args),
    /// Hold a component against its world, and measure how it starts
    Check(check::Args),
    /// Measure how a stage starts, and its speed and memory
    Bench(bench::Args),
    /// Hold plugins against the conformance kit, and run their own cases
    Test(test::Args),
    /// Show what a component is: world, imports, exports, size, digest, static facts, producers
    #[command(after_help = "Examples:\n  lockflight plugin inspect plugins/csv/dist/ingest.wasm")]
    Inspect {
        /// The file
        file: PathBuf,
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub fn run(command: &Plugin, context: &Context) -> Result<u8, CliError> {
    let out = || io::stdout().lock();
    let outcome = match command {
        Plugin::New(args) => return new::run(args, context).map(|()| 0),
        Plugin::Run(args) => return run::run(args, context),
        Plugin::Replay(args) => return replay::run(args, context),
        Plugin::Check(args) => return check::run(args, context),
        Plugin::Bench(args) => return bench::run(args, context),
        Plugin::Test(args) => return test::run(args, context),
        Plugin::Build { folders, force } => build(folders, *force, context.quiet, &mut out()),
        Plugin::Inspect { file, json } => inspect(file, *json, &mut out()),
    };
    match outcome {
        Ok(()) => Ok(0),
        Err(error) if error.exit_code() == 2 => Err(CliError::Usage(error.to_string())),
        Err(error) => Err(CliError::Failed(error.to_string())),
    }
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
enum PluginError {
    /// A plugin could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A file could not be inspected.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// The answer could not be printed.
    #[error("could not print: {0}")]
    Print(#[from] io::Error),
}

impl PluginError {
    /// The exit code: 2 for what the user can mend, which is all but a failure to print.
    fn exit_code(&self) -> u8 {
        match self {
            Self::Build(_) | Self::Inspect(_) => 2,
            Self::Print(_) => 3,
        }
    }
}

/// Builds the plugins in these folders, one after the other, and prints a line for each component. What takes time is told to
/// standard error, unless `quiet`.
///
/// # Errors
/// At the first folder that can't be built.
fn build(
    folders: &[PathBuf],
    force: bool,
    quiet: bool,
    out: &mut dyn Write,
) -> Result<(), PluginError> {
    for folder in folders {
        let say = |step: &str| {
            if !quiet {
                eprintln!("{step}");
            }
        };
        let (verb, components) = match build::build(folder, force, &say)? {
            Outcome::UpToDate(components) => ("up to date", components),
            Outcome::Built(components) => ("built", components),
        };
        for (world, component) in components {
            let path = component.path.display();
            writeln!(
                out,
                "{verb}: {path} ({world}, {})",
                component.digest.short()
            )?;
        }
    }
    Ok(())
}

/// Prints what a file is, as a plugin: for people, or as one JSON document.
///
/// # Errors
/// When the file can't be read or is no component.
fn inspect(file: &Path, json: bool, out: &mut dyn Write) -> Result<(), PluginError> {
    let inspection = inspect::inspect(file)?;
    if json {
        serde_json::to_writer_pretty(&mut *out, &inspection).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        print(&inspection, out)?;
    }
    Ok(())
}

fn print(inspection: &Inspection, out: &mut dyn Write) -> io::Result<()> {
    if let Some(facts) = &inspection.facts {
        let (name, version) = (line(&facts.name), line(&facts.version));
        writeln!(out, "{name} {version}")?;
        for text in [&facts.description, &facts.license].into_iter().flatten() {
            writeln!(out, "  {}", line(text))?;
        }
        if let Some(owner) = &facts.owner {
            writeln!(out, "  owner {owner}")?;
        }
        let declares: Vec<_> = facts
            .declares
            .iter()
            .map(|declared| declared.name())
            .collect();
        if !declares.is_empty() {
            writeln!(out, "  declares {}", declares.join(" and "))?;
        }
    } else {
        writeln!(
            out,
            "without static facts: not built by `lockflight plugin build`"
        )?;
    }
    let worlds: Vec<_> = inspection.worlds.iter().map(|world| world.name()).collect();
    writeln!(
        out,
        "fits world  {}",
        if worlds.is_empty() {
            "none".into()
        } else {
            worlds.join(", ")
        }
    )?;
    writeln!(out, "digest      {}", inspection.digest)?;
    writeln!(out, "size        {} bytes", inspection.size)?;
    list(out, "imports", inspection.imports.iter().cloned())?;
    list(out, "exports", inspection.exports.iter().cloned())?;
    let made = inspection.producers.iter();
    list(
        out,
        "made with",
        made.map(|tool| format!("{} {} ({})", tool.name, tool.version, tool.role)),
    )?;
    if let Some(config) = inspection
        .facts
        .as_ref()
        .and_then(|facts| facts.config.as_ref())
    {
        writeln!(out, "config, as JSON Schema")?;
        let schema = serde_json::to_string_pretty(config)?;
        schema
            .lines()
            .try_for_each(|text| writeln!(out, "  {}", line(text)))?;
    }
    Ok(())
}

fn list(out: &mut dyn Write, title: &str, items: impl Iterator<Item = String>) -> io::Result<()> {
    let mut title = title;
    for item in items {
        writeln!(out, "{title:<11} {}", line(&item))?;
        title = "";
    }
    if title.is_empty() {
        Ok(())
    } else {
        writeln!(out, "{title:<11} nothing")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::digest::Digest;
    use crate::plugin::facts::Facts;
    use crate::plugin::inspect::Producer;
    use crate::plugin::spec::Declared;
    use crate::world::World;

    fn text(inspection: &Inspection) -> String {
        let mut out = Vec::new();
        print(inspection, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_inspection_reads_well() {
        let inspection = Inspection {
            digest: Digest::of(b""),
            size: 12,
            worlds: vec![World::Validate],
            imports: vec!["a:b/c".into(), "a:b/d".into()],
            exports: vec![],
            facts: Some(Facts {
                name: "outliers".into(),
                version: "0.1.0".into(),
                world: World::Validate,
                owner: Some("data-platform".into()),
                description: Some("Finds rows that stand apart.".into()),
                license: None,
                config: Some(serde_json::json!({"type": "object"})),
                declares: [Declared::Seed, Declared::Time].into(),
            }),
            producers: vec![Producer {
                role: "language".into(),
                name: "Rust".into(),
                version: "".into(),
            }],
        };
        let text = text(&inspection);
        assert!(
            text.starts_with(
                "outliers 0.1.0\n  Finds rows that stand apart.\n  owner data-platform\n  declares seed and time\n"
            ),
            "{text}"
        );
        assert!(
            text.contains("imports     a:b/c\n            a:b/d\nexports     nothing\n"),
            "{text}"
        );
        assert!(
            text.ends_with("config, as JSON Schema\n  {\n    \"type\": \"object\"\n  }\n"),
            "{text}"
        );
    }

    #[test]
    fn a_foreign_component_is_described_too() {
        let inspection = Inspection {
            digest: Digest::of(b""),
            size: 0,
            worlds: vec![],
            imports: vec![],
            exports: vec![],
            facts: None,
            producers: vec![],
        };
        let text = text(&inspection);
        assert!(
            text.contains("without static facts") && text.contains("fits world  none"),
            "{text}"
        );
    }
}
