//! A plugin's own cases: folders with a config, inputs, and what is expected.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::KitError;
use super::bench::Setup;
use crate::job::InputDigest;
use crate::store::Store;
use crate::table::schema::TableSchema;
use crate::table::{FieldNode, import};
use crate::world::World;

/// The input that `input.csv` stands for, and the output that `output.csv` stands for.
const TABLE: &str = "table";
/// What a table's file may end with.
const TABLES: [&str; 3] = ["csv", "arrow", "parquet"];

/// A case.
#[derive(Debug)]
pub struct Case {
    /// The folder's name.
    pub name: String,
    /// Config and inputs.
    pub setup: Setup,
    /// Part of the message of a problem or failure that is expected.
    pub problem: Option<String>,
    /// The findings that are expected; of each only what the file names.
    pub findings: Option<Vec<Value>>,
    /// The outputs that are expected, by name: a file of a table.
    pub outputs: BTreeMap<String, PathBuf>,
}

/// Reads the cases of a world: the folders with a `config.json`, in the order of their names. A folder `WORLD-…` is for that world
/// alone, any other for the plugin's `first`.
///
/// # Errors
/// When a folder cannot be read, or is no case.
pub fn read(
    store: &Store,
    folder: &Path,
    world: World,
    first: bool,
) -> Result<Vec<Case>, KitError> {
    let mut cases = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() && path.join("config.json").is_file() && is_for(&name(&path), world, first)
        {
            cases.push(case(store, &path)?);
        }
    }
    Ok(cases)
}

fn is_for(name: &str, world: World, first: bool) -> bool {
    let named = World::ALL
        .into_iter()
        .find(|world| name.starts_with(&format!("{world}-")));
    named.map_or(first, |named| named == world)
}

