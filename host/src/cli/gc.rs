//! `lockflight gc`: removes from the store what no name leads to.

use std::{str::FromStr, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{context::Context, error::CliError, text};
use crate::{run::Retention, store::gc::GcReport};

/// How long the others are waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Remove from the store what no name leads to
///
/// Kept is what runs, pins, endpoints and versions of models lead to. All runs are kept unless --older-than or --keep-runs lets old
/// ones go; those that `latest`, a commit, a pin or an endpoint means are never let go.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight gc --dry-run\n  lockflight gc --older-than 30d --keep-runs 20\n  lockflight runs pin 20261123-204512-1a2b --name paper\n\nExit codes: 0 done, 75 the store is in use: nothing was removed."
)]
pub struct Args {
    /// Say what would go, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Let runs go that are not among the N newest
    #[arg(long, value_name = "N")]
    keep_runs: Option<usize>,
    /// Let runs go that are older: a number and h, d or w; with --keep-runs both have to hold
    #[arg(long, value_name = "AGE")]
    older_than: Option<Age>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

/// How old something is.
#[derive(Debug, Clone, Copy)]
struct Age(SignedDuration);

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Age, String> {
        let wrong = || format!("{text:?} is no age; write a number and h, d or w, as in 30d");
        let unit = text.chars().next_back().ok_or_else(wrong)?;
        let hours = match unit {
            'h' => 1,
            'd' => 24,
            'w' => 24 * 7,
            _ => return Err(wrong()),
        };
        let number: u32 = text
            .strip_suffix(unit)
            .and_then(|number| number.parse().ok())
            .ok_or_else(wrong)?;
        Ok(Age(SignedDuration::from_hours(i64::from(number) * hours)))
    }
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let retention = Retention {
        newest: args.keep_runs,
        older_than: args.older_than.map(|age| age.0),
    };
    let now = Timestamp::now();
    let report = if args.dry_run {
        let store = context.store()?;
        store.gc_plan(&retention.let_go(&store, now)?)?
    } else {
        let store = context.store_unused()?;
        let Some(alone) = store.alone(PATIENCE)? else {
            return Err(CliError::TryAgain(
                "the store is in use: a run or another command is under way. Nothing was removed; try again when it is done"
                    .into(),
            ));
        };
        store.gc(&retention.let_go(&store, now)?, &alone)?
    };
    if args.json {
        text::say!("{}", serde_json::to_string_pretty(&report)?);
    } else if !context.quiet {
        say(&report, args.dry_run);
    }
    Ok(0)
}

fn say(report: &GcReport, dry_run: bool) {
    for name in &report.refs {
        text::say!("  {name}");
    }
    let parts = [
        ("results", report.results),
        ("blobs", report.blobs),
        ("blocks of tables", report.blocks),
        ("files of killed processes", report.temporary),
        ("locks of killed processes", report.locks),
    ];
    for (name, part) in parts.iter().filter(|(_, part)| part.files > 0) {
        text::say!(
            "{:>10}  {:>8} {name}",
            text::bytes(part.bytes),
            text::count(part.files)
        );
    }
    text::say!(
        "{} {}; {} stay",
        text::bytes(report.bytes()),
        if dry_run { "would go" } else { "removed" },
        text::bytes(report.kept.bytes)
    );
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ages() {
        let hours = |text: &str| text.parse::<Age>().map(|age| age.0.as_hours());
        assert_eq!(hours("30d"), Ok(720));
        assert_eq!(hours("2w"), Ok(336));
        assert_eq!(hours("0h"), Ok(0));
        for wrong in ["", "d", "30", "1 d", "-1d", "30m", "1é"] {
            assert!(hours(wrong).is_err(), "{wrong}");
        }
    }
}
