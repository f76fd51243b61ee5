//! Why two versions could not be compared.

use std::fmt;
use std::path::PathBuf;

use arrow_schema::ArrowError;
use serde::Serialize;

/// One of the two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first of the two.
    Old,
    /// The second of the two.
    New,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::Old => "old",
            Side::New => "new",
        })
    }
}

/// Why two versions could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// A key column is not there.
    #[error("the {side} version has no column \"{column}\", which the key names")]
    MissingKey {
        /// The column as the key names it.
        column: String,
        /// The version that lacks it.
        side: Side,
        /// The columns this version has, in order.
        columns: Vec<String>,
    },
    /// A key column changed its type, so no row has the same key as before.
    #[error("the key column \"{column}\" is {old} in the old version and {new} in the new one")]
    KeyType {
        /// The column.
        column: String,
        /// Its type in the old version.
        old: String,
        /// Its type in the new version.
        new: String,
        /// The columns that both versions have with one type, in the order of the new version: those that can be a key.
        columns: Vec<String>,
    },
    /// Two columns of one version have the same name.
    #[error("the {side} version has more than one column \"{column}\"")]
    RepeatedName {
        /// The name.
        column: String,
        /// The version.
        side: Side,
    },
    /// Without a key, rows are compared by the columns both versions have; there are none.
    #[error("the two versions have no column in common that could be compared")]
    NothingToCompare,
    /// Values of this type cannot be compared.
    #[error("column \"{column}\" has the type {data_type}, which cannot be compared")]
    Unsupported {
        /// The column.
        column: String,
        /// Its type.
        data_type: String,
    },
    /// A block could not be read.
    #[error("cannot read block {block} of the {side} version")]
    Read {
        /// The version.
        side: Side,
        /// Position of the block, from 0.
        block: usize,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A block is not what its version says.
    #[error("block {block} of the {side} version {what}")]
    Block {
        /// The version.
        side: Side,
        /// Position of the block, from 0.
        block: usize,
        /// What is wrong, as the rest of a sentence.
        what: String,
    },
    /// Values of a column could not be brought to the type in which they are compared.
    #[error("cannot compare the values of column \"{column}\"")]
    Column {
        /// The column.
        column: String,
        /// Why.
        source: ArrowError,
    },
    /// Rows could not be encoded or decoded.
    #[error("cannot encode rows")]
    Encoding(#[from] ArrowError),
    /// A file of the scratch directory could not be used.
    #[error("cannot {doing} {}", path.display())]
    Scratch {
        /// What was being done.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
