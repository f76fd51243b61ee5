//! What differs, as data. Everything is `Serialize`; field names are the names in JSON.

use serde::Serialize;
use serde_json::Value;

/// What differs between two versions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableDiff {
    /// The columns that came, went, changed type or moved.
    pub schema: SchemaDiff,
    /// Names of the key columns; empty if whole rows were compared.
    pub key: Vec<String>,
    /// How many rows of each kind.
    pub rows: RowCounts,
    /// How many blocks were compared and how.
    pub blocks: BlockCounts,
    /// One for each column that was compared, key columns too, in the order of the new version.
    pub columns: Vec<ColumnDiff>,
    /// A few rows of each kind.
    pub samples: Samples,
}

impl TableDiff {
    /// Whether nothing differs: no column and no row.
    pub fn is_empty(&self) -> bool {
        self.schema.is_empty()
            && self.rows.added == 0
            && self.rows.removed == 0
            && self.rows.changed == 0
    }
}

/// What differs in the columns, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SchemaDiff {
    /// Only in the new version, in its order.
    pub added: Vec<ColumnType>,
    /// Only in the old version, in its order.
    pub removed: Vec<ColumnType>,
    /// In both with different types, in the order of the new version.
    pub retyped: Vec<Retyped>,
    /// The fewest columns whose move explains the new order of those in both, in the order of the new version.
    pub moved: Vec<Moved>,
}

impl SchemaDiff {
    /// Whether the columns have the same names, types and order.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.retyped.is_empty()
            && self.moved.is_empty()
    }
}

/// A column and its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnType {
    /// The column.
    pub name: String,
    /// Its Arrow type as text.
    pub data_type: String,
}

/// A column whose type changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Retyped {
    /// The column.
    pub name: String,
    /// Its Arrow type in the old version as text.
    pub old: String,
    /// Its Arrow type in the new version as text.
    pub new: String,
    /// Whether its values were compared all the same: both types are numbers.
    pub compared: bool,
}

/// A column at another place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The column.
    pub name: String,
    /// Its position in the old version, from 0.
    pub old: usize,
    /// Its position in the new version, from 0.
    pub new: usize,
}

/// How many rows of each kind. `old = removed + changed + unchanged` and `new = added + changed + unchanged`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RowCounts {
    /// Rows of the old version.
    pub old: u64,
    /// Rows of the new version.
    pub new: u64,
    /// Rows whose key only the new version has.
    pub added: u64,
    /// Rows whose key only the old version has.
    pub removed: u64,
    /// Rows with the same key and other values.
    pub changed: u64,
    /// Rows that are the same, those of shared blocks too.
    pub unchanged: u64,
    /// Keys that occur more than once among the rows read of the old version; 0 without a key.
    pub duplicates_old: u64,
    /// Keys that occur more than once among the rows read of the new version; 0 without a key.
    pub duplicates_new: u64,
}

/// How many blocks were compared and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BlockCounts {
    /// Blocks of the old version.
    pub old: u64,
    /// Blocks of the new version.
    pub new: u64,
    /// Pairs of equal blocks, which were not read.
    pub shared: u64,
    /// Blocks of both versions that were read.
    pub read: u64,
}

/// What differs in one column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnDiff {
    /// The column.
    pub name: String,
    /// The Arrow type in which its values were compared, as text.
    pub data_type: String,
    /// Whether it is part of the key.
    pub key: bool,
    /// Changed rows in which this column changed.
    pub changed: u64,
    /// Those of them in which a null became a value.
    pub null_to_value: u64,
    /// Those of them in which a value became a null.
    pub value_to_null: u64,
    /// How far numbers moved; none if there is no row to tell from or the column has no numbers.
    pub difference: Option<Difference>,
    /// The values in rows added.
    pub added: Summary,
    /// The values in rows removed.
    pub removed: Summary,
    /// The values that changed rows had (all of them, not only those in which this column changed).
    pub before: Summary,
    /// The values that changed rows have.
    pub after: Summary,
}

/// How far the numbers of a column moved, `new - old`, in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// Rows it is told from: this column changed and both numbers are finite.
    pub rows: u64,
    /// The mean.
    pub mean: f64,
    /// The largest, without its sign; at most `f64::MAX`.
    pub largest: f64,
}

/// The values of a column in some rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// How many rows.
    pub count: u64,
    /// How many of them have a null.
    pub nulls: u64,
    /// How many of them have NaN or an infinity.
    pub not_finite: u64,
    /// The smallest value but NaN, as in samples; none without values and for nested types.
    pub min: Option<Value>,
    /// The largest value but NaN, as in samples; none without values and for nested types.
    pub max: Option<Value>,
    /// The mean of the finite numbers.
    pub mean: Option<f64>,
}

/// A few rows of each kind, the first ones in order of their version.
///
/// Values are JSON: numbers as numbers, but `"NaN"`, `"inf"` and `"-inf"`; text as text; moments, dates, decimals and nested
/// values as text; bytes as hex digits, shortened.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Samples {
    /// What the values of a sample's key are: the key columns, or all compared columns if there is no key.
    pub columns: Vec<String>,
    /// Rows added, in the order of the new version.
    pub added: Vec<RowSample>,
    /// Rows removed, in the order of the old version.
    pub removed: Vec<RowSample>,
    /// Rows changed, in the order of the new version.
    pub changed: Vec<ChangedRow>,
    /// Keys that occur more than once in the old version, in the order of their first row.
    pub duplicates_old: Vec<RepeatedKey>,
    /// Keys that occur more than once in the new version, in the order of their first row.
    pub duplicates_new: Vec<RepeatedKey>,
}

/// A row added or removed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowSample {
    /// Its number in its version, from 0.
    pub row: u64,
    /// The values of [`Samples::columns`].
    pub key: Vec<Value>,
}

/// A row changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedRow {
    /// Its number in the old version, from 0.
    pub old_row: u64,
    /// Its number in the new version, from 0.
    pub new_row: u64,
    /// The values of [`Samples::columns`].
    pub key: Vec<Value>,
    /// The columns that changed, in the order of the new version.
    pub columns: Vec<CellChange>,
}

/// One value of a changed row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CellChange {
    /// The column.
    pub column: String,
    /// What it was.
    pub old: Value,
    /// What it is.
    pub new: Value,
}

/// A key that occurs more than once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RepeatedKey {
    /// The number of its first row among those read, from 0.
    pub row: u64,
    /// The values of [`Samples::columns`].
    pub key: Vec<Value>,
    /// How many of the rows read have it.
    pub rows: u64,
}
