#![allow(clippy::unwrap_used)]
use std::fs;
use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch};

use super::*;
use crate::digest::Digest;
use crate::store::testing::folder;
use crate::store::{Published, Store, StoreError};
use crate::table::testing::schema;
use crate::table::writer::{TableWriter, WriteError};

const KEY: Digest = Digest::from_bytes([7; 32]);

/// What a stage does: a table of several blocks, a blob, a result that names both, a ref.
fn stage(store: &Store) -> Result<Published, StoreError> {
    let schema = schema(&[("x", "l", false)]);
    let column = Arc::new(Int64Array::from_iter_values(0..140_000));
    let rows = RecordBatch::try_new(Arc::clone(schema.arrow()), vec![column]).unwrap();
    let mut publication = store.begin();
    let mut writer = TableWriter::new(schema);
    let stored = |error| match error {
        WriteError::Store(error) => error,
        WriteError::Misfit(error) => panic!("{error}"),
    };
    writer.write(&rows, &mut publication).map_err(stored)?;
    let table = writer.finish(&mut publication).map_err(stored)?;
    let mut model = publication.blob_writer()?;
    model.append(&[1; 100_000])?;
    model.append(&[2; 100_000])?;
    let (model, _) = model.finish(&mut publication)?;
    let result = publication
        .blob(format!("{{\"model\":\"{model}\",\"table\":\"{}\"}}", table.digest).as_bytes())?;
    let published = publication.commit_result(&KEY, &result)?;
    store.set_ref(
        &"runs/latest".parse().unwrap(),
        &result,
        jiff::Timestamp::UNIX_EPOCH,
    )?;
    Ok(published)
}

/// Every operation fails once, in turn: the store stays whole, the error says what is the matter and where, and the next try works.
#[test]
fn whatever_fails_nothing_is_half_published() {
    let faults = [
        (libc::ENOSPC, "the disk is full"),
        (libc::EROFS, "the store is read-only"),
        (libc::EDQUOT, "the disk quota is used up"),
        (libc::EIO, "Input/output error"),
    ];
    let mut failures = 0;
    for (index, operation) in Operation::WRITING.into_iter().enumerate() {
        for nth in 0.. {
            let (errno, message) = faults[(index + nth) % faults.len()];
            let dir = folder();
            let local = LocalBackend::open(&dir.path().join("store")).unwrap();
            let faulty =
                Store::with_backend(Arc::new(FaultyBackend::new(local, operation, nth, errno)));
            let outcome = stage(&faulty);
            let store = Store::open(&faulty.path()).unwrap();
            let report = store.check().unwrap();
            assert_eq!(report.problems, [], "{operation:?} {nth}");
            assert_eq!(
                fs::read_dir(store.path().join("tmp")).unwrap().count(),
                0,
                "{operation:?} {nth}"
            );
            match outcome {
                Ok(_) => {
                    assert!(nth > 0, "{operation:?} was never used");
                    break;
                }
                Err(error) => {
                    failures += 1;
                    let text = error.to_string();
                    assert!(text.contains(message), "{text} lacks {message}");
                    assert!(
                        text.contains(&*store.path().to_string_lossy()),
                        "{text} names no path"
                    );
                }
            }
            let again = stage(&store).unwrap();
            let was_published = report.results == 1;
            assert_eq!(
                again == Published::Same,
                was_published,
                "{operation:?} {nth}"
            );
            assert_eq!(store.check().unwrap().problems, []);
        }
    }
    assert!(failures > 30, "only {failures} operations failed");
}

#[test]
fn a_file_that_cannot_be_read_is_no_corruption() {
    let dir = folder();
    let path = dir.path().join("store");
    let digest = Store::open(&path).unwrap().put_blob(b"a").unwrap();
    let local = LocalBackend::open(&path).unwrap();
    let store = Store::with_backend(Arc::new(FaultyBackend::new(
        local,
        Operation::Open,
        0,
        libc::EIO,
    )));
    let error = store.blob(&digest).unwrap_err();
    assert!(
        matches!(&error, StoreError::Io { action: "read", .. }),
        "{error}"
    );
}
