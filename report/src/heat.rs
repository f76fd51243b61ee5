//! A table of subjects by windows, coloured by the worst verdict.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::cut::{self, Limit};
use crate::data::{Finding, Window};
use crate::{cells, checks, marks, numbers, text};

const ROWS: Limit = Limit {
    items: 200,
    bytes: 120_000,
};
/// The most windows, the last ones.
const MOST_WINDOWS: usize = 60;

/// The findings of a subject in a window: the worst verdict, and of those the largest value.
type Cell<'a> = Option<&'a Finding>;

/// The table, if any finding has such a subject.
pub fn map<'a>(
    of_what: &str,
    windows: &'a [Window],
    subject: impl Fn(&'a Finding) -> Option<&'a str>,
) -> Markup {
    let earlier = windows.len().saturating_sub(MOST_WINDOWS);
    let windows = &windows[earlier..];
    let cells = cells(windows, subject);
    if cells.is_empty() {
        return html! {};
    }
    let rows = cut::draw(&cells, ROWS, |(name, cells)| row(name, cells));
    html! {
        div.scroll tabindex="0" role="region" aria-label={ (of_what) " by window" } {
            table.heat {
                thead { tr {
                    th { (of_what) }
                    @for window in windows { th { (text::line(&window.label, 24)) } }
                } }
                tbody { (rows.all()) }
            }
        }
        (rows.more())
        @if earlier > 0 { p.more { "and " (numbers::counted(earlier as u64, "more window")) ", earlier ones" } }
    }
}

/// A row for each subject, in the order in which they come.
fn cells<'a>(
    windows: &'a [Window],
    subject: impl Fn(&'a Finding) -> Option<&'a str>,
) -> Vec<(&'a str, Vec<Cell<'a>>)> {
    let mut rows: Vec<(&str, Vec<Cell>)> = Vec::new();
    let mut place = HashMap::new();
    for (i, window) in windows.iter().enumerate() {
        for finding in &window.findings {
            let Some(name) = subject(finding) else {
                continue;
            };
            let row = *place.entry(name).or_insert_with(|| {
                rows.push((name, vec![None; windows.len()]));
                rows.len() - 1
            });
            let cell = &mut rows[row].1[i];
            *cell = Some(cell.map_or(finding, |before| worse(before, finding)));
        }
    }
    rows
}

/// The worse of two; of equally bad ones that with the larger value.
fn worse<'a>(a: &'a Finding, b: &'a Finding) -> &'a Finding {
    let key = |f: &Finding| {
        let value = f.value.filter(|v| !v.is_nan());
        (
            marks::severity(f.verdict),
            value.unwrap_or(f64::NEG_INFINITY),
        )
    };
    let ((a_worst, a_value), (b_worst, b_value)) = (key(a), key(b));
    match (b_worst, b_value) > (a_worst, a_value) {
        true => b,
        false => a,
    }
}

fn row(name: &str, cells: &[Cell]) -> Markup {
    html! {
        tr {
            (cells::name(name))
            @for cell in cells { (self::cell(*cell)) }
        }
    }
}

fn cell(cell: Cell) -> Markup {
    let Some(finding) = cell else {
        return html! { td {} };
    };
    let mark = marks::verdict(finding.verdict);
    html! {
        td class=(mark.class) title={ (text::line(&checks::brief(finding), 120)) ", " (mark.word) } {
            (mark.sign)
            @if let Some(value) = finding.value.filter(|v| v.is_finite()) { " " (short(value)) }
        }
    }
}

/// Two decimals say enough beside a colour.
fn short(value: f64) -> String {
    match value.abs() < 100.0 {
        true => numbers::fixed(value, 2),
        false => numbers::number(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Verdict;

    fn finding(subject: &str, verdict: Verdict, value: f64) -> Finding {
        Finding {
            name: "psi".into(),
            subject: subject.into(),
            slice: None,
            verdict,
            value: Some(value),
            limit: None,
            rows: 1,
            message: String::new(),
        }
    }

    #[test]
    fn the_worst_verdict_counts_before_the_largest_value() {
        let findings = vec![
            finding("a", Verdict::Pass, 9.0),
            finding("a", Verdict::Warn, f64::NAN),
            finding("a", Verdict::Warn, 0.2),
            finding("a", Verdict::Warn, 0.1),
            finding("b", Verdict::Pass, 0.0),
        ];
        let windows = [Window {
            label: String::new(),
            rows: 1,
            verdict: Verdict::Warn,
            findings,
        }];
        let rows = cells(&windows, |f| Some(f.subject.as_str()));
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].1[0].and_then(|f| f.value), Some(0.2));
    }
}
