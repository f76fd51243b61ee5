//! The formats byte for byte. After a wanted change: `UPDATE_GOLDEN=1 cargo test -p lockflight-ci --test golden`.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;

use lockflight_ci::{annotations, junit, markdown, open_metrics, outputs, summary};

fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(&path).unwrap(), "{name}");
}

#[test]
fn a_run_with_everything() {
    let report = common::everything();
    check("run.junit.xml", &junit(&report));
    check("run.md", &summary(&report, markdown::COMMENT_CHARS));
    check(
        "run.annotations.txt",
        &(annotations(&report).join("\n") + "\n"),
    );
    check("run.outputs.txt", &outputs(&report));
    check("run.metrics.txt", &open_metrics(&report));
}

#[test]
fn a_run_with_nothing_to_compare_with() {
    let mut report = common::everything();
    report.base = None;
    report.base_missing = Some("no run of main is in the store".to_string());
    check("no-base.md", &summary(&report, markdown::COMMENT_CHARS));
}

#[test]
fn a_shortened_summary() {
    let mut report = common::everything();
    for count in 0..40 {
        report.stages.push(common::stage(
            &format!("extra-{count}"),
            "prepare",
            lockflight_ci::data::Status::Ran,
        ));
    }
    check("short.md", &summary(&report, 1500));
}

#[test]
fn a_manifest_that_cannot_be_run() {
    let report = common::misconfigured();
    check("problems.junit.xml", &junit(&report));
    check("problems.md", &summary(&report, markdown::COMMENT_CHARS));
    check(
        "problems.annotations.txt",
        &(annotations(&report).join("\n") + "\n"),
    );
}

#[test]
fn the_tenth_annotation_counts_the_rest() {
    let mut report = common::misconfigured();
    let problem = report.problems[0].clone();
    report.problems = vec![problem; 12];
    let commands = annotations(&report);
    assert_eq!(commands.len(), 10);
    assert_eq!(
        commands[9],
        "::error file=lockflight.toml,title=penguins%3A 3 more::3 more; the summary and the JUnit report have them"
    );
}
