//! A report with everything in it.

// Each test file uses a part of it.
#![allow(dead_code)]

use lockflight_ci::data::{
    Condition, Finding, FindingChange, Gate, MetricChange, Outcome, Problem, Report, Stage, Status,
    Verdict,
};

/// A run that failed in one stage, closed a gate in another and has texts that try to be more than text.
pub fn everything() -> Report {
    Report {
        pipeline: "penguins".to_string(),
        run: "0193a5c2-7d1e-7000-8000-00000000002a".to_string(),
        base: Some("main".to_string()),
        base_missing: None,
        manifest: "pipelines/lockflight.toml".to_string(),
        seconds: 83.456,
        outcome: Outcome::Failed,
        stages: vec![
            raw(),
            clean(),
            train(),
            evaluate(),
            stage("publish", "publish", Status::Cancelled),
        ],
        metrics: metrics(),
        findings: changes(),
        problems: Vec::new(),
    }
}

/// A manifest that cannot be run.
pub fn misconfigured() -> Report {
    Report {
        pipeline: "penguins".to_string(),
        run: String::new(),
        base: None,
        base_missing: Some("no run of `main` is in the store".to_string()),
        manifest: "lockflight.toml".to_string(),
        seconds: 0.02,
        outcome: Outcome::Misconfigured,
        stages: Vec::new(),
        metrics: Vec::new(),
        findings: Vec::new(),
        problems: vec![
            Problem {
                message: "unknown key `inptus`\nhelp: did you mean `inputs`?".to_string(),
                file: None,
                line: Some(12),
                column: Some(1),
            },
            Problem {
                message: "cannot be read: no such file".to_string(),
                file: Some("rules,a:b.toml".to_string()),
                line: None,
                column: None,
            },
        ],
    }
}

pub fn stage(name: &str, kind: &str, status: Status) -> Stage {
    Stage {
        name: name.to_string(),
        kind: kind.to_string(),
        plugin: None,
        status,
        seconds: None,
        key: None,
        line: None,
        findings: Vec::new(),
        gate: None,
        error: None,
        log: Vec::new(),
    }
}

fn raw() -> Stage {
    Stage {
        plugin: Some("csv".to_string()),
        key: Some("b3:1111".to_string()),
        line: Some(10),
        ..stage("raw", "ingest", Status::Cached)
    }
}

fn clean() -> Stage {
    Stage {
        plugin: Some("contract".to_string()),
        seconds: Some(1.25),
        key: Some("b3:2222".to_string()),
        line: Some(17),
        findings: vec![
            finding("not_null", Some("species"), Verdict::Passed, "", Some(0)),
            finding(
                "between",
                Some("body_mass_g"),
                Verdict::Failed,
                "28 values above 5500, e.g. 6300",
                Some(28),
            ),
            finding(
                "between",
                Some("body_mass_g"),
                Verdict::Warning,
                "5 values near the limit",
                Some(5),
            ),
            finding(
                "in_set",
                Some("sex"),
                Verdict::Failed,
                "<img src=x> | @everyone [a](http://b.c)\n]]>",
                None,
            ),
        ],
        gate: Some(Gate {
            open: false,
            conditions: vec![
                condition(
                    "no-fail",
                    false,
                    &["between (body_mass_g): failed", "in_set (sex): failed"],
                    Some(23),
                ),
                condition("failed-rows < 10 %", true, &["8.1 %"], None),
            ],
        }),
        ..stage("clean", "validate", Status::Ran)
    }
}

fn train() -> Stage {
    Stage {
        plugin: Some("gbdt".to_string()),
        seconds: Some(62.0),
        line: Some(30),
        error: Some("trapped: out of memory\n100% of 512 MiB used".to_string()),
        log: vec![
            "\u{1b}[31mround 1\u{1b}[0m".to_string(),
            "```".to_string(),
            "</details> ::error::not a command".to_string(),
        ],
        ..stage("train", "train", Status::Failed)
    }
}

fn evaluate() -> Stage {
    Stage {
        line: Some(38),
        error: Some("blocked by train".to_string()),
        ..stage("evaluate", "evaluate", Status::Blocked)
    }
}

fn finding(
    check: &str,
    column: Option<&str>,
    verdict: Verdict,
    message: &str,
    failed: Option<u64>,
) -> Finding {
    Finding {
        check: check.to_string(),
        column: column.map(str::to_string),
        verdict,
        message: message.to_string(),
        failed_rows: failed,
        rows: Some(344),
    }
}

fn condition(rule: &str, holds: bool, saw: &[&str], line: Option<u32>) -> Condition {
    let saw = saw.iter().map(|saw| saw.to_string()).collect();
    Condition {
        rule: rule.to_string(),
        holds,
        saw,
        line,
    }
}

fn metrics() -> Vec<MetricChange> {
    [
        ("train", "rmse{split=test}", Some(0.5), Some(0.4712345678)),
        ("train", "rows", Some(342.0), Some(342.0)),
        ("train", "auc|\"é\" #1", None, Some(0.9)),
        ("train", "depth", Some(6.0), None),
        ("clean", "kept", Some(340.0), Some(1_234_567.0)),
        ("clean", "mean", Some(f64::NAN), Some(f64::NAN)),
    ]
    .into_iter()
    .map(|(stage, metric, old, new)| MetricChange {
        stage: stage.to_string(),
        metric: metric.to_string(),
        old,
        new,
    })
    .collect()
}

fn changes() -> Vec<FindingChange> {
    [
        (
            "not_null (species)",
            Some(Verdict::Failed),
            Some(Verdict::Passed),
        ),
        (
            "between (body_mass_g)",
            Some(Verdict::Passed),
            Some(Verdict::Warning),
        ),
        ("in_set (sex)", Some(Verdict::Passed), Some(Verdict::Failed)),
        ("unique (id)", Some(Verdict::Warning), None),
        (
            "between (body_mass_g)",
            Some(Verdict::Failed),
            Some(Verdict::Failed),
        ),
        (
            "row_count_between",
            Some(Verdict::Passed),
            Some(Verdict::Passed),
        ),
    ]
    .into_iter()
    .map(|(check, old, new)| FindingChange {
        stage: "clean".to_string(),
        check: check.to_string(),
        old,
        new,
    })
    .collect()
}
