//! What a person tries first: objects with a key per column.

mod body;
mod gathered;
mod table;
#[cfg(test)]
mod tests;

use std::ops::Range;

use arrow_array::RecordBatch;

use crate::columns::{ColumnError, Columns};
use crate::fault::{Limits, RequestError};
use crate::written::{self, Cells};

pub use gathered::Gathered;

/// A request of rows: `[{…}, …]`, `{"rows": [{…}, …], "id": …}`, or one row alone, `{…}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Request<Rows = RecordBatch> {
    /// What the sender calls it.
    pub id: Option<String>,
    /// The rows, of the columns that the model takes; or where they are among those of others, see [`Gathered`].
    pub rows: Rows,
    /// Keys that the model does not take, each once, sorted.
    pub ignored: Vec<String>,
    /// Whether it was one row alone.
    pub one: bool,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model<'a> {
    /// The model's name.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// The digest of its package.
    pub package: &'a str,
}

impl Request {
    /// Reads a body.
    ///
    /// An object is a row, unless it has the key `rows` and the model has no column of that name. Keys that the model does not
    /// take are ignored, and named; a key that is absent is a missing value.
    ///
    /// # Errors
    /// When it is no JSON, does not fit the columns, or is beyond the limits.
    pub fn read(body: &[u8], takes: &Columns, limits: &Limits) -> Result<Request, RequestError> {
        let mut gathered = Gathered::new(takes, 1);
        let Request {
            id, ignored, one, ..
        } = gathered.read(body, limits)?;
        Ok(Request {
            id,
            rows: gathered.finish(),
            ignored,
            one,
        })
    }
}

/// Writes the answer to a request: an object per row with a key per column, also when there is only one.
///
/// Of what was scored, the rows in `rows` are the request's. The id is the request's, or else the one given. NaN and infinities, which JSON lacks, are written as null; floats as the
/// shortest text that is read as the same bits.
///
/// # Errors
/// When a column is of a type that cannot be written. It never is when [`Columns::new`] takes the schema.
///
/// # Panics
/// When there are no such rows.
pub fn write<Rows>(
    model: &Model<'_>,
    request: &Request<Rows>,
    id: Option<&str>,
    scored: &RecordBatch,
    rows: Range<usize>,
) -> Result<Vec<u8>, ColumnError> {
    // What surrounds the predictions is mostly the package's digest.
    let mut out = Vec::with_capacity(256);
    let mut texts = vec![
        ("{\"model\":", model.name),
        (",\"version\":", model.version),
        (",\"package\":", model.package),
    ];
    texts.extend(request.id.as_deref().or(id).map(|id| (",\"id\":", id)));
    for (key, text) in texts {
        out.extend_from_slice(key.as_bytes());
        written::text(&mut out, text);
    }
    out.extend_from_slice(b",\"predictions\":");
    predictions(&mut out, scored, rows)?;
    if !request.ignored.is_empty() {
        out.extend_from_slice(b",\"ignored\":");
        written::value(&mut out, &request.ignored);
    }
    out.push(b'}');
    Ok(out)
}

fn predictions(
    out: &mut Vec<u8>,
    scored: &RecordBatch,
    rows: Range<usize>,
) -> Result<(), ColumnError> {
    let mut columns = Vec::with_capacity(scored.num_columns());
    for (field, array) in scored.schema_ref().fields().iter().zip(scored.columns()) {
        let mut key = Vec::new();
        written::text(&mut key, field.name());
        key.push(b':');
        columns.push((key, Cells::new(field, array)?));
    }
    out.push(b'[');
    let first = rows.start;
    for row in rows {
        out.extend_from_slice(if row == first { b"{" } else { b",{" });
        for (number, (key, cells)) in columns.iter().enumerate() {
            if number > 0 {
                out.push(b',');
            }
            out.extend_from_slice(key);
            cells.row(out, row);
        }
        out.push(b'}');
    }
    out.push(b']');
    Ok(())
}
