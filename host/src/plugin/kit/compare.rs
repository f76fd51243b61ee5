//! What a case gives, held against what it expects.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, FieldRef, Schema};
use serde_json::Value;

use super::bench::{Came, Ran};
use super::case::Case;
use super::{KitError, Outcome, files, table};
use crate::job::OutputRecord;
use crate::run::first_cell;
use crate::store::Store;
use crate::table::show::{cell, type_name};

/// Holds what came of a case against what it expects.
///
/// # Errors
/// When an expected file is not as it should be, or the store fails.
pub fn compare(store: &Store, case: &Case, came: &Came) -> Result<Outcome, KitError> {
    let ran = match came {
        Came::Kept(ran) => ran,
        Came::Refused(why) => return Ok(refused(case, why)),
        other => return Ok(Outcome::Failed(other.told().unwrap_or_default())),
    };
    if let Some(expected) = &case.expected.problem {
        return Ok(Outcome::Failed(format!(
            "it works, and should be refused with: {expected}"
        )));
    }
    let mut wrong: Vec<String> = findings(case, ran).into_iter().collect();
    wrong.extend(answer(store, case, ran)?);
    for (name, path) in &case.expected.outputs {
        let found = ran.result.outputs.get(name);
        let text = output(store, found, path)?;
        wrong.extend(text.map(|text| format!("the output `{name}`: {text}")));
    }
    Ok(match wrong.is_empty() {
        true => Outcome::Ok,
        false => Outcome::Failed(wrong.join("\n")),
    })
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
        (Value::Object(members), _) => members
            .iter()
            .all(|(key, value)| found.get(key).is_some_and(|found| agrees(value, found))),
        (Value::Array(expected), Value::Array(found)) => {
            let pairs = expected.iter().zip(found);
            expected.len() == found.len()
                && pairs.into_iter().all(|(one, other)| agrees(one, other))
        }
        _ => expected == found,
    }
}

/// Where an output is not what the file says.
fn output(
    store: &Store,
    found: Option<&OutputRecord>,
    path: &Path,
) -> Result<Option<String>, KitError> {
    let found = match found {
        Some(OutputRecord::Table { digest, .. }) => table::all(store, digest)?,
        Some(OutputRecord::Blob { digest, .. }) => {
            let same = store.blob(digest)? == files::bytes(path)?;
            return Ok((!same).then(|| format!("it has other bytes than {}", path.display())));
        }
        None => return Ok(Some("it is not there".into())),
    };
    if !files::is_table(path) {
        let problem = "a table that is expected is .csv, .arrow or .parquet";
        return Err(files::wrong(path, problem));
    }
    Ok(match expected(store, path, &found.schema())? {
        Ok(expected) => difference(&expected, &found),
        Err(misfit) => Some(misfit),
    })
}

/// The table that is expected. A column of a CSV has the type that is said beside it, else the one that came, so that values are
/// compared and not spellings. The inner error is a value that is none of its type.
fn expected(
    store: &Store,
    path: &Path,
    found: &Schema,
) -> Result<Result<RecordBatch, String>, KitError> {
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
    match files::table(store, path, &known) {
        Ok(digest) => Ok(Ok(table::all(store, &digest)?)),
        Err(KitError::Table(misfit)) => Ok(Err(misfit.to_string())),
        Err(other) => Err(other),
    }
}

/// The first place in which a table is another: columns by name and type, then cells, then the number of rows.
fn difference(expected: &RecordBatch, found: &RecordBatch) -> Option<String> {
    let wants = |wanted: String, is: String| format!("expected {wanted}, found {is}");
    let [wanted, is] = [expected, found].map(columns);
    if wanted != is {
        return Some(wants(wanted, is));
    }
    if let Some((row, column)) = first_cell(expected, found) {
        let name = found.schema_ref().field(column).name();
        let [wanted, is] = [expected, found].map(|rows| shown(rows.column(column), row));
        return Some(format!("row {row}, column {name:?}: {}", wants(wanted, is)));
    }
    let [wanted, is] = [expected, found].map(|rows| format!("{} rows", rows.num_rows()));
    (wanted != is).then(|| wants(wanted, is))
}

