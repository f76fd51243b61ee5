//! The tables of a setup, changed for a rule.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch, new_null_array};
use arrow_schema::{FieldRef, Schema};
use arrow_select::concat::concat_batches;

use super::KitError;
use super::bench::Setup;
use super::generate::{column, formats};
use crate::digest::Digest;
use crate::job::InputDigest;
use crate::store::{Store, StoreError};
use crate::table::schema::TableSchema;
use crate::table::writer::WriteError;
use crate::table::{Scan, TableWriter};

/// Rows of a repeated table, at least.
const REPEATED: usize = 100;
/// The most rows that a rule works on: beyond, it would test patience.
const MOST: usize = 10_000;

/// Rows, and how many of them are in a block.
#[derive(Debug)]
pub struct Cut {
    rows: RecordBatch,
    per_block: usize,
}

/// A change of a table; none if it cannot be made.
pub type Change = fn(&RecordBatch) -> Option<Cut>;

fn one_block(rows: RecordBatch) -> Option<Cut> {
    let per_block = rows.num_rows().max(1);
    Some(Cut { rows, per_block })
}

/// No rows.
pub fn empty(rows: &RecordBatch) -> Option<Cut> {
    one_block(rows.slice(0, 0))
}

/// The first row.
pub fn one_row(rows: &RecordBatch) -> Option<Cut> {
    (rows.num_rows() > 0).then(|| one_block(rows.slice(0, 1)))?
}

/// Nulls in every column that may hold them; none if no column may.
pub fn all_null(rows: &RecordBatch) -> Option<Cut> {
    let schema = rows.schema();
    let nullable = schema.fields().iter().any(|field| field.is_nullable());
    if rows.num_rows() == 0 || !nullable {
        return None;
    }
    let columns = schema.fields().iter().zip(rows.columns());
    let columns = columns.map(|(field, column)| match field.is_nullable() {
        true => new_null_array(field.data_type(), column.len()),
        false => Arc::clone(column),
    });
    one_block(RecordBatch::try_new(Arc::clone(&schema), columns.collect()).ok()?)
}

/// The rows, over and over, in one block.
pub fn whole(rows: &RecordBatch) -> Option<Cut> {
    one_block(repeated(rows)?)
}

/// The same as [`whole`], each row a block.
pub fn many_batches(rows: &RecordBatch) -> Option<Cut> {
    let rows = repeated(rows)?;
    Some(Cut { rows, per_block: 1 })
}

/// The same as [`whole`], in blocks of seven rows.
pub fn sevens(rows: &RecordBatch) -> Option<Cut> {
    let rows = repeated(rows)?;
    Some(Cut { rows, per_block: 7 })
}

fn repeated(rows: &RecordBatch) -> Option<RecordBatch> {
    if rows.num_rows() == 0 {
        return None;
    }
    let rows = rows.slice(0, rows.num_rows().min(2 * REPEATED));
    let times = REPEATED.div_ceil(rows.num_rows());
    concat_batches(&rows.schema(), std::iter::repeat_n(&rows, times)).ok()
}

/// A further column of every format.
pub fn every_format(rows: &RecordBatch) -> Option<Cut> {
    let schema = rows.schema();
    let mut fields: Vec<FieldRef> = schema.fields().iter().cloned().collect();
    let mut columns = rows.columns().to_vec();
    for field in formats().fields() {
        let name = format!("kit {}", field.name());
        fields.push(Arc::new(field.as_ref().clone().with_name(name)));
        columns.push(column(field.data_type(), rows.num_rows()));
    }
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    one_block(RecordBatch::try_new(Arc::new(schema), columns).ok()?)
}

/// The setup with every table changed that can be; none if no table can.
///
/// # Errors
/// When the store fails.
pub fn changed(store: &Store, setup: &Setup, change: Change) -> Result<Option<Setup>, KitError> {
    let mut changed = setup.clone();
    let mut tables = 0;
    for input in changed.inputs.values_mut() {
        let InputDigest::Table(digest) = input else {
            continue;
        };
        if let Some(cut) = change(&rows(store, digest)?) {
            *input = InputDigest::Table(put_cut(store, &cut)?);
            tables += 1;
        }
    }
    Ok((tables > 0).then_some(changed))
}

/// The first rows of a table: as many as a rule works on.
///
/// # Errors
/// When the store fails.
pub fn rows(store: &Store, digest: &Digest) -> Result<RecordBatch, StoreError> {
    at_most(store, digest, MOST)
}

/// All rows of a table.
///
/// # Errors
/// When the store fails.
pub fn all(store: &Store, digest: &Digest) -> Result<RecordBatch, StoreError> {
    at_most(store, digest, usize::MAX)
}

