//! Reads a file into batches, and deals with rows that do not fit.
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::{Failure, type_name};

use crate::column::{Column, column};
use crate::config::{BadRows, Config};
use crate::layout::{ColumnLayout, Layout, token_error};
use crate::nulls::Nulls;
use crate::rows::Rows;
use crate::tokens::{TokenError, Tokens};

/// Rows are parsed column by column in chunks that fit the processor's cache.
const CHUNK_ROWS: usize = 1024;
const CHUNK_BYTES: usize = 1 << 20;
/// A batch ends with the first chunk that reaches one of these.
const BATCH_ROWS: usize = 65_536;
const BATCH_BYTES: usize = 16 << 20;

/// Where the rows of a file go.
pub trait Sink {
    /// Takes rows of the table.
    ///
    /// # Errors
    /// Ends the parse.
    fn rows(&mut self, batch: &RecordBatch) -> Result<(), Failure>;

    /// Takes rejected rows, of [`rejects_schema`].
    ///
    /// # Errors
    /// Ends the parse.
    fn rejects(&mut self, batch: &RecordBatch) -> Result<(), Failure>;
}

/// How a file came out.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Summary {
    /// How many rows are in the table.
    pub rows: u64,
    /// How many were rejected.
    pub rejected: u64,
}

/// The schema of the rejects: `line` (physical, from 1), `column` (none when the row has too few or too many fields),
/// `reason`, and `text`, the row's fields joined by the delimiter.
pub fn rejects_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("line", DataType::UInt64, false),
        Field::new("column", DataType::Utf8, true),
        Field::new("reason", DataType::Utf8, false),
        Field::new("text", DataType::Utf8, false),
    ]))
}

/// A row that does not fit.
struct BadRow {
    line: u64,
    column: Option<String>,
    reason: String,
    text: String,
}

/// Reads all rows. `input` is the file's name in messages.
///
/// # Errors
/// [`Failure::Data`] when the file cannot be read, when a row does not fit and `bad-rows` is `fail`, or when more than
/// `max-rejects` do not; and whatever the sink fails with.
pub fn parse(
    reader: impl Read,
    config: &Config,
    layout: &Layout,
    input: &str,
    sink: &mut dyn Sink,
) -> Result<Summary, Failure> {
    let refuse = |error: TokenError| Failure::data(format!("{input}: {}", token_error(&error)));
    let mut tokens = Tokens::new(reader, config).map_err(refuse)?;
    let mut rows = Rows::default();
    if config.header {
        tokens.next(&mut rows).map_err(refuse)?;
    }
    let mut parser = Parser {
        config,
        layout,
        input,
        columns: layout
            .columns
            .iter()
            .map(|layout| column(layout, config))
            .collect(),
        schema: layout.schema(),
        nulls: Nulls::new(config),
        pending: 0,
        summary: Summary::default(),
    };
    loop {
        rows.clear();
        let mut bad = Vec::new();
        let more = parser
            .chunk(&mut tokens, &mut rows, &mut bad)
            .map_err(refuse)?;
        parser.take(&mut rows, &mut bad);
        bad.sort_by_key(|row| row.line);
        parser.answer_for(&bad, sink)?;
        parser.flush(!more, sink)?;
        if !more {
            return Ok(parser.summary);
        }
    }
}

struct Parser<'a> {
    config: &'a Config,
    layout: &'a Layout,
    input: &'a str,
    columns: Vec<Box<dyn Column>>,
    schema: SchemaRef,
    nulls: Nulls,
    /// How many rows the columns hold.
    pending: usize,
    summary: Summary,
}

