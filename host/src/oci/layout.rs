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
/// The file that makes a folder a layout.
const MARK: &str = "oci-layout";
const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// A layout.
#[derive(Debug)]
pub struct Layout {
    folder: PathBuf,
    index: Index,
}

impl Layout {
    /// The layout in a folder; none if the folder is empty or missing. One that was begun and never got an index has no tags.
    ///
    /// # Errors
    /// When the folder holds something else, or cannot be read.
    pub fn open(folder: &Path) -> Result<Option<Layout>, LayoutError> {
        let path = folder.join("index.json");
        let index = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| LayoutError::Index {
                problem: format!("this is no index of an OCI image layout: {error}"),
                path,
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if !folder.join(MARK).is_file() {
                    let is_empty =
                        fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
                    return match is_empty {
                        true => Ok(None),
                        false => Err(LayoutError::Occupied(folder.to_owned())),
                    };
                }
                Index::new(Vec::new())
            }
            Err(source) => return Err(LayoutError::Unreadable { path, source }),
        };
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
        if let Some(layout) = Layout::open(folder)? {
            return Ok(layout);
        }
        let blobs = folder.join("blobs").join("sha256");
        fs::create_dir_all(&blobs).map_err(|source| failed(&blobs, source))?;
        put(&folder.join(MARK), &mut LAYOUT.as_bytes())?;
        Ok(Layout {
            folder: folder.to_owned(),
            index: Index::new(Vec::new()),
        })
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_layout_that_was_interrupted_is_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("layout");
        assert!(Layout::open(&path).unwrap().is_none());
        let digest = Digest::of(b"{}");
        let put = |layout: &Layout| layout.put(&digest, &mut b"{}".as_slice()).unwrap();
        put(&Layout::begin(&path).unwrap());
        let again = Layout::begin(&path).unwrap();
        assert!(again.tagged("1").is_none() && again.blob(&digest).unwrap().is_some());
        put(&again);
        let manifest = Descriptor {
            media_type: "a/b".to_owned(),
            digest,
            size: 2,
            annotations: Default::default(),
        };
        again.tag(manifest, "1").unwrap();
        let whole = Layout::open(&path).unwrap().unwrap();
        assert_eq!(whole.tagged("1").unwrap().digest, digest);
    }

    #[test]
    fn a_folder_with_something_else_is_no_layout() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mine.txt"), "").unwrap();
        for opened in [
            Layout::open(folder.path()).map(drop),
            Layout::begin(folder.path()).map(drop),
        ] {
            assert!(matches!(opened, Err(LayoutError::Occupied(_))));
        }
    }
}
