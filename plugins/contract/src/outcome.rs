//! Holds a table against its checks: one pass over the columns that are needed, then a finding per check.
use arrow_array::RecordBatch;
use lockflight_sdk::prelude::*;
use lockflight_sdk::{progress, type_name};

use crate::check::{Check, Figure, RowRule, Rule, Severity, TableRule};
use crate::figures::Figures;
use crate::keys::{Hashes, Keys};
use crate::marks::Marks;
use crate::range::FloatRange;
use crate::rows::{Tally, pick};

/// What came of all checks.
#[derive(Debug, Default)]
pub struct Outcome {
    /// A finding for each check, in the contract's order.
    pub findings: Vec<Finding>,
    /// The rows that fail a check of severity fail, with the reason, in the contract's order.
    pub failing: Vec<(String, Marks)>,
}

/// What a check gathers while the table is read.
enum State {
    Nothing,
    Rows(Tally),
    Keys(Hashes),
    Figures(Figures),
}

impl State {
    fn of(rule: &Rule) -> State {
        match rule {
            Rule::Table(_) => State::Nothing,
            Rule::Rows {
                rule: RowRule::Unique { .. },
                ..
            } => State::Keys(Hashes::default()),
            Rule::Rows { .. } => State::Rows(Tally::default()),
            Rule::Figure { figure, .. } if figure.is_distinct() => State::Keys(Hashes::default()),
            Rule::Figure { .. } => State::Figures(Figures::default()),
        }
    }

    fn see(&mut self, check: &Check, batch: &RecordBatch, start: u64) {
        // Only what is looked at is in the batch: not the columns of a check of the table as a whole.
        let columns = || pick(batch, &check.columns);
        match (self, &check.rule) {
            (State::Rows(tally), Rule::Rows { rule, .. }) => {
                tally.see(rule, batch, &check.columns, start);
            }
            (State::Figures(figures), _) => figures.see(columns()[0]),
            (State::Keys(hashes), _) => hashes.see(&keys_of(batch, &check.columns)),
            _ => {}
        }
    }
}

fn keys_of(batch: &RecordBatch, names: &[String]) -> RecordBatch {
    let index = |name: &String| batch.schema_ref().index_of(name);
    let indices: Result<Vec<_>, _> = names.iter().map(index).collect();
    let projected = indices.and_then(|indices| batch.project(&indices));
    projected.expect("the check is bound to the schema")
}

/// Holds the table against the checks. `input` is its name in findings.
pub fn judge(checks: &[Check], table: &Table, input: &str) -> Outcome {
    let mut states: Vec<State> = checks.iter().map(|check| State::of(&check.rule)).collect();
    let mut needed: Vec<&String> = Vec::new();
    for check in checks
        .iter()
        .filter(|check| !matches!(check.rule, Rule::Table(_)))
    {
        for name in &check.columns {
            if !needed.contains(&name) {
                needed.push(name);
            }
        }
    }
    if !needed.is_empty() {
        let (mut start, total) = (0, table.rows());
        for batch in table.scan_columns(&needed) {
            for (check, state) in checks.iter().zip(&mut states) {
                state.see(check, &batch, start);
            }
            start += batch.num_rows() as u64;
            progress(start, total);
        }
    }
    let mut outcome = Outcome::default();
    for (check, state) in checks.iter().zip(states) {
        let (finding, failed) = conclude(check, state, table);
        if let (Severity::Fail, Some(reason)) = (check.severity, check.reason()) {
            outcome.failing.push((reason, failed.clone()));
        }
        outcome
            .findings
            .push(finding.examples(input, failed.iter()));
    }
    outcome
}

/// The finding of a check, and the rows that fail it.
fn conclude(check: &Check, state: State, table: &Table) -> (Finding, Marks) {
    let finding = Finding::new(check.kind, check.columns.join(", "));
    match (&check.rule, state) {
        (Rule::Table(rule), _) => (table_rule(check, rule, table, finding), Marks::default()),
        (Rule::Rows { rule, .. }, State::Keys(hashes)) => {
            let keep_first = matches!(rule, RowRule::Unique { keep_first: true });
            let keys = hashes.finish(table.scan_columns(&check.columns), keep_first);
            (
                row_rule(check, finding, keys.rows, &keys.repeated),
                keys.repeated,
            )
        }
        (Rule::Rows { .. }, State::Rows(tally)) => (
            row_rule(check, finding, tally.rows, &tally.failed),
            tally.failed,
        ),
        (Rule::Figure { figure, .. }, State::Keys(hashes)) => {
            let keys = hashes.finish(table.scan_columns(&check.columns), false);
            let value = distinct(*figure, &keys);
            (
                figure_rule(check, finding, value, keys.rows),
                Marks::default(),
            )
        }
        (Rule::Figure { figure, .. }, State::Figures(figures)) => {
            let value = figures.get(*figure);
            (
                figure_rule(check, finding, value, figures.rows()),
                Marks::default(),
            )
        }
        (_, State::Nothing | State::Rows(_) | State::Figures(_)) => {
            unreachable!("the state is made for the rule")
        }
    }
}