impl Parser<'_> {
    /// Cuts the next rows; those of the wrong width go to `bad`. False at the end of the file.
    fn chunk<R: Read>(
        &self,
        tokens: &mut Tokens<R>,
        rows: &mut Rows,
        bad: &mut Vec<BadRow>,
    ) -> Result<bool, TokenError> {
        let more = tokens.fill_up(rows, CHUNK_ROWS, CHUNK_BYTES)?;
        let width = self.layout.columns.len();
        let odd = (0..rows.len()).filter(|row| rows.width(*row) != width);
        for row in odd {
            let is = rows.width(row);
            let plural = if is == 1 { "" } else { "s" };
            bad.push(BadRow {
                line: rows.line(row),
                column: None,
                reason: format!("the row has {is} field{plural} instead of {width}"),
                text: self.text(rows, row),
            });
        }
        rows.keep_width(width);
        Ok(more)
    }

    /// Appends the rows to the columns; those that do not fit go to `bad`.
    fn take(&mut self, rows: &mut Rows, bad: &mut Vec<BadRow>) {
        let mut misfits: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut found = Vec::new();
        for (index, column) in self.columns.iter_mut().enumerate() {
            column.extend(rows, index, &mut found);
            for row in found.drain(..) {
                misfits.entry(row).or_default().push(index);
            }
        }
        if !misfits.is_empty() {
            for (row, columns) in &misfits {
                bad.push(self.misfit(rows, *row, columns));
            }
            rows.retain(|row| !misfits.contains_key(&row));
            for (index, column) in self.columns.iter_mut().enumerate() {
                column.truncate(self.pending);
                column.extend(rows, index, &mut found);
            }
        }
        self.pending += rows.len();
    }

    fn misfit(&self, rows: &Rows, row: usize, columns: &[usize]) -> BadRow {
        let reasons = columns.iter().map(|index| {
            let column = &self.layout.columns[*index];
            let field = self.nulls.trimmed(rows.field(row, *index));
            let reason = reason(column, field, self.nulls.contains(field), self.config);
            if columns.len() == 1 {
                reason
            } else {
                format!("{}: {reason}", column.name)
            }
        });
        BadRow {
            line: rows.line(row),
            reason: reasons.collect::<Vec<_>>().join("; "),
            column: Some(self.layout.columns[columns[0]].name.clone()),
            text: self.text(rows, row),
        }
    }

    fn text(&self, rows: &Rows, row: usize) -> String {
        let fields: Vec<&[u8]> = rows.fields(row).collect();
        String::from_utf8_lossy(&fields.join(&self.config.delimiter.0)).into_owned()
    }

    /// Fails for the first bad row, or writes all of them into the rejects.
    fn answer_for(&mut self, bad: &[BadRow], sink: &mut dyn Sink) -> Result<(), Failure> {
        let Some(first) = bad.first() else {
            return Ok(());
        };
        if self.config.bad_rows == BadRows::Fail {
            return Err(Failure::data(self.message(first)));
        }
        self.summary.rejected += bad.len() as u64;
        if let Some(max) = self.config.max_rejects
            && self.summary.rejected > max
        {
            let example = self.message(first);
            let message = format!("more than {max} rows do not fit (max-rejects), e.g. {example}");
            return Err(Failure::data(message));
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt64Array::from_iter_values(
                bad.iter().map(|row| row.line),
            )),
            Arc::new(
                bad.iter()
                    .map(|row| row.column.as_deref())
                    .collect::<StringArray>(),
            ),
            Arc::new(
                bad.iter()
                    .map(|row| Some(row.reason.as_str()))
                    .collect::<StringArray>(),
            ),
            Arc::new(
                bad.iter()
                    .map(|row| Some(row.text.as_str()))
                    .collect::<StringArray>(),
            ),
        ];
        sink.rejects(&RecordBatch::try_new(rejects_schema(), columns)?)
    }

    fn message(&self, row: &BadRow) -> String {
        let column = row.column.as_ref();
        let column = column.map_or(String::new(), |name| format!(", column {name:?}"));
        format!("{}: line {}{column}: {}", self.input, row.line, row.reason)
    }

    /// Hands over what the columns hold, when it is enough for a batch or the last.
    fn flush(&mut self, last: bool, sink: &mut dyn Sink) -> Result<(), Failure> {
        let bytes: usize = self.columns.iter().map(|column| column.bytes()).sum();
        let full = self.pending >= BATCH_ROWS || bytes >= BATCH_BYTES;
        if self.pending == 0 || !(full || last) {
            return Ok(());
        }
        let columns = self
            .columns
            .iter_mut()
            .map(|column| column.finish())
            .collect();
        self.summary.rows += self.pending as u64;
        self.pending = 0;
        sink.rows(&RecordBatch::try_new(self.schema.clone(), columns)?)
    }
}

/// Why a field does not fit its column.
fn reason(column: &ColumnLayout, field: &[u8], null: bool, config: &Config) -> String {
    if null {
        return "there is no value, and the column is declared without nulls".to_owned();
    }
    let text = String::from_utf8_lossy(field);
    let shown: String = text.chars().take(60).collect();
    let dots = if shown.len() < text.len() { "…" } else { "" };
    if column.data_type == DataType::Utf8 {
        return format!("\"{shown}{dots}\" is not UTF-8");
    }
    let format = column.format.as_ref();
    let format = format.map_or(String::new(), |format| {
        format!(" written as {}", format.as_str())
    });
    let hint = if column.inferred {
        let rows = config.infer_rows;
        format!(" (inferred from the first {rows} rows; declare the column's type under columns)")
    } else {
        String::new()
    };
    format!(
        "\"{shown}{dots}\" is not {}{format}{hint}",
        type_name(&column.data_type)
    )
}
