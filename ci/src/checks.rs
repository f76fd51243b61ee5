//! The checks in a summary: those that changed against the base, or all that did not pass.

use crate::data::{Finding, FindingChange, Report, Verdict};
use crate::escape::{Align, cell, head, row};
use crate::section::{Row, Section};
use crate::text::counted;

/// The checks worth showing; none when there are none and nothing to count.
pub(crate) fn section(report: &Report) -> Option<Section> {
    if report.base.is_some() {
        changed(report)
    } else {
        not_passed(report)
    }
}

fn changed(report: &Report) -> Option<Section> {
    let (mut changed, same): (Vec<_>, Vec<_>) = report
        .findings
        .iter()
        .partition(|finding| finding.old != finding.new);
    if changed.is_empty() && same.is_empty() {
        return None;
    }
    changed.sort_by_key(|change| rank(change));
    let titles = [
        ("Stage", Align::Left),
        ("Check", Align::Left),
        ("Before", Align::Left),
        ("Now", Align::Left),
        ("What was seen", Align::Left),
    ];
    let heading = "\n### Checks that changed\n\n";
    Some(Section {
        head: if changed.is_empty() {
            heading.to_string()
        } else {
            format!("{heading}{}", head(&titles))
        },
        rows: changed
            .into_iter()
            .map(|change| Row::one(change_row(report, change)))
            .collect(),
        noun: ("changed check", "changed checks"),
        foot: same_line(&same),
    })
}

/// New failures first, then new warnings, then what is better or gone.
fn rank(change: &FindingChange) -> u8 {
    match change.new {
        Some(Verdict::Failed) => 0,
        Some(Verdict::Warning) if change.old != Some(Verdict::Failed) => 1,
        _ => 2,
    }
}

fn change_row(report: &Report, change: &FindingChange) -> String {
    row(&[
        cell(&change.stage),
        cell(&change.check),
        verdict(change.old, "not there"),
        verdict(change.new, "gone"),
        cell(&seen_by(report, change)),
    ])
}

fn verdict(verdict: Option<Verdict>, missing: &str) -> String {
    match verdict {
        Some(Verdict::Failed) => "**failed**".to_string(),
        Some(verdict) => verdict.word().to_string(),
        None => missing.to_string(),
    }
}

fn seen_by(report: &Report, change: &FindingChange) -> String {
    let stages = report
        .stages
        .iter()
        .filter(|stage| stage.name == change.stage);
    let mut findings = stages.flat_map(|stage| &stage.findings);
    // A check may have several findings of one name: the one with the same verdict is meant.
    let found = findings
        .find(|finding| finding.name() == change.check && Some(finding.verdict) == change.new);
    found.map(seen).unwrap_or_default()
}

fn seen(finding: &Finding) -> String {
    match finding
        .failed_share()
        .filter(|_| finding.verdict != Verdict::Passed)
    {
        Some(share) if finding.message.is_empty() => share,
        Some(share) => format!("{} ({share})", finding.message),
        None => finding.message.clone(),
    }
}

fn same_line(same: &[&FindingChange]) -> String {
    if same.is_empty() {
        return String::new();
    }
    let failing = same
        .iter()
        .filter(|finding| finding.new == Some(Verdict::Failed))
        .count();
    let fail = match failing {
        0 => String::new(),
        _ => format!(", {failing} of them failed before and fail now"),
    };
    format!(
        "\n{}{fail}.\n",
        counted(same.len(), "check did not change", "checks did not change")
    )
}

fn not_passed(report: &Report) -> Option<Section> {
    let all: Vec<(&str, &Finding)> = report
        .stages
        .iter()
        .flat_map(|stage| {
            stage
                .findings
                .iter()
                .map(|finding| (stage.name.as_str(), finding))
        })
        .collect();
    if all.is_empty() {
        return None;
    }
    let of = |wanted: Verdict| {
        all.iter()
            .filter(move |(_, finding)| finding.verdict == wanted)
    };
    let rows: Vec<Row> = of(Verdict::Failed)
        .chain(of(Verdict::Warning))
        .map(|(stage, finding)| Row::one(finding_row(stage, finding)))
        .collect();
    let titles = [
        ("Stage", Align::Left),
        ("Check", Align::Left),
        ("Now", Align::Left),
        ("What was seen", Align::Left),
    ];
    let heading = "\n### Checks\n\n";
    let passed = of(Verdict::Passed).count();
    Some(Section {
        head: if rows.is_empty() {
            heading.to_string()
        } else {
            format!("{heading}{}", head(&titles))
        },
        rows,
        noun: ("check", "checks"),
        foot: format!("\n{}.\n", counted(passed, "check passed", "checks passed")),
    })
}

fn finding_row(stage: &str, finding: &Finding) -> String {
    row(&[
        cell(stage),
        cell(&finding.name()),
        verdict(Some(finding.verdict), "-"),
        cell(&seen(finding)),
    ])
}
