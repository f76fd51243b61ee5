//! Annotations on GitHub: workflow commands on a line of standard output each.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>; escapes as in `@actions/core`.

use crate::data::{Condition, Finding, Problem, Report, Stage, Status, Verdict};
use crate::text;

/// How many of a kind GitHub shows for a step.
pub const MOST_OF_A_KIND: usize = 10;
/// The longest message, in characters.
const MESSAGE_CHARS: usize = 2000;
/// The longest title, in characters.
const TITLE_CHARS: usize = 200;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
}

struct Annotation {
    level: Level,
    file: String,
    line: Option<u32>,
    column: Option<u32>,
    title: String,
    message: String,
}

/// The run as workflow commands, each on one line without its end: errors first, at most ten errors and ten warnings.
///
/// The tenth says how many more there are when there are. A failed check is an error when its stage's gate is closed; an open
/// gate let it through, so it is a warning then.
pub fn annotations(report: &Report) -> Vec<String> {
    let mut all: Vec<Annotation> = report
        .problems
        .iter()
        .map(|problem| of_problem(report, problem))
        .collect();
    all.extend(
        report
            .stages
            .iter()
            .filter_map(|stage| of_failure(report, stage)),
    );
    for stage in &report.stages {
        all.extend(of_gate(report, stage));
    }
    for stage in &report.stages {
        all.extend(
            stage
                .findings
                .iter()
                .filter_map(|finding| of_finding(report, stage, finding)),
        );
    }
    let mut commands = limited(report, &all, Level::Error);
    commands.extend(limited(report, &all, Level::Warning));
    commands
}

fn of_problem(report: &Report, problem: &Problem) -> Annotation {
    Annotation {
        level: Level::Error,
        file: problem
            .file
            .clone()
            .unwrap_or_else(|| report.manifest.clone()),
        line: problem.line,
        column: problem.column,
        title: format!("{}: not started", report.pipeline),
        message: problem.message.clone(),
    }
}

fn at_stage(
    report: &Report,
    stage: &Stage,
    level: Level,
    what: &str,
    message: String,
) -> Annotation {
    Annotation {
        level,
        file: report.manifest.clone(),
        line: stage.line,
        column: None,
        title: format!("{}.{}: {what}", report.pipeline, stage.name),
        message,
    }
}

fn of_failure(report: &Report, stage: &Stage) -> Option<Annotation> {
    let error = stage.error.as_deref().unwrap_or("the stage failed");
    (stage.status == Status::Failed).then(|| {
        at_stage(
            report,
            stage,
            Level::Error,
            "stage failed",
            error.to_string(),
        )
    })
}

fn of_gate(report: &Report, stage: &Stage) -> Vec<Annotation> {
    let Some(gate) = stage.gate.as_ref().filter(|gate| !gate.open) else {
        return Vec::new();
    };
    let broken: Vec<&Condition> = gate
        .conditions
        .iter()
        .filter(|condition| !condition.holds)
        .collect();
    if broken.is_empty() {
        return vec![at_stage(
            report,
            stage,
            Level::Error,
            "gate closed",
            "the gate is closed".to_string(),
        )];
    }
    broken
        .into_iter()
        .map(|condition| of_condition(report, stage, condition))
        .collect()
}

fn of_condition(report: &Report, stage: &Stage, condition: &Condition) -> Annotation {
    let mut message = format!("{} does not hold", condition.rule);
    for saw in &condition.saw {
        message.push('\n');
        message.push_str(saw);
    }
    let at = at_stage(report, stage, Level::Error, "gate closed", message);
    Annotation {
        line: condition.line.or(stage.line),
        ..at
    }
}

fn of_finding(report: &Report, stage: &Stage, finding: &Finding) -> Option<Annotation> {
    let level = match finding.verdict {
        Verdict::Passed | Verdict::Skipped => return None,
        Verdict::Failed if stage.is_gate_closed() => Level::Error,
        Verdict::Failed | Verdict::Warning => Level::Warning,
    };
    let what = match finding.verdict {
        Verdict::Failed => "check failed",
        _ => "check warns",
    };
    let mut message = finding.name();
    if !finding.message.is_empty() {
        message = format!("{message}: {}", finding.message);
    }
    if let Some(share) = finding.failed_share() {
        message = format!("{message}\n{share}");
    }
    Some(at_stage(report, stage, level, what, message))
}

fn limited(report: &Report, all: &[Annotation], level: Level) -> Vec<String> {
    let of_level: Vec<&Annotation> = all.iter().filter(|one| one.level == level).collect();
    if of_level.len() <= MOST_OF_A_KIND {
        return of_level.into_iter().map(command).collect();
    }
    let shown = MOST_OF_A_KIND - 1;
    let mut commands: Vec<String> = of_level[..shown].iter().map(|one| command(one)).collect();
    let more = of_level.len() - shown;
    commands.push(command(&Annotation {
        level,
        file: report.manifest.clone(),
        line: None,
        column: None,
        title: format!("{}: {more} more", report.pipeline),
        message: format!("{more} more; the summary and the JUnit report have them"),
    }));
    commands
}

fn command(annotation: &Annotation) -> String {
    let word = match annotation.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let mut properties = vec![format!("file={}", property(&text::line(&annotation.file)))];
    properties.extend(annotation.line.map(|line| format!("line={line}")));
    properties.extend(annotation.column.map(|column| format!("col={column}")));
    let title = text::clip(&text::line(&annotation.title), TITLE_CHARS);
    properties.push(format!("title={}", property(&title)));
    let message = text::clip(&text::lines(&annotation.message), MESSAGE_CHARS);
    format!("::{word} {}::{}", properties.join(","), data(&message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_exact() {
        assert_eq!(data("5 %\r\na:b,c"), "5 %25%0D%0Aa:b,c");
        assert_eq!(property("5 %\na:b,c"), "5 %25%0Aa%3Ab%2Cc");
    }
}
