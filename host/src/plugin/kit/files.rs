//! The files of a case, read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arrow_schema::FieldRef;
use serde::de::DeserializeOwned;

use super::{KitError, generate};
use crate::digest::Digest;
use crate::store::Store;
use crate::table::import;
use crate::table::schema::TableSchema;

/// What a table's file may end with.
const TABLES: [&str; 3] = ["csv", "arrow", "parquet"];
/// What the file with the types of a table ends with.
const TYPES: &str = ".types.json";

/// The types of columns by name, as formats of Arrow.
pub type Types = BTreeMap<String, String>;

/// What a folder holds, sorted; nothing if there is no folder.
///
/// # Errors
/// When it cannot be read.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>, KitError> {
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

/// The error for a file that cannot be read.
pub fn unread(path: &Path, error: std::io::Error) -> KitError {
    KitError::Read {
        path: path.to_owned(),
        error,
    }
}

/// The error for a file that is not as it should be.
pub fn wrong(path: &Path, problem: impl ToString) -> KitError {
    KitError::Case {
        path: path.to_owned(),
        problem: problem.to_string(),
    }
}

/// A file's name.
pub fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// A file's name without its ending.
pub fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Whether a file is a table, by its ending.
pub fn is_table(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    TABLES.iter().any(|table| ending == *table)
}

/// Whether a file has the types of the table beside it.
pub fn is_types(path: &Path) -> bool {
    name(path).ends_with(TYPES)
}

/// The types that are said of a table in a file beside it.
///
/// # Errors
/// When that cannot be read.
pub fn types_beside(path: &Path) -> Result<Types, KitError> {
    let types = path.with_file_name(format!("{}{TYPES}", stem(path)));
    Ok(json(&types)?.unwrap_or_default())
}

/// A file's JSON, if there is the file.
///
/// # Errors
/// When it cannot be read, or is something else.
pub fn json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, KitError> {
    match text(path)? {
        Some(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| wrong(path, error)),
        None => Ok(None),
    }
}

/// A file's text, if there is the file.
///
/// # Errors
/// When it cannot be read.
pub fn text(path: &Path) -> Result<Option<String>, KitError> {
    match path.is_file() {
        true => fs::read_to_string(path)
            .map(Some)
            .map_err(|error| unread(path, error)),
        false => Ok(None),
    }
}

/// A file's bytes.
///
/// # Errors
/// When it cannot be read.
pub fn bytes(path: &Path) -> Result<Vec<u8>, KitError> {
    fs::read(path).map_err(|error| unread(path, error))
}

/// Columns of these types.
///
/// # Errors
/// When one is no format of a table's column.
pub fn fields(path: &Path, types: &Types) -> Result<Vec<FieldRef>, KitError> {
    if types.is_empty() {
        return Ok(Vec::new());
    }
    let nodes = types
        .iter()
        .flat_map(|(name, format)| generate::nodes(name, format));
    let schema = TableSchema::from_nodes(nodes.collect(), Vec::new());
    let schema = schema.map_err(|error| wrong(path, error))?;
    Ok(schema.fields().to_vec())
}

/// A table's file in the store. The columns of a CSV that are not known are text.
///
/// # Errors
/// When it is no table of such columns.
pub fn table(store: &Store, path: &Path, known: &[FieldRef]) -> Result<Digest, KitError> {
    let mut publication = store.begin();
    let written = import::import(path, known, &[], &mut publication)?;
    publication.commit()?;
    Ok(written.digest)
}
