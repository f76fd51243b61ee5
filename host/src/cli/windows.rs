//! The windows of a monitor as a table: what each showed, and which checks were not passed.

use std::collections::BTreeSet;

use super::{
    error::CliError,
    text::{self, Paint},
};
use crate::{
    job::{StageResult, Window},
    printable,
    run::RESULT,
    store::Store,
    wire::{Finding, Verdict},
};

/// How many figures a row shows.
const FIGURES: usize = 5;
/// How many checks that were not passed a row names.
const NAMED: usize = 6;

/// Says what the windows of a monitor showed.
pub fn say(store: &Store, name: &str, windows: &[Window], paint: Paint) -> Result<(), CliError> {
    let results = windows
        .iter()
        .map(|window| store.document(&window.result, RESULT))
        .collect::<Result<Vec<StageResult>, _>>()?;
    let figures = figures(&results);
    let width = windows.iter().map(|window| window.label.len()).max();
    let width = width.unwrap_or(0).max("window".len());
    text::say!("\n{}", paint.bold(&format!("Windows of {name}")));
    let heads: String = figures
        .iter()
        .map(|figure| format!("  {:>w$}", printable::line(figure), w = figure.len().max(8)))
        .collect();
    text::say!(
        "  {}",
        paint.dim(&format!(
            "{}       rows{heads}",
            text::pad("window", width + 2)
        ))
    );
    for (window, result) in windows.iter().zip(&results) {
        let mark = match window.verdict {
            Verdict::Pass => paint.green("✓"),
            Verdict::Warn => paint.yellow("!"),
            Verdict::Fail => paint.red("✗"),
            Verdict::Inconclusive => paint.dim("?"),
        };
        let values: String = figures
            .iter()
            .map(|figure| format!("  {:>w$}", value(result, figure), w = figure.len().max(8)))
            .collect();
        text::say!(
            "  {mark} {}  {:>9}{values}  {}",
            text::pad(&window.label, width),
            text::count(window.rows),
            paint.dim(&not_passed(result))
        );
    }
    Ok(())
}

/// The names of figures over all rows of a window, in the order in which they come.
fn figures(results: &[StageResult]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let findings = results.iter().flat_map(|result| &result.findings);
    let whole = findings.filter(|f| is_whole(f) && f.value.is_some());
    let mut names: Vec<String> = whole
        .filter(|finding| seen.insert(finding.name.as_str()))
        .map(|finding| finding.name.clone())
        .collect();
    names.truncate(FIGURES);
    names
}

fn is_whole(finding: &Finding) -> bool {
    finding.subject.is_empty() && finding.slice.is_none()
}

fn value(result: &StageResult, figure: &str) -> String {
    let mut findings = result.findings.iter();
    let found = findings.find(|f| is_whole(f) && f.name == figure);
    found
        .and_then(|finding| finding.value)
        .map_or_else(|| "-".to_owned(), super::figures::short)
}

/// The checks that were not passed, the worst first, each once.
fn not_passed(result: &StageResult) -> String {
    let mut named: Vec<String> = Vec::new();
    for verdict in [Verdict::Fail, Verdict::Warn, Verdict::Inconclusive] {
        for finding in result.findings.iter().filter(|f| f.verdict == verdict) {
            let name = match (finding.subject.is_empty(), &finding.slice) {
                (false, _) => finding.subject.clone(),
                (true, Some(slice)) => format!("{} of {slice}", finding.name),
                (true, None) => finding.name.clone(),
            };
            if !named.contains(&name) {
                named.push(name);
            }
        }
    }
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    let mut text = named.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    printable::line(&text).to_string()
}
