//! The protocol's inference: a tensor per column.

mod body;
mod data;
mod shape;
mod tensor;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Schema};
use serde_json::{Map, Value};

use crate::columns::{ColumnError, Columns, known, width};
use crate::fault::{Limits, RequestError, quoted};
use crate::trail::Trail;
use crate::written::{self, Cells};

/// An inference request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What the sender calls it.
    pub id: Option<String>,
    /// The rows, of the columns that the model takes.
    pub rows: RecordBatch,
    /// The outputs that are asked for, in that order; all of them when there is none.
    pub outputs: Option<Vec<String>>,
}

/// Which model answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
}

impl Request {
    /// Reads a body.
    ///
    /// # Errors
    /// When it is no JSON, does not fit the columns, or is beyond the limits.
    pub fn read(body: &[u8], takes: &Columns, limits: &Limits) -> Result<Request, RequestError> {
        let trail = Trail::new(limits, 0);
        let read = trail.read(body, body::Body::new(takes, &trail, body.len()))?;
        let inputs = read
            .inputs
            .ok_or_else(|| RequestError::invalid("the request has no \"inputs\""))?;
        let mut arrays = Vec::with_capacity(inputs.arrays.len());
        for (index, array) in inputs.arrays.into_iter().enumerate() {
            arrays.push(array.ok_or_else(|| {
                RequestError::invalid(format!("input {} is missing", quoted(takes.name(index))))
            })?);
        }
        let rows = inputs.rows.map_or(0, |(rows, _)| rows);
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let rows = RecordBatch::try_new_with_options(Arc::clone(takes.schema()), arrays, &options)
            .expect("arrays of one length, made for the schema");
        Ok(Request {
            id: read.id,
            rows,
            outputs: read.outputs,
        })
    }

    /// Whether the outputs that are asked for are among the columns that the model gives.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check_outputs(&self, gives: &Schema) -> Result<(), RequestError> {
        for output in self.outputs.iter().flatten() {
            if gives.index_of(output).is_err() {
                return Err(RequestError::invalid(format!(
                    "the model has no output {}; it has {}",
                    quoted(output),
                    Columns::names(gives)
                )));
            }
        }
        Ok(())
    }
}

/// Writes the response to a request: a tensor per column, flat.
///
/// The id is the request's, or else the one given. NaN and infinities, which JSON lacks, are written as null; floats as the
/// shortest text that is read as the same bits. A missing list is as many nulls as a list has elements. Outputs that were asked
/// for and are not among the columns are left out; see [`Request::check_outputs`].
///
/// # Errors
/// When a column is of a type that cannot be written. It never is when [`Columns::new`] takes the schema.
pub fn write(
    model: &Model<'_>,
    request: &Request,
    id: Option<&str>,
    scored: &RecordBatch,
    parameters: Option<&Map<String, Value>>,
) -> Result<Vec<u8>, ColumnError> {
    let mut out = b"{\"model_name\":".to_vec();
    written::text(&mut out, model.name);
    out.extend_from_slice(b",\"model_version\":");
    written::text(&mut out, model.version);
    if let Some(id) = request.id.as_deref().or(id) {
        out.extend_from_slice(b",\"id\":");
        written::text(&mut out, id);
    }
    if let Some(parameters) = parameters {
        out.extend_from_slice(b",\"parameters\":");
        written::value(&mut out, parameters);
    }
    out.extend_from_slice(b",\"outputs\":[");
    for (number, index) in asked(request, scored).into_iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        tensor(&mut out, scored, index)?;
    }
    out.extend_from_slice(b"]}");
    Ok(out)
}

/// The columns that are asked for.
fn asked(request: &Request, scored: &RecordBatch) -> Vec<usize> {
    let schema = scored.schema_ref();
    match &request.outputs {
        None => (0..scored.num_columns()).collect(),
        Some(outputs) => {
            let indices = outputs.iter().map(|output| schema.index_of(output));
            indices.filter_map(Result::ok).collect()
        }
    }
}

fn tensor(out: &mut Vec<u8>, scored: &RecordBatch, index: usize) -> Result<(), ColumnError> {
    let field = scored.schema_ref().field(index);
    let rows = scored.num_rows();
    let datatype = known(field)?;
    let cells = Cells::new(field, scored.column(index))?;
    out.extend_from_slice(b"{\"name\":");
    written::text(out, field.name());
    out.extend_from_slice(b",\"shape\":[");
    written::value(out, &rows);
    if let list @ DataType::FixedSizeList(..) = field.data_type() {
        out.push(b',');
        written::value(out, &width(list));
    }
    out.extend_from_slice(b"],\"datatype\":\"");
    out.extend_from_slice(datatype.name().as_bytes());
    out.extend_from_slice(b"\",\"data\":[");
    for row in 0..rows {
        if row > 0 {
            out.push(b',');
        }
        cells.flat(out, row);
    }
    out.extend_from_slice(b"]}");
    Ok(())
}
