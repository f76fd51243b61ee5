//! `lockflight push`: sends runs to a remote.

use super::{context::Context, error::CliError, remote, text};
use crate::share::{Push, Sent};

/// Send runs to a remote, with everything that is reached from them
///
/// Files go first, then results, then names, so a push that is cut off leaves a remote on which nothing dangles; push again to go on.
/// Nothing that the remote has is replaced. Remotes are read-only unless the policy of this machine names the writer.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight push\n  lockflight push latest --dry-run\n  LOCKFLIGHT_WRITER=ci-main lockflight push --remote /shared/results\n\nExit codes: 0 done, 2 wrong use or not allowed, 3 the remote has something else or failed."
)]
pub struct Args {
    /// `latest`, ids, or beginnings or ends of them [default: every run that the remote lacks]
    #[arg(value_name = "RUN")]
    runs: Vec<String>,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: remote::Named,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let remote = args.remote.open(context)?;
    if !args.dry_run {
        remote::may_write(&*remote, context)?;
        remote.begin_writing()?;
    }
    let push = Push {
        store: &store,
        remote: &*remote,
    };
    let sending = push.plan(&args.runs)?;
    let sent = match args.dry_run {
        true => sending.sum(),
        false => push.send(&sending)?,
    };
    if args.json {
        text::say!("{}", serde_json::to_string_pretty(&sent)?);
    } else if !context.quiet {
        say(&sent, sending.is_empty(), args.dry_run, &remote.place());
    }
    Ok(0)
}

fn say(sent: &Sent, nothing: bool, dry_run: bool, place: &str) {
    if nothing {
        text::say!("the remote {place} has everything already");
        return;
    }
    for run in &sent.runs {
        text::say!("  run {run}");
    }
    let verb = if dry_run { "would be sent" } else { "sent" };
    text::say!(
        "{verb} to {place}: {}, {} ({}), {}, {}",
        remote::some(sent.runs.len() as u64, "run"),
        remote::some(sent.files, "file"),
        text::bytes(sent.bytes),
        remote::some(sent.results, "result"),
        remote::some(sent.refs.len() as u64, "name")
    );
}