/// What a folder holds, sorted; nothing if there is no folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, KitError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let unread = |error| unread(folder, error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unread)? {
        paths.push(entry.map_err(unread)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn unread(path: &Path, error: std::io::Error) -> KitError {
    KitError::Read {
        path: path.to_owned(),
        error,
    }
}

fn wrong(path: &Path, problem: impl ToString) -> KitError {
    KitError::Case {
        path: path.to_owned(),
        problem: problem.to_string(),
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn is_table(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    TABLES.iter().any(|table| ending == *table)
}

fn json_file<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, KitError> {
    match text_file(path)? {
        Some(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| wrong(path, error)),
        None => Ok(None),
    }
}

fn text_file(path: &Path) -> Result<Option<String>, KitError> {
    match path.is_file() {
        true => fs::read_to_string(path)
            .map(Some)
            .map_err(|error| unread(path, error)),
        false => Ok(None),
    }
}

fn case(store: &Store, folder: &Path) -> Result<Case, KitError> {
    let config: Value = json_file(&folder.join("config.json"))?.unwrap_or(json!({}));
    if !config.is_object() {
        return Err(wrong(&folder.join("config.json"), "a config is an object"));
    }
    let types = json_file(&folder.join("types.json"))?.unwrap_or_default();
    let mut inputs = BTreeMap::new();
    let mut outputs = BTreeMap::new();
    for path in entries(folder)? {
        match stem(&path).as_str() {
            "input" if is_table(&path) => {
                inputs.insert(TABLE.to_owned(), table(store, &path, &types)?);
            }
            "output" if is_table(&path) => {
                outputs.insert(TABLE.to_owned(), path);
            }
            _ => {}
        }
    }
    for path in entries(&folder.join("inputs"))? {
        if !is_table(&path) {
            return Err(wrong(
                &path,
                "a table is .csv, .arrow or .parquet; other files go into `files/`",
            ));
        }
        inputs.insert(stem(&path), table(store, &path, &types)?);
    }
    for path in entries(&folder.join("files"))? {
        let bytes = fs::read(&path).map_err(|error| unread(&path, error))?;
        inputs.insert(stem(&path), InputDigest::Blob(store.put_blob(&bytes)?));
    }
    for path in entries(&folder.join("outputs"))? {
        outputs.insert(stem(&path), path);
    }
    let case = Case {
        name: name(folder),
        setup: Setup {
            config,
            inputs,
            from: format!("the case {}", name(folder)),
        },
        problem: text_file(&folder.join("problem.txt"))?.map(|text| text.trim().to_owned()),
        findings: json_file(&folder.join("findings.json"))?,
        outputs,
    };
    if case.problem.is_none() && case.findings.is_none() && case.outputs.is_empty() {
        return Err(wrong(
            folder,
            "nothing is expected: add output.csv, outputs/NAME.csv, findings.json or problem.txt",
        ));
    }
    if case.problem.as_ref().is_some_and(String::is_empty) {
        return Err(wrong(
            &folder.join("problem.txt"),
            "it is empty, and so would be in any message",
        ));
    }
    Ok(case)
}

/// A table's file in the store. Columns of a CSV that have no type are text.
fn table(
    store: &Store,
    path: &Path,
    types: &BTreeMap<String, String>,
) -> Result<InputDigest, KitError> {
    let node = |(name, format): (&str, &str)| FieldNode {
        name: name.to_owned(),
        format: format.to_owned(),
        nullable: true,
        children: 0,
        metadata: Vec::new(),
    };
    let present = header(path)?;
    let mut known: Vec<_> = types
        .iter()
        .filter(|(name, _)| present.as_ref().is_none_or(|header| header.contains(name)))
        .map(|(name, format)| node((name, format)))
        .collect();
    if known.is_empty() {
        // What is known has to have a column: the first one, as the text that it would be anyway.
        known.extend(
            present
                .iter()
                .flatten()
                .take(1)
                .map(|name| node((name, "u"))),
        );
    }
    if known.is_empty() {
        return Err(wrong(
            path,
            "without types.json only a CSV with a header can be read",
        ));
    }
    let known = TableSchema::from_nodes(known, Vec::new()).map_err(|error| wrong(path, error))?;
    let mut publication = store.begin();
    let written =
        import::import(path, &known, &[], &mut publication).map_err(|error| wrong(path, error))?;
    publication.commit()?;
    Ok(InputDigest::Table(written.digest))
}

/// The columns that a CSV names, if it is one.
fn header(path: &Path) -> Result<Option<Vec<String>>, KitError> {
    if path.extension().is_none_or(|ending| ending != "csv") {
        return Ok(None);
    }
    let text = text_file(path)?.unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let names = line
        .split(',')
        .map(|name| name.trim().trim_matches('"').to_owned());
    Ok(Some(names.collect()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::testing::store;

    fn written(files: &[(&str, &str)]) -> (tempfile::TempDir, Store) {
        let (dir, store) = store();
        for (file, text) in files {
            let path = dir.path().join("tests").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        (dir, store)
    }

    #[test]
    fn a_case_has_inputs_files_and_what_is_expected() {
        let (dir, store) = written(&[
            ("a/config.json", "{\"x\": 1}"),
            ("a/types.json", "{\"n\": \"l\"}"),
            ("a/input.csv", "n,t\n1,a\n"),
            ("a/inputs/other.csv", "t\nb\n"),
            ("a/files/contract.toml", "x"),
            ("a/findings.json", "[]"),
            ("train-b/config.json", "{}"),
            ("train-b/problem.txt", " no\n"),
            ("cases/other.txt", "no case"),
        ]);
        let tests = dir.path().join("tests");
        let cases = read(&store, &tests, World::Validate, true).unwrap();
        assert_eq!(cases.len(), 1);
        let names: Vec<_> = cases[0].setup.inputs.keys().collect();
        assert_eq!(names, ["contract", "other", "table"]);
        let table = store
            .table(cases[0].setup.inputs["table"].digest())
            .unwrap();
        let types: Vec<_> = table
            .schema()
            .to_nodes()
            .into_iter()
            .map(|node| node.format)
            .collect();
        assert_eq!(types, ["l", "u"]);
        let cases = read(&store, &tests, World::Train, false).unwrap();
        assert_eq!(cases[0].problem.as_deref(), Some("no"));
    }

    #[test]
    fn a_case_that_expects_nothing_is_refused() {
        let (dir, store) = written(&[("a/config.json", "{}")]);
        let error = read(&store, &dir.path().join("tests"), World::Ingest, true).unwrap_err();
        assert!(error.to_string().contains("nothing is expected"), "{error}");
    }
}