fn at_most(store: &Store, digest: &Digest, most: usize) -> Result<RecordBatch, StoreError> {
    let table = store.table(digest)?;
    let schema = table.schema().arrow();
    let (mut batches, mut count) = (Vec::new(), 0);
    for batch in Scan::new(store, &table) {
        let batch = batch?;
        let taken = batch.num_rows().min(most - count);
        count += taken;
        batches.push(batch.slice(0, taken));
        if count == most {
            break;
        }
    }
    Ok(concat_batches(schema, &batches).expect("blocks of a table are of its schema"))
}

/// These columns of a table alone, in this order; none if it lacks one, or has it as another type.
///
/// # Errors
/// When the store fails.
pub fn columns_alone(
    store: &Store,
    digest: &Digest,
    wanted: &TableSchema,
) -> Result<Option<Digest>, KitError> {
    let all = rows(store, digest)?;
    let schema = all.schema();
    let places: Option<Vec<_>> = (wanted.fields().iter())
        .map(|field| {
            let (place, found) = schema.column_with_name(field.name())?;
            (found.data_type() == field.data_type()).then_some(place)
        })
        .collect();
    let Some(places) = places else {
        return Ok(None);
    };
    let alone = all.project(&places).expect("columns that are there");
    put(store, &alone).map(Some)
}

/// Puts rows into the store as a table of one block.
///
/// # Errors
/// When the store fails.
pub fn put(store: &Store, rows: &RecordBatch) -> Result<Digest, KitError> {
    let rows = rows.clone();
    let per_block = rows.num_rows().max(1);
    put_cut(store, &Cut { rows, per_block })
}

fn put_cut(store: &Store, cut: &Cut) -> Result<Digest, KitError> {
    let schema =
        TableSchema::from_arrow(cut.rows.schema_ref()).expect("formats that the host knows");
    let mut publication = store.begin();
    let mut writer = TableWriter::new(schema);
    let count = cut.rows.num_rows();
    for start in (0..count).step_by(cut.per_block) {
        let taken = cut.per_block.min(count - start);
        let written = writer.write(&cut.rows.slice(start, taken), &mut publication);
        written
            .and_then(|()| writer.cut(&mut publication))
            .map_err(stored)?;
    }
    let written = writer.finish(&mut publication).map_err(stored)?;
    publication.commit()?;
    Ok(written.digest)
}

/// A failure of writing rows that are of their schema.
pub fn stored(error: WriteError) -> KitError {
    match error {
        WriteError::Store(error) => error.into(),
        WriteError::Misfit(misfit) => unreachable!("the kit's rows are of their schema: {misfit}"),
    }
}

/// The names of all columns of a setup's tables.
///
/// # Errors
/// When the store fails.
pub fn columns(store: &Store, setup: &Setup) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    for input in setup.inputs.values() {
        if let InputDigest::Table(digest) = input {
            let table = store.table(digest)?;
            names.extend(
                table
                    .schema()
                    .fields()
                    .iter()
                    .map(|field| field.name().clone()),
            );
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use arrow_schema::{DataType, Field};

    use super::*;
    use crate::plugin::kit::generate::{FORMATS, generated};
    use crate::store::testing::store;
    use crate::table::TableDoc;
    use crate::world::World;

    fn table(store: &Store, setup: &Setup) -> TableDoc {
        store.table(setup.inputs["table"].digest()).unwrap()
    }

    #[test]
    fn a_generated_table_has_every_format_and_can_be_changed() {
        let (_dir, store) = store();
        let setup = generated(&store, World::Validate).unwrap();
        assert_eq!(table(&store, &setup).schema().fields().len(), FORMATS.len());
        for (change, rows, blocks) in [
            (empty as Change, 0, 0),
            (one_row, 1, 1),
            (all_null, 5, 1),
            (whole, 100, 1),
            (many_batches, 100, 100),
            (sevens, 100, 15),
            (every_format, 5, 1),
        ] {
            let changed = changed(&store, &setup, change).unwrap().unwrap();
            let table = table(&store, &changed);
            assert_eq!((table.rows(), table.blocks().count()), (rows, blocks));
        }
    }

    #[test]
    fn what_cannot_be_changed_is_not() {
        let field = Field::new("n", DataType::Int64, false);
        let rows = RecordBatch::new_empty(Arc::new(Schema::new(vec![field])));
        for change in [one_row as Change, all_null, whole, many_batches, sevens] {
            assert!(change(&rows).is_none());
        }
        assert!(empty(&rows).is_some());
    }
}
