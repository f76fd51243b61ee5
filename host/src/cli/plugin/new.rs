//! `lockflight plugin new`: a plugin to begin with.

use std::path::PathBuf;

use super::{CliError, Context};
use crate::cli::text;
use crate::plugin::new::{self, Subject, Template};
use crate::world::{UnknownWorld, World};

/// Make the folder of a new plugin that builds and passes its own tests, with the SDK and the contract beside it
///
/// There is a template for every world in every language. That for `train` has the scorer of its step too, so `score` means the same.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight plugin new no-negatives --lang python\n  lockflight plugin new centre --world train --lang rust --to plugins/centre"
)]
pub struct Args {
    /// The plugin's name: lower case letters, digits and dashes
    name: String,
    /// The language
    #[arg(long, value_name = "LANGUAGE")]
    lang: Template,
    /// The world that it is for: ingest, validate, train, score, package, deploy or monitor
    #[arg(long, value_name = "WORLD", default_value = "validate", value_parser = world)]
    world: World,
    /// The folder, which must be empty or missing [default: one of the plugin's name]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// A world by its name; `package`, as manifests say, is the world `packaging`.
fn world(name: &str) -> Result<World, UnknownWorld> {
    match name {
        "package" => Ok(World::Packaging),
        name => name.parse(),
    }
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), CliError> {
    let folder = args.to.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    let subject = Subject::from(args.world);
    new::create(&folder, &args.name, args.lang, subject)
        .map_err(|error| CliError::Usage(error.to_string()))?;
    if !context.quiet {
        let folder = folder.display();
        let worlds: Vec<_> = subject.worlds().iter().map(|world| world.name()).collect();
        let (language, worlds) = (args.lang.name(), worlds.join(" and "));
        text::say!("made: {folder}, a plugin in {language} for {worlds}");
        let say = |command: &str, what: &str| text::say!("  {command:<42} {what}");
        say(
            &format!("lockflight plugin build {folder}"),
            "its component",
        );
        say(
            &format!("lockflight plugin test {folder}"),
            "its cases, and the rules of its world",
        );
        say(args.lang.test(), "its unit tests, in that folder");
    }
    Ok(())
}
