#![allow(clippy::unwrap_used)]
use std::fs;
use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch};
use tempfile::TempDir;

use super::*;
use crate::table::block;
use crate::table::canonical::Canonical;
use crate::table::testing::schema;
use crate::table::writer::TableWriter;

/// A store with a table of one block, which is a job's result and a run's, by way of documents.
fn store() -> (TempDir, Store, TableDoc) {
    let (dir, store) = crate::store::testing::store();
    let rows = rows(&[1, 2, 3]);
    let mut publication = store.begin();
    let mut writer = TableWriter::new(schema(&[("x", "l", false)]));
    writer.write(&rows, &mut publication).unwrap();
    let table = writer.finish(&mut publication).unwrap();
    let result = publication
        .blob(format!("{{\"table\":\"{}\"}}", table.digest).as_bytes())
        .unwrap();
    publication
        .commit_result(&Digest::of(b"key"), &result)
        .unwrap();
    let run = store
        .put_blob(format!("{{\"results\":[\"{result}\"]}}").as_bytes())
        .unwrap();
    store
        .set_ref(
            &"runs/latest".parse().unwrap(),
            &run,
            jiff::Timestamp::UNIX_EPOCH,
        )
        .unwrap();
    let doc = store.table(&table.digest).unwrap();
    (dir, store, doc)
}

fn rows(values: &[i64]) -> RecordBatch {
    let schema = schema(&[("x", "l", false)]);
    RecordBatch::try_new(
        Arc::clone(schema.arrow()),
        vec![Arc::new(Int64Array::from(values.to_vec()))],
    )
    .unwrap()
}

fn roots() -> Vec<String> {
    vec![
        format!("results/{}", Digest::of(b"key")),
        "refs/runs/latest".to_owned(),
    ]
}

#[test]
fn a_whole_store_has_no_problems() {
    let (_dir, store, _) = store();
    let report = store.check().unwrap();
    assert_eq!(
        (report.blobs, report.blocks, report.results, report.refs),
        (4, 1, 1, 1)
    );
    assert_eq!(report.problems, []);
}

#[test]
fn a_corrupt_block_is_found_with_all_that_depends_on_it() {
    let (_dir, store, table) = store();
    let block = table.blocks().next().unwrap();
    let path = store.path().join(Kind::Block.name(&block.digest));
    // A block of other rows, intact in itself.
    let other = Canonical::of(table.schema(), &rows(&[1, 2, 4])).unwrap();
    let mut bytes = Vec::new();
    block::write(&other, &mut bytes).unwrap();
    for (bytes, found) in [
        (bytes, other.digest().to_string()),
        (b"ARROW1 and nothing".to_vec(), "no rows".to_owned()),
    ] {
        fs::remove_file(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        let error = store.open_block(block).unwrap_err().to_string();
        assert!(
            error.contains(&found) && error.contains(&*path.to_string_lossy()),
            "{error}"
        );
        let report = store.check().unwrap();
        let [problem] = report.problems.as_slice() else {
            panic!("{report:?}")
        };
        assert_eq!(problem.path, path);
        assert!(
            problem.message.contains(&block.digest.to_string()) && problem.message.contains(&found),
            "{problem:?}"
        );
        assert_eq!(problem.referred_by, roots());
    }
    fs::remove_file(&path).unwrap();
    let report = store.check().unwrap();
    assert_eq!(report.problems[0].message, "the block is missing");
    assert_eq!(report.problems[0].referred_by, roots());
}

#[test]
fn every_flaw_is_listed() {
    let (_dir, store, table) = store();
    let blob = store.path().join(Kind::Blob.name(&table.digest()));
    fs::remove_file(&blob).unwrap();
    fs::write(&blob, "{}").unwrap();
    fs::write(store.path().join("blobs/stray"), "").unwrap();
    let result = store.path().join(sharded_result());
    fs::remove_file(&result).unwrap();
    fs::write(&result, "half a dig").unwrap();
    fs::write(
        store.path().join("refs/lost"),
        format!("{}\n", Digest::of(b"gone")),
    )
    .unwrap();
    let report = store.check().unwrap();
    let found: Vec<(&PathBuf, &str)> = report
        .problems
        .iter()
        .map(|problem| (&problem.path, problem.message.as_str()))
        .collect();
    let gone = store.path().join(Kind::Blob.name(&Digest::of(b"gone")));
    let messages = |path: &PathBuf| {
        found
            .iter()
            .find(|(found, _)| *found == path)
            .map(|(_, message)| *message)
            .unwrap()
    };
    assert!(messages(&blob).starts_with("corrupt"));
    assert_eq!(messages(&gone), "the blob is missing");
    assert!(messages(&result).contains("is not a digest"));
    assert_eq!(
        messages(&store.path().join("blobs/stray")),
        "the file's name is not a digest"
    );
    assert_eq!(found.len(), 4);
}

fn sharded_result() -> String {
    crate::store::sharded("results", &Digest::of(b"key"))
}

#[test]
fn files_of_killed_processes_are_removed_after_a_day() {
    let (_dir, store, _) = store();
    let (old, young) = (store.path().join("tmp/old"), store.path().join("tmp/young"));
    fs::write(&old, "").unwrap();
    fs::write(&young, "").unwrap();
    let yesterday = SystemTime::now() - std::time::Duration::from_secs(25 * 60 * 60);
    fs::File::options()
        .write(true)
        .open(&old)
        .unwrap()
        .set_modified(yesterday)
        .unwrap();
    assert_eq!(store.check().unwrap().removed, 1);
    assert!(!old.exists() && young.exists());
}

#[test]
fn du_counts_every_file() {
    let (_dir, store, table) = store();
    store.reindex().unwrap();
    let usage = store.du().unwrap();
    assert_eq!(
        (
            usage.blobs.files,
            usage.blocks.files,
            usage.results.files,
            usage.refs.files
        ),
        (4, 1, 1, 1)
    );
    assert!(usage.blocks.bytes > table.bytes() && usage.caches.files >= 2);
    assert_eq!(usage.total().files, 7 + usage.caches.files);
}
