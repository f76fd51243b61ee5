//! `lockflight runs`: the history.

use super::{context::Context, error::CliError, text};
use crate::run::History;

/// List the runs, the newest first.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  lockflight runs\n  lockflight runs --limit 3 --json")]
pub struct Args {
    /// How many
    #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let runs = History::new(&store).list(args.limit)?;
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
