//! Whatever the texts are, every format stays what it is.

#![allow(clippy::unwrap_used)]

mod common;

use lockflight_ci::data::{
    Finding, FindingChange, MetricChange, Outcome, Problem, Report, Status, Verdict,
};
use lockflight_ci::outputs::values;
use lockflight_ci::{annotations, junit, open_metrics, outputs, summary};
use proptest::collection::vec;
use proptest::prelude::*;

/// Any characters, and the ones that mean something in a format more often.
fn text() -> impl Strategy<Value = String> {
    let special = "[\u{0}-\u{1f}\u{7f}-\u{9f}\u{2028}\u{fffe}\u{ffff}<>&\"'|`\\\\@#:,%=\\]\\[!*_\n\r -]{0,24}";
    prop_oneof![
        any::<String>(),
        special,
        Just("LOCKFLIGHT\nLOCKFLIGHT_".to_string()),
        Just("a\n::error::b".to_string()),
        Just("\u{1b}]0;title".to_string()),
        Just("````\n<!-- ]]>".to_string()),
    ]
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Passed),
        Just(Verdict::Warning),
        Just(Verdict::Failed),
        Just(Verdict::Skipped)
    ]
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Ran),
        Just(Status::Cached),
        Just(Status::Failed),
        Just(Status::Blocked),
        Just(Status::Cancelled)
    ]
}

fn finding() -> impl Strategy<Value = Finding> {
    (
        text(),
        proptest::option::of(text()),
        verdict(),
        text(),
        any::<Option<u64>>(),
    )
        .prop_map(|(check, column, verdict, message, failed_rows)| Finding {
            check,
            column,
            verdict,
            message,
            failed_rows,
            rows: failed_rows,
        })
}

prop_compose! {
    fn stage()(
        name in text(), kind in text(), status in status(), seconds in any::<Option<f64>>(), error in proptest::option::of(text()),
        findings in vec(finding(), 0..5), log in vec(text(), 0..5), open in any::<bool>(), rule in text(), holds in any::<bool>(),
        saw in vec(text(), 0..8),
    ) -> lockflight_ci::data::Stage {
        let condition = lockflight_ci::data::Condition { rule, holds, saw, line: None };
        let gate = Some(lockflight_ci::data::Gate { open, conditions: vec![condition] });
        lockflight_ci::data::Stage { kind, seconds, error, findings, log, gate, ..common::stage(&name, "", status) }
    }
}

prop_compose! {
    fn report()(
        names in (text(), text(), text(), text()), base in proptest::option::of(text()), seconds in any::<f64>(),
        stages in vec(stage(), 0..5),
        metrics in vec((text(), text(), any::<Option<f64>>(), any::<Option<f64>>()), 0..14),
        findings in vec((text(), text(), proptest::option::of(verdict()), proptest::option::of(verdict())), 0..14),
        problems in vec((text(), proptest::option::of(text())), 0..14),
    ) -> Report {
        let (pipeline, run, missing, manifest) = names;
        let metrics = metrics.into_iter().map(|(stage, metric, old, new)| MetricChange { stage, metric, old, new });
        let findings = findings.into_iter().map(|(stage, check, old, new)| FindingChange { stage, check, old, new });
        let problems = problems.into_iter().map(|(message, file)| Problem { message, file, line: Some(1), column: None });
        Report {
            pipeline, run, base, base_missing: Some(missing), manifest, seconds, outcome: Outcome::Failed, stages,
            metrics: metrics.collect(), findings: findings.collect(), problems: problems.collect(),
        }
    }
}

/// Reads the file of outputs as GitHub's runner does.
fn read_outputs(text: &str) -> Vec<(String, String)> {
    let mut read = Vec::new();
    let mut lines = text.split_terminator('\n');
    while let Some(line) = lines.next() {
        let equals = line.find('=').unwrap_or(usize::MAX);
        match line.find("<<").filter(|at| *at < equals) {
            None => read.push((line[..equals].to_string(), line[equals + 1..].to_string())),
            Some(at) => {
                let value: Vec<&str> = lines
                    .by_ref()
                    .take_while(|inner| *inner != &line[at + 2..])
                    .collect();
                read.push((line[..at].to_string(), value.join("\n")));
            }
        }
    }
    read
}

