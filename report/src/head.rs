//! What a run is, at a glance.

use maud::{Markup, html};

use crate::cut::{self, Limit};
use crate::data::{Report, Status};
use crate::{Section, marks, numbers, text};

const FACTS: Limit = Limit {
    items: 60,
    bytes: 50_000,
};

/// The title of the page.
pub fn title(report: &Report) -> String {
    let (pipeline, outcome) = (
        text::line(&report.pipeline, 80),
        text::line(&report.outcome, 80),
    );
    format!("{pipeline}: {outcome}")
}

/// The head of the page with links to its sections.
pub fn head(report: &Report, sections: &[Section]) -> Markup {
    let outcome = marks::badge(marks::holds(report.good), &text::name(&report.outcome));
    let facts = cut::draw(&report.facts, FACTS, |(name, value)| fact(name, value));
    html! {
        header {
            h1 { (text::name(&report.pipeline)) " " (outcome) }
            dl.facts {
                (fact("Run", &report.run))
                div { dt { "Began" } dd { (moment(&report.started)) } }
                (fact("Took", &numbers::seconds(report.seconds)))
                @if !report.stages.is_empty() { (fact("Stages", &tally(report))) }
                (facts.all())
            }
            (facts.more())
            @if sections.len() > 1 {
                nav aria-label="Contents" {
                    @for section in sections { a href={ "#" (section.id) } { (section.title) } }
                }
            }
        }
    }
}

fn fact(name: &str, value: &str) -> Markup {
    html! { div { dt { (text::name(name)) } dd { (text::name(value)) } } }
}

/// `2026-11-25T13:30:38.123Z` for people: `2026-11-25 13:30:38 UTC`.
fn moment(rfc3339: &str) -> Markup {
    let shown = text::line(rfc3339, 40);
    let parts = (shown.get(..10)).zip(shown.get(11..19));
    match parts {
        Some((date, time)) if shown.ends_with('Z') && shown.as_bytes()[10] == b'T' => html! {
            time datetime=(shown) { (date) " " (time) " UTC" }
        },
        _ => html! { (shown) },
    }
}

/// How many stages there are of each state.
fn tally(report: &Report) -> String {
    let all = [
        Status::Ran,
        Status::Cached,
        Status::Failed,
        Status::Blocked,
        Status::Cancelled,
        Status::Skipped,
    ];
    let count = |status| report.stages.iter().filter(|s| s.status == status).count();
    let parts: Vec<String> = (all.into_iter())
        .map(|status| (count(status), marks::status(status).word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", numbers::count(count as u64)))
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_for_people_if_they_are_moments() {
        let shown = moment("2026-11-25T13:30:38.5Z").0;
        assert!(shown.contains(">2026-11-25 13:30:38 UTC<"), "{shown}");
        assert_eq!(moment("éééééé <").0, "éééééé &lt;");
        assert_eq!(moment("").0, "");
    }
}