fn columns(rows: &RecordBatch) -> String {
    let columns = rows.schema_ref().fields().iter();
    let columns = columns.map(|field| format!("{} {}", field.name(), type_name(field.data_type())));
    columns.collect::<Vec<_>>().join(", ")
}

/// A value, so that a text is told from a null and a number.
fn shown(column: &ArrayRef, row: usize) -> String {
    match column.data_type() {
        _ if column.is_null(row) => "null".to_owned(),
        DataType::Utf8 => format!("{:?}", cell(column, row)),
        _ => cell(column, row),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use arrow_array::{Float64Array, Int64Array, StringArray};
    use serde_json::json;

    use super::*;
    use crate::store::testing::store;

    fn table(numbers: ArrayRef, texts: &[Option<&str>]) -> RecordBatch {
        let texts: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        RecordBatch::try_from_iter_with_nullable([("n", numbers, true), ("t", texts, true)])
            .unwrap()
    }

    #[test]
    fn the_first_row_and_column_that_differ_are_named() {
        let numbers = || Arc::new(Int64Array::from(vec![Some(1), None]));
        let wanted = table(numbers(), &[Some("a"), Some("")]);
        let same = |found: &RecordBatch| difference(&wanted, found);
        assert_eq!(same(&wanted), None);
        let null = table(numbers(), &[Some("a"), None]);
        let says = "row 1, column \"t\": expected \"\", found null";
        assert_eq!(same(&null).as_deref(), Some(says));
        let turned = table(
            Arc::new(Int64Array::from(vec![None, Some(1)])),
            &[None, Some("a")],
        );
        let says = "row 0, column \"n\": expected 1, found null";
        assert_eq!(same(&turned).as_deref(), Some(says));
        let says = "expected 2 rows, found 1 rows";
        assert_eq!(same(&wanted.slice(0, 1)).as_deref(), Some(says));
    }

    #[test]
    fn equal_spellings_of_other_types_differ() {
        let texts = [Some("a"), None];
        let wanted = table(Arc::new(Int64Array::from(vec![1, 2])), &texts);
        for (other, is) in [
            (
                Arc::new(Float64Array::from(vec![1.0, 2.0])) as ArrayRef,
                "float64",
            ),
            (Arc::new(StringArray::from(vec!["1", "2"])), "text"),
        ] {
            let says = format!("expected n int64, t text, found n {is}, t text");
            assert_eq!(difference(&wanted, &table(other, &texts)), Some(says));
        }
        let swapped = wanted.project(&[1, 0]).unwrap();
        assert!(difference(&wanted, &swapped).is_some());
    }

    #[test]
    fn a_csv_takes_the_types_that_are_said_or_those_that_came() {
        let (dir, store) = store();
        let path = dir.path().join("output.csv");
        std::fs::write(&path, "n,t\n1.0,a\n,\n").unwrap();
        let texts = [Some("a"), None];
        let float = table(Arc::new(Float64Array::from(vec![Some(1.0), None])), &texts);
        let int = table(Arc::new(Int64Array::from(vec![Some(1), None])), &texts);
        let held = |found: &RecordBatch| {
            let expected = expected(&store, &path, &found.schema()).unwrap();
            expected.map_or_else(Some, |expected| difference(&expected, found))
        };
        assert_eq!(held(&float), None);
        assert!(held(&int).is_some_and(|text| text.contains("\"1.0\"")));
        std::fs::write(dir.path().join("output.types.json"), r#"{"n": "f"}"#).unwrap();
        assert!(held(&float).is_some_and(|text| text.contains("n float32")));
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
        assert!(agrees(
            &json!({"layers": [{"type": "a"}, {"type": "b"}]}),
            &found
        ));
        assert!(!agrees(&json!({"layers": [{"type": "a"}]}), &found));
        assert!(!agrees(
            &json!({"layers": [{"type": "a"}, {"type": "c"}]}),
            &found
        ));
    }
}
