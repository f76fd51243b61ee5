//! A run as the formats of CI systems take it.

use lockflight_ci::data::{
    Condition, Finding, FindingChange, Gate, MetricChange, Outcome, Problem, Report, Stage, Status,
    Verdict,
};

use super::output::Base;
use crate::{
    cli::gates,
    diagnostic,
    job::StageResult,
    manifest::{self, Spot},
    plan::{Planned, PlannedStage},
    record,
    run::{
        RunReport, StageOutcome,
        compare::{Comparison, finding_name, finding_parts},
    },
    wire,
};

/// How many of the findings that closed a gate are named.
const NAMED: usize = 5;
/// How many of the last lines of a failed stage's log go along.
const LAST_LINES: usize = 20;

/// A run that came to its end; `comparison` is with the base, if there is one.
pub fn of_run(
    plan: &Planned,
    report: &RunReport,
    seconds: f64,
    base: &Base,
    comparison: Option<&Comparison>,
) -> Report {
    let stages = plan.stages.iter().zip(&report.outcomes);
    Report {
        pipeline: plan.manifest.name.clone(),
        run: report.record.id.clone(),
        base: comparison.map(|comparison| comparison.from.clone()),
        base_missing: base.missing.clone(),
        manifest: shown(&plan.manifest.file.display().to_string()),
        seconds,
        outcome: outcome(report.record.outcome),
        stages: stages
            .map(|(planned, outcome)| stage(planned, outcome))
            .collect(),
        metrics: comparison.map(metrics).unwrap_or_default(),
        findings: comparison.map(findings).unwrap_or_default(),
        problems: Vec::new(),
    }
}

/// A run that did not start.
pub fn of_problems(problems: &[diagnostic::Problem]) -> Report {
    let problem = |problem: &diagnostic::Problem| {
        let position = problem.position();
        let help = problem.help.as_ref();
        Problem {
            message: match help {
                Some(help) => format!("{}; {help}", problem.message),
                None => problem.message.clone(),
            },
            file: position.map(|(file, ..)| shown(file)),
            line: position.map(|(_, line, _)| line as u32),
            column: position.map(|(.., column)| column as u32),
        }
    };
    let errors = problems.iter().filter(|problem| problem.is_error());
    Report {
        // Its name is not known: the manifest may not be readable.
        pipeline: "lockflight".to_owned(),
        run: String::new(),
        base: None,
        base_missing: None,
        manifest: manifest::FILE_NAME.to_owned(),
        seconds: 0.0,
        outcome: Outcome::Misconfigured,
        stages: Vec::new(),
        metrics: Vec::new(),
        findings: Vec::new(),
        problems: errors.map(problem).collect(),
    }
}

/// A path as annotations want it: from the top of the repository, where that can be told.
fn shown(path: &str) -> String {
    let top = std::env::var("GITHUB_WORKSPACE").ok();
    let absolute = std::path::absolute(path).ok();
    absolute
        .zip(top)
        .and_then(|(absolute, top)| {
            let below = absolute.strip_prefix(top).ok()?;
            Some(below.display().to_string())
        })
        .unwrap_or_else(|| path.trim_start_matches("./").to_owned())
}

fn outcome(outcome: record::Outcome) -> Outcome {
    match outcome {
        record::Outcome::Done => Outcome::Done,
        record::Outcome::GateClosed => Outcome::GateClosed,
        record::Outcome::Misconfigured => Outcome::Misconfigured,
        record::Outcome::Failed => Outcome::Failed,
        record::Outcome::Cancelled => Outcome::Cancelled,
    }
}

fn stage(planned: &PlannedStage, outcome: &StageOutcome) -> Stage {
    let stage = &planned.locked.stage;
    let result = outcome.result.as_ref();
    let failed = outcome.status == record::Status::Failed;
    let log = outcome.error.as_deref().map(|error| error.log());
    let log = log.filter(|_| failed).unwrap_or_default();
    Stage {
        name: stage.name.clone(),
        kind: stage.kind.label().to_owned(),
        plugin: stage.plugin().map(str::to_owned),
        status: status(outcome.status),
        seconds: outcome.telemetry.map(|cost| cost.seconds()),
        key: outcome.key.map(|key| key.to_string()),
        line: line(stage, Spot::Header),
        findings: result
            .iter()
            .flat_map(|result| &result.findings)
            .map(finding)
            .collect(),
        gate: outcome.gate.as_ref().map(|gate| Gate {
            open: gate.open,
            conditions: (0..)
                .zip(&gate.conditions)
                .map(|(index, condition)| Condition {
                    rule: condition.rule.clone(),
                    holds: condition.holds,
                    saw: match (condition.saw.is_empty(), result) {
                        (true, Some(result)) => closed_by(condition, result),
                        (true, None) => Vec::new(),
                        (false, _) => vec![gates::saw(condition)],
                    },
                    line: line(stage, Spot::Condition(index)),
                })
                .collect(),
        }),
        error: outcome.error.as_ref().map(|error| error.to_string()),
        log: log[log.len().saturating_sub(LAST_LINES)..]
            .iter()
            .map(|line| line.line.message.clone())
            .collect(),
    }
}

/// The first of the findings that closed a gate.
fn closed_by(condition: &record::ConditionRecord, result: &StageResult) -> Vec<String> {
    let findings = condition.closed_by.iter();
    findings
        .filter_map(|index| result.findings.get(*index as usize))
        .take(NAMED)
        .map(finding_name)
        .collect()
}

fn line(stage: &manifest::Stage, spot: Spot<'_>) -> Option<u32> {
    let problem = stage.problem(spot, "line", String::new());
    problem.position().map(|(_, line, _)| line as u32)
}

fn status(status: record::Status) -> Status {
    match status {
        record::Status::Ran => Status::Ran,
        record::Status::Cached => Status::Cached,
        record::Status::Failed => Status::Failed,
        record::Status::Blocked | record::Status::Skipped => Status::Blocked,
        record::Status::Cancelled => Status::Cancelled,
    }
}

fn finding(finding: &wire::Finding) -> Finding {
    let (check, column) = finding_parts(finding);
    let counted = finding.rows > 0;
    Finding {
        check,
        column,
        verdict: verdict(finding.verdict),
        message: finding.message.clone(),
        failed_rows: counted.then_some(finding.failed),
        rows: counted.then_some(finding.rows),
    }
}

fn verdict(verdict: wire::Verdict) -> Verdict {
    match verdict {
        wire::Verdict::Pass => Verdict::Passed,
        wire::Verdict::Warn | wire::Verdict::Inconclusive => Verdict::Warning,
        wire::Verdict::Fail => Verdict::Failed,
    }
}

fn metrics(comparison: &Comparison) -> Vec<MetricChange> {
    let metrics = comparison.metrics.iter();
    metrics
        .map(|metric| MetricChange {
            stage: metric.stage.clone(),
            metric: metric.metric.clone(),
            old: metric.old,
            new: metric.new,
        })
        .collect()
}

fn findings(comparison: &Comparison) -> Vec<FindingChange> {
    let findings = comparison.findings.iter();
    findings
        .map(|finding| FindingChange {
            stage: finding.stage.clone(),
            check: finding.check.clone(),
            old: finding.old.map(verdict),
            new: finding.new.map(verdict),
        })
        .collect()
}
