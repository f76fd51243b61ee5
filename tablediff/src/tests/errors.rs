//! What is refused, and what the errors say.

use std::sync::Arc;

use arrow_array::{Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};

use super::{Table, array, options, table};
use crate::{Block, DiffError, Side, Version, diff};

fn refused(old: &Table, new: &Table, key: &[&str]) -> DiffError {
    diff(old, new, &options(key)).unwrap_err()
}

fn ints(names: &[&str]) -> Table {
    let column = |name| (name, array(Int64Array::from(vec![1])));
    table(names.iter().copied().map(column).collect())
}

#[test]
fn a_missing_key_names_the_columns() {
    match refused(&ints(&["id", "v"]), &ints(&["ID", "v"]), &["id"]) {
        DiffError::MissingKey {
            column,
            side,
            columns,
        } => {
            assert_eq!((column.as_str(), side), ("id", Side::New));
            assert_eq!(columns, ["ID", "v"]);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_key_of_two_types_is_refused() {
    let new = table(vec![
        ("v", array(Int64Array::from(vec![1]))),
        ("id", array(StringArray::from(vec!["1"]))),
    ]);
    let error = refused(&ints(&["id", "v"]), &new, &["id"]);
    assert_eq!(
        error.to_string(),
        "the key column \"id\" is Int64 in the old version and Utf8 in the new one"
    );
    assert!(matches!(error, DiffError::KeyType { columns, .. } if columns == ["v"]));
}

#[test]
fn nothing_in_common_is_refused() {
    let error = refused(&ints(&["a"]), &ints(&["b"]), &[]);
    assert!(matches!(error, DiffError::NothingToCompare));
}

#[test]
fn names_must_be_unique() {
    let field = || Field::new("a", DataType::Int64, true);
    let columns = vec![
        array(Int64Array::from(vec![1])),
        array(Int64Array::from(vec![1])),
    ];
    let batch =
        RecordBatch::try_new(Arc::new(Schema::new(vec![field(), field()])), columns).unwrap();
    let twice = Table::new(batch.schema(), vec![batch]);
    let error = refused(&ints(&["a"]), &twice, &["a"]);
    assert!(matches!(
        error,
        DiffError::RepeatedName {
            side: Side::New,
            ..
        }
    ));
}

#[test]
fn a_block_must_be_what_its_version_says() {
    let mut wrong = ints(&["a", "b"]);
    wrong.blocks[0].1 = table(vec![
        ("a", array(Int64Array::from(vec![1]))),
        ("b", array(Int32Array::from(vec![1]))),
    ])
    .blocks[0]
        .1
        .clone();
    let error = refused(&ints(&["a", "b"]), &wrong, &["a"]);
    assert_eq!(
        error.to_string(),
        "block 0 of the new version has the column \"b\" of type Int32 where \"b\" of type Int64 should be"
    );
}

/// A version whose blocks cannot be read.
struct Broken(Table);

impl Version for Broken {
    type Error = super::NoBlock;

    fn schema(&self) -> arrow_schema::SchemaRef {
        self.0.schema()
    }

    fn blocks(&self) -> Vec<Block> {
        self.0.blocks()
    }

    fn read(&self, _block: usize) -> Result<RecordBatch, super::NoBlock> {
        Err(super::NoBlock)
    }
}

#[test]
fn a_block_that_cannot_be_read_is_named() {
    let error = diff(&ints(&["a"]), &Broken(ints(&["a"])), &options(&["a"])).unwrap_err();
    assert!(matches!(
        error,
        DiffError::Read {
            side: Side::New,
            block: 0,
            ..
        }
    ));
}

#[test]
fn a_missing_scratch_directory_is_named() {
    let mut nowhere = options(&["a"]);
    nowhere.memory = 0;
    nowhere.scratch = nowhere.scratch.join("is-not-there-1f6a");
    let error = diff(&ints(&["a"]), &ints(&["a"]), &nowhere).unwrap_err();
    assert!(matches!(
        error,
        DiffError::Scratch {
            doing: "make a directory in",
            ..
        }
    ));
}
