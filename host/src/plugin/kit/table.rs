//! Tables for rules: those of a setup, changed, and one of every format for a plugin without cases.

use std::sync::Arc;

use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, FixedSizeListArray,
    PrimitiveArray, RecordBatch, StringArray, new_null_array,
};
use arrow_schema::{DataType, FieldRef, Schema, TimeUnit};
use arrow_select::concat::concat_batches;
use serde_json::json;

use super::KitError;
use super::bench::Setup;
use crate::job::InputDigest;
use crate::store::{Store, StoreError};
use crate::table::schema::TableSchema;
use crate::table::writer::WriteError;
use crate::table::{FieldNode, Scan, TableWriter};
use crate::world::World;

/// Every format that the host knows: one of each kind of parameter.
const FORMATS: [&str; 21] = [
    "b",
    "c",
    "C",
    "s",
    "S",
    "i",
    "I",
    "l",
    "L",
    "f",
    "g",
    "u",
    "z",
    "tdD",
    "tss:",
    "tsm:",
    "tsu:",
    "tsn:",
    "tsm:UTC",
    "tsn:+02:00",
    "+w:3",
];
/// Rows of a repeated table, at least.
const REPEATED: usize = 100;
/// Rows of a generated table.
const GENERATED: usize = 5;
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

/// The setup with every table changed; none if it has no table, or one that cannot be changed.
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
        let Some(cut) = change(&rows(store, &store.table(digest)?)?) else {
            return Ok(None);
        };
        *input = put(store, &cut)?;
        tables += 1;
    }
    Ok((tables > 0).then_some(changed))
}

/// The first rows of a table.
fn rows(store: &Store, table: &crate::table::TableDoc) -> Result<RecordBatch, StoreError> {
    let schema = table.schema().arrow();
    let (mut batches, mut count) = (Vec::new(), 0);
    for batch in Scan::new(store, table) {
        let batch = batch?;
        let taken = batch.num_rows().min(MOST - count);
        count += taken;
        batches.push(batch.slice(0, taken));
        if count == MOST {
            break;
        }
    }
    Ok(concat_batches(schema, &batches).expect("blocks of a table are of its schema"))
}

fn put(store: &Store, cut: &Cut) -> Result<InputDigest, KitError> {
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
    Ok(InputDigest::Table(written.digest))
}

fn stored(error: WriteError) -> KitError {
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

/// What a plugin without cases is tried with: no config, and the input `table` with a column of each format.
///
/// # Errors
/// When the store fails.
pub fn generated(store: &Store, world: World) -> Result<Setup, KitError> {
    let schema = Arc::clone(formats().arrow());
    let columns = schema.fields().iter();
    let columns = columns
        .map(|field| column(field.data_type(), GENERATED))
        .collect();
    let rows = RecordBatch::try_new(schema, columns).expect("columns of their types");
    let cut = Cut {
        rows,
        per_block: GENERATED,
    };
    Ok(Setup {
        config: json!({}),
        inputs: [("table".to_owned(), put(store, &cut)?)].into(),
        from: format!("a generated table with the config {{}} (no case of {world} is to succeed)"),
    })
}

/// A nullable column of each format, named like it.
fn formats() -> TableSchema {
    let node = |name: &str, format: &str, children| FieldNode {
        name: name.to_owned(),
        format: format.to_owned(),
        nullable: true,
        children,
        metadata: Vec::new(),
    };
    let nodes = FORMATS.iter().flat_map(|format| {
        let child = format.starts_with("+w").then(|| node("item", "f", 0));
        let parent = node(format, format, u32::from(child.is_some()));
        [parent].into_iter().chain(child)
    });
    TableSchema::from_nodes(nodes.collect(), Vec::new()).expect("all formats are accepted")
}

/// Small values of a type: 0, 1, null, 3 and so on.
fn column(data_type: &DataType, rows: usize) -> ArrayRef {
    fn numbers<T: ArrowPrimitiveType>(
        data_type: &DataType,
        rows: usize,
        value: fn(u8) -> T::Native,
    ) -> ArrayRef {
        let values = (0..rows).map(|row| given(row).map(value));
        Arc::new(
            values
                .collect::<PrimitiveArray<T>>()
                .with_data_type(data_type.clone()),
        )
    }
    let text = |row| given(row).map(|value| format!("text {value}"));
    match data_type {
        DataType::Boolean => Arc::new(
            (0..rows)
                .map(|row| given(row).map(|v| v == 1))
                .collect::<BooleanArray>(),
        ),
        DataType::Int8 => numbers::<Int8Type>(data_type, rows, |v| (v % 100) as i8),
        DataType::UInt8 => numbers::<UInt8Type>(data_type, rows, Into::into),
        DataType::Int16 => numbers::<Int16Type>(data_type, rows, Into::into),
        DataType::UInt16 => numbers::<UInt16Type>(data_type, rows, Into::into),
        DataType::Int32 => numbers::<Int32Type>(data_type, rows, Into::into),
        DataType::UInt32 => numbers::<UInt32Type>(data_type, rows, Into::into),
        DataType::Int64 => numbers::<Int64Type>(data_type, rows, Into::into),
        DataType::UInt64 => numbers::<UInt64Type>(data_type, rows, Into::into),
        DataType::Float32 => numbers::<Float32Type>(data_type, rows, Into::into),
        DataType::Float64 => numbers::<Float64Type>(data_type, rows, Into::into),
        DataType::Date32 => numbers::<Date32Type>(data_type, rows, Into::into),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => numbers::<TimestampSecondType>(data_type, rows, Into::into),
            TimeUnit::Millisecond => {
                numbers::<TimestampMillisecondType>(data_type, rows, Into::into)
            }
            TimeUnit::Microsecond => {
                numbers::<TimestampMicrosecondType>(data_type, rows, Into::into)
            }
            TimeUnit::Nanosecond => numbers::<TimestampNanosecondType>(data_type, rows, Into::into),
        },
        DataType::Utf8 => Arc::new((0..rows).map(text).collect::<StringArray>()),
        DataType::Binary => Arc::new(
            (0..rows)
                .map(|row| text(row).map(String::into_bytes))
                .collect::<BinaryArray>(),
        ),
        DataType::FixedSizeList(item, size) => {
            let values = column(
                item.data_type(),
                rows * usize::try_from(*size).unwrap_or_default(),
            );
            Arc::new(FixedSizeListArray::new(
                Arc::clone(item),
                *size,
                values,
                None,
            ))
        }
        other => unreachable!("{other} is no format of a table"),
    }
}

/// The number of a row; every third is null.
fn given(row: usize) -> Option<u8> {
    (row % 3 != 2).then_some((row % 100) as u8)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use arrow_schema::Field;

    use super::*;
    use crate::store::testing::store;

    fn table(store: &Store, setup: &Setup) -> crate::table::TableDoc {
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
