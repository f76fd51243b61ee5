//! Monitors: what became of the model, window by window.

use maud::{Markup, html};

use crate::cut::{self, Limit};
use crate::data::{Monitor, Report, Verdict, Window};
use crate::{Section, chart, checks, heat, marks, numbers, text};

const MONITORS: Limit = Limit {
    items: 60,
    bytes: 450_000,
};
const BAD: Limit = Limit {
    items: 300,
    bytes: 80_000,
};
/// The most windows in the strip and the charts: the last ones, since they tell how it is now.
const MOST_WINDOWS: usize = 240;

/// All monitors.
pub fn section(report: &Report) -> Option<Section> {
    if report.monitors.is_empty() {
        return None;
    }
    let monitors = cut::draw(&report.monitors, MONITORS, monitor);
    let body = html! { (monitors.all()) (monitors.more()) };
    Some(Section::new("monitors", "Monitors", body))
}

fn monitor(monitor: &Monitor) -> Markup {
    let earlier = monitor.windows.len().saturating_sub(MOST_WINDOWS);
    let windows = &monitor.windows[earlier..];
    html! {
        article {
            h3 { (text::name(&monitor.stage)) " " small { (text::name(&monitor.plugin)) } }
            @if let Some(description) = &monitor.description { p.quiet { (text::sentence(description)) } }
            @if windows.is_empty() { p.quiet { "No windows." } } @else { (strip(windows, earlier)) }
            (chart::charts(windows))
            (heat::map("Column", windows, |f| Some(f.subject.as_str()).filter(|s| !s.is_empty())))
            (heat::map("Slice", windows, |f| f.slice.as_deref().filter(|_| f.subject.is_empty())))
            (bad(&monitor.windows))
        }
    }
}

/// The windows in the order of time, coloured by what they showed.
fn strip(windows: &[Window], earlier: usize) -> Markup {
    html! {
        ol.strip {
            @for window in windows {
                li class=(marks::verdict(window.verdict).class) {
                    b { (marks::verdict(window.verdict).sign()) " " (text::line(&window.label, 60)) }
                    span { (numbers::counted(window.rows, "row")) }
                }
            }
        }
        @if earlier > 0 { p.more { "and " (numbers::count(earlier as u64)) " more, earlier ones" } }
    }
}

/// What did not pass in any window; the latest windows first, since the list may be cut.
fn bad(windows: &[Window]) -> Markup {
    let all =
        (windows.iter().rev()).flat_map(|w| w.findings.iter().map(|f| (Some(w.label.as_str()), f)));
    let bad: Vec<checks::Check> = all.filter(|(_, f)| f.verdict != Verdict::Pass).collect();
    html! {
        @if !bad.is_empty() {
            details {
                summary { (numbers::counted(bad.len() as u64, "check")) " did not pass, by window" }
                (checks::table(&bad, BAD))
            }
        }
    }
}
