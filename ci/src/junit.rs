//! JUnit XML: <https://github.com/testmoapp/junitxml> describes what GitLab, Jenkins and others read.

use std::collections::HashMap;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use crate::data::{Condition, Finding, Gate, Problem, Report, Stage, Status, Verdict};
use crate::text;

/// The longest message in an attribute, in characters; what follows is in the element's text.
const MESSAGE_CHARS: usize = 1000;

/// The run as JUnit XML: a suite for each stage, with a case for the stage itself, for each check and for each condition of its gate.
///
/// Failed checks and conditions are failures, failed stages and problems errors; blocked and cancelled stages are skipped, and so are
/// checks that were.
pub fn junit(report: &Report) -> String {
    let mut xml = quick_junit::Report::new(text::line(&report.pipeline));
    xml.time = duration(report.seconds);
    if !report.problems.is_empty() {
        xml.add_test_suite(problem_suite(report));
    }
    for stage in &report.stages {
        xml.add_test_suite(stage_suite(report, stage));
    }
    xml.to_string()
        .expect("writing to memory does not fail, and all text is UTF-8")
}

fn problem_suite(report: &Report) -> TestSuite {
    let cases = report
        .problems
        .iter()
        .map(|problem| problem_case(report, problem))
        .collect();
    suite(report, "manifest", cases)
}

fn problem_case(report: &Report, problem: &Problem) -> TestCase {
    let file = problem.file.as_ref().unwrap_or(&report.manifest);
    let mut name = file.clone();
    for place in [problem.line, problem.column].into_iter().flatten() {
        name = format!("{name}:{place}");
    }
    let status = failed(
        NonSuccessKind::Error,
        "problem",
        &problem.message,
        &problem.message,
    );
    let mut case = TestCase::new(text::line(&name), status);
    case.extra.insert("file".into(), text::line(file).into());
    case
}

fn stage_suite(report: &Report, stage: &Stage) -> TestSuite {
    let mut cases = vec![stage_case(stage)];
    cases.extend(stage.findings.iter().map(finding_case));
    if let Some(gate) = &stage.gate {
        cases.extend(gate_cases(gate));
    }
    let mut suite = suite(report, &stage.name, cases);
    suite.time = stage.seconds.and_then(duration);
    for (name, value) in [
        ("kind", Some(&stage.kind)),
        ("plugin", stage.plugin.as_ref()),
        ("key", stage.key.as_ref()),
        ("run", Some(&report.run)),
    ] {
        if let Some(value) = value {
            suite.add_property(Property::new(name, text::line(value)));
        }
    }
    suite
}

fn suite(report: &Report, name: &str, cases: Vec<TestCase>) -> TestSuite {
    let class = text::line(&format!("{}.{name}", report.pipeline));
    let mut suite = TestSuite::new(class.as_str());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for mut case in cases {
        // GitLab takes two cases of one name for the same and shows one.
        let count = seen.entry(case.name.as_str().to_string()).or_default();
        *count += 1;
        if *count > 1 {
            case.name = format!("{} #{count}", case.name.as_str()).into();
        }
        case.set_classname(class.as_str());
        case.extra
            .entry("file".into())
            .or_insert_with(|| text::line(&report.manifest).into());
        suite.add_test_case(case);
    }
    // The writer counts skipped cases as disabled, which no reader asks for.
    let skipped = std::mem::take(&mut suite.disabled);
    suite
        .extra
        .insert("skipped".into(), skipped.to_string().into());
    suite
}

fn stage_case(stage: &Stage) -> TestCase {
    let status = match stage.status {
        Status::Ran | Status::Cached => TestCaseStatus::success(),
        Status::Failed => {
            let error = stage.error.as_deref().unwrap_or("the stage failed");
            let mut all = vec![error.to_string()];
            all.extend(stage.log.iter().cloned());
            failed(NonSuccessKind::Error, "stage", error, &all.join("\n"))
        }
        Status::Blocked | Status::Cancelled => {
            skipped(stage.error.as_deref().unwrap_or(stage.status.word()))
        }
    };
    let mut case = TestCase::new("stage", status);
    case.time = stage.seconds.and_then(duration);
    if stage.status == Status::Cached {
        case.set_system_out("cached: the result was there already");
    }
    case
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message(why));
    status
}

fn finding_case(finding: &Finding) -> TestCase {
    let said = [Some(finding.message.clone()), finding.failed_share()]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty());
    let said = said.collect::<Vec<_>>().join("\n");
    let status = match finding.verdict {
        Verdict::Failed => failed(
            NonSuccessKind::Failure,
            &finding.check,
            &finding.message,
            &said,
        ),
        Verdict::Passed | Verdict::Warning => TestCaseStatus::success(),
        Verdict::Skipped => skipped(&said),
    };
    let mut case = TestCase::new(text::line(&finding.name()), status);
    if finding.verdict == Verdict::Warning {
        case.set_system_out(text::lines(&format!("warning: {said}")));
    }
    case
}

fn gate_cases(gate: &Gate) -> Vec<TestCase> {
    let mut cases: Vec<TestCase> = gate.conditions.iter().map(condition_case).collect();
    // A closed gate is never without a failure.
    if !gate.open && gate.conditions.iter().all(|condition| condition.holds) {
        let said = "the gate is closed";
        cases.push(TestCase::new(
            "gate",
            failed(NonSuccessKind::Failure, "gate", said, said),
        ));
    }
    cases
}

fn condition_case(condition: &Condition) -> TestCase {
    let status = if condition.holds {
        TestCaseStatus::success()
    } else {
        let saw = condition.saw.join("; ");
        let short = format!("{} does not hold: {saw}", condition.rule);
        let long = format!("{}\n{}", condition.rule, condition.saw.join("\n"));
        failed(NonSuccessKind::Failure, "gate", &short, &long)
    };
    TestCase::new(text::line(&format!("gate: {}", condition.rule)), status)
}

fn failed(kind: NonSuccessKind, ty: &str, short: &str, long: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    // Readers show the message alone, so there always is one.
    let short = if short.trim().is_empty() {
        "failed"
    } else {
        short
    };
    status.set_type(text::line(ty)).set_message(message(short));
    status.set_description(text::lines(long));
    status
}

fn message(text: &str) -> String {
    text::clip(&text::line(text), MESSAGE_CHARS)
}

fn duration(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}
