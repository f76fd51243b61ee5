//! Tables made up for rules: a column of every format, and what a plugin without cases is tried with.

use std::sync::Arc;

use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, FixedSizeListArray, PrimitiveArray,
    RecordBatch, StringArray,
};
use arrow_schema::{DataType, TimeUnit};
use serde_json::json;

use super::bench::Setup;
use super::{KitError, arms, parts, table};
use crate::job::InputDigest;
use crate::manifest::WINDOW_PORT;
use crate::store::Store;
use crate::table::FieldNode;
use crate::table::schema::TableSchema;
use crate::world::World;

/// Every format that the host knows: one of each kind of parameter.
pub const FORMATS: [&str; 21] = [
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
/// Rows of a generated table.
const ROWS: usize = 5;

/// What a plugin without cases is tried with: no config, and what its world hands to every plugin; where that may be any table, one
/// with a column of each format.
///
/// # Errors
/// When the store fails.
pub fn generated(store: &Store, world: World) -> Result<Setup, KitError> {
    let mut setup = Setup {
        config: json!({}),
        inputs: [].into(),
        state: None,
        from: format!("a generated input with the config {{}} (no case of {world} is to succeed)"),
    };
    let tables: &[&str] = match world {
        World::Ingest | World::Validate | World::Train => &["table"],
        World::Monitor => &[WINDOW_PORT, "reference"],
        World::Score | World::Packaging | World::Deploy => &[],
    };
    let table = table::put(store, &every_format())?;
    for name in tables {
        setup
            .inputs
            .insert((*name).to_owned(), InputDigest::Table(table));
    }
    complete(store, world, &mut setup)?;
    Ok(setup)
}

/// Adds what the world hands to every plugin and the setup lacks: arms and figures, or the parts of a model.
///
/// # Errors
/// When the store fails.
pub fn complete(store: &Store, world: World, setup: &mut Setup) -> Result<(), KitError> {
    let further = match world {
        World::Deploy => {
            let tables = arms::asked(store, &[1.0, 0.0])?.into_iter();
            let tables = tables.map(|(name, table)| (name.to_owned(), InputDigest::Table(table)));
            tables.collect()
        }
        World::Packaging => parts::parts(store)?,
        World::Ingest | World::Validate | World::Train | World::Score | World::Monitor => {
            Vec::new()
        }
    };
    for (name, input) in further {
        setup.inputs.entry(name).or_insert(input);
    }
    Ok(())
}

/// A few rows with a column of each format.
fn every_format() -> RecordBatch {
    let schema = Arc::clone(formats().arrow());
    let columns = schema.fields().iter();
    let columns = columns
        .map(|field| column(field.data_type(), ROWS))
        .collect();
    RecordBatch::try_new(schema, columns).expect("columns of their types")
}

/// A nullable column as its nodes in pre-order.
pub fn nodes(name: &str, format: &str) -> Vec<FieldNode> {
    let node = |name: &str, format: &str, children| FieldNode {
        name: name.to_owned(),
        format: format.to_owned(),
        nullable: true,
        children,
        metadata: Vec::new(),
    };
    let child = format.starts_with("+w").then(|| node("item", "f", 0));
    let parent = node(name, format, u32::from(child.is_some()));
    [parent].into_iter().chain(child).collect()
}

/// A nullable column of each format, named like it.
pub fn formats() -> TableSchema {
    let nodes = FORMATS.iter().flat_map(|format| nodes(format, format));
    TableSchema::from_nodes(nodes.collect(), Vec::new()).expect("all formats are accepted")
}

/// Small values of a type: 0, 1, null, 3 and so on.
pub fn column(data_type: &DataType, rows: usize) -> ArrayRef {
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
