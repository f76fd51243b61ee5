//! The end of a run as a person reads it: what ran, what was found, where the results are, what to try next. And as JSON.

use std::path::Path;

use serde_json::{Value, json};

use super::{
    error::CliError,
    figures, gates,
    progress::mark,
    text::{self, Paint},
    windows,
};
use crate::{
    job::{OutputRecord, StageResult, Window},
    plan::{Planned, PlannedStage},
    printable,
    record::{RunRecord, StageRecord, Status},
    run::{RunReport, StageOutcome},
    store::Store,
    wire::{Finding, Verdict},
    world::World,
};

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

/// A finding in a line.
pub fn finding_line(finding: &Finding, paint: Paint) -> String {
    let verdict = match finding.verdict {
        Verdict::Pass => paint.green("pass"),
        Verdict::Warn => paint.yellow("warn"),
        Verdict::Fail => paint.red("fail"),
        Verdict::Inconclusive => paint.yellow("unclear"),
    };
    let mut line = finding.name.clone();
    if !finding.subject.is_empty() {
        line.push_str(&format!(" {}", finding.subject));
    }
    if let Some(slice) = &finding.slice {
        line.push_str(&format!(" [{slice}]"));
    }
    line = format!("{line}: {}", finding.message);
    format!("{}  {}", text::pad(&verdict, 7), printable::line(&line))
}

/// The summary, on standard output.
///
/// # Errors
/// When the store does not have what a window showed.
pub fn print(plan: &Planned, report: &RunReport, store: &Store) -> Result<(), CliError> {
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
    text::say!(
        "\n{} · {title} · {}",
        paint.bold(&record.pipeline),
        outcome_word(record, paint)
    );
    stages(plan, report, paint);
    findings(plan, report, paint);
    figures::print(plan, &report.outcomes, paint);
    gates::summary(plan, report, paint);
    for (planned, outcome) in plan.stages.iter().zip(&report.outcomes) {
        let result = outcome.result.as_ref();
        let shown = result.map(|result| result.windows.as_slice());
        if let Some(shown) = shown.filter(|shown| !shown.is_empty()) {
            windows::say(store, &planned.locked.stage.name, shown, paint)?;
        }
    }
    results(record, report, paint);
    next(record, &plan.manifest.folder, paint);
    Ok(())
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
    let plugins = width(&|stage| worker(stage).chars().count());
    text::say!();
    for (planned, outcome) in plan.stages.iter().zip(&report.outcomes) {
        let stage = &planned.locked.stage;
        let did = match outcome.status {
            Status::Ran => outcome
                .telemetry
                .map_or(String::new(), |t| text::seconds(t.seconds())),
            Status::Cached => "cached".to_owned(),
            Status::Failed => "failed".to_owned(),
            Status::Blocked => "blocked".to_owned(),
            Status::Cancelled => "cancelled".to_owned(),
            Status::Skipped => "left out".to_owned(),
        };
        text::say!(
            "  {} {}  {}  {}  {:>9}  {}",
            mark(outcome, paint),
            text::pad(&stage.name, names),
            text::pad(stage.kind.label(), 8),
            text::pad(worker(planned), plugins),
            did,
            paint.dim(&made(planned, outcome))
        );
    }
}

/// What does the work of a stage, in a word.
fn worker(stage: &PlannedStage) -> &str {
    stage.locked.stage.plugin().unwrap_or("built in")
}

/// What a stage made, in a few words.
fn made(planned: &PlannedStage, outcome: &StageOutcome) -> String {
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
    let made = made_of(planned.locked.world, result);
    let served = outcome.endpoint.as_ref().map(super::endpoint::served);
    let made = served.unwrap_or(made);
    match outcome.from_remote {
        true => format!("{made} · from the remote"),
        false => made,
    }
}

/// What a result holds, in a few words.
pub(super) fn made_of(world: World, result: &StageResult) -> String {
    let mut parts: Vec<String> = result
        .outputs
        .iter()
        .map(|(name, output)| match output {
            OutputRecord::Table { rows, .. } => format!("{name} {}", text::rows(*rows)),
            OutputRecord::Blob { bytes, .. } => format!("{name} {}", text::bytes(*bytes)),
        })
        .collect();
    if let Some(fitted) = &result.fitted {
        parts.insert(0, format!("state {}", text::bytes(fitted.bytes)));
    }
    if let Some(artifact) = &result.artifact {
        parts.push(format!("package {}", text::bytes(artifact.bytes)));
    }
    if let Some(decision) = &result.decision {
        parts.push(super::endpoint::action(&decision.action));
    }
    if world == World::Monitor && result.observation.is_none() {
        parts.push(window_verdicts(&result.windows));
    }
    if !result.findings.is_empty() {
        parts.push(verdicts(&result.findings));
    }
    parts.join(" · ")
}

