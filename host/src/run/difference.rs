//! What differs between two results of one job: the first output, column and row or byte, with both values.

use std::{
    collections::BTreeSet,
    fmt,
    io::{self, BufReader, Read},
};

use arrow_array::{Array, ArrayRef, RecordBatch};
use serde::Serialize;

use crate::{
    digest::Digest,
    job::{OutputRecord, StageResult},
    store::{Store, StoreError},
    table::{
        block_rows,
        doc::TableDoc,
        show::{cell, type_name},
    },
};

/// A part of a result that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The output's name, `findings`, `metrics` or the like.
    pub part: String,
    /// Where in that part, if that could be found: `row 17, column "price"`.
    pub place: Option<String>,
    /// What was recorded.
    pub recorded: String,
    /// What came out.
    pub repeated: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.part)?;
        if let Some(place) = &self.place {
            write!(f, ", {place}")?;
        }
        write!(f, ": recorded {}, now {}", self.recorded, self.repeated)
    }
}

/// What differs between two results whose outputs are in the store, the first first.
///
/// # Errors
/// When an output cannot be read.
pub fn differences(
    store: &Store,
    recorded: &StageResult,
    repeated: &StageResult,
) -> Result<Vec<Difference>, StoreError> {
    let mut found = Vec::new();
    let outputs = [recorded, repeated].map(|result| &result.outputs);
    let names: BTreeSet<_> = outputs.iter().flat_map(|outputs| outputs.keys()).collect();
    for name in names {
        let [recorded, repeated] = outputs.map(|outputs| outputs.get(name));
        if recorded != repeated {
            found.push(output(store, name, recorded, repeated)?);
        }
    }
    if let (Some(recorded), Some(repeated)) = (&recorded.fitted, &repeated.fitted)
        && recorded.state != repeated.state
    {
        let states = (&recorded.state, &repeated.state);
        found.push(bytes(store, "state", states)?);
    }
    let rest = rest(recorded, repeated);
    found.extend(rest.into_iter().flatten());
    Ok(found)
}

