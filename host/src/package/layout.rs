//! A package as an OCI image layout on disk (image-spec 1.1), which skopeo, oras and crane read and copy to registries.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    Contents,
    oci::{Descriptor, MANIFEST_TYPE},
};
use crate::{
    canonical_json,
    digest::Digest,
    new_file,
    store::{Store, StoreError},
};

/// Why a layout was not written.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// The folder has something in it that is no image layout.
    #[error("{} is not empty and is no OCI image layout; name a new folder", .0.display())]
    Occupied(PathBuf),
    /// The index of a layout that is there cannot be read.
    #[error("{}: {problem}", path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The annotation of a tag.
const TAG: &str = "org.opencontainers.image.ref.name";
const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// `index.json`. What other tools wrote into it and is not looked at here stays.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u32,
    manifests: Vec<Descriptor>,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

/// Writes a package into a folder, under a tag. Other packages of a layout that is there already stay; a tag that is there moves.
/// Files are put in place whole, the index last, so that what is interrupted leaves a sound layout.
///
/// # Errors
/// When the folder holds something else, or a file cannot be read or written.
pub fn export(
    store: &Store,
    package: &Contents,
    tag: &str,
    folder: &Path,
) -> Result<(), LayoutError> {
    let mut index = index(folder)?;
    let blobs = folder.join("blobs").join("sha256");
    fs::create_dir_all(&blobs).map_err(|source| failed(&blobs, source))?;
    put(&folder.join("oci-layout"), LAYOUT.as_bytes())?;
    let manifest = &package.manifest;
    let parts = manifest.layers.iter().chain([&manifest.config]);
    for digest in parts.map(|part| part.digest).chain([package.digest]) {
        copy(store, &digest, &blobs.join(digest.hex()))?;
    }
    let entry = Descriptor {
        media_type: MANIFEST_TYPE.to_owned(),
        digest: package.digest,
        size: manifest.to_json().len() as u64,
        annotations: BTreeMap::from([(TAG.to_owned(), tag.to_owned())]),
    };
    index
        .manifests
        .retain(|other| other.annotation(TAG) != Some(tag));
    index.manifests.push(entry);
    let text = canonical_json::to_string(&index).expect("texts and whole numbers are JSON");
    put(&folder.join("index.json"), text.as_bytes())
}

/// The index that is there, or an empty one for a folder that is empty or missing.
fn index(folder: &Path) -> Result<Index, LayoutError> {
    let path = folder.join("index.json");
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let occupied = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
            return match occupied {
                true => Err(LayoutError::Occupied(folder.to_owned())),
                false => Ok(Index {
                    schema_version: 2,
                    manifests: Vec::new(),
                    rest: BTreeMap::new(),
                }),
            };
        }
        Err(source) => return Err(failed(&path, source)),
    };
    serde_json::from_slice(&text).map_err(|error| LayoutError::Index {
        problem: format!("this is no index of an OCI image layout: {error}"),
        path,
    })
}

fn copy(store: &Store, digest: &Digest, path: &Path) -> Result<(), LayoutError> {
    if path.exists() {
        return Ok(());
    }
    let mut from = store.open_blob(digest)?;
    let mut to = temporary(path)?;
    io::copy(&mut from, &mut to).map_err(|source| failed(path, source))?;
    persist(to, path)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), LayoutError> {
    let mut to = temporary(path)?;
    to.write_all(bytes).map_err(|source| failed(path, source))?;
    persist(to, path)
}

fn temporary(path: &Path) -> Result<tempfile::NamedTempFile<File>, LayoutError> {
    let file = new_file::begin(path);
    file.map_err(|source| failed(path, source))
}

fn persist(file: tempfile::NamedTempFile<File>, path: &Path) -> Result<(), LayoutError> {
    let synced = file.as_file().sync_all();
    synced.map_err(|source| failed(path, source))?;
    file.persist(path)
        .map(drop)
        .map_err(|error| failed(path, error.error))
}

fn failed(path: &Path, source: io::Error) -> LayoutError {
    LayoutError::Io {
        path: path.to_owned(),
        source,
    }
}
