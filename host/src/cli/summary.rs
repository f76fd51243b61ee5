//! The end of a run as a person reads it: what ran, what was found, where the results are, what to try next. And as JSON.

use serde_json::{Value, json};

use super::{
    error::CliError,
    progress::mark,
    text::{self, Paint},
};
use crate::{
    diagnostic::{self, Problem},
    job::OutputRecord,
    launcher::{LaunchError, Reason, TimedLine},
    manifest::Spot,
    plan::{Planned, PlannedStage, plugin_problem},
    record::{RunRecord, StageRecord, Status},
    run::{InstanceError, RunReport, StageOutcome},
    store::Store,
    table::{scan, show},
    wire::{Failure, Finding, LogSource, Verdict},
};

/// How many offending rows a closed gate shows.
const EXAMPLE_ROWS: usize = 5;
/// How many lines of a failed stage's log are shown.
const LAST_LINES: usize = 12;
/// How many findings of a stage are listed before the rest is counted.
const LISTED_FINDINGS: usize = 12;

/// The whole run as one document: the record, and each stage's findings and metrics.
pub fn json(report: &RunReport) -> Result<String, CliError> {
    let mut document = serde_json::to_value(&report.record)?;
    if let Some(Value::Array(stages)) = document.get_mut("stages") {
        for (stage, outcome) in stages.iter_mut().zip(&report.outcomes) {
            if let Some(result) = &outcome.result {
                stage["findings"] = json!(result.findings);
                stage["metrics"] = json!(result.metrics);
            }
            // The record may be that of an earlier run; this is what happened now.
            stage["status"] = json!(outcome.status);
        }
    }
    document["new"] = json!(report.is_new);
    Ok(serde_json::to_string_pretty(&document)?)
}