fn distinct(figure: Figure, keys: &Keys) -> Option<f64> {
    match figure {
        Figure::UniqueCount => Some(keys.distinct as f64),
        _ => (keys.rows > 0).then(|| keys.distinct as f64 / keys.rows as f64),
    }
}

fn verdict(check: &Check, passes: bool) -> Verdict {
    match (passes, check.severity) {
        (true, _) => Verdict::Pass,
        (false, Severity::Warn) => Verdict::Warn,
        (false, Severity::Fail) => Verdict::Fail,
    }
}

fn row_rule(check: &Check, mut finding: Finding, rows: u64, failed: &Marks) -> Finding {
    let Rule::Rows {
        rule,
        otherwise,
        mostly,
    } = &check.rule
    else {
        unreachable!("called for rules of rows")
    };
    finding.rows = rows;
    finding.failed = failed.count();
    if rows == 0 {
        return finding.judged(Verdict::Pass, "there is nothing to check");
    }
    let share = (rows - finding.failed) as f64 / rows as f64;
    let (subject, failed) = (check.value(), finding.failed);
    let message = match (rule, failed) {
        (RowRule::Unique { .. }, 0) => format!("all {rows} values of {subject} are unique"),
        (RowRule::Unique { .. }, _) => {
            format!("{failed} of {rows} values of {subject} are {otherwise}")
        }
        (_, 0) => format!("none of {rows} rows has a {subject} that is {otherwise}"),
        _ => format!("{failed} of {rows} rows have a {subject} that is {otherwise}"),
    };
    let message = if *mostly < 1.0 && finding.failed > 0 {
        format!(
            "{message}; {} % pass, {} % have to",
            percent(share),
            percent(*mostly)
        )
    } else {
        message
    };
    let verdict = verdict(check, share >= *mostly);
    finding
        .measured(share, format!(">= {mostly}"))
        .judged(verdict, message)
}

/// With up to two digits behind the point, rounded down so that 100 means all.
fn percent(share: f64) -> f64 {
    (share * 10_000.0 + 1e-9).floor() / 100.0
}

fn figure_rule(check: &Check, mut finding: Finding, value: Option<f64>, rows: u64) -> Finding {
    let Rule::Figure {
        figure,
        range,
        text,
    } = &check.rule
    else {
        unreachable!("called for rules of figures")
    };
    finding.rows = rows;
    let Some(value) = value else {
        finding.limit = Some(text.clone());
        let message = format!("{} has no values", finding.subject);
        return finding.judged(Verdict::Inconclusive, message);
    };
    let what = format!("the {} of {}", figure.name(), finding.subject);
    held_against(check, finding, value, range, text, &what)
}

fn held_against(
    check: &Check,
    finding: Finding,
    value: f64,
    range: &FloatRange,
    text: &str,
    what: &str,
) -> Finding {
    let passes = range.contains(value);
    let message = if passes {
        format!("{what} is {value}")
    } else {
        format!("{what} is {value}, which is not {text}")
    };
    finding
        .measured(value, text)
        .judged(verdict(check, passes), message)
}

fn table_rule(check: &Check, rule: &TableRule, table: &Table, finding: Finding) -> Finding {
    let schema = table.schema();
    match rule {
        TableRule::RowCount { range, text } => {
            let rows = table.rows();
            let finding = Finding { rows, ..finding };
            held_against(
                check,
                finding,
                rows as f64,
                range,
                text,
                "the number of rows",
            )
        }
        TableRule::OfType(wanted) => {
            let field = schema.field_with_name(&check.columns[0]);
            let is = field.expect("the check is bound to the schema").data_type();
            let (subject, is_name) = (&finding.subject, type_name(is));
            let message = if is == wanted {
                format!("{subject} is {is_name}")
            } else {
                format!("{subject} is {is_name}, not {}", type_name(wanted))
            };
            let verdict = verdict(check, is == wanted);
            finding.judged(verdict, message)
        }
        TableRule::Columns {
            names,
            exact,
            ordered,
        } => {
            let there: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
            let mut faults = Vec::new();
            let mut list = |what: &str, columns: Vec<&str>| {
                if !columns.is_empty() {
                    faults.push(format!("{what}: {}", columns.join(", ")));
                }
            };
            let missing = names.iter().filter(|name| !there.contains(name));
            list("missing", missing.map(String::as_str).collect());
            if *exact {
                let others = there.iter().filter(|name| !names.contains(name));
                list("unexpected", others.map(|name| name.as_str()).collect());
            }
            let expected: Vec<&String> = names.iter().filter(|name| there.contains(name)).collect();
            let found: Vec<&String> = there
                .into_iter()
                .filter(|name| names.contains(name))
                .collect();
            if *ordered && expected != found {
                list(
                    "in another order",
                    found.iter().map(|name| name.as_str()).collect(),
                );
            }
            let verdict = verdict(check, faults.is_empty());
            let message = match faults.is_empty() {
                true => format!("all {} columns are there", names.len()),
                false => faults.join("; "),
            };
            finding.judged(verdict, message)
        }
    }
}
