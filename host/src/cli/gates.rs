//! Gates as a person reads them: what each condition saw, and of closed ones the rows that closed them.

use super::{
    error::CliError,
    summary::finding_line,
    text::{self, Paint},
};
use crate::{
    diagnostic::{self, Problem},
    job::{InputDigest, StageResult},
    manifest::Spot,
    plan::{Planned, PlannedStage},
    printable,
    record::{ConditionRecord, FigureRecord, GateRecord},
    run::{RunReport, StageOutcome},
    store::Store,
    table::{scan, show},
    wire::Finding,
};

/// How many offending rows a closed gate shows.
const EXAMPLE_ROWS: usize = 5;

/// The conditions of a gate: as written, whether each holds, and what it saw.
pub(super) fn conditions(gate: &GateRecord) -> Vec<(String, bool, String)> {
    let conditions = gate.conditions.iter();
    conditions
        .map(|condition| (rule(condition), condition.holds, saw(condition)))
        .collect()
}

/// What a condition saw, in a line: `r2 is 0.83, lowest(r2, 'season') is 0.55 (season = winter)`. Empty for a word.
pub fn saw(condition: &ConditionRecord) -> String {
    let figures: Vec<_> = condition.saw.iter().map(figure).collect();
    printable::line(&figures.join(", ")).into_owned()
}

/// A condition as it is written, in a line.
pub fn rule(condition: &ConditionRecord) -> String {
    let lines: Vec<_> = condition.rule.trim().lines().map(str::trim).collect();
    printable::line(&lines.join(" ")).into_owned()
}

fn figure(seen: &FigureRecord) -> String {
    let mut text = match (seen.value, &seen.why) {
        (Some(value), _) => format!("{} is {value}", seen.figure),
        (None, Some(why)) if seen.absent => why.clone(),
        (None, Some(why)) => format!("{} has no value ({why})", seen.figure),
        (None, None) => format!("{} has no value", seen.figure),
    };
    let left_out = match &seen.left_out[..] {
        [] => None,
        [one] => Some(format!("without {one}")),
        more => Some(format!("without {} slices", more.len())),
    };
    let notes: Vec<String> = seen.slice.iter().cloned().chain(left_out).collect();
    if !notes.is_empty() {
        text.push_str(&format!(" ({})", notes.join(", ")));
    }
    text
}

/// The conditions over figures of all stages, with what they saw, on standard output.
pub fn summary(plan: &Planned, report: &RunReport, paint: Paint) {
    let mut heading = Some("\nGates");
    for (planned, outcome) in plan.stages.iter().zip(&report.outcomes) {
        let gate = outcome.gate.iter();
        let conditions = gate.flat_map(|gate| &gate.conditions);
        for condition in conditions.filter(|condition| !condition.saw.is_empty()) {
            if let Some(heading) = heading.take() {
                text::say!("{}", paint.bold(heading));
            }
            let mark = match condition.holds {
                true => paint.green("✓"),
                false => paint.red("✗"),
            };
            let name = &planned.locked.stage.name;
            text::say!("  {mark} {name}: {}", rule(condition));
            text::say!("      {}", paint.dim(&saw(condition)));
        }
    }
}

/// Shows on the error stream what closed a gate.
pub fn closed(
    planned: &PlannedStage,
    outcome: &StageOutcome,
    store: &Store,
) -> Result<(), CliError> {
    let (Some(gate), Some(result)) = (&outcome.gate, &outcome.result) else {
        return Ok(());
    };
    let conditions = gate.conditions.iter().enumerate();
    for (index, condition) in conditions.filter(|(_, condition)| !condition.holds) {
        let problem = problem(planned, outcome, result, index, condition);
        eprint!(
            "{}",
            diagnostic::render(&[problem], text::color_on_stderr(), text::width())
        );
        for finding in &condition.closed_by {
            let finding = &result.findings[*finding as usize];
            let paint = Paint(text::color_on_stderr());
            eprintln!("  {}", finding_line(finding, paint));
            examples(finding, outcome, store)?;
        }
    }
    Ok(())
}

fn problem(
    planned: &PlannedStage,
    outcome: &StageOutcome,
    result: &StageResult,
    index: usize,
    condition: &ConditionRecord,
) -> Problem {
    let stage = &planned.locked.stage;
    let closed = |why: String| {
        let message = format!("the gate of `{}` is closed: {why}", stage.name);
        stage.problem(Spot::Condition(index), "gate-closed", message)
    };
    if condition.saw.is_empty() {
        let tables: Vec<_> = outcome
            .inputs
            .values()
            .filter(|input| matches!(input.digest, InputDigest::Table(_)))
            .map(|input| format!("`{}`", input.from))
            .collect();
        let checks = match condition.closed_by.len() {
            1 => "a check".to_owned(),
            n => format!("{n} checks"),
        };
        let why = format!(
            "{checks} of {} did not hold on {}",
            result.findings.len(),
            tables.join(", ")
        );
        return closed(why).labelled(format!("gate {:?}", condition.rule));
    }
    // A figure that does not exist is a mistake in the manifest, and comes before what the others say.
    match condition.saw.iter().find(|seen| seen.absent) {
        Some(FigureRecord { why, help, .. }) => {
            closed(why.clone().unwrap_or_default()).maybe_help(help.clone())
        }
        None => closed(saw(condition)),
    }
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
