//! The rows of the reference that are like those of the window in some columns.
use std::collections::BTreeSet;

use arrow_array::{ArrayRef, RecordBatch};
use lockflight_sdk::{Cell, Table};

use crate::config::Config;

/// For every row of the reference whether it is compared with the window; none when all are.
pub fn reference_rows(config: &Config, window: &Table, reference: &Table) -> Option<Vec<bool>> {
    if config.matched.is_empty() {
        return None;
    }
    let keys = keys(window, &config.matched);
    let batches = reference.scan_columns(&config.matched);
    let kept = batches.flat_map(|batch| {
        let of_row = |row| keys.contains(&key(&batch, row));
        (0..batch.num_rows()).map(of_row).collect::<Vec<_>>()
    });
    Some(kept.collect())
}

/// The values that occur together in a row.
fn keys(table: &Table, columns: &[String]) -> BTreeSet<Vec<Cell>> {
    let mut keys = BTreeSet::new();
    for batch in table.scan_columns(columns) {
        for row in 0..batch.num_rows() {
            keys.insert(key(&batch, row));
        }
    }
    keys
}

fn key(batch: &RecordBatch, row: usize) -> Vec<Cell> {
    let columns = batch.columns().iter();
    let cell =
        |column: &ArrayRef| Cell::of(column, row).expect("rows are matched by what can be a cell");
    columns.map(cell).collect()
}
