//! A block's file: whatever is in it, it gives valid rows of the table's schema or is refused.

use std::fs::File;
use std::io::Write;
use std::sync::LazyLock;

use arrow_array::RecordBatch;
use lockflight::table::canonical::Canonical;
use lockflight::table::{TableSchema, block};
use rustix::fs::{MemfdFlags, memfd_create};

use super::columns::{check, tables};

static TABLES: LazyLock<Vec<(TableSchema, RecordBatch)>> = LazyLock::new(tables);

/// Whether anything was taken.
pub fn run(data: &[u8]) -> bool {
    let mut file = File::from(memfd_create("block", MemfdFlags::CLOEXEC).expect("there is memory"));
    file.write_all(data).expect("there is memory");
    let mut opened = false;
    for (schema, _) in TABLES.iter() {
        if let Ok(rows) = block::open(&file, schema) {
            check(schema, &rows);
            opened = true;
        }
    }
    opened
}

pub fn seeds() -> Vec<Vec<u8>> {
    let seed = |(schema, batch): &(TableSchema, RecordBatch)| {
        let mut bytes = Vec::new();
        let rows = Canonical::of(schema, batch).expect("samples are sound");
        block::write(&rows, &mut bytes).expect("memory can be written to");
        bytes
    };
    TABLES.iter().map(seed).collect()
}
