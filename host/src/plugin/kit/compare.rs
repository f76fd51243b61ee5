//! What a case gives, held against what it expects.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use super::bench::{Bench, Called, Ran};
use super::case::Case;
use super::{KitError, Outcome};
use crate::job::OutputRecord;
use crate::table::export;

/// The most lines of a difference that are shown.
const LINES: usize = 10;

/// Runs a case.
///
/// # Errors
/// When the host fails.
pub fn compare(bench: &Bench<'_>, case: &Case) -> Result<Outcome, KitError> {
    let ports = match bench.check(&case.setup)? {
        Called::Answer(ports) => ports,
        Called::Refused(why) => return Ok(refused(case, &why)),
        Called::Fault(what) => return Ok(Outcome::Failed(format!("`check` ended with: {what}"))),
    };
    let ran = match bench.run(&case.setup)? {
        Called::Answer(ran) => ran,
        Called::Refused(why) => return Ok(refused(case, &why)),
        Called::Fault(what) => return Ok(Outcome::Failed(format!("`run` ended with: {what}"))),
    };
    if let Some(expected) = &case.problem {
        return Ok(Outcome::Failed(format!(
            "it works, and should be refused with: {expected}"
        )));
    }
    let mut wrong: Vec<String> = bench.broken(&ports, &ran.result)?.into_iter().collect();
    wrong.extend(findings(case, &ran));
    for (name, path) in &case.outputs {
        wrong.extend(output(bench, &ran, name, path)?);
    }
    Ok(match wrong.is_empty() {
        true => Outcome::Ok,
        false => Outcome::Failed(wrong.join("\n")),
    })
}

fn refused(case: &Case, why: &str) -> Outcome {
    match &case.problem {
        Some(expected) if why.contains(expected.as_str()) => Outcome::Ok,
        Some(expected) => Outcome::Failed(format!("expected: {expected}\nsaid:     {why}")),
        None => Outcome::Failed(format!("the plugin refuses it: {why}")),
    }
}

fn findings(case: &Case, ran: &Ran) -> Option<String> {
    let expected = case.findings.as_ref()?;
    let found = serde_json::to_value(&ran.result.findings).expect("findings are JSON");
    let found = found.as_array().cloned().unwrap_or_default();
    let mut text = String::new();
    if expected.len() != found.len() {
        let _ = writeln!(
            text,
            "{} findings are expected, there are {}",
            expected.len(),
            found.len()
        );
    }
    for (index, finding) in found.iter().enumerate() {
        match expected
            .get(index)
            .map(|expected| (expected, agrees(expected, finding)))
        {
            Some((_, true)) => {}
            Some((expected, false)) => {
                let _ = writeln!(text, "finding {index}:\n- {expected}\n+ {finding}");
            }
            None => drop(writeln!(text, "+ {finding}")),
        }
    }
    (!text.is_empty()).then(|| text.trim_end().to_owned())
}

/// Whether a finding has all that is expected of it.
fn agrees(expected: &Value, found: &Value) -> bool {
    match expected.as_object() {
        Some(members) => members
            .iter()
            .all(|(key, value)| found.get(key) == Some(value)),
        None => false,
    }
}

/// Where an output is not what it should be: tables are compared as the text of a CSV, so that types play no part that it does not show.
fn output(
    bench: &Bench<'_>,
    ran: &Ran,
    name: &str,
    path: &Path,
) -> Result<Option<String>, KitError> {
    let digest = match ran.result.outputs.get(name) {
        Some(OutputRecord::Table { digest, .. }) => digest,
        Some(OutputRecord::Blob { digest, .. }) => {
            let same = bench.ground.store.blob(digest)? == read(path)?;
            return Ok((!same).then(|| {
                format!(
                    "the output `{name}` has other bytes than {}",
                    path.display()
                )
            }));
        }
        None => return Ok(Some(format!("there is no output `{name}`"))),
    };
    if path.extension().is_none_or(|ending| ending != "csv") {
        return Err(KitError::Case {
            path: path.to_owned(),
            problem: "a table that is expected is a .csv".into(),
        });
    }
    let unwritten = |error: std::io::Error| KitError::Read {
        path: path.to_owned(),
        error,
    };
    let folder = tempfile::tempdir().map_err(unwritten)?;
    let file = folder.path().join("found.csv");
    let table = bench.ground.store.table(digest)?;
    export::export(bench.ground.store, &table, &file)
        .map_err(|error| unwritten(std::io::Error::other(error)))?;
    let (expected, found) = (read(path)?, read(&file)?);
    let (expected, found) = (
        String::from_utf8_lossy(&expected),
        String::from_utf8_lossy(&found),
    );
    Ok(lines(&expected, &found).map(|text| format!("the output `{name}`:\n{text}")))
}

fn read(path: &Path) -> Result<Vec<u8>, KitError> {
    std::fs::read(path).map_err(|error| KitError::Read {
        path: path.to_owned(),
        error,
    })
}

/// The first lines that differ, those expected after `-`, those found after `+`.
fn lines(expected: &str, found: &str) -> Option<String> {
    let (expected, found): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    let count = expected.len().max(found.len());
    let mut text = String::new();
    let differing = (0..count).filter(|&line| expected.get(line) != found.get(line));
    let mut more = 0;
    for (shown, line) in differing.enumerate() {
        if shown >= LINES {
            more += 1;
            continue;
        }
        let _ = writeln!(text, "line {}:", line + 1);
        for (sign, side) in [("-", &expected), ("+", &found)] {
            if let Some(side) = side.get(line) {
                let _ = writeln!(text, "{sign} {side}");
            }
        }
    }
    if more > 0 {
        let _ = writeln!(text, "and {more} more lines");
    }
    (!text.is_empty()).then(|| text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_that_differ_are_shown_with_their_number() {
        assert_eq!(lines("a\nb\n", "a\nb"), None);
        assert_eq!(
            lines("a\nb\n", "a\nc\nd\n").as_deref(),
            Some("line 2:\n- b\n+ c\nline 3:\n+ d")
        );
        let many = "x\n".repeat(12);
        assert!(lines(&many, "").is_some_and(|text| text.ends_with("and 2 more lines")));
    }

    #[test]
    fn only_what_is_named_of_a_finding_has_to_agree() {
        let found = json!({"name": "not-null", "failed": 2});
        assert!(agrees(&json!({"failed": 2}), &found));
        assert!(!agrees(&json!({"failed": 3}), &found));
        assert!(!agrees(&json!({"other": null}), &found));
    }
}
