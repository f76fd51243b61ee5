#![allow(clippy::unwrap_used)]
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::store::testing::store;

#[test]
fn a_blob_comes_back_and_is_read_only() {
    let (_dir, store) = store();
    let digest = store.put_blob(b"hello").unwrap();
    assert_eq!(digest, Digest::of(b"hello"));
    assert!(store.has_blob(&digest).unwrap());
    assert_eq!(store.blob(&digest).unwrap(), b"hello");
    let path = store.backend.path(&Kind::Blob.name(&digest));
    assert_eq!(
        fs::metadata(path).unwrap().permissions().mode() & 0o777,
        0o444
    );
    assert_eq!(store.put_blob(b"hello").unwrap(), digest);
    assert!(matches!(
        store.blob(&Digest::of(b"other")),
        Err(StoreError::Missing { .. })
    ));
    assert!(
        fs::read_dir(store.path().join("tmp"))
            .unwrap()
            .next()
            .is_none(),
        "nothing temporary is left"
    );
}

#[test]
fn a_file_is_snapshot_in_one_pass() {
    let (dir, store) = store();
    let bytes: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(dir.path().join("source"), &bytes).unwrap();
    let mut source = File::open(dir.path().join("source")).unwrap();
    let (digest, len) = store.put_blob_file(&mut source).unwrap();
    assert_eq!((digest, len), (Digest::of(&bytes), bytes.len() as u64));
    let mut back = Vec::new();
    store
        .open_blob(&digest)
        .unwrap()
        .read_to_end(&mut back)
        .unwrap();
    assert!(back == bytes);
}

#[test]
fn nothing_is_there_before_commit_or_after_a_drop() {
    let (_dir, store) = store();
    let mut publication = store.begin();
    let digest = publication.blob(b"a").unwrap();
    assert!(!store.has_blob(&digest).unwrap());
    drop(publication);
    assert!(!store.has_blob(&digest).unwrap());
    assert!(
        fs::read_dir(store.path().join("tmp"))
            .unwrap()
            .next()
            .is_none()
    );
}

#[test]
fn a_result_is_published_once() {
    let (_dir, store) = store();
    let key = Digest::of(b"key");
    let publish = |bytes: &[u8]| {
        let mut publication = store.begin();
        let result = publication.blob(bytes)?;
        publication.commit_result(&key, &result)
    };
    assert_eq!(store.result(&key).unwrap(), None);
    assert_eq!(publish(b"one").unwrap(), Published::New);
    assert_eq!(publish(b"one").unwrap(), Published::Same);
    let error = publish(b"two").unwrap_err();
    assert!(
        matches!(error, StoreError::ResultConflict { existing, .. } if existing == Digest::of(b"one")),
        "{error}"
    );
    assert_eq!(store.result(&key).unwrap(), Some(Digest::of(b"one")));
}

