#![allow(clippy::unwrap_used)]
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use super::faulty::{Fault, FaultyRemote};
use super::*;
use crate::store::testing::{folder, store};
use crate::store::{Published, Store, StoreError};

const KEY: Digest = Digest::from_bytes([9; 32]);

/// A remote in a folder of its own.
fn remote() -> (tempfile::TempDir, FolderRemote) {
    let dir = folder();
    let remote = FolderRemote::open(dir.path()).unwrap();
    (dir, remote)
}

/// A result of two blobs under a key, in a remote.
fn fill(remote: &dyn Remote) -> (Digest, Digest) {
    let large = remote.put_blob(&vec![5; 300_000]).unwrap();
    let document = format!("{{\"blob\":\"{large}\"}}");
    let result = remote.put_blob(document.as_bytes()).unwrap();
    assert_eq!(remote.put_result(&KEY, &result).unwrap(), None);
    (result, large)
}

/// What a run does: the result with its parts, if it can be had.
fn take(store: &Store, upstream: &Upstream, large: Digest) -> bool {
    let fetched = upstream.fetch(store, &|| false, move |fetch| {
        let Some(result) = fetch.remote().result(&KEY)? else {
            return Ok(None);
        };
        fetch.document(&result)?;
        fetch.blob(&large)?;
        Ok(Some(result))
    });
    fetched.is_some_and(|(fetch, result)| {
        let published = fetch.finish().commit_result(&KEY, &result);
        matches!(published, Ok(Published::New))
    })
}

#[test]
fn a_folder_keeps_what_was_written_once() {
    let (dir, remote) = remote();
    let remote: &dyn Remote = &remote;
    assert!(remote.refs("").unwrap().is_empty());
    assert!(
        !dir.path().join("format").exists(),
        "reading writes nothing"
    );
    assert!(remote.put("blobs/ab/c", &mut &b"one"[..]).unwrap());
    assert!(!remote.put("blobs/ab/c", &mut &b"two"[..]).unwrap());
    let mut text = String::new();
    let mut file = remote.read("blobs/ab/c").unwrap().unwrap();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "one");
    assert!(remote.read("blobs/ab").unwrap().is_none(), "a folder");
    assert!(remote.read("blobs/ab/c/d").unwrap().is_none());
    assert!(remote.swap("refs/a", None, b"1").unwrap());
    assert!(!remote.swap("refs/a", None, b"2").unwrap());
    assert!(!remote.swap("refs/a", Some(b"0"), b"2").unwrap());
    assert!(remote.swap("refs/a", Some(b"1"), b"2").unwrap());
    assert_eq!(remote.refs("").unwrap(), ["a".parse().unwrap()]);
    // It is a store as others are.
    Store::open(dir.path()).unwrap();
    assert_eq!(fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0);
}

#[test]
fn a_remote_that_is_written_to_is_not_tidied() {
    let (dir, remote) = remote();
    (&remote as &dyn Remote).begin_writing().unwrap();
    let seen = Store::open(dir.path()).unwrap();
    assert!(seen.alone(Duration::ZERO).unwrap().is_none());
    drop(remote);
    assert!(seen.alone(Duration::ZERO).unwrap().is_some());
}

#[test]
fn what_is_no_remote_is_refused() {
    let dir = folder();
    let text = |path: &std::path::Path| FolderRemote::open(path).unwrap_err().to_string();
    let missing = text(&dir.path().join("nothing"));
    assert!(
        missing.contains("there is no remote") && missing.contains("LOCKFLIGHT_REMOTE"),
        "{missing}"
    );
    fs::write(dir.path().join("thesis.txt"), "x").unwrap();
    let other = text(dir.path());
    assert!(other.contains("not a lockflight store"), "{other}");
    let no_folder = text(&dir.path().join("thesis.txt"));
    assert!(no_folder.contains("no folder"), "{no_folder}");
    let newer = folder();
    fs::write(newer.path().join("format"), "9\n").unwrap();
    let newer = text(newer.path());
    assert!(newer.contains("has format 9"), "{newer}");
}

#[test]
fn a_result_comes_whole() {
    let (_dir, remote) = remote();
    let (result, large) = fill(&remote);
    let (_local, store) = store();
    let upstream = Upstream::new(Ok(Arc::new(remote)));
    assert!(take(&store, &upstream, large));
    assert_eq!(upstream.trouble(), None);
    assert_eq!(store.result(&KEY).unwrap(), Some(result));
    assert_eq!(store.blob(&large).unwrap(), vec![5; 300_000]);
    assert_eq!(store.check().unwrap().problems, []);
}

