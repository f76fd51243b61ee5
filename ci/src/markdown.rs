//! The summary of a run in Markdown, for a step's page or a comment; GitHub and GitLab show it alike.

use crate::checks;
use crate::data::{Outcome, Report, Status};
use crate::escape::inline;
use crate::number::time;
use crate::section::{Section, fit};
use crate::sections;

/// The longest summary of a step on GitHub, in bytes; what is longer is dropped as a whole.
pub const STEP_SUMMARY_BYTES: usize = 1024 * 1024;

/// The longest comment on GitHub, in characters; a summary with as many bytes has no more characters.
pub const COMMENT_CHARS: usize = 65_536;

/// The run in Markdown, never longer than so many bytes: its outcome, then the most important first.
///
/// Sections are shortened by whole rows, and say how many are left out. When not even the title fits, the text is empty.
/// Texts of plugins and data are shown as they are: no Markdown, HTML, link or mention comes of them.
pub fn summary(report: &Report, most_bytes: usize) -> String {
    let parts: [fn(&Report) -> Option<Section>; 6] = [
        sections::problems,
        sections::failed_stages,
        sections::conditions,
        checks::section,
        sections::metrics,
        sections::stages,
    ];
    let parts: Vec<Section> = parts.into_iter().filter_map(|part| part(report)).collect();
    fit(title(report), &parts, most_bytes)
}

fn title(report: &Report) -> String {
    format!(
        "## {}: {}\n\n{}\n{}",
        inline(&report.pipeline),
        word(report.outcome),
        facts(report),
        compared(report)
    )
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::GateClosed => "gate closed",
        Outcome::Misconfigured => "misconfigured",
        Outcome::Failed => "failed",
        Outcome::Cancelled => "cancelled",
    }
}

fn facts(report: &Report) -> String {
    let statuses = [
        Status::Ran,
        Status::Cached,
        Status::Failed,
        Status::Blocked,
        Status::Cancelled,
    ];
    let counts = statuses
        .into_iter()
        .map(|status| (report.count(status), status.word()));
    let counts: Vec<String> = counts
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let run = match report.run.as_str() {
        "" => "Not started,".to_string(),
        id => format!("Run {},", inline(id)),
    };
    let mut facts = format!("{run} {}", time(report.seconds));
    if !counts.is_empty() {
        facts = format!("{facts}: {}", counts.join(", "));
    }
    facts
}

fn compared(report: &Report) -> String {
    match (&report.base, &report.base_missing) {
        (Some(base), _) => format!("\nCompared with {}.\n", inline(base)),
        (None, Some(why)) => format!("\nNothing to compare with: {}\n", inline(why)),
        (None, None) => String::new(),
    }
}
