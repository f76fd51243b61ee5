//! Rows as bytes and back.

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_row::{RowConverter, Rows, SortField};

use crate::blocks::Remaining;
use crate::canonical::canonical;
use crate::chunk::{Chunk, Record};
use crate::error::{DiffError, Side};
use crate::plan::{Column, Plan};

/// Encodes the rows of both versions alike.
pub(crate) struct Encoder {
    key: RowConverter,
    /// None if rows are joined by all columns: a converter without columns does not know how many rows there are.
    values: Option<RowConverter>,
}

impl Encoder {
    /// For the columns of this plan.
    pub fn new(plan: &Plan) -> Result<Encoder, DiffError> {
        let (key, values) = plan.columns.split_at(plan.joined);
        Ok(Encoder {
            key: converter(key)?,
            values: match values {
                [] => None,
                values => Some(converter(values)?),
            },
        })
    }

    /// The rows of a block.
    pub fn encode(
        &self,
        plan: &Plan,
        side: Side,
        batch: &RecordBatch,
        block: &Remaining,
    ) -> Result<Chunk, DiffError> {
        let mut columns = Vec::with_capacity(plan.columns.len());
        for column in &plan.columns {
            columns.push(prepared(column, batch.column(column.position(side)))?);
        }
        let (key, values) = columns.split_at(plan.joined);
        let keys = self.key.convert_columns(key)?;
        let values = match &self.values {
            Some(converter) => Some(converter.convert_columns(values)?),
            None => None,
        };
        Ok(packed(&keys, values.as_ref(), block.first_row))
    }

    /// The columns of the plan for these rows. Dictionaries come back as plain values.
    pub fn decode<'a>(
        &self,
        records: impl Iterator<Item = Record<'a>> + Clone,
    ) -> Result<Vec<ArrayRef>, DiffError> {
        let parser = self.key.parser();
        let keys = records.clone().map(|record| parser.parse(record.key));
        let mut columns = self.key.convert_rows(keys)?;
        if let Some(converter) = &self.values {
            let parser = converter.parser();
            let values = records.map(|record| parser.parse(record.values));
            columns.extend(converter.convert_rows(values)?);
        }
        Ok(columns)
    }
}

fn converter(columns: &[Column]) -> Result<RowConverter, DiffError> {
    let fields = columns
        .iter()
        .map(|column| SortField::new(column.data_type.clone()));
    Ok(RowConverter::new(fields.collect())?)
}

/// A column in the type in which it is compared, with one NaN.
fn prepared(column: &Column, array: &ArrayRef) -> Result<ArrayRef, DiffError> {
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    let cast = if array.data_type() == &column.data_type {
        Ok(array.clone())
    } else {
        cast_with_options(array, &column.data_type, &options)
    };
    cast.and_then(|array| canonical(&array))
        .map_err(|source| DiffError::Column {
            column: column.name.clone(),
            source,
        })
}

fn packed(keys: &Rows, values: Option<&Rows>, first_row: u64) -> Chunk {
    let bytes = |rows: &Rows| rows.lengths().sum::<usize>();
    let mut chunk = Chunk::with_capacity(keys.num_rows(), bytes(keys) + values.map_or(0, bytes));
    for index in 0..keys.num_rows() {
        chunk.push(Record {
            row: first_row + index as u64,
            key: keys.row(index).data(),
            values: values.map_or(&[], |values| values.row(index).data()),
        });
    }
    chunk
}
