//! What can go wrong with the store, in words that say what to do.

use std::io;
use std::path::PathBuf;

use crate::canonical_json::CanonicalError;
use crate::digest::Digest;
use crate::table::block::BlockError;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file operation failed.
    #[error("cannot {action} {}: {}", path.display(), explain(source))]
    Io {
        /// What was tried: "write", "read", ….
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder is not empty and no store.
    #[error("{} is not empty and not a lockflight store (it has no file `format`): choose another folder", .0.display())]
    NotAStore(PathBuf),
    /// The store was made by a newer lockflight.
    #[error(
        "the store {} has format {found}, this lockflight knows formats up to {known}: update lockflight, or use another \
         store with --store", path.display()
    )]
    NewerFormat {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest that is known here.
        known: u32,
    },
    /// Something that is referred to is not there.
    #[error(
        "the {what} {digest} is not in the store ({} is missing): `lockflight store check` says what refers to it", path.display()
    )]
    Missing {
        /// "blob" or "block".
        what: &'static str,
        /// Its digest.
        digest: Digest,
        /// Where it should be.
        path: PathBuf,
    },
    /// A file does not hold what its name says.
    #[error(
        "{} is corrupt: expected {expected}, found {found}. `lockflight store check` says what refers to it; delete the file \
         and run the pipeline again to make it anew", path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The digest by its name.
        expected: Digest,
        /// The digest of what it holds, or why it has none.
        found: String,
    },
    /// A small file of the store (a result, a ref, the format) cannot be understood.
    #[error("{} is damaged: {problem}. `lockflight store check` says what refers to it", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A blob is not the document that it should be.
    #[error("the blob {digest} is not {expected}: {problem}")]
    Document {
        /// The blob.
        digest: Digest,
        /// What it should be, e.g. "a table".
        expected: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The same key gave another result.
    #[error(
        "the stage {key} gave another result than before: {existing} is stored, {new} came now. A stage must depend on its job \
         alone; mark it `repeatable = false` if it cannot, and see `lockflight verify`"
    )]
    ResultConflict {
        /// The job's key.
        key: Digest,
        /// The stored result.
        existing: Digest,
        /// The result that came now.
        new: Digest,
    },
    /// A document has no canonical JSON.
    #[error("the document cannot be stored: {0}")]
    Canonical(#[from] CanonicalError),
    /// A block cannot be read, or is not of the table.
    #[error("block {digest}: {source}")]
    Block {
        /// The block.
        digest: Digest,
        /// What is wrong.
        source: BlockError,
    },
    /// A row that the table does not have.
    #[error("there is no row {row} (counted from 0) in a table of {rows} rows")]
    NoSuchRow {
        /// The row.
        row: u64,
        /// The table's rows.
        rows: u64,
    },
    /// The index cannot be used.
    #[error("the index {} cannot be used: {source}. It can be deleted; `lockflight store reindex` builds it again", path.display())]
    Index {
        /// The index.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// What the system's error means for the user.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full; free some space and run again".to_owned(),
        io::ErrorKind::QuotaExceeded => {
            "the disk quota is used up; free some space and run again".to_owned()
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "the store is read-only; use another one with --store, or make it writable".to_owned()
        }
        io::ErrorKind::PermissionDenied => "permission denied; check who owns the store".to_owned(),
        _ => error.to_string(),
    }
}

/// Names the operation and the file of a failed file operation.
pub(super) trait At<T> {
    /// `action` is a verb; the path is that of the file or folder.
    fn at(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T, StoreError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Io {
            action,
            path: path.into(),
            source,
        })
    }
}