/// Replaces a file of the store by other bytes.
fn overwrite(store: &Store, name: &str, bytes: &[u8]) {
    let path = store.backend.path(name);
    fs::remove_file(&path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn corruption_is_named_and_mended_by_storing_again() {
    let (_dir, store) = store();
    for bytes in [vec![1; 10], vec![2; 200_000]] {
        let digest = store.put_blob(&bytes).unwrap();
        let name = Kind::Blob.name(&digest);
        overwrite(&store, &name, b"other");
        for error in [
            store.blob(&digest).unwrap_err(),
            store.open_blob(&digest).unwrap_err(),
        ] {
            let text = error.to_string();
            let found = Digest::of(b"other").to_string();
            for part in [
                name.as_str(),
                &digest.to_string(),
                &found,
                "lockflight store check",
            ] {
                assert!(text.contains(part), "{text} lacks {part}");
            }
        }
        store.put_blob(&bytes).unwrap();
        assert!(store.blob(&digest).unwrap() == bytes);
    }
}

#[test]
fn a_large_file_is_hashed_once_until_it_changes() {
    let (_dir, store) = store();
    let digest = store.put_blob(&vec![7; 100_000]).unwrap();
    let name = Kind::Blob.name(&digest);
    let metadata = || fs::metadata(store.backend.path(&name)).unwrap();
    // Another process finds it in the list.
    let other = Store::open(&store.path()).unwrap();
    assert!(other.verified.has(&*other.backend, &name, &metadata()));
    overwrite(&store, &name, &[8; 100_000]);
    assert!(!other.verified.has(&*other.backend, &name, &metadata()));
    assert!(matches!(
        other.open_blob(&digest),
        Err(StoreError::Corrupt { .. })
    ));
}

#[test]
fn formats_are_checked() {
    let (dir, store) = store();
    let format = store.path().join("format");
    fs::write(&format, "2\n").unwrap();
    let error = Store::open(&store.path()).unwrap_err().to_string();
    assert!(
        error.contains("has format 2") && error.contains("update lockflight"),
        "{error}"
    );
    fs::write(&format, "x").unwrap();
    assert!(matches!(
        Store::open(&store.path()),
        Err(StoreError::Damaged { .. })
    ));
    fs::write(dir.path().join("thesis.txt"), "years of work").unwrap();
    assert!(matches!(
        Store::open(dir.path()),
        Err(StoreError::NotAStore(_))
    ));
}

#[test]
fn refs_move_and_keep_their_history() {
    let (_dir, store) = store();
    let name: RefName = "models/churn/@champion".parse().unwrap();
    let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
    let at = |second| jiff::Timestamp::from_second(second).unwrap();
    assert_eq!(store.get_ref(&name).unwrap(), None);
    store.set_ref(&name, &a, at(1)).unwrap();
    store.set_ref(&name, &a, at(2)).unwrap();
    store.set_ref(&name, &b, at(3)).unwrap();
    assert_eq!(store.get_ref(&name).unwrap(), Some(b));
    let history: Vec<_> = store
        .ref_history(&name)
        .unwrap()
        .iter()
        .map(|step| (step.target, step.at))
        .collect();
    assert_eq!(history, [(b, at(3)), (a, at(1))]);
    store
        .set_ref(&"runs/1".parse().unwrap(), &a, at(4))
        .unwrap();
    let names = |prefix| {
        store
            .refs(prefix)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["models/churn/@champion", "runs/1"]);
    assert_eq!(names("runs"), ["runs/1"]);
    assert_eq!(names("nothing"), [""; 0]);
    assert_eq!(store.get_ref(&"runs".parse().unwrap()).unwrap(), None);
    for bad in [
        "", "/a", "a/", "a//b", "..", "a/../b", ".hidden", "a b", "ä",
    ] {
        assert!(bad.parse::<RefName>().is_err(), "{bad}");
    }
}

#[test]
fn a_key_is_locked_by_one_at_a_time() {
    let (_dir, store) = store();
    let key = Digest::of(b"key");
    let lock = store.lock_key(&key).unwrap();
    assert!(store.try_lock_key(&key).unwrap().is_none());
    assert!(store.try_lock_key(&Digest::of(b"other")).unwrap().is_some());
    let waiting = std::thread::spawn({
        let store = store.clone();
        move || drop(store.lock_key(&key).unwrap())
    });
    drop(lock);
    waiting.join().unwrap();
    assert!(store.try_lock_key(&key).unwrap().is_some());
    let left = fs::read_dir(store.path().join("locks")).unwrap();
    let names: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [super::usage::LOCK], "no lock of a key is left");
}

#[test]
fn eight_writers_of_one_thing_agree() {
    let (_dir, store) = store();
    let key = Digest::of(b"key");
    let results: Vec<Published> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|_| {
                // Each opens the store for itself, as processes do.
                let store = Store::open(&store.path()).unwrap();
                scope.spawn(move || {
                    let mut publication = store.begin();
                    let mut writer = publication.blob_writer().unwrap();
                    writer.write_all(b"the result").unwrap();
                    let (result, _) = writer.finish(&mut publication).unwrap();
                    publication.commit_result(&key, &result).unwrap()
                })
            })
            .collect();
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .collect()
    });
    assert_eq!(
        results
            .iter()
            .filter(|result| **result == Published::New)
            .count(),
        1
    );
}

#[test]
fn documents_are_canonical_and_come_back() {
    let (_dir, store) = store();
    let mut publication = store.begin();
    let document = serde_json::json!({"b": 1.0, "a": [1, null]});
    let digest = publication.document(&document).unwrap();
    let error = publication.document(&[f64::NAN]).unwrap_err().to_string();
    publication.commit().unwrap();
    assert_eq!(store.blob(&digest).unwrap(), br#"{"a":[1,null],"b":1.0}"#);
    assert_eq!(
        store
            .document::<serde_json::Value>(&digest, "a test")
            .unwrap(),
        document
    );
    assert!(
        error.contains("cannot be stored") && error.contains("(at /0)"),
        "{error}"
    );
    let error = store.table(&digest).unwrap_err().to_string();
    assert!(
        error.contains(&digest.to_string()) && error.contains("is not a table"),
        "{error}"
    );
}

#[test]
fn a_damaged_result_is_named_and_replaced() {
    let (_dir, store) = store();
    let key = Digest::of(b"key");
    let publish = || {
        let mut publication = store.begin();
        let result = publication.blob(b"result").unwrap();
        publication.commit_result(&key, &result)
    };
    publish().unwrap();
    overwrite(&store, &sharded("results", &key), b"");
    let error = store.result(&key).unwrap_err().to_string();
    assert!(
        error.contains("is damaged") && error.contains("results/"),
        "{error}"
    );
    assert_eq!(publish().unwrap(), Published::New);
    assert_eq!(store.result(&key).unwrap(), Some(Digest::of(b"result")));
}

#[test]
fn a_folder_is_made_a_store_by_many_at_once() {
    let dir = tempfile::tempdir().unwrap();
    for attempt in 0..50 {
        let path = dir.path().join(attempt.to_string());
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| Store::open(&path).unwrap().in_use().unwrap());
            }
        });
    }
}
