//! Reading a stored table outside of a stage: to show it, to export it, to pick rows.

use std::collections::btree_map::{BTreeMap, Entry};

use arrow_array::RecordBatch;
use arrow_select::interleave::interleave_record_batch;

use super::block::{self, BlockError};
use super::doc::{BlockRef, TableDoc};
use super::schema::TableSchema;
use crate::store::{Store, StoreError};

/// The blocks of a table, one after the other, as Arrow batches under the table's schema.
#[derive(Debug)]
pub struct Scan {
    store: Store,
    schema: TableSchema,
    blocks: std::vec::IntoIter<BlockRef>,
}

impl Scan {
    /// Starts at the first row.
    pub fn new(store: &Store, table: &TableDoc) -> Scan {
        let blocks: Vec<BlockRef> = table.blocks().cloned().collect();
        Scan {
            store: store.clone(),
            schema: table.schema().clone(),
            blocks: blocks.into_iter(),
        }
    }
}

impl Iterator for Scan {
    type Item = Result<RecordBatch, StoreError>;

    fn next(&mut self) -> Option<Result<RecordBatch, StoreError>> {
        self.blocks
            .next()
            .map(|block| block_rows(&self.store, &self.schema, &block))
    }
}

/// The rows of one block.
pub fn block_rows(
    store: &Store,
    schema: &TableSchema,
    block: &BlockRef,
) -> Result<RecordBatch, StoreError> {
    let file = store.open_block(block)?;
    let bad = |source| StoreError::Block {
        digest: block.digest,
        source,
    };
    let rows = block::open(&file, schema).map_err(bad)?;
    match rows.num_rows() == block.rows as usize {
        true => Ok(rows),
        false => Err(bad(BlockError::NotABlock(
            "it has not as many rows as the table says",
        ))),
    }
}

/// Some rows of a table, counted from 0, in the given order; only the blocks that hold them are read.
pub fn rows_at(store: &Store, table: &TableDoc, wanted: &[u64]) -> Result<RecordBatch, StoreError> {
    let mut starts = Vec::new();
    let mut next = 0;
    for block in table.blocks() {
        starts.push((next, block));
        next += u64::from(block.rows);
    }
    let mut opened = BTreeMap::new();
    let mut batches = Vec::new();
    let mut picks = Vec::with_capacity(wanted.len());
    for row in wanted.iter().copied() {
        if row >= next {
            return Err(StoreError::NoSuchRow { row, rows: next });
        }
        let place = starts.partition_point(|(start, _)| *start <= row) - 1;
        let (start, block) = starts[place];
        let batch = match opened.entry(place) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                batches.push(block_rows(store, table.schema(), block)?);
                *entry.insert(batches.len() - 1)
            }
        };
        let row = usize::try_from(row - start).expect("a block has at most 65,536 rows");
        picks.push((batch, row));
    }
    if picks.is_empty() {
        return Ok(RecordBatch::new_empty(table.schema().arrow().clone()));
    }
    let batches: Vec<&RecordBatch> = batches.iter().collect();
    Ok(interleave_record_batch(&batches, &picks)
        .expect("the batches are of one schema and hold the picked rows"))
}
