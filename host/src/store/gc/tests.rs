#![allow(clippy::unwrap_used)]
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::store::StoreError;
use crate::store::backend::LocalBackend;
use crate::store::faulty::{FaultyBackend, Operation};
use crate::store::testing::{folder, store, table_of};

fn at(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(second).unwrap()
}

fn name(text: &str) -> RefName {
    text.parse().unwrap()
}

/// A run: a job, its result with a table, and a record under `runs/ID`, `latest` and a model's name.
fn run(store: &Store, id: &str, second: i64) -> Digest {
    let mut publication = store.begin();
    let table = table_of(&mut publication, second);
    let state = publication
        .blob(format!("state of {id}").as_bytes())
        .unwrap();
    let job = publication
        .blob(format!("{{\"job\":\"{id}\"}}").as_bytes())
        .unwrap();
    let result = publication
        .blob(format!("{{\"state\":\"{state}\",\"table\":\"{table}\"}}").as_bytes())
        .unwrap();
    publication.commit_result(&job, &result).unwrap();
    let record = serde_json::json!({
        "id": id, "pipeline": "p", "started": at(second).to_string(), "finished": at(second).to_string(),
        "outcome": "done", "git": null, "job": job,
    });
    let mut publication = store.begin();
    let record = publication.document(&record).unwrap();
    let model = publication
        .document(&serde_json::json!({"run": id, "model": state}))
        .unwrap();
    publication.commit().unwrap();
    let refs = [
        (name(&format!("runs/{id}")), record),
        (name("latest/run"), record),
        (name("models/m/@latest"), model),
    ];
    store.set_refs(refs, at(second)).unwrap();
    record
}

fn collect(store: &Store, letting_go: &[RefName]) -> GcReport {
    let alone = store.alone(Duration::ZERO).unwrap().unwrap();
    store.gc(letting_go, &alone).unwrap()
}

#[test]
fn what_a_name_leads_to_stays() {
    let (_dir, store) = store();
    run(&store, "one", 1);
    run(&store, "two", 2);
    let orphan = store.put_blob(&[1; 100_000]).unwrap();
    fs::write(store.path().join("tmp/left"), "x").unwrap();
    fs::write(store.path().join("locks/left"), "").unwrap();
    let before = store.du().unwrap();
    let planned = store.gc_plan(&[]).unwrap();
    assert_eq!(store.du().unwrap(), before, "a plan removes nothing");
    let report = collect(&store, &[]);
    assert_eq!(report, planned);
    assert_eq!((report.blobs.files, report.blobs.bytes), (1, 100_000));
    assert_eq!((report.temporary.files, report.locks.files), (1, 1));
    assert_eq!((report.results.files, report.blocks.files), (0, 0));
    assert!(!store.has_blob(&orphan).unwrap());
    assert_eq!(store.check().unwrap().problems, []);
    // What was removed is stored anew and not taken for what was found intact before.
    store.put_blob(&[1; 100_000]).unwrap();
    assert_eq!(store.blob(&orphan).unwrap(), [1; 100_000]);
    assert_eq!(collect(&store, &[]).bytes(), 100_000);
    assert_eq!(collect(&store, &[]).bytes(), 0, "nothing more goes");
}

#[test]
fn a_run_that_is_let_go_goes_with_what_it_alone_has() {
    let (_dir, store) = store();
    run(&store, "one", 1);
    run(&store, "two", 2);
    let report = collect(&store, &[name("runs/one")]);
    assert_eq!(report.refs, ["runs/one"]);
    assert_eq!((report.results.files, report.blocks.files), (1, 1));
    assert_eq!(store.check().unwrap().problems, []);
    let known = crate::store::index::Index::open(&store).unwrap();
    let ids: Vec<_> = known
        .runs(9)
        .unwrap()
        .into_iter()
        .map(|run| run.id)
        .collect();
    assert_eq!(ids, ["two"]);
    // Histories can still be read, and a model's records with them.
    assert_eq!(store.ref_history(&name("latest/run")).unwrap().len(), 2);
    for moved in store.ref_history(&name("models/m/@latest")).unwrap() {
        store
            .document::<serde_json::Value>(&moved.target, "a record")
            .unwrap();
    }
}

#[test]
fn a_source_that_was_removed_is_kept_anew() {
    let (dir, store) = store();
    let path = dir.path().join("data.csv");
    fs::write(&path, "a").unwrap();
    let old = std::time::SystemTime::now() - Duration::from_secs(100);
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(old).unwrap();
    let snapshot = || {
        let mut memory = crate::plan::Memory::open(&store.path());
        let mut file = fs::File::open(&path).unwrap();
        let (digest, _) = memory.snapshot(&store, &path, &mut file).unwrap();
        memory.save();
        digest
    };
    let digest = snapshot();
    assert_eq!(collect(&store, &[]).blobs.files, 1);
    assert_eq!(snapshot(), digest);
    assert_eq!(
        store.blob(&digest).unwrap(),
        b"a",
        "its time stamp is not all that is looked at"
    );
}

#[test]
fn young_answers_of_checks_stay() {
    let (_dir, store) = store();
    let key = Digest::of(b"a question that is no blob");
    let mut publication = store.begin();
    let answer = publication.blob(b"{\"ports\":[]}").unwrap();
    publication.commit_result(&key, &answer).unwrap();
    collect(&store, &[]);
    assert_eq!(store.result(&key).unwrap(), Some(answer));
    assert!(store.has_blob(&answer).unwrap());
}

#[test]
fn nothing_goes_while_somebody_uses_the_store() {
    let (_dir, store) = store();
    let user = Store::open(&store.path()).unwrap().in_use().unwrap();
    let also = Store::open(&store.path()).unwrap().in_use().unwrap();
    assert!(store.alone(Duration::from_millis(60)).unwrap().is_none());
    let clone = user.clone();
    drop((user, also));
    assert!(
        store.alone(Duration::ZERO).unwrap().is_none(),
        "a clone uses it"
    );
    drop(clone);
    assert!(store.alone(Duration::ZERO).unwrap().is_some());
}

/// It ends at every removal once, as if it was killed there: the store is whole, and the next one removes the rest.
#[test]
fn wherever_it_ends_the_store_is_whole() {
    for nth in 0.. {
        let dir = folder();
        let path = dir.path().join("store");
        let store = Store::open(&path).unwrap();
        run(&store, "one", 1);
        run(&store, "two", 2);
        store.put_blob(b"orphan").unwrap();
        let local = LocalBackend::open(&path).unwrap();
        let backend = FaultyBackend::new(local, Operation::Remove, nth, libc::EIO);
        let faulty = Store::with_backend(Arc::new(backend));
        let alone = faulty.alone(Duration::ZERO).unwrap().unwrap();
        let ended = faulty.gc(&[name("runs/one")], &alone);
        drop(alone);
        let store = Store::open(&path).unwrap();
        assert_eq!(store.check().unwrap().problems, [], "after {nth} removals");
        crate::store::index::Index::open(&store).unwrap();
        match ended {
            Ok(_) => {
                assert!(nth > 5, "only {nth} removals");
                break;
            }
            Err(error) => assert!(matches!(error, StoreError::Io { .. }), "{error}"),
        }
        let again = store.refs("runs").unwrap();
        let rest: Vec<_> = again
            .into_iter()
            .filter(|run| *run == name("runs/one"))
            .collect();
        collect(&store, &rest);
        assert_eq!(store.check().unwrap().problems, []);
        assert_eq!(store.du().unwrap().results.files, 1);
    }
}
