//! `lockflight runs`: the history, and the pins that keep runs.

use clap::Subcommand;
use jiff::Timestamp;

use super::{context::Context, error::CliError, text};
use crate::{
    run::{History, pin_name},
    store::{BadRefName, Store},
};

/// List the runs, the newest first.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  lockflight runs\n  lockflight runs --limit 3 --json\n  lockflight runs pin latest --name paper"
)]
pub struct Args {
    #[command(subcommand)]
    command: Option<RunsCommand>,
    /// How many
    #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

/// What can be done with a run.
#[derive(Debug, Subcommand)]
enum RunsCommand {
    /// Keep a run whatever its age
    #[command(
        after_help = "Examples:\n  lockflight runs pin latest\n  lockflight runs pin 20261123-204512-1a2b --name paper"
    )]
    Pin {
        /// `latest`, an id, or the beginning or end of one
        run: String,
        /// What the pin is called [default: the run's id]
        #[arg(long)]
        name: Option<String>,
    },
    /// Take a pin away; the run stays until `gc` lets it go
    #[command(after_help = "Examples:\n  lockflight runs unpin paper")]
    Unpin {
        /// The pin's name
        name: String,
    },
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    match &args.command {
        Some(RunsCommand::Pin { run, name }) => pin(&store, run, name.as_deref()),
        Some(RunsCommand::Unpin { name }) => unpin(&store, name),
        None => list(&store, args),
    }
}

fn pin(store: &Store, run: &str, name: Option<&str>) -> Result<u8, CliError> {
    let record = History::new(store).find(run)?;
    let name = name.unwrap_or(&record.id);
    let pin = pin_name(name).map_err(|error| CliError::Usage(error.to_string()))?;
    let of_run = format!("runs/{}", record.id);
    let of_run = of_run
        .parse()
        .map_err(|error: BadRefName| CliError::Usage(error.to_string()))?;
    if let Some(digest) = store.get_ref(&of_run)? {
        store.set_ref(&pin, &digest, Timestamp::now())?;
    }
    text::say!("run {} is pinned as {name}", record.id);
    Ok(0)
}

fn unpin(store: &Store, name: &str) -> Result<u8, CliError> {
    let pin = pin_name(name).map_err(|error| CliError::Usage(error.to_string()))?;
    match store.remove_ref(&pin)? {
        true => {
            text::say!("{name} pins nothing any more");
            Ok(0)
        }
        false => Err(CliError::Usage(format!("there is no pin {name:?}"))),
    }
}

fn list(store: &Store, args: &Args) -> Result<u8, CliError> {
    let runs = History::new(store).list(args.limit)?;
    if args.json {
        text::say!(
            "{}",
            serde_json::to_string_pretty(&serde_json::json!({ "runs": runs }))?
        );
        return Ok(0);
    }
    if runs.is_empty() {
        text::say!("no runs yet: `lockflight run` makes the first");
        return Ok(0);
    }
    let paint = text::Paint(text::color_on_stdout());
    for run in runs {
        let commit = match (&run.git_commit, run.dirty) {
            (Some(commit), dirty) => {
                let short: String = commit.chars().take(10).collect();
                format!("{short}{}", if dirty == Some(true) { "+" } else { "" })
            }
            (None, _) => String::new(),
        };
        let outcome = if run.outcome == "done" {
            paint.green(&run.outcome)
        } else {
            paint.red(&run.outcome)
        };
        text::say!(
            "{}  {}  {}  {}",
            run.id,
            text::pad(&outcome, 13),
            text::pad(&run.pipeline, 16),
            paint.dim(&commit)
        );
    }
    Ok(0)
}
