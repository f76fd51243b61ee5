//! The parts of a summary: problems, failed stages, gates, metrics, stages. Checks have a file of their own.

use crate::data::{Condition, Gate, MetricChange, Problem, Report, Stage, Status};
use crate::escape::{Align, cell, fenced, head, inline, row};
use crate::number::{number, signed, time};
use crate::section::{Row, Section};
use crate::text::counted;

/// How many lines of a log are shown, longest form first.
const LOG_LINES: [usize; 3] = [30, 10, 3];

/// Why the run did not start.
pub(crate) fn problems(report: &Report) -> Option<Section> {
    let rows: Vec<Row> = report
        .problems
        .iter()
        .map(|problem| Row::one(problem_item(report, problem)))
        .collect();
    listed("\n### What is wrong\n\n", rows, ("problem", "problems"))
}

fn problem_item(report: &Report, problem: &Problem) -> String {
    let mut place = problem
        .file
        .clone()
        .unwrap_or_else(|| report.manifest.clone());
    for number in [problem.line, problem.column].into_iter().flatten() {
        place = format!("{place}:{number}");
    }
    format!("- **{}** {}\n", inline(&place), inline(&problem.message))
}

/// The stages that failed, with the end of their logs.
pub(crate) fn failed_stages(report: &Report) -> Option<Section> {
    let failed = report
        .stages
        .iter()
        .filter(|stage| stage.status == Status::Failed);
    let rows: Vec<Row> = failed.map(failed_stage).collect();
    listed(
        "\n### Failed stages\n",
        rows,
        ("failed stage", "failed stages"),
    )
}

fn failed_stage(stage: &Stage) -> Row {
    let error = stage.error.as_deref().unwrap_or("no reason was given");
    let said = format!("\n**{}**: {}\n", inline(&stage.name), inline(error));
    let mut forms: Vec<String> = LOG_LINES
        .into_iter()
        .map(|lines| fenced(&stage.log, lines))
        .filter(|block| !block.is_empty())
        .map(|block| format!("{said}\n{block}"))
        .collect();
    forms.push(said);
    Row(forms)
}

fn listed(head: &str, rows: Vec<Row>, noun: (&'static str, &'static str)) -> Option<Section> {
    let section = Section {
        head: head.to_string(),
        rows,
        noun,
        foot: String::new(),
    };
    (!section.rows.is_empty()).then_some(section)
}

/// The conditions that do not hold, with what was seen.
pub(crate) fn conditions(report: &Report) -> Option<Section> {
    let mut rows = Vec::new();
    for stage in &report.stages {
        if let Some(gate) = &stage.gate {
            rows.extend(gate_rows(stage, gate));
        }
    }
    let titles = [
        ("Stage", Align::Left),
        ("Condition", Align::Left),
        ("What was seen", Align::Left),
    ];
    let head = format!("\n### Conditions that do not hold\n\n{}", head(&titles));
    listed(&head, rows, ("condition", "conditions"))
}

fn gate_rows(stage: &Stage, gate: &Gate) -> Vec<Row> {
    let broken: Vec<&Condition> = gate
        .conditions
        .iter()
        .filter(|condition| !condition.holds)
        .collect();
    if broken.is_empty() && !gate.open {
        return vec![Row::one(row(&[
            cell(&stage.name),
            "the gate is closed".to_string(),
            "-".to_string(),
        ]))];
    }
    broken
        .into_iter()
        .map(|condition| Row::one(condition_row(stage, condition)))
        .collect()
}

fn condition_row(stage: &Stage, condition: &Condition) -> String {
    // The sixth value and later ones are in the JUnit report.
    let mut saw: Vec<String> = condition
        .saw
        .iter()
        .take(5)
        .map(|saw| inline(saw))
        .collect();
    if condition.saw.len() > saw.len() {
        saw.push(format!("{} more", condition.saw.len() - saw.len()));
    }
    let saw = if saw.is_empty() {
        "-".to_string()
    } else {
        saw.join("<br>")
    };
    row(&[cell(&stage.name), cell(&condition.rule), saw])
}

/// The metrics: those that changed against the base, or all of them when there is none.
pub(crate) fn metrics(report: &Report) -> Option<Section> {
    if report.metrics.is_empty() {
        return None;
    }
    Some(match &report.base {
        Some(base) => changed_metrics(report, base),
        None => all_metrics(report),
    })
}

fn changed_metrics(report: &Report, base: &str) -> Section {
    let (changed, same): (Vec<&MetricChange>, Vec<_>) =
        report.metrics.iter().partition(|metric| metric.is_change());
    let base = cell(base);
    let titles = [
        ("Stage", Align::Left),
        ("Metric", Align::Left),
        (base.as_str(), Align::Right),
        ("This run", Align::Right),
        ("Change", Align::Right),
    ];
    let heading = "\n### Metrics that changed\n\n";
    let foot = counted(
        same.len(),
        "metric did not change",
        "metrics did not change",
    );
    Section {
        head: if changed.is_empty() {
            heading.to_string()
        } else {
            format!("{heading}{}", head(&titles))
        },
        rows: changed
            .into_iter()
            .map(|metric| Row::one(metric_row(metric)))
            .collect(),
        noun: ("changed metric", "changed metrics"),
        foot: if same.is_empty() {
            String::new()
        } else {
            format!("\n{foot}.\n")
        },
    }
}

fn metric_row(metric: &MetricChange) -> String {
    let change = match (metric.old, metric.new) {
        (Some(old), Some(new)) => signed(new - old),
        (None, _) => "new".to_string(),
        (_, None) => "gone".to_string(),
    };
    row(&[
        cell(&metric.stage),
        cell(&metric.metric),
        value(metric.old),
        value(metric.new),
        change,
    ])
}

fn value(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_string(), number)
}

fn all_metrics(report: &Report) -> Section {
    let titles = [
        ("Stage", Align::Left),
        ("Metric", Align::Left),
        ("This run", Align::Right),
    ];
    let line = |metric: &MetricChange| {
        row(&[cell(&metric.stage), cell(&metric.metric), value(metric.new)])
    };
    Section {
        head: format!("\n### Metrics\n\n{}", head(&titles)),
        rows: report
            .metrics
            .iter()
            .map(|metric| Row::one(line(metric)))
            .collect(),
        noun: ("metric", "metrics"),
        foot: String::new(),
    }
}

/// Every stage: how it ended, how long it took, its gate.
pub(crate) fn stages(report: &Report) -> Option<Section> {
    let titles = [
        ("Stage", Align::Left),
        ("Kind", Align::Left),
        ("Status", Align::Left),
        ("Time", Align::Right),
        ("Gate", Align::Left),
    ];
    let head = format!("\n### Stages\n\n{}", head(&titles));
    let rows = report
        .stages
        .iter()
        .map(|stage| Row::one(stage_row(stage)))
        .collect();
    listed(&head, rows, ("stage", "stages"))
}

fn stage_row(stage: &Stage) -> String {
    let status = match stage.status {
        Status::Failed => "**failed**".to_string(),
        status => status.word().to_string(),
    };
    let gate = match &stage.gate {
        None => "-",
        Some(gate) if gate.open => "open",
        Some(_) => "**closed**",
    };
    let time = stage.seconds.map_or_else(|| "-".to_string(), time);
    row(&[
        cell(&stage.name),
        cell(&stage.kind),
        status,
        time,
        gate.to_string(),
    ])
}
