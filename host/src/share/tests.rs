#![allow(clippy::unwrap_used)]
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::manifest::Limits;
use crate::package::Packages;
use crate::record::RunRecord;
use crate::run::History;
use crate::store::remote::faulty::{Fault, FaultyRemote};
use crate::store::remote::{FolderRemote, Remote};
use crate::store::testing::{folder, store, table_of};
use crate::store::{Store, check::CheckReport};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A run of one stage, recorded as runs are: its job is named by `job`, its table by `rows`.
fn run(store: &Store, id: &str, second: i64, job: &str, rows: i64) -> Digest {
    let mut publication = store.begin();
    let table = table_of(&mut publication, rows);
    let component = publication.blob(&vec![7; 100_000]).unwrap();
    let document = format!("{{\"component\":\"{component}\",\"job\":\"{job}\"}}");
    let key = publication.blob(document.as_bytes()).unwrap();
    let outputs = json!({"table": {"kind": "table", "digest": table, "rows": 10, "bytes": 80}});
    let result = publication
        .document(&json!({"outputs": outputs, "findings": [], "metrics": []}))
        .unwrap();
    let manifest = publication.blob(b"[pipeline]").unwrap();
    publication.commit_result(&key, &result).unwrap();
    let stage = json!({
        "name": "raw", "world": "ingest", "plugin": "csv", "component": null, "inputs": {}, "key": key, "status": "ran",
        "result": result, "outputs": outputs, "gate": null, "telemetry": null, "log": null, "limits": Limits::DEFAULT,
        "nan_canonical": false, "repeatable": true, "error": null,
    });
    let record = json!({
        "id": id, "pipeline": "p", "started": at(second).to_string(), "finished": at(second).to_string(), "outcome": "done",
        "git": null, "manifest": manifest, "sources": {}, "stages": [stage],
        "host": {"lockflight": "0", "engine": "none", "arch": "none", "walls": []},
    });
    let record: RunRecord = serde_json::from_value(record).unwrap();
    let mut publication = store.begin();
    let digest = publication.document(&record).unwrap();
    publication.commit().unwrap();
    History::new(store).enter(&record, &digest).unwrap();
    digest
}

/// A package of a model, counted as its next version.
fn release(store: &Store, run: &str, package: &str, second: i64) {
    let package = store.put_blob(package.as_bytes()).unwrap();
    let record = VersionRecord {
        name: "m".into(),
        version: 0,
        package,
        bytes: 1,
        model: package,
        stage: "parcel".into(),
        pipeline: "p".into(),
        run: run.into(),
        time: at(second).to_string(),
    };
    Packages::new(store).enter(record, at(second)).unwrap();
}

fn push(store: &Store, remote: &dyn Remote, runs: &[&str]) -> Result<Sent, ShareError> {
    let push = Push { store, remote };
    let runs: Vec<String> = runs.iter().map(|run| (*run).to_owned()).collect();
    push.send(&push.plan(&runs)?)
}

fn pull(store: &Store, folder: &Path, all: bool) -> Pulled {
    let remote = Arc::new(FolderRemote::open(folder).unwrap());
    Pull { store, remote, all }.pull().unwrap()
}

fn open(folder: &Path) -> FolderRemote {
    FolderRemote::open(folder).unwrap()
}

fn checked(folder: &Path) -> CheckReport {
    let report = Store::open(folder).unwrap().check().unwrap();
    assert_eq!(report.problems, []);
    report
}

/// What every shared name means.
fn names(store: &Store) -> BTreeMap<String, Digest> {
    let names = store.refs("").unwrap().into_iter();
    names
        .map(|name| (name.to_string(), store.get_ref(&name).unwrap().unwrap()))
        .collect()
}

