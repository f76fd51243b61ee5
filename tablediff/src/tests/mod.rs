//! Rules of the comparison, on small tables.

#![allow(clippy::unwrap_used)]

mod errors;
mod rendering;
mod rows;
mod values;

use std::cell::RefCell;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{Schema, SchemaRef};

use crate::{Block, ColumnDiff, Options, TableDiff, Version, diff};

/// A table in memory that notes which blocks are read.
pub(crate) struct Table {
    pub schema: SchemaRef,
    pub blocks: Vec<([u8; 32], RecordBatch)>,
    pub read: RefCell<Vec<usize>>,
}

#[derive(Debug, thiserror::Error)]
#[error("no such block")]
pub(crate) struct NoBlock;

thread_local! {
    /// Digests given so far: no two blocks are equal unless a test says so.
    static DIGESTS: RefCell<u64> = const { RefCell::new(0) };
}

impl Table {
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Table {
        let digest = || {
            let number = DIGESTS.with_borrow_mut(|next| {
                *next += 1;
                *next
            });
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&number.to_le_bytes());
            digest
        };
        Table {
            schema,
            blocks: batches.into_iter().map(|batch| (digest(), batch)).collect(),
            read: RefCell::default(),
        }
    }
}

impl Version for Table {
    type Error = NoBlock;

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn blocks(&self) -> Vec<Block> {
        let block = |(digest, batch): &([u8; 32], RecordBatch)| Block {
            digest: *digest,
            rows: batch.num_rows() as u64,
        };
        self.blocks.iter().map(block).collect()
    }

    fn read(&self, block: usize) -> Result<RecordBatch, NoBlock> {
        self.read.borrow_mut().push(block);
        Ok(self.blocks.get(block).ok_or(NoBlock)?.1.clone())
    }
}

/// A table of one block.
pub(crate) fn table(columns: Vec<(&str, ArrayRef)>) -> Table {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    Table::new(batch.schema(), vec![batch])
}

/// A table without blocks.
pub(crate) fn empty(schema: &Schema) -> Table {
    Table::new(Arc::new(schema.clone()), Vec::new())
}

pub(crate) fn array(array: impl Array + 'static) -> ArrayRef {
    Arc::new(array)
}

pub(crate) fn options(key: &[&str]) -> Options {
    Options {
        key: key.iter().map(|name| (*name).to_owned()).collect(),
        memory: 1 << 30,
        scratch: std::env::temp_dir(),
        samples: 5,
    }
}

pub(crate) fn compare(old: &Table, new: &Table, key: &[&str]) -> TableDiff {
    diff(old, new, &options(key)).unwrap()
}

/// Compares two versions of one column `v` whose rows have the keys 0, 1, 2...
pub(crate) fn compare_values(old: ArrayRef, new: ArrayRef) -> TableDiff {
    let keyed = |values: ArrayRef| {
        let keys = arrow_array::Int32Array::from_iter_values(0..values.len() as i32);
        table(vec![("k", array(keys)), ("v", values)])
    };
    compare(&keyed(old), &keyed(new), &["k"])
}

pub(crate) fn column<'a>(diff: &'a TableDiff, name: &str) -> &'a ColumnDiff {
    diff.columns
        .iter()
        .find(|column| column.name == name)
        .unwrap()
}
