//! Rows of many requests in one table: what is done once per table costs each of them little.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};

use super::{Request, body::Body, table::Table};
use crate::builder::Builder;
use crate::columns::Columns;
use crate::fault::{Limits, RequestError};
use crate::trail::Trail;

/// Rows of requests that are scored together, one request's behind the other's.
pub struct Gathered<'a> {
    takes: &'a Columns,
    builders: Vec<Builder>,
    rows: usize,
    /// The bytes of text among the rows, at most.
    text: usize,
}

impl<'a> Gathered<'a> {
    /// No rows yet, and room for so many.
    pub fn new(takes: &'a Columns, rows: usize) -> Gathered<'a> {
        let fields = takes.schema().fields().iter();
        Gathered {
            takes,
            builders: fields.map(|field| Builder::new(field, rows)).collect(),
            rows: 0,
            text: 0,
        }
    }

    /// Reads a body as [`Request::read`] does. A request that is refused leaves no rows behind. Requests with more than 2 GiB of text
    /// do not go together.
    ///
    /// # Errors
    /// When it is no JSON, does not fit the columns, or is beyond the limits.
    pub fn read(
        &mut self,
        body: &[u8],
        limits: &Limits,
    ) -> Result<Request<Range<usize>>, RequestError> {
        let trail = Trail::new(limits, self.text);
        let table = Table::new(self.takes, &trail, &mut self.builders, self.rows);
        match trail.read(body, Body(table)) {
            Ok(request) => {
                let rows = self.rows..self.rows + request.rows;
                self.rows = rows.end;
                self.text = trail.text_so_far();
                Ok(Request {
                    id: request.id,
                    rows,
                    ignored: request.ignored,
                    one: request.one,
                })
            }
            Err(error) => {
                for builder in &mut self.builders {
                    builder.truncate(self.rows);
                }
                Err(error)
            }
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The rows, of the columns that the model takes.
    pub fn finish(self) -> RecordBatch {
        let arrays = self.builders.into_iter().map(Builder::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        let schema = Arc::clone(self.takes.schema());
        RecordBatch::try_new_with_options(schema, arrays, &options)
            .expect("arrays of one length, made for the schema")
    }
}
