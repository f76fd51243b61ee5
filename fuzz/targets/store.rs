//! A store whose files somebody else wrote: whatever the documents behind its names are, every reader answers or refuses.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use lockflight::digest::Digest;
use lockflight::endpoint::Endpoints;
use lockflight::lineage::{Records, Releases, build};
use lockflight::model::Models;
use lockflight::package::{Contents, Packages};
use lockflight::run::{History, Nondeterminism, Retention};
use lockflight::store::reach::{Local, Reach};
use lockflight::store::{RefName, Store};

/// The line between two parts of an input.
const BETWEEN: &str = "\n--\n";
/// More documents than this are no other case.
const MOST: usize = 12;

/// Whether all could be read.
///
/// An input has a part for each document: `NAME` or nothing on the first line, then its bytes, where `@0` to `@9` stand for the digests
/// of the documents before. A `NAME` that begins with `!` is the name of a file in the store instead, which gets the bytes as they are.
pub fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let memory = Path::new("/dev/shm");
    let folder = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir());
    let folder = folder.expect("there is a folder for temporary files");
    let store = Store::open(&folder.path().join("store")).expect("a new store can be opened");
    let mut digests = Vec::new();
    for part in text.split(BETWEEN).take(MOST) {
        let (name, content) = part.split_once('\n').unwrap_or(("", part));
        let content = named(content, &digests);
        if let Some(name) = name.strip_prefix('!') {
            place(&store, &named(name, &digests), content.as_bytes());
            continue;
        }
        let digest = store
            .put_blob(content.as_bytes())
            .expect("there is room for a blob");
        digests.push(digest);
        if let Ok(name) = name.parse::<RefName>() {
            // One name may be the folder of another.
            let _ = store.set_ref(&name, &digest, Timestamp::UNIX_EPOCH);
        }
    }
    read(&store, &digests)
}

/// The text with digests in the place of their numbers.
fn named(text: &str, digests: &[Digest]) -> String {
    let mut text = text.to_owned();
    for (number, digest) in digests.iter().take(10).enumerate() {
        text = text.replace(&format!("@{number}"), &digest.to_string());
    }
    text
}

/// A file below `refs/`, unless something is in the way.
fn place(store: &Store, name: &str, content: &[u8]) {
    if name.parse::<RefName>().is_err() {
        return;
    }
    let path = store.path().join("refs").join(name);
    if let Some(folder) = path.parent()
        && fs::create_dir_all(folder).is_ok()
    {
        let _ = fs::write(path, content);
    }
}

/// Reads in every way there is; whether all of it went well.
fn read(store: &Store, digests: &[Digest]) -> bool {
    let mut well = true;
    let mut note = |ok: bool| well &= ok;
    for name in store.refs("").expect("the folder can be listed") {
        note(store.get_ref(&name).is_ok());
        note(store.ref_history(&name).is_ok());
    }
    note(Models::new(store).list().is_ok());
    note(Packages::new(store).list().is_ok());
    note(Endpoints::new(store).list().is_ok());
    note(History::new(store).list(10).is_ok());
    match (Records::read(store), Releases::read(store)) {
        (Ok(records), Ok(releases)) => drop(build(store, &records, &releases)),
        _ => note(false),
    }
    for digest in digests {
        // A document is of one kind at most.
        let _ = store.table(digest).map(|_| store.has_table(digest));
        let _ = Contents::read(store, digest);
        let _ = Nondeterminism::of(store, digest);
        let mut reach = Reach::default();
        note(reach.follow(&mut Local(store), *digest).is_ok());
        assert!(reach.has(digest));
    }
    let retention = Retention {
        newest: Some(1),
        older_than: None,
    };
    note(retention.let_go(store, Timestamp::UNIX_EPOCH).is_ok());
    note(store.gc_plan(&[]).is_ok());
    note(store.check().is_ok());
    note(store.du().is_ok());
    note(store.reindex().is_ok());
    well
}

pub fn seeds() -> Vec<Vec<u8>> {
    let run = r#"{"finished":"2026-01-02T03:04:06.000Z","git":{"commit":"c","dirty":false},"host":{"arch":"a","engine":"48","lockflight":"0.1.0","walls":["seccomp"]},"id":"i","manifest":"@0","outcome":"done","pipeline":"p","sources":{"s":{"bytes":1,"digest":"@0","file":"f"}},"stages":[],"started":"2026-01-02T03:04:05.000Z"}"#;
    let model = r#"{"format":1,"steps":[{"gives":{"fields":[{"children":0,"format":"g","metadata":[],"name":"p","nullable":false}],"metadata":[]},"scorer":"@0","state":"@0","takes":{"fields":[{"children":0,"format":"g","metadata":[],"name":"x","nullable":true}],"metadata":[]}}]}"#;
    let table =
        r#"{"kind":"lockflight.table/1","partitions":[],"schema":{"fields":[],"metadata":[]}}"#;
    let version = r#"{"bytes":7,"model":"@1","name":"n","package":"@0","pipeline":"p","run":"i","stage":"s","time":"2026-11-25T00:00:00Z","version":1}"#;
    let move_ =
        r#"{"at":"2026-01-02T03:04:05.678Z","name":"runs/i","previous":null,"target":"@1"}"#;
    [
        format!("\na{BETWEEN}runs/i\n{run}"),
        format!("\na{BETWEEN}\n{model}{BETWEEN}models/n/1\n{version}"),
        format!("\n{table}{BETWEEN}\n{run}{BETWEEN}\n{move_}{BETWEEN}!runs/i\n@2"),
    ]
    .map(String::into_bytes)
    .into()
}
