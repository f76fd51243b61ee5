//! `lockflight pull`: brings the runs of a remote.

use super::{context::Context, error::CliError, remote, text};
use crate::{printable, share::Pull};

/// Bring the runs of a remote
///
/// Records and names come, and what they say: `runs`, `show` and `model list` then know what the remote knows. Tables and large files
/// come when a run needs them, or with --all.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight pull\n  lockflight pull --all --remote /shared/results\n\nExit codes: 0 done, 2 wrong use, 3 the remote failed."
)]
pub struct Args {
    /// Bring the records alone: the default
    #[arg(long, conflicts_with = "all")]
    records: bool,
    /// Bring everything: tables, models and results too
    #[arg(long)]
    all: bool,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: remote::Named,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let remote = args.remote.open(context)?;
    let store = context.store_or_new()?;
    let place = remote.place();
    let pulled = Pull {
        store: &store,
        remote,
        all: args.all && !args.records,
    }
    .pull()?;
    for kept in &pulled.kept {
        eprintln!(
            "{} {}; this store keeps its own",
            text::Paint(text::color_on_stderr()).bold("warning:"),
            printable::line(kept)
        );
    }
    if args.json {
        text::say!("{}", serde_json::to_string_pretty(&pulled)?);
    } else if !context.quiet {
        text::say!(
            "brought from {place}: {}, {} ({}), {}",
            remote::some(pulled.runs.len() as u64, "run"),
            remote::some(pulled.files, "file"),
            text::bytes(pulled.bytes),
            remote::some(pulled.refs.len() as u64, "name")
        );
    }
    Ok(0)
}
