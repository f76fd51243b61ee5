//! Tables in and out.
use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::BooleanBuffer;
use arrow_schema::SchemaRef;

use crate::adopt::adopt_batch;
use crate::bindings::tables;
use crate::format::{adopt_schema, lend_schema};
use crate::lend::lend_batch;
use crate::{Failure, type_name};

/// A table to read, as often as wanted.
#[derive(Debug)]
pub struct Table {
    schema: SchemaRef,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Host(tables::Table),
    Memory(Arc<[RecordBatch]>),
}

impl Table {
    pub(crate) fn from_host(table: tables::Table) -> Table {
        Table {
            schema: Arc::new(adopt_schema(&table.schema())),
            source: Source::Host(table),
        }
    }

    pub(crate) fn in_memory(schema: SchemaRef, batches: Arc<[RecordBatch]>) -> Table {
        Table {
            schema,
            source: Source::Memory(batches),
        }
    }

    /// Its schema.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        match &self.source {
            Source::Host(table) => table.rows(),
            Source::Memory(batches) => batches.iter().map(|batch| batch.num_rows() as u64).sum(),
        }
    }

    /// All columns from the first row to the last, in batches of up to 65,536 rows over the memory the host wrote.
    pub fn scan(&self) -> Batches {
        self.scan_with(None, 0)
    }

    /// These columns alone, in this order. A column that the table does not have ends the stage.
    pub fn scan_columns(&self, columns: &[impl AsRef<str>]) -> Batches {
        let names: Vec<_> = columns
            .iter()
            .map(|name| name.as_ref().to_owned())
            .collect();
        self.scan_with(Some(&names), 0)
    }

    /// As [`scan_columns`](Table::scan_columns), none for all, in batches of at most `max_rows` (0: the host's choice).
    ///
    /// # Panics
    /// When there is no such column.
    pub fn scan_with(&self, columns: Option<&[String]>, max_rows: u32) -> Batches {
        let schema = match columns {
            None => self.schema.clone(),
            Some(names) => {
                let fields = names.iter().map(|name| {
                    let field = self.schema.fields().find(name);
                    field
                        .unwrap_or_else(|| panic!("the table has no column {name:?}"))
                        .1
                        .clone()
                });
                let fields: Vec<_> = fields.collect();
                let metadata = self.schema.metadata().clone();
                Arc::new(arrow_schema::Schema::new_with_metadata(fields, metadata))
            }
        };
        let rest = match &self.source {
            Source::Host(table) => Rest::Host(table.scan(columns, max_rows)),
            Source::Memory(batches) => Rest::Memory {
                batches: batches.clone(),
                next: (0, 0),
                max_rows: if max_rows == 0 {
                    65_536
                } else {
                    max_rows as usize
                },
            },
        };
        Batches { schema, rest }
    }
}

/// The batches of one scan; none is empty.
#[derive(Debug)]
pub struct Batches {
    schema: SchemaRef,
    rest: Rest,
}

#[derive(Debug)]
enum Rest {
    Host(tables::Batches),
    Memory {
        batches: Arc<[RecordBatch]>,
        /// The batch, and the row within it, where to go on.
        next: (usize, usize),
        max_rows: usize,
    },
}

impl Batches {
    /// The schema of every batch.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

impl Iterator for Batches {
    type Item = RecordBatch;

    fn next(&mut self) -> Option<RecordBatch> {
        match &mut self.rest {
            Rest::Host(batches) => {
                let batch = batches.next()?;
                let adopted = adopt_batch(&self.schema, batch);
                Some(adopted.expect("the host checks every table it keeps"))
            }
            Rest::Memory {
                batches,
                next,
                max_rows,
            } => loop {
                let batch = batches.get(next.0)?;
                let rows = (batch.num_rows() - next.1).min(*max_rows);
                if rows == 0 {
                    *next = (next.0 + 1, 0);
                    continue;
                }
                let slice = batch.slice(next.1, rows);
                next.1 += rows;
                let columns = self.schema.fields().iter().map(|field| {
                    let column = slice.column_by_name(field.name());
                    column.expect("the scan checked the names").clone()
                });
                let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
                let projected = RecordBatch::try_new_with_options(
                    self.schema.clone(),
                    columns.collect(),
                    &options,
                );
                return Some(projected.expect("the columns of the schema"));
            },
        }
    }
}

/// A table being written. It becomes an output when it is returned from `run`.
#[derive(Debug)]
pub struct TableWriter {
    schema: SchemaRef,
    rows: u64,
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    Host(tables::TableWriter),
    Memory(Vec<RecordBatch>),
}

impl TableWriter {
    /// Starts a table.
    ///
    /// # Errors
    /// [`Failure::Internal`] when a column has a type that a table cannot hold, such as a dictionary or large text.
    pub fn new(schema: SchemaRef) -> Result<TableWriter, Failure> {
        let lent = lend_schema(&schema).map_err(Failure::Internal)?;
        let sink = if cfg!(target_family = "wasm") {
            Sink::Host(tables::TableWriter::new(&lent))
        } else {
            Sink::Memory(Vec::new())
        };
        Ok(TableWriter {
            schema,
            rows: 0,
            sink,
        })
    }

    /// Appends rows; any number per call will do, and slices are welcome.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the batch's types are not the schema's, or a column that is declared without nulls holds one.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.write_runs(batch, std::slice::from_ref(&(0..batch.num_rows())))
    }

