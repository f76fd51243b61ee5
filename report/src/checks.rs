//! Findings as a table: one check in a row.

use maud::{Markup, html};

use crate::cut::{self, Limit};
use crate::data::Finding;
use crate::{cells, marks, numbers, text};

/// A finding and the window that it is of, if any.
pub type Check<'a> = (Option<&'a str>, &'a Finding);

/// The findings as a table, cut where it grows too large.
pub fn table(checks: &[Check], limit: Limit) -> Markup {
    let any = |has: fn(&Finding) -> bool| checks.iter().any(|(_, f)| has(f));
    let columns = Columns {
        window: checks.iter().any(|(window, _)| window.is_some()),
        subject: any(|f| !f.subject.is_empty()),
        slice: any(|f| f.slice.is_some()),
        value: any(|f| f.value.is_some()),
        limit: any(|f| f.limit.is_some()),
    };
    let rows = cut::draw(checks, limit, |check| row(*check, columns));
    html! {
        div.scroll tabindex="0" role="region" aria-label="Checks" {
            table.checks {
                thead { tr {
                    th { "Verdict" }
                    @if columns.window { th { "Window" } }
                    th { "Check" }
                    @if columns.subject { th { "Of" } }
                    @if columns.slice { th { "Slice" } }
                    @if columns.value { th.num { "Value" } }
                    @if columns.limit { th { "Limit" } }
                    th.num { "Rows" } th { "What it saw" }
                } }
                tbody { (rows.all()) }
            }
        }
        (rows.more())
    }
}

/// Which columns have something in them.
#[derive(Clone, Copy)]
struct Columns {
    window: bool,
    subject: bool,
    slice: bool,
    value: bool,
    limit: bool,
}

fn row((window, finding): Check, columns: Columns) -> Markup {
    let optional = |text: &Option<String>| cells::short(text.as_deref().unwrap_or_default());
    html! {
        tr {
            td { (marks::verdict(finding.verdict).badge()) }
            @if columns.window { (cells::short(window.unwrap_or_default())) }
            (cells::short(&finding.name))
            @if columns.subject { (cells::short(&finding.subject)) }
            @if columns.slice { (optional(&finding.slice)) }
            @if columns.value { td.num { @if let Some(value) = finding.value { (numbers::number(value)) } } }
            @if columns.limit { (optional(&finding.limit)) }
            td.num { (numbers::count(finding.rows)) }
            td.text { (text::sentence(&finding.message)) }
        }
    }
}

/// A finding in one line, as the title of something small.
pub fn brief(finding: &Finding) -> String {
    let mut brief = text::name(&finding.name);
    if let Some(value) = finding.value {
        brief.push(' ');
        brief.push_str(&numbers::number(value));
    }
    if let Some(limit) = &finding.limit {
        brief.push_str(&format!(" (limit {})", text::line(limit, 80)));
    }
    brief
}
