//! `lockflight plugin new`: a plugin to begin with.

use std::path::PathBuf;

use super::{CliError, Context};
use crate::cli::text;
use crate::plugin::new::{self, Template};
use crate::world::World;

/// Make the folder of a new plugin that builds and passes its own test, with the SDK and the contract beside it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight plugin new no-negatives --lang python\n  lockflight plugin new no-negatives --lang rust --to plugins/no-negatives"
)]
pub struct Args {
    /// The plugin's name: lower case letters, digits and dashes
    name: String,
    /// The language
    #[arg(long, value_name = "LANGUAGE")]
    lang: Template,
    /// The world that it is for; there are templates for `validate`
    #[arg(long, value_name = "WORLD", default_value = "validate")]
    world: World,
    /// The folder, which must be empty or missing [default: one of the plugin's name]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), CliError> {
    if args.world != World::Validate {
        let world = args.world;
        return Err(CliError::Usage(format!(
            "there is no template for the world {world} yet. Make one for `validate`, then put `{world}` into its plugin.toml and the \
             entry point of that world into its source: the README of the SDK lists them"
        )));
    }
    let folder = args.to.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    new::create(&folder, &args.name, args.lang)
        .map_err(|error| CliError::Usage(error.to_string()))?;
    if !context.quiet {
        let folder = folder.display();
        text::say!(
            "made: {folder}, a plugin in {} for validate",
            args.lang.name()
        );
        text::say!("  {:<42} its own tests, in that folder", args.lang.test());
        text::say!(
            "  {:<42} its component",
            format!("lockflight plugin build {folder}")
        );
    }
    Ok(())
}
