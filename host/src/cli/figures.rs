//! What a stage measured, as a table: a row for all rows and one for each slice, a column for each figure.

use super::text::{self, Paint};
use crate::{
    plan::Planned,
    printable,
    run::StageOutcome,
    wire::{Finding, Verdict},
};

/// How many slices of a stage are listed before the rest is counted.
const LISTED_SLICES: usize = 12;
/// The width of a table that goes to no terminal.
const WIDTH: usize = 100;

/// The figures of every stage that measured some, on standard output. What a stage held against a limit is a finding, not a figure.
pub fn print(plan: &Planned, outcomes: &[StageOutcome], paint: Paint) {
    for (planned, outcome) in plan.stages.iter().zip(outcomes) {
        let findings = outcome.result.iter().flat_map(|result| &result.findings);
        let table = Table::of(findings);
        if table.rows.is_empty() {
            continue;
        }
        let title = format!("\nFigures of {}", planned.locked.stage.name);
        text::say!("{}", paint.bold(&title));
        // No limit where there is no terminal; what is read in a file should not need scrolling sideways all the same.
        let width = match text::width_of_stdout() {
            0 => WIDTH,
            width => width,
        };
        for line in table.lines(width) {
            text::say!("  {}", line.trim_end());
        }
    }
}

/// Figures by slice.
struct Table {
    names: Vec<String>,
    rows: Vec<Row>,
}

struct Row {
    /// The slice, or the subject of figures over all rows; empty for the table as a whole.
    what: String,
    count: u64,
    /// By the place of their name.
    values: Vec<Option<f64>>,
    /// Whether the figures say little.
    odd: bool,
}

impl Table {
    /// Figures over all rows come first. Of the subjects beside the table's own, such as a baseline, only those are shown.
    fn of<'f>(findings: impl Iterator<Item = &'f Finding>) -> Table {
        let mut table = Table {
            names: Vec::new(),
            rows: Vec::new(),
        };
        for finding in findings {
            let measured = finding.limit.is_none() && finding.value.is_some();
            let shown = finding.subject.is_empty() || finding.slice.is_none();
            if measured && shown {
                table.add(finding);
            }
        }
        // A single figure without slices needs no table.
        if table.rows.len() < 2 && table.names.len() < 2 {
            table.rows.clear();
        }
        table.rows.sort_by_key(|row| !row.is_whole());
        table
    }

    fn add(&mut self, finding: &Finding) {
        let place = |names: &[String]| names.iter().position(|name| *name == finding.name);
        let column = place(&self.names).unwrap_or_else(|| {
            self.names.push(finding.name.clone());
            self.names.len() - 1
        });
        let what = finding.slice.as_deref().unwrap_or(&finding.subject);
        let row = match self.rows.iter().position(|row| row.what == what) {
            Some(row) => row,
            None => {
                self.rows.push(Row {
                    what: what.to_owned(),
                    count: finding.rows,
                    values: Vec::new(),
                    odd: false,
                });
                self.rows.len() - 1
            }
        };
        let row = &mut self.rows[row];
        row.values.resize(row.values.len().max(column + 1), None);
        row.values[column] = finding.value;
        row.odd |= finding.verdict != Verdict::Pass;
    }

    /// As many columns as fit the width.
    fn lines(&self, width: usize) -> Vec<String> {
        let listed = &self.rows[..self.rows.len().min(LISTED_SLICES)];
        let mut columns: Vec<Vec<String>> = vec![
            std::iter::once(String::new())
                .chain(listed.iter().map(Row::title))
                .collect(),
            std::iter::once("rows".to_owned())
                .chain(listed.iter().map(|row| text::count(row.count)))
                .collect(),
        ];
        for (place, name) in self.names.iter().enumerate() {
            let values = listed.iter().map(|row| {
                let value = row.values.get(place).copied().flatten();
                value.map_or_else(|| "-".to_owned(), short)
            });
            columns.push(std::iter::once(name.clone()).chain(values).collect());
        }
        let widths: Vec<usize> = columns
            .iter()
            .map(|column| {
                column
                    .iter()
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut fit = 0;
        let mut taken = 2;
        while fit < widths.len() && (fit < 3 || taken + widths[fit] + 2 <= width) {
            taken += widths[fit] + 2;
            fit += 1;
        }
        let mut lines: Vec<String> = (0..=listed.len())
            .map(|line| {
                let cells = (0..fit).map(|column| {
                    let cell = &columns[column][line];
                    match column {
                        0 => text::pad(cell, widths[0]),
                        _ => format!("{cell:>width$}", width = widths[column]),
                    }
                });
                cells.collect::<Vec<_>>().join("  ")
            })
            .collect();
        if self.rows.len() > listed.len() {
            lines.push(format!(
                "and {} more slices",
                self.rows.len() - listed.len()
            ));
        }
        if fit < columns.len() {
            let rest = self.names[fit - 2..].join(", ");
            lines.push(format!("and {rest}: see `lockflight show`"));
        }
        lines
    }
}

impl Row {
    fn is_whole(&self) -> bool {
        self.what.is_empty()
    }

    fn title(&self) -> String {
        let mark = if self.odd { " (!)" } else { "" };
        match self.is_whole() {
            true => format!("all rows{mark}"),
            false => format!("{}{mark}", printable::line(&self.what)),
        }
    }
}

/// Four digits that count.
pub(super) fn short(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if (0.001..1e6).contains(&magnitude) {
        let before = magnitude.log10().floor() as i32;
        let digits = usize::try_from(3 - before).unwrap_or(0);
        format!("{value:.digits$}")
    } else {
        format!("{value:.3e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(name: &str, subject: &str, slice: Option<&str>, value: f64) -> Finding {
        Finding {
            name: name.into(),
            subject: subject.into(),
            slice: slice.map(str::to_owned),
            verdict: Verdict::Pass,
            value: Some(value),
            limit: None,
            rows: 1234,
            failed: 0,
            message: String::new(),
            input: None,
            examples: Vec::new(),
        }
    }

    #[test]
    fn figures_are_pivoted() {
        let findings = [
            finding("r2", "", Some("a = 1"), 0.5),
            finding("r2", "", None, 0.92091),
            finding("rmse", "", None, 40.743),
            finding("r2", "baseline", None, 0.79),
            finding("r2", "baseline", Some("a = 1"), 0.1),
        ];
        let lines = Table::of(findings.iter()).lines(80);
        assert_eq!(
            lines,
            [
                "           rows      r2   rmse",
                "all rows  1,234  0.9209  40.74",
                "a = 1     1,234  0.5000      -",
                "baseline  1,234  0.7900      -",
            ]
        );
        let narrow = Table::of(findings.iter()).lines(30);
        assert_eq!(narrow[1], "all rows  1,234  0.9209");
        assert_eq!(narrow[4], "and rmse: see `lockflight show`");
    }

    #[test]
    fn what_is_held_against_a_limit_is_no_figure() {
        let limited = Finding {
            limit: Some(">= 1".into()),
            ..finding("mean", "x", None, 2.0)
        };
        assert!(Table::of([limited].iter()).rows.is_empty());
        assert!(
            Table::of([finding("sum", "", None, 2.0)].iter())
                .rows
                .is_empty()
        );
    }

    #[test]
    fn four_digits_count() {
        for (value, text) in [
            (0.0, "0"),
            (0.92091, "0.9209"),
            (40.743, "40.74"),
            (-1234.5, "-1234"),
            (123_456.7, "123457"),
            (1.5e-7, "1.500e-7"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(short(value), text);
        }
    }
}