#[test]
fn a_run_arrives_as_it_was() {
    let (_here, here) = store();
    run(&here, "one", 1, "a", 0);
    release(&here, "one", "package", 1);
    run(&here, "two", 2, "b", 50);
    let remote = folder();
    let sent = push(&here, &open(remote.path()), &[]).unwrap();
    assert_eq!((sent.runs.len(), sent.results), (2, 2));
    let whole = checked(remote.path());
    assert_eq!((whole.results, whole.blocks), (2, 2));
    assert_eq!(names(&Store::open(remote.path()).unwrap()), names(&here));
    let again = Push {
        store: &here,
        remote: &open(remote.path()),
    };
    assert!(again.plan(&[]).unwrap().is_empty());

    let (_there, there) = store();
    let pulled = pull(&there, remote.path(), false);
    assert_eq!(pulled.runs, ["one", "two"]);
    assert_eq!(names(&there), names(&here));
    let history = |store: &Store| History::new(store).list(9).unwrap();
    assert_eq!(history(&there), history(&here));
    assert_eq!(Packages::new(&there).list().unwrap().len(), 1);
    let light = checked(&there.path());
    assert_eq!((light.results, light.blocks), (0, 0), "records alone");
    assert!(light.bytes < 20_000, "no component");
    assert_eq!(pull(&there, remote.path(), false), Pulled::default());

    pull(&there, remote.path(), true);
    let all = checked(&there.path());
    assert_eq!((all.results, all.blocks), (2, 2));
}

#[test]
fn one_run_is_sent_without_the_others() {
    let (_here, here) = store();
    run(&here, "one", 1, "a", 0);
    run(&here, "two", 2, "b", 50);
    let remote = folder();
    push(&here, &open(remote.path()), &["one"]).unwrap();
    assert_eq!(checked(remote.path()).results, 1);
    let seen = Store::open(remote.path()).unwrap();
    let runs = seen.refs("runs").unwrap();
    assert_eq!(runs, ["runs/one".parse().unwrap()]);
    push(&here, &open(remote.path()), &[]).unwrap();
    assert_eq!(names(&seen), names(&here));
    assert_eq!(
        seen.ref_history(&"latest/run".parse().unwrap())
            .unwrap()
            .len(),
        2
    );
}

/// Every operation is the last one once: what is there is whole, and the next push goes on.
#[test]
fn wherever_a_push_is_cut_off_nothing_dangles() {
    let (_here, here) = store();
    run(&here, "one", 1, "a", 0);
    release(&here, "one", "package", 1);
    run(&here, "two", 2, "a", 0);
    let faults: [fn(usize) -> Fault; 2] = [
        |after| Fault::Lost { after },
        |after| Fault::Full {
            after,
            errno: libc::ENOSPC,
        },
    ];
    for fault in faults {
        let mut cuts = 0;
        for after in 0.. {
            let remote = folder();
            // Made before it is cut off, so that it can be looked at.
            Store::open(remote.path()).unwrap();
            let faulty = FaultyRemote::new(open(remote.path()), fault(after));
            let ended = push(&here, &faulty, &[]);
            checked(remote.path());
            let seen = Store::open(remote.path()).unwrap();
            for (name, target) in names(&seen) {
                assert!(seen.has_blob(&target).unwrap(), "{name} after {after}");
            }
            if ended.is_ok() {
                break;
            }
            cuts += 1;
            push(&here, &open(remote.path()), &[]).unwrap();
            assert_eq!(names(&seen), names(&here), "after {after}");
            checked(remote.path());
        }
        assert!(cuts > 15, "only {cuts} cuts");
    }
}

#[test]
fn moves_of_both_sides_stay_in_the_history() {
    for newest_first in [true, false] {
        let (_one, one) = store();
        let (_two, two) = store();
        run(&one, "older", 1, "a", 0);
        let newest = run(&two, "newer", 2, "b", 50);
        let remote = folder();
        let mut stores = [&one, &two];
        if newest_first {
            stores.reverse();
        }
        for store in stores {
            push(store, &open(remote.path()), &[]).unwrap();
        }
        checked(remote.path());
        let seen = Store::open(remote.path()).unwrap();
        let latest = "latest/run".parse().unwrap();
        assert_eq!(seen.get_ref(&latest).unwrap(), Some(newest));
        let history = seen.ref_history(&latest).unwrap();
        let older = one.get_ref(&latest).unwrap().unwrap();
        assert!(history.iter().any(|made| made.target == older));
        // Nothing is left to be sent, and names here move forward only.
        for store in [&one, &two] {
            let remote = open(remote.path());
            let again = Push {
                store,
                remote: &remote,
            };
            assert!(again.plan(&[]).unwrap().is_empty());
        }
        pull(&one, remote.path(), false);
        pull(&two, remote.path(), false);
        for store in [&one, &two] {
            assert_eq!(store.get_ref(&latest).unwrap(), Some(newest));
            assert_eq!(store.refs("runs").unwrap().len(), 2);
        }
    }
}