fn verdicts(findings: &[Finding]) -> String {
    let found = findings.iter().map(|finding| finding.verdict);
    format!("checks: {}", counted(found))
}

fn window_verdicts(windows: &[Window]) -> String {
    if windows.is_empty() {
        return "no window to look at".to_owned();
    }
    let shown = windows.iter().map(|window| window.verdict);
    let s = if windows.len() == 1 { "" } else { "s" };
    format!("{} window{s}: {}", windows.len(), counted(shown))
}

/// How many of each verdict, the worst first.
fn counted(verdicts: impl Iterator<Item = Verdict> + Clone) -> String {
    let count = |verdict| verdicts.clone().filter(|found| *found == verdict).count();
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
    parts.join(", ")
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
                text::say!("{}", paint.bold(heading));
            }
            text::say!(
                "  {}: {}",
                planned.locked.stage.name,
                finding_line(finding, paint)
            );
        }
        if odd.len() > LISTED_FINDINGS {
            text::say!(
                "  {}: and {} more",
                planned.locked.stage.name,
                odd.len() - LISTED_FINDINGS
            );
        }
    }
}

fn results(record: &RunRecord, report: &RunReport, paint: Paint) {
    let mut lines = Vec::new();
    let all = record.stages.iter().zip(&report.outcomes);
    // What a key such as `through` stands for is a means to an end.
    for (stage, outcome) in all.filter(|(stage, _)| !stage.name.contains('.')) {
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
    text::say!("{}", paint.bold("\nResults"));
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
        text::say!(
            "  {}  {size:>sizes$}  {}",
            text::pad(&name, names),
            paint.dim(&format!("sha256:{}…", digest.short()))
        );
    }
}

/// Commands that go on from here; `folder` is the manifest's.
fn next(record: &RunRecord, folder: &Path, paint: Paint) {
    let lockflight = match folder.as_os_str().is_empty() || folder == Path::new(".") {
        true => "lockflight".to_owned(),
        false => format!("lockflight -C {}", folder.display()),
    };
    text::say!("{}", paint.bold("\nNext"));
    let show = "everything about this run: keys, digests, times, memory";
    let mut commands = vec![(format!("{lockflight} show latest"), show)];
    let table = record
        .stages
        .iter()
        .rev()
        .filter(|stage| !stage.name.contains('.'))
        .find_map(|stage| table_of(stage).map(|output| format!("{}.{output}", stage.name)));
    if let Some(table) = table {
        commands.push((format!("{lockflight} data show {table}"), "look at a table"));
    }
    let model =
        record.stages.iter().rev().find(|stage| {
            stage.model.is_some() && stage.gate.as_ref().is_none_or(|gate| gate.open)
        });
    if let Some(stage) = model {
        commands.push((
            format!("{lockflight} model show {}", stage.name),
            "the model: steps, columns, figures, what made it",
        ));
    }
    let done = |stage: &StageRecord, world| stage.world == world && stage.result.is_some();
    if let Some(stage) = record
        .stages
        .iter()
        .find(|stage| done(stage, World::Monitor))
    {
        commands.push((
            format!("{lockflight} monitor show {}", stage.name),
            "what became of the model, window by window",
        ));
    }
    if record.stages.iter().any(|stage| done(stage, World::Deploy)) {
        commands.push((
            format!("{lockflight} serve"),
            "answer requests for predictions over HTTP",
        ));
    }
    let talkative = record
        .stages
        .iter()
        .find(|stage| stage.status == Status::Failed && stage.log.is_some());
    if let Some(stage) = talkative {
        commands.push((
            format!("{lockflight} logs latest {}", stage.name),
            "all that the plugin said",
        ));
    }
    if record.stages.iter().any(|stage| stage.result.is_some()) {
        commands.push((
            format!("{lockflight} verify"),
            "run it all again and compare every digest",
        ));
    }
    let width = commands
        .iter()
        .map(|command| command.0.len())
        .max()
        .unwrap_or(0);
    for (command, what) in commands {
        text::say!("  {}  {}", text::pad(&command, width), paint.dim(what));
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
