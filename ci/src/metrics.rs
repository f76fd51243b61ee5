//! GitLab's metrics report, OpenMetrics text: <https://docs.gitlab.com/ci/testing/metrics_reports/>.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::data::{Report, Verdict};
use crate::text;

/// The longest label, in characters.
const LABEL_CHARS: usize = 300;

/// The metrics and the number of checks of each stage, a line each.
///
/// Times are left out: they differ between any two runs, and GitLab would show each as a change.
pub fn open_metrics(report: &Report) -> String {
    let mut out = String::new();
    values(report, &mut out);
    checks(report, &mut out);
    out.push_str("# EOF\n");
    out
}

fn values(report: &Report, out: &mut String) {
    out.push_str("# TYPE lockflight_metric gauge\n# HELP lockflight_metric A metric of a stage.\n");
    let mut seen = HashSet::new();
    for metric in &report.metrics {
        let Some(value) = metric.new else { continue };
        let labels = [
            ("pipeline", report.pipeline.as_str()),
            ("stage", &metric.stage),
            ("metric", &metric.metric),
        ];
        let series = series("lockflight_metric", &labels);
        // The format allows a series once.
        if seen.insert(series.clone()) {
            push(out, &series, &float(value));
        }
    }
}

fn checks(report: &Report, out: &mut String) {
    out.push_str("# TYPE lockflight_checks gauge\n# HELP lockflight_checks How many checks of a stage had this verdict.\n");
    let mut seen = HashSet::new();
    for stage in report
        .stages
        .iter()
        .filter(|stage| !stage.findings.is_empty())
    {
        for verdict in [Verdict::Passed, Verdict::Warning, Verdict::Failed] {
            let labels = [
                ("pipeline", report.pipeline.as_str()),
                ("stage", &stage.name),
                ("verdict", verdict.word()),
            ];
            let series = series("lockflight_checks", &labels);
            let count = stage
                .findings
                .iter()
                .filter(|finding| finding.verdict == verdict)
                .count();
            if seen.insert(series.clone()) {
                push(out, &series, &count.to_string());
            }
        }
    }
}

fn series(name: &str, labels: &[(&str, &str)]) -> String {
    let labels: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", label(value)))
        .collect();
    format!("{name}{{{}}}", labels.join(","))
}

fn push(out: &mut String, series: &str, value: &str) {
    writeln!(out, "{series} {value}").expect("writing to a string does not fail");
}

/// A label's value; it has no end of line that would need the third escape of the format.
fn label(text: &str) -> String {
    let text = text::clip(&text::line(text), LABEL_CHARS);
    // GitLab takes `#` for the start of a comment wherever it is, so another sign stands for it.
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('#', "＃")
}

fn float(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_string()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf" } else { "-Inf" }.to_string()
    } else {
        // The shortest text that reads back as the same number.
        format!("{value:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_values_are_escaped() {
        assert_eq!(label("a\\b\"c\n#"), "a\\\\b\\\"c ＃");
        assert_eq!(float(1e21), "1e21");
        assert_eq!(float(f64::NEG_INFINITY), "-Inf");
    }
}