#[test]
fn another_result_is_refused_and_replaces_nothing() {
    let (_one, one) = store();
    let (_two, two) = store();
    run(&one, "one", 1, "same", 0);
    run(&two, "two", 2, "same", 50);
    let remote = folder();
    push(&one, &open(remote.path()), &[]).unwrap();
    let before = checked(remote.path());
    let error = push(&two, &open(remote.path()), &[]).unwrap_err();
    let ShareError::ResultConflict(conflict) = &error else {
        panic!("{error}");
    };
    let ResultConflict {
        key, there, here, ..
    } = &**conflict;
    assert_eq!(one.result(key).unwrap(), Some(*there));
    assert_eq!(two.result(key).unwrap(), Some(*here));
    let text = error.to_string();
    for part in [
        "`raw`",
        &key.to_string(),
        &there.to_string(),
        &here.to_string(),
    ] {
        assert!(text.contains(part), "{text} lacks {part}");
    }
    assert_eq!(checked(remote.path()), before);
}

#[test]
fn a_version_is_never_another_package() {
    let (_one, one) = store();
    let (_two, two) = store();
    let (_three, three) = store();
    for (store, id, package) in [
        (&one, "one", "a"),
        (&two, "two", "a"),
        (&three, "three", "b"),
    ] {
        run(store, id, 1, "same", 0);
        release(store, id, package, 1);
    }
    let remote = folder();
    push(&one, &open(remote.path()), &[]).unwrap();
    // The same package of another run is the same version.
    push(&two, &open(remote.path()), &[]).unwrap();
    let error = push(&three, &open(remote.path()), &[])
        .unwrap_err()
        .to_string();
    let (a, b) = (Digest::of(b"a").to_string(), Digest::of(b"b").to_string());
    for part in ["models/m/1", &a, &b, "run one", "run three"] {
        assert!(error.contains(part), "{error} lacks {part}");
    }
    let seen = Store::open(remote.path()).unwrap();
    assert_eq!(
        Packages::new(&seen).find("m").unwrap().package,
        Digest::of(b"a")
    );
    let pulled = pull(&three, remote.path(), false);
    assert!(
        pulled.kept.iter().any(|kept| kept.contains("models/m/1")),
        "{pulled:?}"
    );
    assert_eq!(
        Packages::new(&three).find("m/1").unwrap().package,
        Digest::of(b"b")
    );
}

#[test]
fn what_is_missing_here_and_there_is_named() {
    let (_one, one) = store();
    run(&one, "one", 1, "a", 0);
    let remote = folder();
    push(&one, &open(remote.path()), &[]).unwrap();
    let (_two, two) = store();
    pull(&two, remote.path(), false);
    // The records are enough for the remote that has the rest; in another one a table would lack its rows.
    push(&two, &open(remote.path()), &["one"]).unwrap();
    let other = folder();
    let error = push(&two, &open(other.path()), &[])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("blobs/") && error.contains("pull --all"),
        "{error}"
    );
    pull(&two, remote.path(), true);
    let block = two.path().join("blocks");
    std::fs::remove_dir_all(block).unwrap();
    let error = push(&two, &open(other.path()), &[])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("blocks/") && error.contains("pull --all"),
        "{error}"
    );
    assert!(!other.path().join("format").exists(), "nothing was sent");
}

#[test]
fn two_stores_push_at_once() {
    let remote = folder();
    let stores: Vec<_> = (0..4).map(|_| store()).collect();
    for (index, (_, store)) in stores.iter().enumerate() {
        let index = i64::try_from(index).unwrap();
        run(
            store,
            &format!("run-{index}"),
            1 + index,
            &format!("job {}", index / 2),
            index / 2,
        );
        release(store, &format!("run-{index}"), "package", 1 + index);
    }
    std::thread::scope(|scope| {
        for (_, store) in &stores {
            scope.spawn(|| push(store, &open(remote.path()), &[]).unwrap());
        }
    });
    let report = checked(remote.path());
    assert_eq!(report.results, 2);
    let seen = Store::open(remote.path()).unwrap();
    assert_eq!(seen.refs("runs").unwrap().len(), 4);
    let latest = seen.ref_history(&"latest/run".parse().unwrap()).unwrap();
    let newest = seen.get_ref(&"runs/run-3".parse().unwrap()).unwrap();
    assert_eq!(Some(latest[0].target), newest);
    let distinct: std::collections::BTreeSet<_> = latest.iter().map(|made| made.at).collect();
    assert_eq!(distinct.len(), 4, "no move is lost");
}
