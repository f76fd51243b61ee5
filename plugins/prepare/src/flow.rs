//! Rows on their way from step to step.
use std::cell::Cell;
use std::rc::Rc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;
use arrow_select::take::take;
use lockflight_sdk::{Failure, Table};

/// The most rows of a batch that a step makes.
pub const BATCH: usize = 65_536;

/// Batches of rows, none of them empty. After an error nothing counts.
pub type Flow<'a> = Box<dyn Iterator<Item = Result<RecordBatch, Failure>> + 'a>;

/// Opens an input by name.
pub type Open<'a> = &'a dyn Fn(&str) -> Result<Table, Failure>;

/// What a step does with the rows.
pub trait Step {
    /// The columns that come out.
    fn schema(&self) -> &SchemaRef;

    /// Turns the rows that go in into those that come out.
    ///
    /// # Errors
    /// When an input cannot be read.
    fn apply<'a>(&'a self, rows: Flow<'a>, open: Open<'a>) -> Result<Flow<'a>, Failure>;
}

/// The rows of an input.
pub fn scan(table: &Table) -> Flow<'static> {
    Box::new(table.scan().map(Ok))
}

/// Counts the rows that pass.
pub fn counted<'a>(rows: Flow<'a>, count: Rc<Cell<u64>>) -> Flow<'a> {
    Box::new(rows.inspect(move |batch| {
        if let Ok(batch) = batch {
            count.set(count.get() + batch.num_rows() as u64);
        }
    }))
}

/// Changes every batch; those without rows are left out.
pub fn map<'a>(
    rows: Flow<'a>,
    mut change: impl FnMut(RecordBatch) -> Result<RecordBatch, Failure> + 'a,
) -> Flow<'a> {
    let changed = rows.map(move |batch| batch.and_then(&mut change));
    Box::new(changed.filter(|batch| batch.as_ref().map_or(true, |batch| batch.num_rows() > 0)))
}

/// All rows at once, in memory.
pub fn collected(rows: Flow<'_>, schema: &SchemaRef) -> Result<RecordBatch, Failure> {
    let batches = rows.collect::<Result<Vec<_>, _>>()?;
    concat_batches(schema, &batches).map_err(|error| match error {
        ArrowError::OffsetOverflowError(_) => Failure::data(
            "the texts of a column that is sorted or joined with take more than 2 GiB",
        ),
        other => other.into(),
    })
}

/// A batch of columns.
pub fn batch(
    schema: &SchemaRef,
    columns: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch, Failure> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(
        schema.clone(),
        columns,
        &options,
    )?)
}

/// These rows, in this order, in batches of a bearable size.
pub fn picked(from: RecordBatch, rows: Vec<u32>) -> Flow<'static> {
    let count = rows.len().div_ceil(BATCH);
    Box::new((0..count).map(move |chunk| {
        let end = rows.len().min((chunk + 1) * BATCH);
        let rows = UInt32Array::from(rows[chunk * BATCH..end].to_vec());
        let columns = from
            .columns()
            .iter()
            .map(|column| take(column, &rows, None));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        batch(&from.schema(), columns, end - chunk * BATCH)
    }))
}