#[test]
fn whatever_is_wrong_nothing_is_published_and_it_is_said_once() {
    let faults = [
        (Fault::Lying, "is corrupt: expected"),
        (Fault::CutOff, "is corrupt: expected"),
        (Fault::Lost { after: 0 }, "cannot read results/"),
        (Fault::Lost { after: 1 }, "cannot read blobs/"),
        (Fault::Lost { after: 2 }, "cannot read blobs/"),
    ];
    for (fault, message) in faults {
        let (dir, remote) = remote();
        let (_, large) = fill(&remote);
        let (_local, store) = store();
        let remote = FaultyRemote::new(remote, fault);
        let upstream = Upstream::new(Ok(Arc::new(remote)));
        assert!(!take(&store, &upstream, large), "{fault:?}");
        let trouble = upstream.trouble().unwrap();
        let place = dir.path().display().to_string();
        for part in [message, &place] {
            assert!(trouble.contains(part), "{fault:?}: {trouble} lacks {part}");
        }
        assert!(!take(&store, &upstream, large), "{fault:?}");
        assert_eq!(upstream.trouble().unwrap(), trouble, "the first is said");
        let report = store.check().unwrap();
        assert_eq!((report.blobs, report.results), (0, 0), "{fault:?}");
        assert_eq!(fs::read_dir(store.path().join("tmp")).unwrap().count(), 0);
    }
}

#[test]
fn a_file_that_nobody_may_read_or_that_is_gone_is_named() {
    for (harm, message) in [(true, "is missing"), (false, "holds no digest")] {
        let (dir, remote) = remote();
        let (_, large) = fill(&remote);
        let name = match harm {
            true => Kind::Blob.name(&large),
            false => sharded("results", &KEY),
        };
        let path = dir.path().join(&name);
        fs::remove_file(&path).unwrap();
        if !harm {
            fs::write(&path, "nonsense").unwrap();
        }
        let (_local, store) = store();
        let upstream = Upstream::new(Ok(Arc::new(remote)));
        assert!(!take(&store, &upstream, large));
        let trouble = upstream.trouble().unwrap();
        assert!(
            trouble.contains(message) && trouble.contains(&name),
            "{trouble}"
        );
    }
}

#[test]
fn a_remote_that_does_not_answer_is_left() {
    let (_dir, remote) = remote();
    let (_, large) = fill(&remote);
    let (_local, store) = store();
    let slow = FaultyRemote::new(remote, Fault::Slow);
    let upstream = Upstream::new(Ok(Arc::new(slow))).impatient(Duration::from_millis(200));
    let start = std::time::Instant::now();
    assert!(!take(&store, &upstream, large));
    assert!(!take(&store, &upstream, large), "and is not asked again");
    assert!(start.elapsed() < Duration::from_millis(1500));
    let trouble = upstream.trouble().unwrap();
    assert!(trouble.contains("has not answered"), "{trouble}");
}

#[test]
fn a_full_remote_is_said_and_keeps_nothing_half() {
    let (dir, remote) = remote();
    for after in 0..3 {
        let inner = FolderRemote::open(dir.path()).unwrap();
        let errno = libc::ENOSPC;
        let full = FaultyRemote::new(inner, Fault::Full { after, errno });
        let full: &dyn Remote = &full;
        let error = (0..4).find_map(|n| full.put_blob(&[n; 10]).err()).unwrap();
        let text = error.to_string();
        assert!(
            text.contains("its disk is full") && text.contains("blobs/"),
            "{text}"
        );
    }
    drop(remote);
    let seen = Store::open(dir.path()).unwrap();
    assert_eq!(seen.check().unwrap().problems, []);
}

#[test]
fn a_folder_that_cannot_be_written_says_so() {
    let (dir, remote) = remote();
    // Whoever may do anything cannot be kept from it.
    if rustix::process::getuid().is_root() {
        return;
    }
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let remote: &dyn Remote = &remote;
    let error = remote.put_blob(b"x").unwrap_err().to_string();
    assert!(error.contains("permission denied"), "{error}");
}

#[test]
fn a_wrong_block_is_refused() {
    let (_dir, remote) = remote();
    let remote: Arc<dyn Remote> = Arc::new(remote);
    let digest = Digest::of(b"rows");
    let name = Kind::Block.name(&digest);
    remote.put_file(&name, &mut &b"no rows"[..]).unwrap();
    let (_local, store) = store();
    let mut fetch = Fetch::new(remote, store.clone());
    let error = fetch.block(&digest).unwrap_err();
    assert!(matches!(&error, RemoteError::Lies { .. }), "{error}");
    drop(fetch);
    assert!(!store.has_block(&digest).unwrap());
}

#[test]
fn errors_of_the_local_store_stay_its_own() {
    let error = RemoteError::from(StoreError::NotAStore("/x".into()));
    assert!(error.to_string().starts_with("/x is not empty"));
}
