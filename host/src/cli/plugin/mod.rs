//! `lockflight plugin`: `build` is here, the others have files of their own.

mod bench;
mod check;
mod grown;
mod inspect;
mod new;
mod publish;
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

/// Build, test, inspect and publish plugins.
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
    Inspect(inspect::Args),
    /// Publish a plugin's components in a registry
    Publish(publish::Args),
}

/// Runs the command.
pub fn run(command: &Plugin, context: &Context) -> Result<u8, CliError> {
    match command {
        Plugin::New(args) => new::run(args, context).map(|()| 0),
        Plugin::Run(args) => run::run(args, context),
        Plugin::Replay(args) => replay::run(args, context),
        Plugin::Check(args) => check::run(args, context),
        Plugin::Bench(args) => bench::run(args, context),
        Plugin::Build { folders, force } => {
            let out = &mut io::stdout().lock();
            build(folders, *force, context.quiet, out).map(|()| 0)
        }
        Plugin::Test(args) => test::run(args, context),
        Plugin::Inspect(args) => inspect::run(args, context).map(|()| 0),
        Plugin::Publish(args) => publish::run(args, context).map(|()| 0),
    }
}

/// Builds the plugins in these folders, one after the other, and prints a line for each component.
///
/// # Errors
/// At the first folder that can't be built.
fn build(
    folders: &[PathBuf],
    force: bool,
    quiet: bool,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    for folder in folders {
        let built =
            make(folder, force, quiet).map_err(|error| CliError::Usage(error.to_string()))?;
        let (verb, components) = match built {
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

/// Builds the plugin in a folder, if it is stale or if that is forced. What takes time is told to standard error, unless `quiet`.
fn make(folder: &Path, force: bool, quiet: bool) -> Result<Outcome, BuildError> {
    build::build(folder, force, &|step| {
        if !quiet {
            eprintln!("{step}");
        }
    })
}
