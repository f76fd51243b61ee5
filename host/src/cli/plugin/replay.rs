//! `lockflight plugin replay`: one job of a run once more, outside of its pipeline.

use super::super::{
    context::Context,
    error::CliError,
    logs,
    run::cancel_on_signals,
    summary,
    text::{self, Paint},
    verify,
};
use crate::printable::lines;
use crate::record::StageRecord;
use crate::run::{
    History,
    verify::{Replayed, Verification, replay},
};

/// Run the job of one stage of a run again, outside of its pipeline
///
/// Component, config, inputs and seed are those of the run's record. What the plugin says is shown, and whether its outputs are those of
/// the record, bit for bit. A stage that failed in the run runs too.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight plugin replay latest clean\n  lockflight plugin replay 20261123-204512 clean\n\nExit codes: 0 the same result, or none to compare with, 1 another one or a failure, 2 wrong use or refused by the policy, 3 the store lacks what it worked on, 130 cancelled."
)]
pub struct Args {
    /// `latest`, a run's id, or the beginning or end of one
    run: String,
    /// The stage's name
    stage: String,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let record = History::new(&store).find(&args.run)?;
    let stage = logs::stage_of(&record, &args.stage)?;
    if stage.key.is_none() {
        return Err(CliError::Usage(format!(
            "stage `{}` was not reached in run {}: its inputs were never known, so there is no job to replay",
            stage.name, record.id
        )));
    }
    let launcher = context.launcher(&store)?;
    cancel_on_signals(&context.cancel)?;
    let replayed = replay(stage, &store, &launcher, &mut |log| {
        log.iter().for_each(logs::say);
    })?;
    if context.cancel.is_cancelled() {
        return Ok(130);
    }
    let paint = Paint(text::color_on_stdout());
    Ok(match replayed {
        Replayed::Held(verification) => {
            verify::say(&stage.name, &verification, paint);
            match verification {
                verification if verification.is_refused() => 2,
                Verification::NoResult => 2,
                verification => u8::from(!verification.holds()),
            }
        }
        Replayed::Unheld(Ok(result)) => {
            let made = summary::made_of(stage.world, &result);
            let why = match stage.result {
                Some(_) => "it is declared not repeatable",
                None => "it has no result in this run",
            };
            let mark = paint.green("✓");
            text::say!("  {mark} {}  ran: {made}; {why}", stage.name);
            0
        }
        Replayed::Unheld(Err(error)) => {
            let verification = Verification::Failed(error);
            said_before(stage, &verification, paint);
            match verification.is_refused() {
                true => 2,
                false => 1,
            }
        }
    })
}

/// A failure, and whether it is the recorded one.
fn said_before(stage: &StageRecord, verification: &Verification, paint: Paint) {
    verify::say(&stage.name, verification, paint);
    if let (Verification::Failed(error), Some(recorded)) = (verification, &stage.error) {
        match error.to_string() == *recorded {
            true => text::say!("      as in the run"),
            false => text::say!("      in the run: {}", lines(recorded)),
        }
    }
}
