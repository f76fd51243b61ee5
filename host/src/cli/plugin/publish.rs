//! `lockflight plugin publish`: a plugin's components, in a registry.

use std::path::{Path, PathBuf};

use super::{CliError, Context};
use crate::cli::run::cancel_on_signals;
use crate::cli::text;
use crate::plugin::fresh::{self, Freshness};
use crate::plugin::inspect;
use crate::registry::{
    Access, Publication, Published, Reference, RegistryError, Repository, Which, Written,
};

/// Publish a plugin's components in a registry, as OCI artifacts in the layout of the CNCF's Wasm working group
///
/// A plugin for one world is one artifact; one for several is an index of them under one tag. Credentials are those of `docker login`.
/// The policy has to list the registry's host under `hosts` of [sources].
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight plugin publish plugins/csv registry.example/team/csv\n  lockflight plugin publish plugins/csv ./registry/csv:0.1.0\n  lockflight plugin publish dist/ingest.wasm localhost:5000/csv:dev --force"
)]
pub struct Args {
    /// The plugin's folder, built, or one component
    #[arg(value_name = "DIR|FILE")]
    what: PathBuf,
    /// Where: REGISTRY/NAME[:TAG], or an image layout on disk as ./PATH[:TAG] [default tag: the plugin's version]
    #[arg(value_name = "REF")]
    reference: Written,
    /// Move the tag if it stands for something else
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), CliError> {
    let what = args.what.display();
    let publication = Publication::of(components(&args.what)?)
        .map_err(|error| CliError::Usage(format!("{what}: {error}")))?;
    let Reference { place, which } = reference(args, &publication)?;
    let Which::Tag(tag) = which else {
        return Err(RegistryError::ByDigest(place.to_string()).into());
    };
    let policy = context.policy()?;
    let access = Access {
        policy: &policy,
        cancel: &context.cancel,
    };
    cancel_on_signals(&context.cancel)?;
    let published = Repository::open(access, &place)?.publish(&publication, &tag, args.force)?;
    if context.quiet {
        return Ok(());
    }
    let verb = match published {
        Published::New => "published",
        Published::Same => "there already",
    };
    let worlds: Vec<_> = publication
        .worlds()
        .iter()
        .map(|world| world.name())
        .collect();
    text::say!(
        "{verb}: {place}:{tag} ({}, {})\n  {place}@{}",
        worlds.join(" and "),
        text::bytes(publication.bytes()),
        publication.digest()
    );
    Ok(())
}

/// The components of a file or of a folder that is built.
fn components(path: &Path) -> Result<Vec<Vec<u8>>, CliError> {
    let files = match path.is_dir() {
        false => vec![path.to_owned()],
        true => {
            let (_, freshness) =
                fresh::fresh(path).map_err(|error| CliError::Usage(error.to_string()))?;
            match freshness {
                Freshness::Fresh(built) => built.into_values().map(|built| built.path).collect(),
                Freshness::Stale | Freshness::Missing => {
                    return Err(CliError::Usage(format!(
                        "{0} has no components of its present source. Build them with\n\n  lockflight plugin build {0}",
                        path.display()
                    )));
                }
            }
        }
    };
    let read = |file: PathBuf| {
        inspect::read(&file)
            .map_err(|error| CliError::Usage(format!("{}: {error}", file.display())))
    };
    files.into_iter().map(read).collect()
}

/// The reference, with the plugin's version where it says none.
fn reference(args: &Args, publication: &Publication) -> Result<Reference, CliError> {
    let written = args.reference.clone();
    let tagged = match (&written.which, publication.version()) {
        (None, None) => {
            return Err(CliError::Usage(format!(
                "{} states no version: write the reference with a tag, as {}:TAG",
                args.what.display(),
                written.place
            )));
        }
        (_, version) => written.or_tag(version.unwrap_or_default()),
    };
    tagged.map_err(|invalid| CliError::Usage(invalid.to_string()))
}