/// Shows on the error stream why stages have no result and what closed the gates.
pub fn errors(plan: &Planned, report: &RunReport, store: &Store) -> Result<(), CliError> {
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
        Reason::Fault(fault) if fault.kind == crate::wire::FaultKind::Memory => raise("memory", ""),
        Reason::Fault(fault) if fault.kind == crate::wire::FaultKind::Misuse => {
            Some("the plugin breaks its contract with lockflight; its author can mend that".into())
        }
        Reason::Output(_) => {
            Some("the plugin breaks its contract with lockflight; its author can mend that".into())
        }
        _ => None,
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
        eprintln!("    {frame}");
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
        eprintln!("    {source}{}", line.line.message);
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
        .labelled(format!("gate = \"{}\"", gate.rule));
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
    let Some(crate::job::InputDigest::Table(digest)) = input.map(|input| input.digest) else {
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
    eprintln!(
        "    {} of {from}, counted from 0:",
        if wanted.len() == 1 { "row" } else { "rows" }
    );
    let rows = scan::rows_at(store, &doc, &wanted)?;
    for line in show::batch(&rows, text::width().saturating_sub(4)).lines() {
        eprintln!("    {line}");
    }
    Ok(())
}

/// A finding in a line.
pub fn finding_line(finding: &Finding, paint: Paint) -> String {
    let verdict = match finding.verdict {
        Verdict::Pass => paint.green("pass"),
        Verdict::Warn => paint.yellow("warn"),
        Verdict::Fail => paint.red("fail"),
        Verdict::Inconclusive => paint.yellow("unclear"),
    };
    let mut line = format!("{}  {}", text::pad(&verdict, 7), finding.name);
    if !finding.subject.is_empty() {
        line.push_str(&format!(" {}", finding.subject));
    }
    if let Some(slice) = &finding.slice {
        line.push_str(&format!(" [{slice}]"));
    }
    format!("{line}: {}", finding.message)
}

/// The summary, on standard output.
pub fn print(plan: &Planned, report: &RunReport) {
    let paint = Paint(text::color_on_stdout());
    let record = &report.record;
    let ran = report
        .outcomes
        .iter()
        .filter(|o| o.status == Status::Ran)
        .count();
    let title = match (report.is_new, ran) {
        (false, _) => format!("nothing to do, run {} stands", record.id),
        (true, _) => format!("run {}", record.id),
    };
    println!(
        "\n{} · {title} · {}",
        paint.bold(&record.pipeline),
        outcome_word(record, paint)
    );
    stages(plan, report, paint);
    findings(plan, report, paint);
    results(record, report, paint);
    next(record, report, paint);
}

fn outcome_word(record: &RunRecord, paint: Paint) -> String {
    let word = record.outcome.word().replace('-', " ");
    if record.outcome.exit_code() == 0 {
        paint.green(&word)
    } else {
        paint.red(&word)
    }
}

fn stages(plan: &Planned, report: &RunReport, paint: Paint) {
    let width = |of: &dyn Fn(&PlannedStage) -> usize| plan.stages.iter().map(of).max().unwrap_or(0);
    let names = width(&|stage| stage.locked.stage.name.chars().count());
    let plugins = width(&|stage| stage.locked.stage.plugin.chars().count());
    println!();
    for (planned, outcome) in plan.stages.iter().zip(&report.outcomes) {
        let stage = &planned.locked.stage;
        let did = match outcome.status {
            Status::Ran => outcome
                .telemetry
                .map_or(String::new(), |t| text::seconds(t.wall_seconds)),
            Status::Cached => "cached".to_owned(),
            Status::Failed => "failed".to_owned(),
            Status::Blocked => "blocked".to_owned(),
            Status::Cancelled => "cancelled".to_owned(),
        };
        println!(
            "  {} {}  {}  {}  {:>9}  {}",
            mark(outcome, paint),
            text::pad(&stage.name, names),
            text::pad(stage.kind.label(), 8),
            text::pad(&stage.plugin, plugins),
            did,
            paint.dim(&made(outcome))
        );
    }
}

/// What a stage made, in a few words.
fn made(outcome: &StageOutcome) -> String {
    if let Some(error) = outcome
        .error
        .as_ref()
        .filter(|_| outcome.status == Status::Blocked)
    {
        return error.to_string();
    }
    let Some(result) = &outcome.result else {
        return String::new();
    };
    let mut parts: Vec<String> = result
        .outputs
        .iter()
        .map(|(name, output)| match output {
            OutputRecord::Table { rows, .. } => format!("{name} {}", text::rows(*rows)),
            OutputRecord::Blob { bytes, .. } => format!("{name} {}", text::bytes(*bytes)),
        })
        .collect();
    if !result.findings.is_empty() {
        parts.push(verdicts(&result.findings));
    }
    parts.join(" · ")
}

fn verdicts(findings: &[Finding]) -> String {
    let count = |verdict| findings.iter().filter(|f| f.verdict == verdict).count();
    let named = [
        (Verdict::Fail, "fail"),
        (Verdict::Warn, "warn"),
        (Verdict::Inconclusive, "unclear"),
        (Verdict::Pass, "pass"),
    ];
    let parts: Vec<_> = named
        .into_iter()
        .map(|(verdict, word)| (count(verdict), word))
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    format!("checks: {}", parts.join(", "))
}

fn findings(plan: &Planned, report: &RunReport, paint: Paint) {
    let mut heading = Some("\nFindings");
    for (planned, outcome) in plan.stages.iter().zip(&report.outcomes) {
        let Some(result) = &outcome.result else {
            continue;
        };
        let odd: Vec<_> = result
            .findings
            .iter()
            .filter(|f| f.verdict != Verdict::Pass)
            .collect();
        for finding in odd.iter().take(LISTED_FINDINGS) {
            if let Some(heading) = heading.take() {
                println!("{}", paint.bold(heading));
            }
            println!(
                "  {}: {}",
                planned.locked.stage.name,
                finding_line(finding, paint)
            );
        }
        if odd.len() > LISTED_FINDINGS {
            println!(
                "  {}: and {} more",
                planned.locked.stage.name,
                odd.len() - LISTED_FINDINGS
            );
        }
    }
}

fn results(record: &RunRecord, report: &RunReport, paint: Paint) {
    let mut lines = Vec::new();
    for (stage, outcome) in record.stages.iter().zip(&report.outcomes) {
        for (name, output) in outcome.result.iter().flat_map(|result| &result.outputs) {
            let size = match output {
                OutputRecord::Table { rows, .. } => text::rows(*rows),
                OutputRecord::Blob { bytes, .. } => text::bytes(*bytes),
            };
            lines.push((format!("{}.{name}", stage.name), size, output.digest()));
        }
    }
    if lines.is_empty() {
        return;
    }
    println!("{}", paint.bold("\nResults"));
    let names = lines
        .iter()
        .map(|line| line.0.chars().count())
        .max()
        .unwrap_or(0);
    let sizes = lines
        .iter()
        .map(|line| line.1.chars().count())
        .max()
        .unwrap_or(0);
    for (name, size, digest) in lines {
        println!(
            "  {}  {size:>sizes$}  {}",
            text::pad(&name, names),
            paint.dim(&format!("sha256:{}…", digest.short()))
        );
    }
}

fn next(record: &RunRecord, report: &RunReport, paint: Paint) {
    println!("{}", paint.bold("\nNext"));
    let show = "everything about this run: keys, digests, times, memory";
    let mut commands = vec![("lockflight show latest".to_owned(), show)];
    let table = record
        .stages
        .iter()
        .rev()
        .find_map(|stage| table_of(stage).map(|output| format!("{}.{output}", stage.name)));
    if let Some(table) = table {
        commands.push((format!("lockflight data show {table}"), "look at a table"));
    }
    if report
        .outcomes
        .iter()
        .any(|outcome| outcome.status == Status::Failed)
    {
        commands.push((
            "lockflight logs latest STAGE".to_owned(),
            "all that a plugin said",
        ));
    }
    commands.push((
        "lockflight verify".to_owned(),
        "run it all again and compare every digest",
    ));
    let width = commands
        .iter()
        .map(|command| command.0.len())
        .max()
        .unwrap_or(0);
    for (command, what) in commands {
        println!("  {}  {}", text::pad(&command, width), paint.dim(what));
    }
}

/// The most telling table of a stage: rows that were put aside, if there are any.
fn table_of(stage: &StageRecord) -> Option<&str> {
    let tables = || {
        stage
            .outputs
            .iter()
            .filter_map(|(name, output)| match output {
                OutputRecord::Table { rows, .. } if *rows > 0 => Some(name.as_str()),
                _ => None,
            })
    };
    tables()
        .find(|name| *name != "table")
        .or_else(|| tables().next())
}