/// The parts that are no files.
fn rest(recorded: &StageResult, repeated: &StageResult) -> [Option<Difference>; 6] {
    let without_state = |result: &StageResult| {
        let fitted = result.fitted.as_ref();
        fitted.map(|fitted| (fitted.takes.clone(), fitted.gives.clone()))
    };
    [
        list("findings", &recorded.findings, &repeated.findings),
        list("metrics", &recorded.metrics, &repeated.metrics),
        value(
            "columns of the step",
            &without_state(recorded),
            &without_state(repeated),
        ),
        value("artifact", &recorded.artifact, &repeated.artifact),
        value("decision", &recorded.decision, &repeated.decision),
        value("observation", &recorded.observation, &repeated.observation),
    ]
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn value<T: Serialize + PartialEq>(part: &str, recorded: &T, repeated: &T) -> Option<Difference> {
    (recorded != repeated).then(|| Difference {
        part: part.to_owned(),
        place: None,
        recorded: json(recorded),
        repeated: json(repeated),
    })
}

/// The first entry of a list that differs. Documents are compared as they are written, so that NaN is equal to itself.
fn list<T: Serialize>(part: &str, recorded: &[T], repeated: &[T]) -> Option<Difference> {
    let texts = |list: &[T]| list.iter().map(json).collect::<Vec<_>>();
    let (recorded, repeated) = (texts(recorded), texts(repeated));
    let longest = recorded.len().max(repeated.len());
    let first = (0..longest).find(|at| recorded.get(*at) != repeated.get(*at))?;
    let shown = |list: &[String]| list.get(first).cloned().unwrap_or("nothing".into());
    Some(Difference {
        part: part.to_owned(),
        place: Some(format!("number {}", first + 1)),
        recorded: shown(&recorded),
        repeated: shown(&repeated),
    })
}

fn output(
    store: &Store,
    name: &str,
    recorded: Option<&OutputRecord>,
    repeated: Option<&OutputRecord>,
) -> Result<Difference, StoreError> {
    match (recorded, repeated) {
        (
            Some(OutputRecord::Table { digest: one, .. }),
            Some(OutputRecord::Table { digest: other, .. }),
        ) => table(store, name, (one, other)),
        (
            Some(OutputRecord::Blob { digest: one, .. }),
            Some(OutputRecord::Blob { digest: other, .. }),
        ) => bytes(store, name, (one, other)),
        (recorded, repeated) => {
            let kind = |output: Option<&OutputRecord>| {
                output.map_or("nothing".to_owned(), |output| {
                    format!("a {}", output.kind())
                })
            };
            Ok(Difference {
                part: name.to_owned(),
                place: None,
                recorded: kind(recorded),
                repeated: kind(repeated),
            })
        }
    }
}

/// The first row and column in which two tables differ.
fn table(
    store: &Store,
    name: &str,
    (one, other): (&Digest, &Digest),
) -> Result<Difference, StoreError> {
    let (recorded, repeated) = (store.table(one)?, store.table(other)?);
    let differ = |place: Option<String>, recorded: String, repeated: String| Difference {
        part: name.to_owned(),
        place,
        recorded,
        repeated,
    };
    if recorded.schema() != repeated.schema() {
        let place = Some("columns".to_owned());
        return Ok(differ(place, columns(&recorded), columns(&repeated)));
    }
    let mut start = 0;
    for (one, other) in recorded.blocks().zip(repeated.blocks()) {
        if one.digest != other.digest {
            let read = |block| block_rows(store, recorded.schema(), block);
            let (one, other) = (read(one)?, read(other)?);
            if let Some((row, column)) = first_cell(&one, &other) {
                let field = &recorded.schema().fields()[column];
                let place = format!("row {}, column {:?}", start + row as u64, field.name());
                let shown = |rows: &RecordBatch| cell(rows.column(column), row);
                return Ok(differ(Some(place), shown(&one), shown(&other)));
            }
        }
        if one.rows != other.rows {
            break;
        }
        start += u64::from(one.rows);
    }
    let rows = |table: &TableDoc| format!("{} rows", table.rows());
    Ok(differ(None, rows(&recorded), rows(&repeated)))
}

fn columns(table: &TableDoc) -> String {
    let fields = table.schema().fields().iter();
    let columns: Vec<_> = fields
        .map(|field| format!("{} {}", field.name(), type_name(field.data_type())))
        .collect();
    columns.join(", ")
}

/// The first row that differs, from 0, and the first column in which it does.
pub(crate) fn first_cell(one: &RecordBatch, other: &RecordBatch) -> Option<(usize, usize)> {
    let rows = one.num_rows().min(other.num_rows());
    let columns = one.columns().iter().zip(other.columns()).enumerate();
    columns
        .filter_map(|(column, (one, other))| Some((first_row(one, other, rows)?, column)))
        .min()
}

/// The first of so many rows in which two columns differ: as many are equal as there are in the longest equal beginning.
fn first_row(one: &ArrayRef, other: &ArrayRef, rows: usize) -> Option<usize> {
    let is_equal = |rows: usize| one.slice(0, rows).to_data() == other.slice(0, rows).to_data();
    if is_equal(rows) {
        return None;
    }
    let (mut equal, mut differs) = (0, rows);
    while differs - equal > 1 {
        let middle = equal + (differs - equal) / 2;
        match is_equal(middle) {
            true => equal = middle,
            false => differs = middle,
        }
    }
    Some(equal)
}

/// The first byte in which two blobs differ.
fn bytes(
    store: &Store,
    name: &str,
    (one, other): (&Digest, &Digest),
) -> Result<Difference, StoreError> {
    let failed = |source| StoreError::Io {
        action: "read",
        path: store.path(),
        source,
    };
    let open = |digest| Ok::<_, StoreError>(BufReader::new(store.open_blob(digest)?).bytes());
    let (one, other) = (open(one)?, open(other)?);
    let (at, recorded, repeated) = first_byte(one, other).map_err(failed)?;
    let shown = |byte: Option<u8>| match byte {
        Some(byte) => format!("0x{byte:02x}"),
        None => "its end".to_owned(),
    };
    Ok(Difference {
        part: name.to_owned(),
        place: Some(format!("byte {at}")),
        recorded: shown(recorded),
        repeated: shown(repeated),
    })
}

fn first_byte(
    mut one: impl Iterator<Item = io::Result<u8>>,
    mut other: impl Iterator<Item = io::Result<u8>>,
) -> io::Result<(u64, Option<u8>, Option<u8>)> {
    let mut at = 0;
    loop {
        let (one, other) = (one.next().transpose()?, other.next().transpose()?);
        if one != other || one.is_none() {
            return Ok((at, one, other));
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{Float64Array, StringArray};

    use super::*;

    fn batch(numbers: &[Option<f64>], texts: &[&str]) -> RecordBatch {
        let numbers: ArrayRef = Arc::new(Float64Array::from(numbers.to_vec()));
        let texts: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        RecordBatch::try_from_iter_with_nullable([("n", numbers, true), ("t", texts, true)])
            .unwrap()
    }

    #[test]
    fn the_first_cell_is_that_of_the_first_row() {
        let numbers = [Some(1.0), Some(f64::NAN), None, Some(4.0)];
        let one = batch(&numbers, &["a", "b", "c", "d"]);
        assert_eq!(first_cell(&one, &one), None);
        let other = batch(&[numbers[0], numbers[1], None, None], &["a", "b", "x", "d"]);
        assert_eq!(first_cell(&one, &other), Some((2, 1)));
        let other = batch(&[numbers[0], None, None, None], &["a", "b", "x", "d"]);
        assert_eq!(first_cell(&one, &other), Some((1, 0)));
        // What is longer is no other cell.
        let other = batch(&numbers[..2], &["a", "b"]);
        assert_eq!(first_cell(&one, &other), None);
    }

    #[test]
    fn the_first_byte_may_be_the_end() {
        let bytes = |text: &'static [u8]| text.iter().map(|byte| Ok(*byte));
        let first = |one, other| first_byte(bytes(one), bytes(other)).unwrap();
        assert_eq!(first(b"abc", b"abd"), (2, Some(b'c'), Some(b'd')));
        assert_eq!(first(b"ab", b"abd"), (2, None, Some(b'd')));
    }

    #[test]
    fn a_list_names_its_first_other_entry() {
        let found = list("metrics", &[1, 2], &[1, 3, 4]).unwrap();
        assert_eq!(found.to_string(), "metrics, number 2: recorded 2, now 3");
        assert_eq!(list("metrics", &[f64::NAN], &[f64::NAN]), None);
    }
}