    /// Appends the rows for which `keep` holds.
    ///
    /// # Errors
    /// As [`write`](TableWriter::write).
    ///
    /// # Panics
    /// When `keep` does not have as many bits as the batch has rows.
    pub fn write_kept(&mut self, batch: &RecordBatch, keep: &BooleanBuffer) -> Result<(), Failure> {
        assert_eq!(keep.len(), batch.num_rows(), "one bit per row");
        let runs: Vec<_> = keep.set_slices().map(|(start, end)| start..end).collect();
        self.write_runs(batch, &runs)
    }

    fn write_runs(&mut self, batch: &RecordBatch, runs: &[Range<usize>]) -> Result<(), Failure> {
        self.accepts(batch)?;
        let rows: usize = runs.iter().map(ExactSizeIterator::len).sum();
        if rows == 0 {
            return Ok(());
        }
        self.rows += rows as u64;
        let lent = lend_batch(batch, runs);
        match &mut self.sink {
            Sink::Host(writer) => writer.write(&lent),
            Sink::Memory(batches) => batches.push(adopt_batch(&self.schema, lent)?),
        }
        Ok(())
    }

    fn accepts(&self, batch: &RecordBatch) -> Result<(), Failure> {
        let fields = self.schema.fields();
        if fields.len() != batch.num_columns() {
            let message = format!(
                "{} columns for a table of {}",
                batch.num_columns(),
                fields.len()
            );
            return Err(Failure::Internal(message));
        }
        for (field, array) in fields.iter().zip(batch.columns()) {
            let name = field.name();
            if array.data_type() != field.data_type() {
                let (is, wanted) = (type_name(array.data_type()), type_name(field.data_type()));
                return Err(Failure::Internal(format!(
                    "column {name:?} is {is}, not {wanted}"
                )));
            }
            if !field.is_nullable() && array.null_count() > 0 {
                let message = format!("column {name:?} holds nulls but is declared without");
                return Err(Failure::Internal(message));
            }
        }
        Ok(())
    }

    /// The schema it was started with.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// How many rows were written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What was written, for tests outside WebAssembly; inside, the host has it and this is empty.
    pub fn written(&self) -> &[RecordBatch] {
        match &self.sink {
            Sink::Host(_) => &[],
            Sink::Memory(batches) => batches,
        }
    }

    pub(crate) fn into_host(self) -> Result<tables::TableWriter, Failure> {
        match self.sink {
            Sink::Host(writer) => Ok(writer),
            Sink::Memory(_) => Err(Failure::internal(
                "a table in memory cannot leave the plugin",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use arrow_schema::{DataType, Field, Schema};

    use super::*;

    fn table() -> Table {
        let id: ArrayRef = Arc::new(Int64Array::from_iter_values(0..10));
        let text: ArrayRef = Arc::new(StringArray::from_iter_values(
            (0..10).map(|i| i.to_string()),
        ));
        let batch = RecordBatch::try_from_iter([("id", id), ("text", text)]).unwrap();
        let empty = batch.slice(0, 0);
        Table::in_memory(
            batch.schema(),
            vec![empty.clone(), batch.clone(), empty, batch].into(),
        )
    }

    #[test]
    fn a_scan_selects_orders_and_cuts() {
        let names = ["text".to_owned(), "id".to_owned()];
        let batches: Vec<_> = table().scan_with(Some(&names), 4).collect();
        let rows: Vec<_> = batches.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(rows, [4, 4, 2, 4, 4, 2]);
        assert_eq!(batches[0].schema().field(0).name(), "text");
        assert_eq!(table().rows(), 20);
    }

    #[test]
    fn a_scan_without_columns_keeps_the_rows() {
        let rows: usize = table()
            .scan_with(Some(&[]), 0)
            .map(|batch| batch.num_rows())
            .sum();
        assert_eq!(rows, 20);
    }

    #[test]
    fn a_writer_refuses_what_its_schema_does_not_hold() {
        let schema = |field| Arc::new(Schema::new(vec![field]));
        let large = Field::new("t", DataType::LargeUtf8, true);
        assert!(TableWriter::new(schema(large)).is_err());
        let mut strict =
            TableWriter::new(schema(Field::new("id", DataType::Int64, false))).unwrap();
        let nulls: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(1)]));
        assert!(
            strict
                .write(&RecordBatch::try_from_iter([("id", nulls)]).unwrap())
                .is_err()
        );
        let text: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
        assert!(
            strict
                .write(&RecordBatch::try_from_iter([("id", text)]).unwrap())
                .is_err()
        );
        let fine: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        strict
            .write(&RecordBatch::try_from_iter([("id", fine)]).unwrap())
            .unwrap();
        assert_eq!((strict.rows(), strict.written().len()), (1, 1));
    }

    #[test]
    fn kept_rows_are_written() {
        let id: ArrayRef = Arc::new(Int64Array::from_iter_values(0..10));
        let batch = RecordBatch::try_from_iter([("id", id)]).unwrap();
        let mut writer = TableWriter::new(batch.schema()).unwrap();
        let keep = BooleanBuffer::collect_bool(10, |row| row % 3 == 0);
        writer.write_kept(&batch, &keep).unwrap();
        let nothing = BooleanBuffer::new_unset(10);
        writer.write_kept(&batch, &nothing).unwrap();
        assert_eq!(writer.written().len(), 1);
        let kept = crate::Rows::i64(&writer.written()[0], "id").unwrap();
        assert_eq!((kept.values, writer.rows()), (&[0, 3, 6, 9][..], 4));
    }
}
