//! Stores for tests.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch};
use tempfile::TempDir;

use super::{Publication, Store};
use crate::digest::Digest;
use crate::table::testing::schema;
use crate::table::writer::TableWriter;

/// A folder in memory where there is one, since bringing files to a disk takes most of a test's time.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory)
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// A new store in a folder of its own.
pub fn store() -> (TempDir, Store) {
    let dir = folder();
    let store = Store::open(&dir.path().join("store")).unwrap();
    (dir, store)
}

/// A small table in a publication.
pub fn table_of(publication: &mut Publication, seed: i64) -> Digest {
    let schema = schema(&[("x", "l", false)]);
    let column = Arc::new(Int64Array::from_iter_values(seed..seed + 10));
    let rows = RecordBatch::try_new(Arc::clone(schema.arrow()), vec![column]).unwrap();
    let mut writer = TableWriter::new(schema);
    writer.write(&rows, publication).unwrap();
    writer.finish(publication).unwrap().digest
}
