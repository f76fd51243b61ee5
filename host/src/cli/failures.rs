//! Why a run did not come to its end: failed stages with their logs and tracebacks, and closed gates.

use super::{error::CliError, gates, text};
use crate::{
    diagnostic,
    launcher::{LaunchError, Reason, TimedLine},
    manifest::{Reference, Spot},
    plan::{Planned, PlannedStage, plugin_problem},
    printable,
    record::Status,
    run::{InstanceError, RunReport},
    store::Store,
    wire::{Failure, FaultKind, LogSource},
};

/// How many lines of a failed stage's log are shown.
const LAST_LINES: usize = 12;

/// Shows on the error stream why stages have no result and what closed the gates.
pub fn print(plan: &Planned, report: &RunReport, store: &Store) -> Result<(), CliError> {
    for (planned, outcome) in plan.stages.iter().zip(&report.outcomes) {
        match (&outcome.error, &outcome.gate) {
            (Some(error), _) if outcome.status == Status::Failed => {
                eprintln!();
                failed_stage(planned, error, &report.record.id, store);
            }
            (None, Some(gate)) if !gate.open => {
                eprintln!();
                gates::closed(planned, outcome, store)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn failed_stage(planned: &PlannedStage, error: &InstanceError, run: &str, store: &Store) {
    let stage = &planned.locked.stage;
    if let InstanceError::Launch(LaunchError { reason, .. }) = error
        && let Reason::Failure(Failure::Config(problems)) = &**reason
    {
        let file = |port: &str| {
            let digest = planned.locked.files.get(port)?.digest;
            String::from_utf8(store.blob(&digest).ok()?).ok()
        };
        let shown: Vec<_> = problems
            .iter()
            .map(|problem| plugin_problem(stage, problem, file))
            .collect();
        eprint!(
            "{}",
            diagnostic::render(&shown, text::color_on_stderr(), text::width())
        );
        return;
    }
    let mut problem = stage.problem(
        Spot::Header,
        "stage-failed",
        format!("stage `{}` failed: {error}", stage.name),
    );
    if let Some(help) = help(error, planned) {
        problem = problem.help(help);
    }
    eprint!(
        "{}",
        diagnostic::render(&[problem], text::color_on_stderr(), text::width())
    );
    if let InstanceError::Launch(error) = error {
        snapshots(planned, error);
        traceback(error);
        last_lines(&error.log, &format!("lockflight logs {run} {}", stage.name));
    }
}

/// What a user can do about a failure.
fn help(error: &InstanceError, planned: &PlannedStage) -> Option<String> {
    let InstanceError::Launch(error) = error else {
        return None;
    };
    if let Some(exceeded) = error.exceeded() {
        return planned.locked.stage.raise(exceeded);
    }
    match &*error.reason {
        Reason::Fault(fault)
            if matches!(
                fault.kind,
                FaultKind::Misuse | FaultKind::NotRowWise | FaultKind::NotRepeatable
            ) =>
        {
            Some("the plugin breaks its contract with lockflight; its author can mend that".into())
        }
        Reason::Output(_) => {
            Some("the plugin breaks its contract with lockflight; its author can mend that".into())
        }
        _ => None,
    }
}

/// A plugin knows its inputs by their ports; the user knows the files behind them.
fn snapshots(planned: &PlannedStage, error: &LaunchError) {
    let is_data = matches!(&*error.reason, Reason::Failure(Failure::Data(_)));
    let stage = &planned.locked.stage;
    let sources = stage
        .inputs
        .iter()
        .filter(|(_, input)| matches!(input.reference, Reference::Source(_)));
    for (port, input) in sources.filter(|_| is_data) {
        eprintln!("  `{port}` is the source `{}`", input.reference);
    }
}

fn traceback(error: &LaunchError) {
    let Reason::Fault(fault) = &*error.reason else {
        return;
    };
    if fault.frames.is_empty() {
        return;
    }
    eprintln!("  where it happened, innermost first:");
    for frame in fault.frames.iter().take(LAST_LINES) {
        eprintln!("    {}", printable::line(frame));
    }
}

fn last_lines(log: &[TimedLine], command: &str) {
    if log.is_empty() {
        return;
    }
    let shown = &log[log.len().saturating_sub(LAST_LINES)..];
    match log.len() - shown.len() {
        0 => eprintln!("  what the plugin said:"),
        hidden => {
            eprintln!("  the last of what the plugin said ({hidden} lines before: {command}):")
        }
    }
    for line in shown {
        let source = if line.line.source == LogSource::Stderr {
            "stderr| "
        } else {
            ""
        };
        eprintln!("    {source}{}", printable::lines(&line.line.message));
    }
}