/// The lines outside of fenced blocks.
fn outside_of_fences(markdown: &str) -> Vec<&str> {
    let mut fence: Option<String> = None;
    let mut outside = Vec::new();
    for line in markdown.lines() {
        match &fence {
            Some(end) if line == end => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => {
                fence = Some(line.trim_end_matches("text").to_string())
            }
            None => outside.push(line),
        }
    }
    assert!(fence.is_none(), "a block is not closed");
    outside
}

fn check_tables(markdown: &str) {
    let mut cells = None;
    for line in outside_of_fences(markdown) {
        if line.starts_with('|') {
            let count = line.matches('|').count();
            assert_eq!(count, *cells.get_or_insert(count), "{line}");
            assert!(line.ends_with('|'), "{line}");
        } else {
            assert!(!line.contains('|'), "{line}");
            cells = None;
        }
    }
}

fn is_xml(char: char) -> bool {
    matches!(char, '\n' | '\t' | ' '..) && !matches!(char, '\u{fffe}' | '\u{ffff}')
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn junit_is_well_formed_and_counts_right(report in report()) {
        let xml = junit(&report);
        let read = quick_junit::Report::deserialize_from_str(&xml).unwrap();
        let problems = usize::from(!report.problems.is_empty());
        prop_assert_eq!(read.test_suites.len(), report.stages.len() + problems);
        for suite in &read.test_suites {
            prop_assert_eq!(suite.tests, suite.test_cases.len());
        }
        prop_assert_eq!(read.tests, xml.matches("<testcase ").count());
        prop_assert_eq!(read.failures, xml.matches("<failure ").count());
        prop_assert_eq!(read.errors, xml.matches("<error ").count());
        let skipped: usize = read.test_suites.iter().map(|suite| suite.extra["skipped"].parse::<usize>().unwrap()).sum();
        prop_assert_eq!(skipped, xml.matches("<skipped ").count());
        prop_assert!(xml.chars().all(is_xml));
    }

    #[test]
    fn a_summary_keeps_its_limit_and_its_tables(report in report(), most in 0_usize..6000) {
        for most in [most, usize::MAX] {
            let markdown = summary(&report, most);
            prop_assert!(markdown.len() <= most);
            check_tables(&markdown);
        }
    }

    #[test]
    fn an_annotation_is_one_line(report in report()) {
        let commands = annotations(&report);
        for kind in ["::error ", "::warning "] {
            prop_assert!(commands.iter().filter(|command| command.starts_with(kind)).count() <= 10);
        }
        for command in &commands {
            prop_assert!(!command.contains(['\n', '\r']));
            prop_assert!(command.starts_with("::error file=") || command.starts_with("::warning file="));
            // The properties end at the first `::`, so none may have one.
            let (properties, _) = command[2..].split_once("::").unwrap();
            for property in properties.split_once(' ').unwrap().1.split(',') {
                let (name, _) = property.split_once('=').unwrap();
                prop_assert!(["file", "line", "col", "title"].contains(&name));
            }
        }
    }

    #[test]
    fn outputs_read_back(report in report()) {
        let wrote: Vec<(String, String)> = values(&report).into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        prop_assert_eq!(read_outputs(&outputs(&report)), wrote);
    }

    #[test]
    fn metrics_are_a_line_each(report in report()) {
        let text = open_metrics(&report);
        prop_assert!(text.ends_with("# EOF\n"));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            prop_assert!(!line.contains('#'));
            let (series, value) = line.rsplit_once(' ').unwrap();
            let whole = series.starts_with("lockflight_") && series.ends_with("\"}");
            prop_assert!(whole);
            prop_assert!(value.parse::<f64>().is_ok());
            let bare = series.replace("\\\\", "").replace("\\\"", "");
            prop_assert_eq!(bare.matches('"').count(), 6);
        }
    }
}
