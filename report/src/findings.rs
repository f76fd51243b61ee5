//! What stages found: gates, figures, and what did not pass.

use std::cmp::Reverse;

use maud::{Markup, html};

use crate::cut::{self, Limit};
use crate::data::{Findings, Report, Verdict};
use crate::{Section, checks, marks, numbers, pivot, text};

const STAGES: Limit = Limit {
    items: 200,
    bytes: 330_000,
};
const CONDITIONS: Limit = Limit {
    items: 100,
    bytes: 50_000,
};
const BAD: Limit = Limit {
    items: 300,
    bytes: 100_000,
};
const GOOD: Limit = Limit {
    items: 300,
    bytes: 80_000,
};

/// The findings of all stages.
pub fn section(report: &Report) -> Option<Section> {
    if report.findings.is_empty() {
        return None;
    }
    let stages = cut::draw(&report.findings, STAGES, stage);
    let body = html! { (stages.all()) (stages.more()) };
    Some(Section::new("findings", "Findings", body))
}

fn stage(stage: &Findings) -> Markup {
    html! {
        article {
            h3 {
                (text::name(&stage.stage)) " "
                @match stage.open {
                    Some(true) => (marks::badge(marks::holds(true), "gate open")),
                    Some(false) => (marks::badge(marks::holds(false), "gate closed")),
                    None => "",
                }
            }
            @if !stage.conditions.is_empty() { (conditions(&stage.conditions)) }
            @if stage.findings.is_empty() { p.quiet { "No findings." } }
            @if let Some(pivot) = pivot::pivot(&stage.findings) { (pivot.table()) }
            (bad(stage))
            (good(stage))
        }
    }
}

fn conditions(conditions: &[(String, bool, String)]) -> Markup {
    let shown = cut::draw(conditions, CONDITIONS, |(written, holds, saw)| {
        html! {
            li {
                (marks::holds(*holds).sign()) " " code { (text::sentence(written)) }
                @if !saw.is_empty() { " " span.saw { (text::sentence(saw)) } }
            }
        }
    });
    html! { ul.conditions { (shown.all()) } (shown.more()) }
}

/// What did not pass, the worst first.
fn bad(stage: &Findings) -> Markup {
    let mut bad = of(stage, |verdict| verdict != Verdict::Pass);
    bad.sort_by_key(|(_, finding)| Reverse(marks::severity(finding.verdict)));
    html! {
        @if !bad.is_empty() {
            h4 { (numbers::counted(bad.len() as u64, "check")) " did not pass" }
            (checks::table(&bad, BAD))
        }
    }
}

fn good(stage: &Findings) -> Markup {
    let good = of(stage, |verdict| verdict == Verdict::Pass);
    html! {
        @if !good.is_empty() {
            details {
                summary { (marks::verdict(Verdict::Pass).sign()) " " (numbers::counted(good.len() as u64, "check")) " passed" }
                (checks::table(&good, GOOD))
            }
        }
    }
}

fn of(stage: &Findings, wanted: impl Fn(Verdict) -> bool) -> Vec<checks::Check<'_>> {
    let of = |f| (None, f);
    (stage.findings.iter())
        .filter(|f| wanted(f.verdict))
        .map(of)
        .collect()
}
