#![allow(clippy::unwrap_used)]
use super::*;
use crate::store::testing::store;

/// Stores a run record and its ref, as a run does; the index is not told.
fn run(store: &Store, id: &str, second: i64, git: bool) -> RunRow {
    let at = |second| Timestamp::from_second(second).unwrap();
    let git = git.then(|| serde_json::json!({"commit": "c0ffee", "dirty": true}));
    let record = serde_json::json!({
        "id": id, "pipeline": "penguins", "started": at(second).to_string(), "finished": at(second + 1).to_string(),
        "outcome": "done", "git": git, "stages": [],
    });
    let digest = store.put_blob(record.to_string().as_bytes()).unwrap();
    store
        .set_ref(&format!("runs/{id}").parse().unwrap(), &digest, at(second))
        .unwrap();
    store
        .set_ref(&"runs/latest".parse().unwrap(), &digest, at(second))
        .unwrap();
    RunRow {
        id: id.to_owned(),
        digest,
        pipeline: "penguins".to_owned(),
        started: at(second),
        finished: at(second + 1),
        outcome: "done".to_owned(),
        git_commit: git.is_some().then(|| "c0ffee".to_owned()),
        dirty: git.is_some().then_some(true),
    }
}

#[test]
fn runs_are_recorded_and_listed_newest_first() {
    let (_dir, store) = store();
    let index = Index::open(&store).unwrap();
    let (a, b) = (run(&store, "a", 1, true), run(&store, "b", 2, false));
    index.record_run(&a).unwrap();
    index.record_run(&b).unwrap();
    index.record_run(&b).unwrap();
    assert_eq!(index.runs(10).unwrap(), [b.clone(), a]);
    assert_eq!(index.runs(1).unwrap(), [b]);
}

#[test]
fn a_deleted_or_damaged_index_is_built_again() {
    let (_dir, store) = store();
    let rows = [run(&store, "b", 2, false), run(&store, "a", 1, true)];
    assert_eq!(store.reindex().unwrap(), 2);
    let path = store.path().join("index.sqlite");
    for damage in ["", "no database", "SQLite format 3\0 but not really"] {
        match damage {
            "" => fs::remove_file(&path).unwrap(),
            bytes => fs::write(&path, bytes).unwrap(),
        }
        assert_eq!(
            Index::open(&store).unwrap().runs(10).unwrap(),
            rows,
            "{damage}"
        );
    }
}

#[test]
fn a_record_that_is_no_run_is_left_out() {
    let (_dir, store) = store();
    run(&store, "a", 1, true);
    let other = store.put_blob(b"{\"id\":1}").unwrap();
    store
        .set_ref(
            &"runs/odd".parse().unwrap(),
            &other,
            Timestamp::from_second(1).unwrap(),
        )
        .unwrap();
    assert_eq!(store.reindex().unwrap(), 1);
}

#[test]
fn two_processes_may_write_at_once() {
    let (_dir, store) = store();
    let rows: Vec<RunRow> = (0..8)
        .map(|n| run(&store, &format!("run-{n}"), n, false))
        .collect();
    fs::remove_file(store.path().join("index.sqlite")).unwrap_or_default();
    std::thread::scope(|scope| {
        for row in &rows {
            let store = Store::open(&store.path()).unwrap();
            scope.spawn(move || Index::open(&store).unwrap().record_run(row).unwrap());
        }
    });
    assert_eq!(Index::open(&store).unwrap().runs(100).unwrap().len(), 8);
}

#[test]
fn where_it_cannot_be_written_it_is_kept_in_memory() {
    let (_dir, store) = store();
    let rows = [run(&store, "a", 1, true)];
    // A folder of its name can neither be opened nor removed as a file, not even by root.
    fs::create_dir(store.path().join("index.sqlite")).unwrap();
    assert_eq!(Index::open(&store).unwrap().runs(10).unwrap(), rows);
    assert!(
        store
            .reindex()
            .unwrap_err()
            .to_string()
            .contains("cannot remove")
    );
}
