//! Figures as a table: a row for all rows and for each slice, a column for each figure.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::cut::{self, Limit};
use crate::data::{Finding, Verdict};
use crate::{cells, checks, marks, numbers, text};

/// The most columns.
const MOST_FIGURES: usize = 40;
const LIMIT: Limit = Limit {
    items: 300,
    bytes: 100_000,
};

/// What a row is about: the subject, empty for the model itself, and the slice.
type Key<'a> = (&'a str, Option<&'a str>);

/// The figures of a stage.
pub struct Pivot<'a> {
    names: Vec<&'a str>,
    left_names: usize,
    rows: Vec<(Key<'a>, Vec<Option<&'a Finding>>)>,
}

/// The table, if there are figures: what has a value and no subject is one, and so is its like of another subject.
pub fn pivot(findings: &[Finding]) -> Option<Pivot<'_>> {
    let mut names = Vec::new();
    let mut place = HashMap::new();
    for finding in findings {
        let is_figure = finding.subject.is_empty() && finding.value.is_some();
        if is_figure && !place.contains_key(finding.name.as_str()) {
            place.insert(finding.name.as_str(), names.len());
            names.push(finding.name.as_str());
        }
    }
    let left_names = names.len().saturating_sub(MOST_FIGURES);
    names.truncate(MOST_FIGURES);

    let mut rows: Vec<(Key, Vec<Option<&Finding>>)> = Vec::new();
    let mut row_of = HashMap::new();
    for finding in findings {
        let column = place.get(finding.name.as_str()).copied();
        let Some(column) = column.filter(|c| *c < MOST_FIGURES) else {
            continue;
        };
        let key = (finding.subject.as_str(), finding.slice.as_deref());
        let row = *row_of.entry(key).or_insert_with(|| {
            rows.push((key, vec![None; names.len()]));
            rows.len() - 1
        });
        rows[row].1[column].get_or_insert(finding);
    }
    // All rows first, then slices, then others to compare with; within them in the plugin's order.
    rows.sort_by_key(|((subject, slice), _)| (!subject.is_empty(), slice.is_some()));
    (!names.is_empty()).then_some(Pivot {
        names,
        left_names,
        rows,
    })
}

impl Pivot<'_> {
    /// As HTML.
    pub fn table(&self) -> Markup {
        let rows = cut::draw(&self.rows, LIMIT, |(key, cells)| row(*key, cells));
        html! {
            div.scroll tabindex="0" role="region" aria-label="Figures" {
                table.figures {
                    thead { tr {
                        th { "Over" }
                        @for name in &self.names { (cells::heading(name)) }
                        th.num { "Rows" }
                    } }
                    tbody { (rows.all()) }
                }
            }
            (rows.more())
            @if self.left_names > 0 {
                p.more { "and " (numbers::counted(self.left_names as u64, "more figure")) }
            }
        }
    }
}

fn row((subject, slice): Key, cells: &[Option<&Finding>]) -> Markup {
    let rows = cells.iter().flatten().map(|f| f.rows).max();
    html! {
        tr.other[!subject.is_empty()] {
            (cells::name(&row_name(subject, slice)))
            @for cell in cells { (self::cell(*cell)) }
            td.num { (numbers::count(rows.unwrap_or(0))) }
        }
    }
}

fn row_name(subject: &str, slice: Option<&str>) -> String {
    match (subject, slice) {
        ("", None) => "all rows".to_owned(),
        ("", Some(slice)) => text::name(slice),
        (subject, None) => text::name(subject),
        (subject, Some(slice)) => format!("{}, {}", text::name(subject), text::name(slice)),
    }
}

fn cell(finding: Option<&Finding>) -> Markup {
    let Some(finding) = finding else {
        return html! { td.num.none { "·" } };
    };
    let value = finding.value.map_or("–".to_owned(), numbers::number);
    html! {
        td.num title=(text::line(&title(finding), 300)) {
            @if finding.verdict != Verdict::Pass { (marks::verdict(finding.verdict).sign()) " " }
            (value)
        }
    }
}

fn title(finding: &Finding) -> String {
    match finding.message.is_empty() {
        true => checks::brief(finding),
        false => finding.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(name: &str, subject: &str, slice: Option<&str>, value: Option<f64>) -> Finding {
        Finding {
            name: name.into(),
            subject: subject.into(),
            slice: slice.map(Into::into),
            verdict: Verdict::Pass,
            value,
            limit: None,
            rows: 1,
            message: String::new(),
        }
    }

    #[test]
    fn rows_are_slices_and_subjects_of_figures() {
        let findings = [
            finding("r2", "baseline", None, Some(0.5)),
            finding("r2", "", Some("a = 1"), None),
            finding("r2", "", None, Some(0.9)),
            finding("rmse", "", None, Some(40.0)),
            finding("range", "temp", None, Some(1.0)),
        ];
        let pivot = pivot(&findings).expect("figures");
        assert_eq!(pivot.names, ["r2", "rmse"]);
        let keys: Vec<_> = pivot.rows.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, [("", None), ("", Some("a = 1")), ("baseline", None)]);
        let filled: Vec<_> = (pivot.rows.iter())
            .map(|(_, cells)| cells.iter().flatten().count())
            .collect();
        assert_eq!(filled, [2, 1, 1]);
    }

    #[test]
    fn checks_of_columns_are_no_figures() {
        assert!(pivot(&[finding("range", "temp", None, Some(1.0))]).is_none());
        assert!(pivot(&[finding("schema", "", None, None)]).is_none());
    }
}
