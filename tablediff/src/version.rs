//! What is compared and how.

use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

/// One version of a table: a list of blocks, each read on its own.
pub trait Version {
    /// Why a block could not be read.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The columns, the same in every block. Names must be unique.
    fn schema(&self) -> SchemaRef;

    /// The blocks in order. A row's number is its position in all of them, from 0.
    fn blocks(&self) -> Vec<Block>;

    /// All columns of one block, in the order of the schema; `block` is a position in [`Version::blocks`].
    ///
    /// # Errors
    ///
    /// Whatever goes wrong when reading; [`crate::diff`] hands it on as [`crate::DiffError::Read`].
    fn read(&self, block: usize) -> Result<RecordBatch, Self::Error>;
}

/// What is known of a block without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Digest of the content: with the same columns, equal digests mean equal rows in equal order.
    pub digest: [u8; 32],
    /// How many rows it has.
    pub rows: u64,
}

/// How two versions are compared.
#[derive(Debug, Clone)]
pub struct Options {
    /// Names of the columns that identify a row; empty compares whole rows, which are then added or removed, never changed.
    pub key: Vec<String>,
    /// Bytes that the rows of both versions may take in memory, as encoded for the join; beyond, they go through files. What
    /// comes on top: one block as it is read and encoded, a few MiB of buffers, the result, and rows of a single key, which
    /// are never split.
    pub memory: usize,
    /// An existing directory for the files; each diff makes a directory of its own in it and removes that when done.
    pub scratch: PathBuf,
    /// The most samples of each kind.
    pub samples: usize,
}
