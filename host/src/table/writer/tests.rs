#![allow(clippy::unwrap_used)]
use std::sync::Arc;

use super::*;
use crate::store::Store;
use crate::store::testing::store;
use crate::table::scan::{Scan, rows_at};
use crate::table::testing::{any_rows, leaf, schema};
use arrow_array::{Int64Array, StringArray};
use arrow_select::concat::concat_batches;
use proptest::prelude::*;

/// Writes rows in pieces of these sizes (over and over), with small blocks.
fn write(store: &Store, schema: &TableSchema, rows: &RecordBatch, sizes: &[usize]) -> Written {
    let mut publication = store.begin();
    let mut writer = TableWriter::with_block_bytes(schema.clone(), 300);
    let mut start = 0;
    for size in sizes.iter().cycle() {
        if start == rows.num_rows() {
            break;
        }
        let size = (*size).min(rows.num_rows() - start);
        writer
            .write(&rows.slice(start, size), &mut publication)
            .unwrap();
        start += size;
    }
    let written = writer.finish(&mut publication).unwrap();
    publication.commit().unwrap();
    written
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_way_of_writing_does_not_show((schema, rows) in any_rows(300), sizes in prop::collection::vec(1..90_usize, 1..5)) {
        let (_dir, store) = store();
        let whole = write(&store, &schema, &rows, &[rows.num_rows().max(1)]);
        prop_assert_eq!(&write(&store, &schema, &rows, &sizes), &whole);
        prop_assert_eq!(whole.rows, rows.num_rows() as u64);
        // The rows come back, and each block is as large as can be.
        let table = store.table(&whole.digest).unwrap();
        let back: Vec<RecordBatch> = Scan::new(&store, &table).map(Result::unwrap).collect();
        let back = concat_batches(schema.arrow(), &back).unwrap();
        let digest = |rows: &RecordBatch| Canonical::of(&schema, rows).unwrap().digest();
        prop_assert_eq!(digest(&back), digest(&rows));
        for block in table.blocks() {
            prop_assert!(block.rows == 1 || block.bytes <= 300 + 16, "{:?}", block);
        }
        let wanted: Vec<u64> = (0..whole.rows).rev().step_by(7).collect();
        let picked = rows_at(&store, &table, &wanted).unwrap();
        prop_assert_eq!(picked.num_rows(), wanted.len());
        for (index, row) in wanted.iter().enumerate() {
            prop_assert_eq!(digest(&picked.slice(index, 1)), digest(&rows.slice(*row as usize, 1)));
        }
    }
}

fn numbers(schema: &TableSchema, range: std::ops::Range<i64>) -> RecordBatch {
    RecordBatch::try_new(
        Arc::clone(schema.arrow()),
        vec![Arc::new(Int64Array::from_iter_values(range))],
    )
    .unwrap()
}

#[test]
fn a_block_has_65536_rows() {
    let (_dir, store) = store();
    let schema = schema(&[("x", "l", false)]);
    let mut publication = store.begin();
    let mut writer = TableWriter::new(schema.clone());
    writer
        .write(&numbers(&schema, 0..100_000), &mut publication)
        .unwrap();
    writer
        .write(&numbers(&schema, 100_000..140_000), &mut publication)
        .unwrap();
    assert!(
        (140_000 * 8..140_000 * 9).contains(&writer.bytes()),
        "{}",
        writer.bytes()
    );
    let written = writer.finish(&mut publication).unwrap();
    publication.commit().unwrap();
    assert_eq!((written.rows, written.bytes), (140_000, 140_000 * 8));
    let table = store.table(&written.digest).unwrap();
    let rows: Vec<u32> = table.blocks().map(|block| block.rows).collect();
    assert_eq!(rows, [65_536, 65_536, 140_000 - 2 * 65_536]);
}

#[test]
fn rows_written_one_by_one_are_joined() {
    let (_dir, store) = store();
    let schema = schema(&[("x", "l", false)]);
    let mut publication = store.begin();
    let mut writer = TableWriter::new(schema.clone());
    let (mut one, mut two) = (writer, TableWriter::new(schema.clone()));
    for n in 0..1000 {
        one.write(&numbers(&schema, n..n + 1), &mut publication)
            .unwrap();
        assert!(one.pieces.len() <= MAX_PIECES);
    }
    two.write(&numbers(&schema, 0..1000), &mut publication)
        .unwrap();
    assert_eq!(
        one.finish(&mut publication).unwrap(),
        two.finish(&mut publication).unwrap()
    );
    writer = TableWriter::new(schema);
    assert_eq!(writer.finish(&mut publication).unwrap().rows, 0);
}

#[test]
fn whatever_is_of_the_table_shows_in_its_digest() {
    let (_dir, store) = store();
    let pair = |key: &str| vec![(key.to_owned(), "v".to_owned())];
    let mut with_metadata = leaf("x", "u", true);
    with_metadata.metadata = pair("k");
    let schemas = [
        schema(&[("x", "u", true)]),
        schema(&[("y", "u", true)]),
        schema(&[("x", "u", false)]),
        TableSchema::from_nodes(vec![with_metadata], vec![]).unwrap(),
        TableSchema::from_nodes(vec![leaf("x", "u", true)], pair("k")).unwrap(),
    ];
    let rows = [
        vec!["a", "b"],
        vec!["b", "a"],
        vec!["a"],
        vec!["a", "b", ""],
        vec!["ab", ""],
        vec![],
    ];
    let mut digests = Vec::new();
    for schema in &schemas {
        for rows in &rows {
            let column = Arc::new(StringArray::from(rows.clone()));
            let rows = RecordBatch::try_new(Arc::clone(schema.arrow()), vec![column]).unwrap();
            digests.push(write(&store, schema, &rows, &[1]).digest);
        }
    }
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), schemas.len() * rows.len());
    // Names and metadata are of the table, not of the blocks: five tables share them.
    let blocks = store.du().unwrap().blocks.files;
    assert_eq!(blocks as usize, rows.len() - 1);
}

#[test]
fn a_row_that_is_not_there_is_an_error() {
    let (_dir, store) = store();
    let schema = schema(&[("x", "l", false)]);
    let table = store
        .table(&write(&store, &schema, &numbers(&schema, 0..3), &[3]).digest)
        .unwrap();
    assert!(matches!(
        rows_at(&store, &table, &[2, 3]),
        Err(StoreError::NoSuchRow { row: 3, rows: 3 })
    ));
    assert_eq!(rows_at(&store, &table, &[]).unwrap().num_rows(), 0);
}
