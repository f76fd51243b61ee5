//! An OCI image layout on disk (image-spec 1.1): blobs by digest, and an index whose entries have tags.
//!
//! Files are put in place whole, the index last, so that what is interrupted leaves a sound layout.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::{
    index::{Entry, Index},
    manifest::Descriptor,
};
use crate::{digest::Digest, new_file, store::StoreError};

/// Why a layout was not read or written.
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
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
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

/// A layout.
#[derive(Debug)]
pub struct Layout {
    folder: PathBuf,
    index: Index,
}

impl Layout {
    /// The layout in a folder; none if the folder is empty or missing.
    ///
    /// # Errors
    /// When the folder holds something else, or cannot be read.
    pub fn open(folder: &Path) -> Result<Option<Layout>, LayoutError> {
        let path = folder.join("index.json");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let occupied =
                    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
                return match occupied {
                    true => Err(LayoutError::Occupied(folder.to_owned())),
                    false => Ok(None),
                };
            }
            Err(source) => return Err(LayoutError::Unreadable { path, source }),
        };
        let index = serde_json::from_slice(&text).map_err(|error| LayoutError::Index {
            problem: format!("this is no index of an OCI image layout: {error}"),
            path,
        })?;
        Ok(Some(Layout {
            folder: folder.to_owned(),
            index,
        }))
    }

    /// The layout in a folder, which is made if there is none.
    ///
    /// # Errors
    /// As [`Layout::open`], and when the folder cannot be written to.
    pub fn begin(folder: &Path) -> Result<Layout, LayoutError> {
        let layout = Layout::open(folder)?.unwrap_or_else(|| Layout {
            folder: folder.to_owned(),
            index: Index::new(Vec::new()),
        });
        let blobs = folder.join("blobs").join("sha256");
        fs::create_dir_all(&blobs).map_err(|source| failed(&blobs, source))?;
        put(&folder.join("oci-layout"), &mut LAYOUT.as_bytes())?;
        Ok(layout)
    }

    /// What has a tag.
    pub fn tagged(&self, tag: &str) -> Option<&Descriptor> {
        let mut manifests = self.index.manifests.iter().map(|entry| &entry.manifest);
        manifests.find(|manifest| manifest.annotation(TAG) == Some(tag))
    }

    /// A blob; none if it is not there. Whether the bytes are those of the digest is for the reader to see.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn blob(&self, digest: &Digest) -> Result<Option<File>, LayoutError> {
        let path = self.path(digest);
        match File::open(&path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LayoutError::Unreadable { path, source }),
        }
    }

    /// Writes a blob, if it is not there.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn put(&self, digest: &Digest, content: &mut dyn Read) -> Result<(), LayoutError> {
        let path = self.path(digest);
        match path.exists() {
            true => Ok(()),
            false => put(&path, content),
        }
    }

    /// Gives a manifest among the blobs a tag; one that is there moves.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn tag(mut self, mut manifest: Descriptor, tag: &str) -> Result<(), LayoutError> {
        manifest.annotations.insert(TAG.to_owned(), tag.to_owned());
        let manifests = &mut self.index.manifests;
        manifests.retain(|other| other.manifest.annotation(TAG) != Some(tag));
        manifests.push(Entry::from(manifest));
        let path = self.folder.join("index.json");
        let text = self.index.to_json().map_err(|error| LayoutError::Index {
            path: path.clone(),
            problem: error.to_string(),
        })?;
        put(&path, &mut text.as_bytes())
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join("blobs").join("sha256").join(digest.hex())
    }
}

/// Puts a file in place, whole and on the disk.
fn put(path: &Path, content: &mut dyn Read) -> Result<(), LayoutError> {
    written(path, content).map_err(|source| failed(path, source))
}

fn written(path: &Path, content: &mut dyn Read) -> io::Result<()> {
    let mut file = new_file::begin(path)?;
    io::copy(content, &mut file)?;
    file.flush()?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn failed(path: &Path, source: io::Error) -> LayoutError {
    LayoutError::Io {
        path: path.to_owned(),
        source,
    }
}
