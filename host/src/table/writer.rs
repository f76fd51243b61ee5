//! Writing a table: whatever sizes the rows come in, they leave in the same blocks.

use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use arrow_select::concat::concat_batches;

use super::block::{BLOCK_BYTES, BLOCK_ROWS};
use super::canonical::Canonical;
use super::doc::{BlockRef, Partition, TableDoc};
use super::format::width;
use super::schema::{Misfit, TableSchema};
use crate::digest::Digest;
use crate::store::{Publication, StoreError};

/// Pieces that may wait for their block before they are joined, so that rows written one by one do not pile up.
const MAX_PIECES: usize = 256;

/// Why rows could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// They are not rows of the table.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A table that has been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The table's digest.
    pub digest: Digest,
    /// How many rows.
    pub rows: u64,
    /// How many bytes its canonical buffers hold.
    pub bytes: u64,
}

/// Writes a table of one partition. A block ends before the row that would be its 65,537th or bring it over 64 MiB (each value
/// counted with one bit of validity and, if it is text, with 4 bytes of offset), so blocks depend on the rows alone.
pub struct TableWriter {
    schema: TableSchema,
    positional: TableSchema,
    block_bits: u64,
    row_bits: u64,
    pieces: Vec<RecordBatch>,
    rows: usize,
    bits: u64,
    blocks: Vec<BlockRef>,
    written_bytes: u64,
}

impl TableWriter {
    /// Starts an empty table.
    pub fn new(schema: TableSchema) -> TableWriter {
        TableWriter::with_block_bytes(schema, BLOCK_BYTES)
    }

    fn with_block_bytes(schema: TableSchema, block_bytes: u64) -> TableWriter {
        TableWriter {
            positional: schema.positional(),
            block_bits: block_bytes * 8,
            row_bits: schema
                .fields()
                .iter()
                .map(|field| fixed_bits(field.data_type()))
                .sum(),
            schema,
            pieces: Vec::new(),
            rows: 0,
            bits: 0,
            blocks: Vec::new(),
            written_bytes: 0,
        }
    }

    /// The table's schema.
    pub fn schema(&self) -> &TableSchema {
        &self.schema
    }

    /// How many bytes were written so far, to hold against a limit: exact for finished blocks, else within a few per cent.
    pub fn bytes(&self) -> u64 {
        self.written_bytes + self.bits.div_ceil(8)
    }

    /// Appends rows.
    pub fn write(
        &mut self,
        rows: &RecordBatch,
        publication: &mut Publication,
    ) -> Result<(), WriteError> {
        let rows = Canonical::of(&self.schema, rows)?.batch();
        let mut start = 0;
        while start < rows.num_rows() {
            let taken = self.fit(&rows, start);
            if taken == 0 {
                self.end_block(publication)?;
                continue;
            }
            self.bits += self.weight(&rows, start, taken);
            self.rows += taken;
            self.pieces.push(rows.slice(start, taken));
            start += taken;
        }
        if self.pieces.len() >= MAX_PIECES {
            self.pieces = vec![self.joined()];
        }
        Ok(())
    }

    /// Ends the block at hand, if it has rows, wherever it would have ended: for rows that plugins are to get in other batches.
    ///
    /// # Errors
    /// When the store fails.
    pub fn cut(&mut self, publication: &mut Publication) -> Result<(), WriteError> {
        if self.rows > 0 {
            self.end_block(publication)?;
        }
        Ok(())
    }

    /// Ends the table. It is in the store once the publication is committed.
    pub fn finish(mut self, publication: &mut Publication) -> Result<Written, WriteError> {
        if self.rows > 0 {
            self.end_block(publication)?;
        }
        let doc = TableDoc::new(self.schema, vec![Partition::new(None, self.blocks)])
            .expect("one partition whose rows are those of its blocks");
        let digest = publication.table(&doc)?;
        Ok(Written {
            digest,
            rows: doc.rows(),
            bytes: doc.bytes(),
        })
    }

    /// How many rows from `start` still fit the block: at least one if the block is empty.
    fn fit(&self, rows: &RecordBatch, start: usize) -> usize {
        let most = (BLOCK_ROWS - self.rows).min(rows.num_rows() - start);
        let fits = |count: usize| self.bits + self.weight(rows, start, count) <= self.block_bits;
        if fits(most) {
            return most;
        }
        // Weight grows with rows: the answer is the last of 0..most that fits.
        let (mut low, mut high) = (0, most);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if fits(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        if self.rows == 0 { low.max(1) } else { low }
    }

    /// The bits of `count` clean rows from `start`.
    fn weight(&self, rows: &RecordBatch, start: usize, count: usize) -> u64 {
        let text = rows
            .columns()
            .iter()
            .filter(|column| is_text(column.data_type()))
            .map(|column| {
                let data = column.to_data();
                let offsets = &data.buffers()[0].typed_data::<i32>()[data.offset()..];
                (offsets[start + count] - offsets[start]) as u64 * 8
            });
        self.row_bits * count as u64 + text.sum::<u64>()
    }

    fn joined(&self) -> RecordBatch {
        match self.pieces.as_slice() {
            [piece] => piece.clone(),
            pieces => concat_batches(self.positional.arrow(), pieces).expect(
                "the pieces have one schema and together fit the 32 bit offsets of a block",
            ),
        }
    }

    fn end_block(&mut self, publication: &mut Publication) -> Result<(), StoreError> {
        let rows = Canonical::of_clean(self.positional.clone(), &self.joined());
        let block = publication.block(&rows)?;
        self.written_bytes += block.bytes;
        self.blocks.push(block);
        self.pieces.clear();
        (self.rows, self.bits) = (0, 0);
        Ok(())
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::Binary)
}

/// The bits that every value of a type takes, whatever it is.
fn fixed_bits(data_type: &DataType) -> u64 {
    1 + match data_type {
        DataType::Boolean => 1,
        DataType::FixedSizeList(item, size) => *size as u64 * fixed_bits(item.data_type()),
        text if is_text(text) => 32,
        fixed => 8 * width(fixed).unwrap_or_default() as u64,
    }
}

#[cfg(test)]
mod tests;
