//! `lockflight verify`: every stage again, and every digest compared.

use super::{
    context::Context,
    error::CliError,
    run::cancel_on_signals,
    text::{self, Paint},
};
use crate::printable;
use crate::run::{
    History,
    verify::{self, Verification},
};

/// Run every stage of a run again, in fresh children and past the cache, and compare every output digest. Exit 1 if one differs,
/// 2 if the policy refuses to run one, 3 if the store lacks what one worked on.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  lockflight verify\n  lockflight verify 20261123-204512")]
pub struct Args {
    /// `latest`, a run's id, or the beginning or end of one
    #[arg(default_value = "latest")]
    run: String,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let record = History::new(&store).find(&args.run)?;
    let launcher = context.launcher(&store)?;
    cancel_on_signals(&context.cancel)?;
    let paint = Paint(text::color_on_stdout());
    let width = record
        .stages
        .iter()
        .map(|stage| stage.name.chars().count())
        .max()
        .unwrap_or(0);
    let mut same = 0;
    let (mut refused, mut lost, mut differs) = (false, false, false);
    let holds = verify::verify(&record, &store, &launcher, &mut |stage, verification| {
        refused |= verification.is_refused();
        lost |= verification.is_lost();
        differs |= !(verification.holds() || verification.is_refused() || verification.is_lost());
        same += usize::from(matches!(verification, Verification::Same));
        say(&text::pad(&stage.name, width), verification, paint);
    });
    if context.cancel.is_cancelled() {
        return Ok(130);
    }
    text::say!(
        "{}",
        match holds {
            true => format!(
                "\nrun {} holds: {same} of {} stages gave the same result again, bit for bit",
                record.id,
                record.stages.len()
            ),
            false if refused => format!("\nrun {} is not proven: the policy refuses it", record.id),
            false if lost && !differs => format!(
                "\nrun {} is not proven: the store lacks what it takes",
                record.id
            ),
            false => format!("\nrun {} does not hold", record.id),
        }
    );
    // What may not run shows nothing, neither for nor against.
    Ok(match (refused, differs, lost) {
        (true, ..) => 2,
        (_, true, _) => 1,
        (.., true) => 3,
        _ => 0,
    })
}

/// How a stage came out, in a line, and what differs below it.
pub(super) fn say(stage: &str, verification: &Verification, paint: Paint) {
    let (mark, words) = words(verification);
    let mark = if verification.holds() {
        paint.green(mark)
    } else {
        paint.red(mark)
    };
    text::say!("  {mark} {stage}  {words}");
    if let Verification::Different(differences) = verification {
        for difference in differences {
            text::say!("      {}", printable::line(&difference.to_string()));
        }
    }
}

fn words(verification: &Verification) -> (&'static str, String) {
    match verification {
        Verification::Same => ("✓", "same".into()),
        Verification::Different(_) => ("✗", "differs".into()),
        Verification::Failed(error) if verification.is_refused() => {
            ("✗", printable::lines(&error.to_string()).into_owned())
        }
        Verification::Failed(error) => (
            "✗",
            format!("failed this time: {}", printable::lines(&error.to_string())),
        ),
        Verification::Lost(error) => (
            "✗",
            format!("not proven: {}", printable::lines(&error.to_string())),
        ),
        Verification::NotRepeatable => ("–", "recorded, not repeatable".into()),
        Verification::NoResult => ("–", "has no result in this run".into()),
    }
}
