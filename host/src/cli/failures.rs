//! Why a run did not come to its end: failed stages with their logs and tracebacks, closed gates with the rows that closed them.

use super::{
    error::CliError,
    summary::finding_line,
    text::{self, Paint},
};
use crate::{
    diagnostic::{self, Problem},
    job::InputDigest,
    launcher::{LaunchError, Reason, TimedLine},
    manifest::{Reference, Spot},
    plan::{Planned, PlannedStage, plugin_problem},
    printable,
    record::Status,
    run::{InstanceError, RunReport, StageOutcome},
    store::Store,
    table::{scan, show},
    wire::{Failure, FaultKind, Finding, LogSource},
};

/// How many offending rows a closed gate shows.
const EXAMPLE_ROWS: usize = 5;
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
                closed_gate(planned, outcome, store)?;
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
    let name = &planned.locked.stage.name;
    let kind = planned.locked.stage.kind;
    let raise = |key: &str, peak: &str| {
        Some(format!(
            "if it should use more, set `limits.{key}` in [{kind}.{name}]{peak}"
        ))
    };
    match &*error.reason {
        Reason::WallTime(_) => raise("wall", ""),
        Reason::OutputBytes(_) => raise("output", ""),
        Reason::Fault(fault) if fault.kind == FaultKind::Memory => raise("memory", ""),
        Reason::Fault(fault) if fault.kind == FaultKind::Misuse => {
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

fn closed_gate(
    planned: &PlannedStage,
    outcome: &StageOutcome,
    store: &Store,
) -> Result<(), CliError> {
    let stage = &planned.locked.stage;
    let (Some(gate), Some(result)) = (&outcome.gate, &outcome.result) else {
        return Ok(());
    };
    let tables: Vec<_> = outcome
        .inputs
        .values()
        .filter(|input| matches!(input.digest, InputDigest::Table(_)))
        .map(|input| format!("`{}`", input.from))
        .collect();
    let checks = match gate.closed_by.len() {
        1 => "a check".to_owned(),
        n => format!("{n} checks"),
    };
    let message = format!(
        "the gate of `{}` is closed: {checks} of {} did not hold on {}",
        stage.name,
        result.findings.len(),
        tables.join(", ")
    );
    let problem: Problem = stage
        .problem(Spot::Gate, "gate-closed", message)
        .labelled(format!("gate {:?}", gate.rule.to_string()));
    eprint!(
        "{}",
        diagnostic::render(&[problem], text::color_on_stderr(), text::width())
    );
    for index in &gate.closed_by {
        let finding = &result.findings[*index as usize];
        eprintln!(
            "  {}",
            finding_line(finding, Paint(text::color_on_stderr()))
        );
        examples(finding, outcome, store)?;
    }
    Ok(())
}

/// Up to five rows of the table that a finding is about.
fn examples(finding: &Finding, outcome: &StageOutcome, store: &Store) -> Result<(), CliError> {
    let input = finding
        .input
        .as_ref()
        .and_then(|port| outcome.inputs.get(port));
    let Some(InputDigest::Table(digest)) = input.map(|input| input.digest) else {
        return Ok(());
    };
    let wanted = &finding.examples[..finding.examples.len().min(EXAMPLE_ROWS)];
    if wanted.is_empty() {
        return Ok(());
    }
    let doc = store.table(&digest)?;
    // A plugin may name rows that are not there.
    let wanted: Vec<u64> = wanted
        .iter()
        .copied()
        .filter(|row| *row < doc.rows())
        .collect();
    let from = input.map_or("", |input| &input.from);
    let numbers: Vec<_> = wanted.iter().map(u64::to_string).collect();
    let s = if wanted.len() == 1 { "" } else { "s" };
    eprintln!(
        "    row{s} {} of {from}, counted from 0:",
        numbers.join(", ")
    );
    let rows = scan::rows_at(store, &doc, &wanted)?;
    for line in show::batch(&rows, text::width().saturating_sub(4)).lines() {
        eprintln!("    {line}");
    }
    Ok(())
}
