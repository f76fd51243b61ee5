//! What differs between two versions of a table: columns, rows by key, and how each column's values moved.
//!
//! A [`Version`] is a list of blocks with content digests. Blocks that both versions have are never read; the rows of the
//! others are joined by key ([`diff`]), in memory or, beyond [`Options::memory`], through partition files on disk. The answer
//! ([`TableDiff`]) is the same either way, to the bit: sums are exact and samples are chosen by row number.
//!
//! # What equal means
//!
//! - Null equals null, in keys too.
//! - Every NaN equals every other NaN, also inside lists and structs.
//! - Otherwise floats are compared by their bits: `-0.0` and `0.0` differ.
//! - Nested values (lists, structs, maps) are equal if all their parts are.
//! - Dictionary and plain values are compared by value.
//! - A column whose type changed from a number to another kind of number is compared by value, as the narrowest type that
//!   holds both: `Int64`, `UInt64`, a decimal, or `Float64` as soon as one side is a float. Whole numbers beyond 2^53 are
//!   rounded by the latter. Every other change of type is reported and the column left out of the comparison.
//! - The order of rows does not matter, nor does how they are cut into blocks. Nullability and metadata of columns are no
//!   difference.

mod blocks;
mod canonical;
mod cell;
mod chunk;
mod collect;
mod column;
mod diff;
mod encode;
mod error;
mod exact;
mod join;
pub mod markdown;
mod numbers;
mod plan;
mod result;
mod samples;
mod schema;
mod show;
mod spill;
mod store;
pub mod text;
mod version;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

pub use diff::diff;
pub use error::{DiffError, Side};
pub use result::{
    BlockCounts, CellChange, ChangedRow, ColumnDiff, ColumnType, Difference, Moved, RepeatedKey,
    Retyped, RowCounts, RowSample, Samples, SchemaDiff, Summary, TableDiff,
};
pub use version::{Block, Options, Version};
