//! The window's figures, by the crate of `evaluate`.
use arrow_array::Array;
use lockflight_evaluate::config::Config as Measuring;
use lockflight_evaluate::evaluation::{Evaluation, evaluate};
use lockflight_evaluate::figure::Figure;
use lockflight_evaluate::{columns, report};
use lockflight_sdk::prelude::*;
use lockflight_sdk::words::counted;

use crate::limits::Limits;

/// What came of a window.
#[derive(Debug)]
pub enum Window {
    /// It was measured.
    Measured(Box<Evaluation>),
    /// Its targets are texts, and none of them is the positive class.
    OneClass {
        /// How many rows have a target.
        labels: u64,
        /// Which class there is instead.
        why: String,
    },
}

/// Measures a window.
///
/// To `evaluate` it is a mistake of the config when no text is the positive class. A window can be like that without any mistake:
/// it may have few labels so far.
///
/// # Errors
/// What is wrong with the config, or with a value.
pub fn measure(table: &Table, config: &Measuring) -> Result<Window, Failure> {
    // Other problems of the positive class would be found here.
    columns::bind(config, table.schema(), None)?;
    match evaluate(table, config, None) {
        Ok(evaluation) => Ok(Window::Measured(Box::new(evaluation))),
        Err(Failure::Config(problems)) => match problems.as_slice() {
            [Problem { place, message, .. }] if is_positive(place) => Ok(Window::OneClass {
                labels: labels(table, config),
                why: message.clone(),
            }),
            _ => Err(Failure::Config(problems)),
        },
        Err(failure) => Err(failure),
    }
}

fn is_positive(place: &Place) -> bool {
    matches!(place, Place::Config(pointer) if pointer == "/positive")
}

fn labels(table: &Table, config: &Measuring) -> u64 {
    let batches = table.scan_columns(&[&config.target]);
    let labels = batches.map(|batch| {
        let column = batch.column(0);
        (column.len() - column.null_count()) as u64
    });
    labels.sum()
}

/// The figures of a window without the positive class: none of them is judged.
pub fn one_class(config: &Measuring, limits: &Limits, labels: u64, why: &str) -> Vec<Finding> {
    let labels = counted(labels, "labelled row");
    let figures = Figure::of(config.task).iter().map(|figure| {
        let name = figure.name();
        let mut finding = Finding::new(name, "");
        let bound = limits.for_finding(&finding).shown();
        finding.limit = bound.map(|bound| bound.to_string());
        let message = format!("{name} is not judged over {labels}: {why}");
        finding.judged(Verdict::Inconclusive, message)
    });
    figures.collect()
}

/// The rows that were left out. That some have no target yet is nothing odd in a window; that some have no prediction is.
pub fn excluded(
    evaluation: &Evaluation,
    config: &Measuring,
    input: &str,
    subject: &str,
) -> Finding {
    let mut finding = report::excluded(evaluation, config, input, subject);
    if evaluation.excluded.predictions == 0 {
        finding.verdict = Verdict::Pass;
    }
    finding
}
