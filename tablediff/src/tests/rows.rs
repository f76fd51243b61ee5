//! Which rows are added, removed and changed, and which blocks are read.

use arrow_array::{Int64Array, StringArray};
use arrow_schema::{DataType, Field, Schema};
use serde_json::json;

use super::{Table, array, column, compare, empty, options, table};
use crate::{RowCounts, diff};

fn numbers(keys: &[Option<i64>], values: &[i64]) -> Table {
    table(vec![
        ("k", array(Int64Array::from(keys.to_vec()))),
        ("v", array(Int64Array::from(values.to_vec()))),
    ])
}

fn some(keys: &[i64]) -> Vec<Option<i64>> {
    keys.iter().copied().map(Some).collect()
}

#[test]
fn rows_by_key() {
    let old = numbers(&some(&[1, 2, 3]), &[10, 20, 30]);
    let new = numbers(&some(&[4, 3, 2]), &[40, 31, 20]);
    let found = compare(&old, &new, &["k"]);
    let expected = RowCounts {
        old: 3,
        new: 3,
        added: 1,
        removed: 1,
        changed: 1,
        unchanged: 1,
        ..RowCounts::default()
    };
    assert_eq!(found.rows, expected);
    assert!(!found.is_empty());
    assert_eq!(found.key, ["k"]);
    assert_eq!(found.samples.added[0].key, [json!(4)]);
    assert_eq!(found.samples.removed[0].key, [json!(1)]);
    let changed = &found.samples.changed[0];
    assert_eq!(
        (changed.old_row, changed.new_row, &changed.key[0]),
        (2, 1, &json!(3))
    );
    assert_eq!(
        (changed.columns.len(), &changed.columns[0].old),
        (1, &json!(30))
    );
    assert_eq!(changed.columns[0].new, json!(31));
    assert!(column(&found, "k").key && !column(&found, "v").key);
}

#[test]
fn null_keys_are_equal() {
    let found = compare(&numbers(&[None], &[1]), &numbers(&[None], &[2]), &["k"]);
    assert_eq!((found.rows.changed, found.rows.added), (1, 0));
    assert_eq!(found.samples.changed[0].key, [json!(null)]);
}

#[test]
fn repeated_keys() {
    let old = numbers(&some(&[1, 1, 1, 2]), &[1, 2, 3, 9]);
    let new = numbers(&some(&[1, 1, 2, 2, 2]), &[3, 7, 9, 9, 8]);
    let found = compare(&old, &new, &["k"]);
    let expected = RowCounts {
        old: 4,
        new: 5,
        added: 2,
        removed: 1,
        changed: 1,
        unchanged: 2,
        duplicates_old: 1,
        duplicates_new: 2,
    };
    assert_eq!(found.rows, expected);
    assert_eq!(
        (
            found.samples.changed[0].old_row,
            found.samples.changed[0].new_row
        ),
        (0, 1)
    );
    assert_eq!(found.samples.duplicates_old[0].rows, 3);
    let keys: Vec<_> = found
        .samples
        .duplicates_new
        .iter()
        .map(|repeated| (repeated.row, &repeated.key[0]))
        .collect();
    assert_eq!(keys, [(0, &json!(1)), (2, &json!(2))]);
}

#[test]
fn without_a_key_rows_are_a_multiset() {
    let old = numbers(&some(&[1, 1, 2]), &[1, 1, 2]);
    let new = numbers(&some(&[2, 1, 3]), &[2, 1, 3]);
    let found = compare(&old, &new, &[]);
    let expected = RowCounts {
        old: 3,
        new: 3,
        added: 1,
        removed: 1,
        unchanged: 2,
        ..RowCounts::default()
    };
    assert_eq!(found.rows, expected);
    assert!(found.key.is_empty());
    assert_eq!(found.samples.columns, ["k", "v"]);
    assert_eq!(found.samples.added[0].key, [json!(3), json!(3)]);
    assert_eq!(found.samples.removed[0].row, 1);
}

