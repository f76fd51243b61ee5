//! Tables: schemas, the columns guests pass, the canonical form, stored blocks, and what people see of them.

#[cfg(target_endian = "big")]
compile_error!(
    "lockflight hashes, stores and passes Arrow buffers as they lie in memory, which has to be little-endian"
);

pub mod block;
mod buffers;
mod build;
pub mod canonical;
pub mod doc;
pub mod export;
pub mod format;
pub mod import;
pub mod raw;
pub mod scan;
pub mod schema;
pub mod show;
#[cfg(test)]
pub(crate) mod testing;
pub mod windows;
pub mod writer;

pub use build::{Problem, ShapeError};
pub use doc::{BlockRef, Partition, TableDoc};
pub use raw::{RawColumn, assemble, cut, disassemble};
pub use scan::{Scan, block_rows, rows_at};
pub use schema::{FieldNode, SchemaError, TableSchema};
pub use writer::{TableWriter, Written};
