//! Random tables against a naive implementation, in memory and through files.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use proptest::prelude::*;

use crate::tests::{Table, options};
use crate::{RowCounts, TableDiff, diff};

/// A row: the key, a float's bits (so that rows can be compared) and a text.
type Row = (Option<i64>, Option<u64>, Option<String>);

fn row() -> impl Strategy<Value = Row> {
    let floats = [0.0, -0.0, 1.5, 1e17, f64::NAN, f64::INFINITY]
        .map(f64::to_bits)
        .to_vec();
    let float = proptest::option::weighted(0.8, prop::sample::select(floats));
    let text = proptest::option::weighted(0.8, "[ab]{0,2}");
    (proptest::option::weighted(0.9, 0_i64..30), float, text)
}

/// A row and its number.
type Numbered<'a> = (u64, &'a Row);

/// What happens to a row between two versions.
fn edit() -> impl Strategy<Value = (u8, Row)> {
    (0_u8..10, row())
}

fn edited(old: &[Row], edits: &[(u8, Row)]) -> Vec<Row> {
    let mut new = Vec::new();
    for (was, (what, other)) in old.iter().zip(edits) {
        match what {
            0 => {}
            1 => new.extend([was.clone(), other.clone()]),
            2 => new.push((was.0, other.1, was.2.clone())),
            3 => new.push((was.0, was.1, other.2.clone())),
            4 => new.insert(0, was.clone()),
            _ => new.push(was.clone()),
        }
    }
    new
}

fn table(rows: &[Row], block: usize) -> Table {
    let batches = rows.chunks(block).map(|rows| {
        let keys: Int64Array = rows.iter().map(|row| row.0).collect();
        let floats: Float64Array = rows.iter().map(|row| row.1.map(f64::from_bits)).collect();
        let texts: StringArray = rows.iter().map(|row| row.2.as_deref()).collect();
        let columns: [(&str, ArrayRef, bool); 3] = [
            ("k", Arc::new(keys), true),
            ("v", Arc::new(floats), true),
            ("s", Arc::new(texts), true),
        ];
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    });
    Table::new(schema(), batches.collect())
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("k", DataType::Int64, true),
        Field::new("v", DataType::Float64, true),
        Field::new("s", DataType::Utf8, true),
    ]))
}

/// What the naive implementation tells.
#[derive(Default)]
struct Naive {
    rows: RowCounts,
    /// Of `v` and `s`.
    changed: [u64; 2],
    null_to_value: [u64; 2],
    value_to_null: [u64; 2],
    added: Vec<u64>,
    removed: Vec<u64>,
    pairs: Vec<(u64, u64)>,
}

fn naive(old: &[Row], new: &[Row]) -> Naive {
    let mut groups: HashMap<Option<i64>, [Vec<Numbered>; 2]> = HashMap::new();
    for (side, rows) in [old, new].into_iter().enumerate() {
        for (number, row) in (0..).zip(rows) {
            groups.entry(row.0).or_default()[side].push((number, row));
        }
    }
    let mut naive = Naive::default();
    naive.rows.old = old.len() as u64;
    naive.rows.new = new.len() as u64;
    for [mut was, mut is] in groups.into_values() {
        naive.rows.duplicates_old += u64::from(was.len() > 1);
        naive.rows.duplicates_new += u64::from(is.len() > 1);
        is.retain(|(_, row)| {
            let same = was.iter().position(|(_, old)| old == row);
            same.map(|at| was.remove(at))
                .inspect(|_| naive.rows.unchanged += 1)
                .is_none()
        });
        let pairs = was.len().min(is.len());
        naive
            .removed
            .extend(was.drain(pairs..).map(|(number, _)| number));
        naive
            .added
            .extend(is.drain(pairs..).map(|(number, _)| number));
        for ((old_number, old), (new_number, new)) in was.into_iter().zip(is) {
            naive.pairs.push((old_number, new_number));
            let cells = [
                (old.1 != new.1, old.1.is_none(), new.1.is_none()),
                (old.2 != new.2, old.2.is_none(), new.2.is_none()),
            ];
            for (column, (changed, was_null, is_null)) in cells.into_iter().enumerate() {
                naive.changed[column] += u64::from(changed);
                naive.null_to_value[column] += u64::from(was_null && !is_null);
                naive.value_to_null[column] += u64::from(!was_null && is_null);
            }
        }
    }
    naive.added.sort_unstable();
    naive.removed.sort_unstable();
    naive.pairs.sort_unstable_by_key(|(_, new)| *new);
    naive.rows.added = naive.added.len() as u64;
    naive.rows.removed = naive.removed.len() as u64;
    naive.rows.changed = naive.pairs.len() as u64;
    naive
}