#[test]
fn several_key_columns_in_any_place() {
    let make = |value: i64| {
        table(vec![
            ("v", array(Int64Array::from(vec![1, value]))),
            ("a", array(StringArray::from(vec!["x", "xy"]))),
            ("b", array(StringArray::from(vec!["yz", "z"]))),
        ])
    };
    let found = compare(&make(2), &make(3), &["b", "a"]);
    assert_eq!((found.rows.changed, found.rows.unchanged), (1, 1));
    assert_eq!(found.samples.columns, ["b", "a"]);
    assert_eq!(found.samples.changed[0].key, [json!("z"), json!("xy")]);
    let names: Vec<_> = found
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["v", "a", "b"]);
}

#[test]
fn a_key_alone() {
    let keys = |keys: Vec<i64>| table(vec![("k", array(Int64Array::from(keys)))]);
    let found = compare(&keys(vec![1, 2]), &keys(vec![2, 3, 4]), &["k"]);
    assert_eq!(
        (found.rows.added, found.rows.removed, found.rows.unchanged),
        (2, 1, 1)
    );
}

#[test]
fn empty_tables() {
    let schema = Schema::new(vec![
        Field::new("k", DataType::Int64, true),
        Field::new("v", DataType::Int64, true),
    ]);
    assert!(compare(&empty(&schema), &empty(&schema), &["k"]).is_empty());
    let full = numbers(&some(&[1]), &[1]);
    assert_eq!(compare(&empty(&schema), &full, &["k"]).rows.added, 1);
    assert_eq!(compare(&full, &empty(&schema), &[]).rows.removed, 1);
    let no_rows = numbers(&[], &[]);
    assert!(compare(&no_rows, &empty(&schema), &["k"]).is_empty());
}

#[test]
fn shared_blocks_are_not_read() {
    let parts: Vec<_> = (0..4)
        .map(|part| numbers(&some(&[part * 2, part * 2 + 1]), &[part, part]).blocks[0].clone())
        .collect();
    let version = |blocks: &[usize]| {
        let mut table = numbers(&[], &[]);
        table.blocks = blocks.iter().map(|&block| parts[block].clone()).collect();
        table
    };
    let (old, new) = (version(&[0, 1, 1, 2]), version(&[2, 3, 1, 0]));
    let found = compare(&old, &new, &["k"]);
    assert_eq!((old.read.take(), new.read.take()), (vec![2], vec![1]));
    assert_eq!((found.blocks.shared, found.blocks.read), (3, 2));
    assert_eq!(
        (found.rows.unchanged, found.rows.added, found.rows.removed),
        (6, 2, 2)
    );
    // Numbers count the rows of shared blocks too.
    assert_eq!(found.samples.removed[0].row, 4);
    assert_eq!(found.samples.added[0].row, 2);
}

#[test]
fn other_columns_share_nothing() {
    let old = numbers(&some(&[1]), &[1]);
    let mut new = table(vec![("k", array(Int64Array::from(vec![1])))]);
    new.blocks[0].0 = old.blocks[0].0;
    let found = compare(&old, &new, &["k"]);
    assert_eq!(
        (found.blocks.shared, found.blocks.read, found.rows.unchanged),
        (0, 2, 1)
    );
    assert_eq!(found.schema.removed[0].name, "v");
}

#[test]
fn one_key_that_does_not_fit_is_joined_all_the_same() {
    let keys = vec![Some(7); 3000];
    let old: Vec<i64> = (0..3000).collect();
    let new: Vec<i64> = (1..3001).rev().collect();
    let tables = (numbers(&keys, &old), numbers(&keys, &new));
    let mut small = options(&["k"]);
    small.memory = 1000;
    let found = diff(&tables.0, &tables.1, &small).unwrap();
    assert_eq!((found.rows.unchanged, found.rows.changed), (2999, 1));
    assert_eq!(found, compare(&tables.0, &tables.1, &["k"]));
}

#[test]
fn samples_are_as_many_as_asked_for() {
    let (old, new) = (
        numbers(&some(&[1, 2, 3]), &[0, 0, 0]),
        numbers(&some(&[3, 2, 1]), &[1, 1, 1]),
    );
    let mut few = options(&["k"]);
    few.samples = 2;
    let rows: Vec<_> = diff(&old, &new, &few)
        .unwrap()
        .samples
        .changed
        .iter()
        .map(|row| row.new_row)
        .collect();
    assert_eq!(rows, [0, 1]);
    few.samples = 0;
    assert!(diff(&old, &new, &few).unwrap().samples.changed.is_empty());
}
