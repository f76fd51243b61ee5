//! Outputs of a step on GitHub: the lines of the file that `$GITHUB_OUTPUT` names.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions#multiline-strings>

use crate::data::{Report, Stage, Status, Verdict};
use crate::text;

/// The most names in a list; the counts beside it count all.
pub const MOST_NAMES: usize = 200;
/// The longest name or text, in characters: GitHub refuses outputs above 1 MB.
const NAME_CHARS: usize = 300;

/// The run as outputs, `name=value` or, for lists with several lines, `name<<DELIMITER`. The crate's README says what each is.
pub fn outputs(report: &Report) -> String {
    values(report)
        .into_iter()
        .map(|(name, value)| assignment(name, &value))
        .collect()
}

/// The outputs by name, in order.
pub fn values(report: &Report) -> Vec<(&'static str, String)> {
    let failed = checks(report, Verdict::Failed);
    let warned = checks(report, Verdict::Warning);
    let closed: Vec<String> = names(report, Stage::is_gate_closed);
    let changed = changed_metrics(report);
    let mut values = vec![
        ("run", name(&report.run)),
        ("pipeline", name(&report.pipeline)),
        ("outcome", report.outcome.word().to_string()),
        ("base", name(report.base.as_deref().unwrap_or_default())),
        ("seconds", format!("{:.3}", report.seconds)),
    ];
    for status in [
        Status::Ran,
        Status::Cached,
        Status::Failed,
        Status::Blocked,
        Status::Cancelled,
    ] {
        values.push((status.word(), report.count(status).to_string()));
    }
    values.extend([
        ("problems", report.problems.len().to_string()),
        (
            "failed_stages",
            list(&names(report, |stage| stage.status == Status::Failed)),
        ),
        ("closed_gates", list(&closed)),
        ("closed_gates_count", closed.len().to_string()),
        ("failed_checks", list(&failed)),
        ("failed_checks_count", failed.len().to_string()),
        ("warned_checks", list(&warned)),
        ("warned_checks_count", warned.len().to_string()),
        ("changed_metrics", list(&changed)),
        ("changed_metrics_count", changed.len().to_string()),
    ]);
    values
}

fn names(report: &Report, which: impl Fn(&Stage) -> bool) -> Vec<String> {
    report
        .stages
        .iter()
        .filter(|stage| which(stage))
        .map(|stage| name(&stage.name))
        .collect()
}

fn checks(report: &Report, verdict: Verdict) -> Vec<String> {
    let all = report
        .stages
        .iter()
        .flat_map(|stage| stage.findings.iter().map(move |finding| (stage, finding)));
    all.filter(|(_, finding)| finding.verdict == verdict)
        .map(|(stage, finding)| name(&format!("{}/{}", stage.name, finding.name())))
        .collect()
}

fn changed_metrics(report: &Report) -> Vec<String> {
    // Without a base every metric would look new.
    let compared = report.metrics.iter().filter(|_| report.base.is_some());
    compared
        .filter(|metric| metric.is_change())
        .map(|metric| name(&format!("{}/{}", metric.stage, metric.metric)))
        .collect()
}

fn name(text: &str) -> String {
    text::clip(&text::line(text), NAME_CHARS)
}

fn list(names: &[String]) -> String {
    names[..names.len().min(MOST_NAMES)].join("\n")
}

fn assignment(name: &str, value: &str) -> String {
    if !value.contains(['\n', '\r']) {
        return format!("{name}={value}\n");
    }
    let delimiter = delimiter(value);
    format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
}

/// A word that does not occur in the value.
fn delimiter(value: &str) -> String {
    let mut word = "LOCKFLIGHT".to_string();
    while value.contains(&word) {
        word.push('_');
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_not_in_its_value() {
        assert_eq!(assignment("a", "b"), "a=b\n");
        assert_eq!(
            assignment("a", "b\nLOCKFLIGHT_"),
            "a<<LOCKFLIGHT__\nb\nLOCKFLIGHT_\nLOCKFLIGHT__\n"
        );
    }
}
