//! What a request asks of a version of a model, and the body of its answer.

use std::ops::Range;

use arrow_array::RecordBatch;
use axum::body::Bytes;
use lockflight_oip::{ColumnError, Columns, Limits, RequestError, infer, records};
use serde_json::{Map, Value};

/// What requests to a version are read by, and answers written by.
pub struct Signature {
    /// The endpoint.
    pub endpoint: String,
    /// The version's number.
    pub version: String,
    /// The digest of its package.
    pub package: String,
    /// The columns that it takes.
    pub takes: Columns,
    /// The columns that it gives.
    pub gives: Columns,
    /// How much one request may bring.
    pub limits: Limits,
}

/// What is asked. Rows are read where they are scored, many requests into one table; tensors bring tables of their own.
pub enum Question {
    /// The body of a request of rows.
    Rows(Bytes),
    /// A request of tensors.
    Tensors(infer::Request),
}

/// A request whose rows lie in a table, perhaps with those of others.
pub enum Asked {
    /// One of rows. The answer names the prediction; only the log keeps what the sender calls it.
    Rows(records::Request<Range<usize>>),
    /// One of tensors.
    Tensors(infer::Request),
}

impl Signature {
    /// Reads a request of tensors.
    ///
    /// # Errors
    /// When it is not one, or asks for what the version does not give.
    pub fn tensors(&self, body: &[u8]) -> Result<Question, RequestError> {
        let request = infer::Request::read(body, &self.takes, &self.limits)?;
        request.check_outputs(self.gives.schema())?;
        Ok(Question::Tensors(request))
    }

    /// The body of the answer to a request whose rows are these of what was scored. `id` is the prediction's.
    ///
    /// # Errors
    /// When a column cannot be written, which a signature's can.
    pub fn answer(
        &self,
        asked: &Asked,
        id: &str,
        scored: &RecordBatch,
        rows: Range<usize>,
    ) -> Result<Vec<u8>, ColumnError> {
        match asked {
            Asked::Rows(request) => {
                let model = records::Model {
                    name: &self.endpoint,
                    version: &self.version,
                    package: &self.package,
                };
                records::write(&model, request, Some(id), scored, rows)
            }
            Asked::Tensors(request) => {
                let model = infer::Model {
                    name: &self.endpoint,
                    version: &self.version,
                };
                let parameters = Map::from_iter([
                    ("package".to_owned(), Value::from(self.package.as_str())),
                    ("prediction_id".to_owned(), Value::from(id)),
                ]);
                let scored = scored.slice(rows.start, rows.len());
                infer::write(&model, request, Some(id), &scored, Some(&parameters))
            }
        }
    }
}
