//! Random schemas and rows for tests.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, BooleanBuilder, StringBuilder};
use arrow_array::types::*;
use arrow_array::{ArrayRef, ArrowPrimitiveType, FixedSizeListArray, PrimitiveArray, RecordBatch};
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, TimeUnit};
use proptest::prelude::*;

use super::schema::{FieldNode, TableSchema};

/// Every accepted leaf, and a vector.
const FORMATS: &[&str] = &[
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
    "tsm:UTC",
    "tsu:",
    "tsn:+02:00",
    "+w:3",
];

/// A node without children or metadata.
pub fn leaf(name: &str, format: &str, nullable: bool) -> FieldNode {
    FieldNode {
        name: name.to_owned(),
        format: format.to_owned(),
        nullable,
        children: 0,
        metadata: Vec::new(),
    }
}

/// A schema of columns `(name, format, nullable)`; a `+w:N` gets a nullable child of 32 bit floats.
pub fn schema(columns: &[(&str, &str, bool)]) -> TableSchema {
    let nodes = columns.iter().flat_map(|(name, format, nullable)| {
        let mut node = leaf(name, format, *nullable);
        let child = format.starts_with("+w").then(|| leaf("item", "f", true));
        node.children = child.is_some().into();
        [node].into_iter().chain(child)
    });
    TableSchema::from_nodes(nodes.collect(), Vec::new()).unwrap()
}

/// Rows of a schema of one to four columns of any format, with nulls where they may be.
pub fn any_rows(max: usize) -> impl Strategy<Value = (TableSchema, RecordBatch)> {
    let columns = prop::collection::vec((prop::sample::select(FORMATS), any::<bool>()), 1..5);
    (columns, 0..=max).prop_flat_map(|(columns, rows)| {
        let names: Vec<String> = (0..columns.len())
            .map(|index| format!("column {index}"))
            .collect();
        let columns: Vec<_> = columns
            .iter()
            .zip(&names)
            .map(|((format, nullable), name)| (name.as_str(), *format, *nullable))
            .collect();
        let schema = schema(&columns);
        let arrays: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| any_array(field, rows).boxed())
            .collect();
        arrays.prop_map(move |arrays| {
            let batch = RecordBatch::try_new(Arc::clone(schema.arrow()), arrays).unwrap();
            (schema.clone(), batch)
        })
    })
}

/// An array of random bytes, cut into values of the field's type.
fn any_array(field: &Field, rows: usize) -> impl Strategy<Value = ArrayRef> + use<> {
    let (data_type, nullable) = (field.data_type().clone(), field.is_nullable());
    let values = rows
        * if let DataType::FixedSizeList(_, size) = data_type {
            size as usize
        } else {
            1
        };
    let seeds = prop::collection::vec(
        prop_oneof![any::<u64>(), 0..3_u64, Just(u64::MAX), Just(1 << 63)],
        values,
    );
    let valid = prop::collection::vec(prop::bool::weighted(0.8), rows);
    (seeds, valid).prop_map(move |(seeds, valid)| {
        let nulls = nullable.then(|| NullBuffer::from(valid));
        array(&data_type, &seeds, nulls)
    })
}

/// An array whose values, those under nulls too, are made of the seeds.
pub fn array(data_type: &DataType, seeds: &[u64], nulls: Option<NullBuffer>) -> ArrayRef {
    fn fixed<T: ArrowPrimitiveType>(
        data_type: &DataType,
        seeds: &[u64],
        nulls: Option<NullBuffer>,
        value: impl Fn(u64) -> T::Native,
    ) -> ArrayRef {
        let values: ScalarBuffer<T::Native> = seeds.iter().map(|seed| value(*seed)).collect();
        Arc::new(PrimitiveArray::<T>::new(values, nulls).with_data_type(data_type.clone()))
    }
    let is_valid = |row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    let text = |seed: u64| {
        "aé日𝄞x"
            .chars()
            .cycle()
            .take(seed as usize % 9)
            .collect::<String>()
    };
    match data_type {
        DataType::Boolean => {
            let mut builder = BooleanBuilder::new();
            seeds
                .iter()
                .for_each(|seed| builder.append_value(seed % 2 == 1));
            let values: BooleanBuffer = builder.finish().values().clone();
            Arc::new(arrow_array::BooleanArray::new(values, nulls))
        }
        DataType::Int8 => fixed::<Int8Type>(data_type, seeds, nulls, |seed| seed as _),
        DataType::UInt8 => fixed::<UInt8Type>(data_type, seeds, nulls, |seed| seed as _),
        DataType::Int16 => fixed::<Int16Type>(data_type, seeds, nulls, |seed| seed as _),
        DataType::UInt16 => fixed::<UInt16Type>(data_type, seeds, nulls, |seed| seed as _),
        DataType::Int32 => fixed::<Int32Type>(data_type, seeds, nulls, |seed| seed as _),
        DataType::UInt32 => fixed::<UInt32Type>(data_type, seeds, nulls, |seed| seed as _),
        DataType::Int64 => fixed::<Int64Type>(data_type, seeds, nulls, |seed| seed as _),
        DataType::UInt64 => fixed::<UInt64Type>(data_type, seeds, nulls, |seed| seed),
        DataType::Float32 => {
            fixed::<Float32Type>(data_type, seeds, nulls, |seed| f32::from_bits(seed as u32))
        }
        DataType::Float64 => fixed::<Float64Type>(data_type, seeds, nulls, f64::from_bits),
        DataType::Date32 => fixed::<Date32Type>(data_type, seeds, nulls, |seed| seed as _),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => {
                fixed::<TimestampSecondType>(data_type, seeds, nulls, |seed| seed as _)
            }
            TimeUnit::Millisecond => {
                fixed::<TimestampMillisecondType>(data_type, seeds, nulls, |seed| seed as _)
            }
            TimeUnit::Microsecond => {
                fixed::<TimestampMicrosecondType>(data_type, seeds, nulls, |seed| seed as _)
            }
            TimeUnit::Nanosecond => {
                fixed::<TimestampNanosecondType>(data_type, seeds, nulls, |seed| seed as _)
            }
        },
        DataType::Utf8 => {
            let mut builder = StringBuilder::new();
            for (row, seed) in seeds.iter().enumerate() {
                builder.append_option(is_valid(row).then(|| text(*seed)));
            }
            Arc::new(builder.finish())
        }
        DataType::Binary => {
            let mut builder = BinaryBuilder::new();
            for (row, seed) in seeds.iter().enumerate() {
                builder.append_option(
                    is_valid(row).then(|| seed.to_le_bytes()[..*seed as usize % 9].to_vec()),
                );
            }
            Arc::new(builder.finish())
        }
        DataType::FixedSizeList(item, size) => {
            // Every seventh item is null, under null lists too.
            let valid = (0..seeds.len())
                .map(|index| index % 7 != 0)
                .collect::<Vec<bool>>();
            let items = array(item.data_type(), seeds, Some(NullBuffer::from(valid)));
            Arc::new(FixedSizeListArray::new(
                Arc::clone(item),
                *size,
                items,
                nulls,
            ))
        }
        other => panic!("{other} is not accepted"),
    }
}
