//! What a case gives, held against what it expects.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_schema::FieldRef;
use serde_json::Value;

use super::bench::{Bench, Called, Fault, Ran};
use super::case::Case;
use super::{KitError, Outcome, files};
use crate::digest::Digest;
use crate::job::OutputRecord;
use crate::store::Store;
use crate::table::schema::TableSchema;
use crate::table::show::type_name;
use crate::table::{TableDoc, export};

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
        Called::Fault(fault) => return Ok(ended("check", &fault)),
    };
    let ran = match bench.run(&case.setup)? {
        Called::Answer(ran) => ran,
        Called::Refused(why) => return Ok(refused(case, &why)),
        Called::Fault(fault) => return Ok(ended("run", &fault)),
    };
    if let Some(expected) = &case.expected.problem {
        return Ok(Outcome::Failed(format!(
            "it works, and should be refused with: {expected}"
        )));
    }
    let mut wrong: Vec<String> = bench
        .broken(&case.setup, &ports, &ran.result)?
        .into_iter()
        .collect();
    wrong.extend(findings(case, &ran));
    wrong.extend(answer(bench.ground.store, case, &ran)?);
    for (name, path) in &case.expected.outputs {
        wrong.extend(output(bench, &ran, name, path)?);
    }
    Ok(match wrong.is_empty() {
        true => Outcome::Ok,
        false => Outcome::Failed(wrong.join("\n")),
    })
}

fn ended(call: &str, fault: &Fault) -> Outcome {
    Outcome::Failed(format!("`{call}` ended with: {}", fault.message))
}

fn refused(case: &Case, why: &str) -> Outcome {
    match &case.expected.problem {
        Some(expected) if why.contains(expected.as_str()) => Outcome::Ok,
        Some(expected) => Outcome::Failed(format!("expected: {expected}\nsaid:     {why}")),
        None => Outcome::Failed(format!("the plugin refuses it: {why}")),
    }
}

fn findings(case: &Case, ran: &Ran) -> Option<String> {
    let expected = case.expected.findings.as_ref()?;
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

/// Where the artifact, decision or observation is not what it should be.
fn answer(store: &Store, case: &Case, ran: &Ran) -> Result<Option<String>, KitError> {
    let Some(expected) = &case.expected.answer else {
        return Ok(None);
    };
    let json = |value: serde_json::Result<Value>| value.expect("parts of a result are JSON");
    let result = &ran.result;
    let found = match (&result.artifact, &result.decision, &result.observation) {
        (Some(artifact), ..) => store.document(&artifact.manifest, "a manifest")?,
        (_, Some(decision), _) => json(serde_json::to_value(decision)),
        (.., Some(observation)) => json(serde_json::to_value(observation)),
        (None, None, None) => Value::Null,
    };
    Ok((!agrees(expected, &found)).then(|| format!("- {expected}\n+ {found}")))
}

/// Whether a value has all that is expected of it: of an object the members that are named.
fn agrees(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Object(members), _) => members.iter().all(|(key, value)| {
            found.get(key).is_some_and(|found| agrees(value, found))
        }),
        (Value::Array(expected), Value::Array(found)) => {
            let pairs = expected.iter().zip(found);
            expected.len() == found.len() && pairs.into_iter().all(|(one, other)| agrees(one, other))
        }
        _ => expected == found,
    }
}

/// Where an output is not what it should be. Of a CSV, a column has the type that is said beside it, else the one that came, so that
/// values are compared and not spellings; a file with types of its own says those of all columns.
fn output(
    bench: &Bench<'_>,
    ran: &Ran,
    name: &str,
    path: &Path,
) -> Result<Option<String>, KitError> {
    let store = bench.ground.store;
    let digest = match ran.result.outputs.get(name) {
        Some(OutputRecord::Table { digest, .. }) => digest,
        Some(OutputRecord::Blob { digest, .. }) => {
            let same = store.blob(digest)? == files::bytes(path)?;
            return Ok((!same).then(|| {
                format!(
                    "the output `{name}` has other bytes than {}",
                    path.display()
                )
            }));
        }
        None => return Ok(Some(format!("there is no output `{name}`"))),
    };
    if !files::is_table(path) {
        return Err(files::wrong(
            path,
            "a table that is expected is .csv, .arrow or .parquet",
        ));
    }
    let found = store.table(digest)?;
    let expected = store.table(&expected(store, path, found.schema())?)?;
    let about = |text: String| Some(format!("the output `{name}`:\n{text}"));
    if let Some(text) = lines(&columns(expected.schema()), &columns(found.schema())) {
        return Ok(about(text));
    }
    let (expected, found) = (as_text(store, &expected, path)?, as_text(store, &found, path)?);
    Ok(lines(&expected, &found).and_then(about))
}

/// The table that is expected.
fn expected(store: &Store, path: &Path, found: &TableSchema) -> Result<Digest, KitError> {
    let mut known = files::fields(path, &files::types_beside(path)?)?;
    if path.extension().is_some_and(|ending| ending == "csv") {
        let missing = found
            .fields()
            .iter()
            .filter(|field| known.iter().all(|known| known.name() != field.name()));
        let missing: Vec<FieldRef> = missing
            .map(|field| Arc::new(field.as_ref().clone().with_nullable(true)))
            .collect();
        known.extend(missing);
    }
    files::table(store, path, &known)
}

/// The columns, a line each: their names and types.
fn columns(schema: &TableSchema) -> String {
    let columns = schema.fields().iter();
    let columns = columns.map(|field| format!("{}: {}", field.name(), type_name(field.data_type())));
    columns.collect::<Vec<_>>().join("\n")
}

/// A table as the text of a CSV, which is one for equal values of equal types.
fn as_text(store: &Store, table: &TableDoc, of: &Path) -> Result<String, KitError> {
    let unwritten = |error: std::io::Error| files::unread(of, error);
    let folder = tempfile::tempdir().map_err(unwritten)?;
    let file = folder.path().join("table.csv");
    export::export(store, table, &file)
        .map_err(|error| unwritten(std::io::Error::other(error)))?;
    Ok(String::from_utf8_lossy(&files::bytes(&file)?).into_owned())
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
        assert!(!agrees(&json!([]), &found) && !agrees(&json!("x"), &found));
    }

    #[test]
    fn what_is_named_within_has_to_agree_too() {
        let found = json!({"layers": [{"size": 1, "type": "a"}, {"size": 2, "type": "b"}]});
        assert!(agrees(&json!({"layers": [{"type": "a"}, {"type": "b"}]}), &found));
        assert!(!agrees(&json!({"layers": [{"type": "a"}]}), &found));
        assert!(!agrees(&json!({"layers": [{"type": "a"}, {"type": "c"}]}), &found));
    }
}
