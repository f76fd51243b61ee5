//! Splits a table into the rows that pass and those that do not.
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::prelude::*;

use crate::marks::Marks;

/// The table's schema with the column that says why a row is set aside.
pub fn quarantine_schema(schema: &Schema, reason_column: &str) -> SchemaRef {
    let mut fields = schema.fields().to_vec();
    fields.push(Arc::new(Field::new(reason_column, DataType::Utf8, false)));
    Arc::new(Schema::new_with_metadata(fields, schema.metadata.clone()))
}

/// Writes the rows of the table that are in none of the sets, and the others with their reasons.
///
/// # Errors
/// When a table cannot be written.
pub fn split(
    table: &Table,
    failing: &[(String, Marks)],
    reason_column: &str,
) -> Result<(TableWriter, TableWriter), Failure> {
    let mut passed = TableWriter::new(table.schema().clone())?;
    let mut quarantined = TableWriter::new(quarantine_schema(table.schema(), reason_column))?;
    let mut any = Marks::default();
    for (_, marks) in failing {
        any.join(marks);
    }
    let mut start = 0;
    for batch in table.scan() {
        let rows = start..start + batch.num_rows() as u64;
        start = rows.end;
        let keep = BooleanBuffer::collect_bool(batch.num_rows(), |row| {
            !any.contains(rows.start + row as u64)
        });
        passed.write_kept(&batch, &keep)?;
        if keep.count_set_bits() < batch.num_rows() {
            let reasons = rows.map(|row| Some(reason(failing, row)));
            let reasons: ArrayRef = Arc::new(reasons.collect::<StringArray>());
            let mut columns = batch.columns().to_vec();
            columns.push(reasons);
            let explained = RecordBatch::try_new(quarantined.schema().clone(), columns)?;
            quarantined.write_kept(&explained, &!&keep)?;
        }
    }
    Ok((passed, quarantined))
}

fn reason(failing: &[(String, Marks)], row: u64) -> String {
    let reasons = failing.iter().filter(|(_, marks)| marks.contains(row));
    reasons
        .map(|(reason, _)| reason.as_str())
        .collect::<Vec<_>>()
        .join("; ")
}
