//! Stores for tests.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use tempfile::TempDir;

use super::Store;

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
