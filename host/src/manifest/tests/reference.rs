//! The reference manifest is whole, and no key is accepted and ignored.

use toml::Table;

use super::{facts, folder, load};
use crate::manifest::authored::{
    DEPLOY_KEYS, HEADER_KEYS, INGEST_KEYS, MONITOR_KEYS, PACKAGE_KEYS, PIPELINE_KEYS, PLUGIN_KEYS,
    REPLAY_KEYS, SCORE_KEYS, SOURCE_KEYS, SOURCE_LIMIT_KEYS, STORE_KEYS, TRAIN_KEYS, VALIDATE_KEYS,
};
use crate::manifest::{Limit, REFERENCE};

/// The keys of a plugin, which has a path or is in a registry.
const PATH_KEYS: &[&str] = &["path"];
const OCI_KEYS: &[&str] = &["oci"];

/// The keys of a source, which has a file or a URL.
const FILE_KEYS: &[&str] = &["file"];
const URL_KEYS: &[&str] = &["url", "secret", "headers", "sha256", "limits"];

/// Where each set of keys stands in the reference manifest.
const TABLES: [(&[&str], &[&str]); 19] = [
    (&["pipeline"], PIPELINE_KEYS),
    (&["pipeline", "limits"], Limit::KEYS),
    (&["store"], STORE_KEYS),
    (&["plugins", "csv"], PATH_KEYS),
    (&["plugins", "drift"], OCI_KEYS),
    (&["source", "sightings"], FILE_KEYS),
    (&["source", "tides"], URL_KEYS),
    (&["source", "tides", "headers", "X-Api-Key"], HEADER_KEYS),
    (&["source", "tides", "limits"], SOURCE_LIMIT_KEYS),
    (&["ingest", "raw"], INGEST_KEYS),
    (&["ingest", "raw", "limits"], Limit::KEYS),
    (&["validate", "clean"], VALIDATE_KEYS),
    (&["train", "weight"], TRAIN_KEYS),
    (&["score", "weighed"], SCORE_KEYS),
    (&["package", "release"], PACKAGE_KEYS),
    (&["deploy", "scales"], DEPLOY_KEYS),
    (&["monitor", "drift"], MONITOR_KEYS),
    (&["monitor", "drift", "replay"], REPLAY_KEYS),
    (
        &[],
        &[
            "pipeline", "store", "plugins", "source", "ingest", "validate", "train", "score",
            "package", "deploy", "monitor",
        ],
    ),
];

fn table<'a>(root: &'a mut Table, path: &[&str]) -> &'a mut Table {
    path.iter()
        .fold(root, |table, part| table[*part].as_table_mut().unwrap())
}

#[test]
fn it_has_no_problem_and_every_key() {
    let folder = folder();
    let (resolved, warnings) =
        load(folder.path(), REFERENCE).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(
        facts(&resolved)["stages"]["clean"]["config"],
        serde_json::json!({"quarantine": true})
    );
    assert_eq!([PATH_KEYS, OCI_KEYS].concat(), PLUGIN_KEYS);
    assert_eq!([FILE_KEYS, URL_KEYS].concat(), SOURCE_KEYS);
    let mut root: Table = REFERENCE.parse().unwrap();
    for (path, keys) in TABLES {
        // `files` stands under validate, whose keys are those of ingest and `gate`.
        let missing = |key: &&&str| !(path == ["ingest", "raw"] && **key == "files");
        let table = table(&mut root, path);
        // All limits stand in [pipeline]; a stage's are read in the same way.
        if path == ["ingest", "raw", "limits"] {
            continue;
        }
        for key in keys.iter().filter(missing) {
            assert!(table.contains_key(*key), "{path:?} lacks {key}");
        }
    }
}

/// A key that is read refuses a value no key can have; one that is accepted and ignored would not.
#[test]
fn every_key_is_read() {
    let folder = folder();
    for (path, keys) in TABLES {
        for key in keys {
            let mut root: Table = REFERENCE.parse().unwrap();
            let nonsense = vec![toml::Value::Array(Vec::new())];
            table(&mut root, path).insert((*key).to_owned(), nonsense.into());
            let problems = load(folder.path(), &root.to_string()).unwrap_err();
            let told = |problem: &crate::diagnostic::Problem| {
                problem.code == "wrong-type" && problem.message.contains(key)
            };
            assert!(problems.iter().any(told), "{path:?} {key}: {problems}");
        }
    }
}