fn assert_agree(found: &TableDiff, expected: &Naive) {
    assert_eq!(found.rows, expected.rows);
    for (column, name) in ["v", "s"].into_iter().enumerate() {
        let found = found
            .columns
            .iter()
            .find(|found| found.name == name)
            .unwrap();
        assert_eq!(found.changed, expected.changed[column]);
        assert_eq!(found.null_to_value, expected.null_to_value[column]);
        assert_eq!(found.value_to_null, expected.value_to_null[column]);
        assert_eq!(found.before.count, expected.rows.changed);
        assert_eq!(found.added.count, expected.rows.added);
        assert_eq!(found.removed.count, expected.rows.removed);
    }
    let samples = &found.samples;
    let first = |rows: &[u64]| rows.iter().copied().take(5).collect::<Vec<_>>();
    assert_eq!(
        samples.added.iter().map(|row| row.row).collect::<Vec<_>>(),
        first(&expected.added)
    );
    assert_eq!(
        samples
            .removed
            .iter()
            .map(|row| row.row)
            .collect::<Vec<_>>(),
        first(&expected.removed)
    );
    let pairs: Vec<_> = samples
        .changed
        .iter()
        .map(|row| (row.old_row, row.new_row))
        .collect();
    assert_eq!(
        pairs,
        expected.pairs.iter().copied().take(5).collect::<Vec<_>>()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn agrees_with_the_naive_one(
        old in proptest::collection::vec(row(), 0..60),
        edits in proptest::collection::vec(edit(), 60),
        (old_block, new_block) in (1_usize..20, 1_usize..20),
        memory in prop::sample::select(vec![0_usize, 200, 1000]),
    ) {
        let new = edited(&old, &edits);
        let tables = (table(&old, old_block), table(&new, new_block));
        let in_memory = diff(&tables.0, &tables.1, &options(&["k"])).unwrap();
        assert_agree(&in_memory, &naive(&old, &new));

        let scratch = tempfile::tempdir().unwrap();
        let mut spilling = options(&["k"]);
        spilling.memory = memory;
        spilling.scratch = scratch.path().to_owned();
        let spilled = diff(&tables.0, &tables.1, &spilling).unwrap();
        prop_assert_eq!(&spilled, &in_memory);
        prop_assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
    }

    #[test]
    fn without_a_key_rows_are_a_multiset(
        old in proptest::collection::vec(row(), 0..60),
        edits in proptest::collection::vec(edit(), 60),
    ) {
        let new = edited(&old, &edits);
        let mut balance: HashMap<&Row, i64> = HashMap::new();
        new.iter().for_each(|row| *balance.entry(row).or_default() += 1);
        old.iter().for_each(|row| *balance.entry(row).or_default() -= 1);
        let tables = (table(&old, 7), table(&new, 11));
        let in_memory = diff(&tables.0, &tables.1, &options(&[])).unwrap();
        let more: i64 = balance.values().filter(|count| **count > 0).sum();
        let less: i64 = balance.values().filter(|count| **count < 0).sum();
        prop_assert_eq!(in_memory.rows.added as i64, more);
        prop_assert_eq!(in_memory.rows.removed as i64, -less);
        prop_assert_eq!(in_memory.rows.changed, 0);
        let mut spilling = options(&[]);
        spilling.memory = 300;
        prop_assert_eq!(diff(&tables.0, &tables.1, &spilling).unwrap(), in_memory);
    }
}
