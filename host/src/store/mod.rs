//! The store, `.lockflight/`: everything lockflight keeps, named by digest. It knows nothing of stages.
//!
//! ```text
//! format             the version of this layout
//! blobs/ab/cdef…     bytes, by their SHA-256                         immutable
//! blocks/ab/cdef…    rows of tables, by their canonical digest       immutable
//! results/ab/cdef…   key of a job -> digest of its result document   created only if absent
//! refs/NAME          name -> digest of its latest move, a blob       replaced
//! locks/             keys that somebody is working on; `use` is held by everybody who uses the store
//! tmp/               files that are being written
//! verified           files found intact                              a cache
//! index.sqlite       answers queries                                 a cache
//! cache/             what commands remember between runs             a cache
//! ```
//! Blobs and blocks are files of mode 0444 that are written under a temporary name, synced and then linked, so a file that has its
//! name is whole. What refers to a file is written after it.

mod backend;
pub mod check;
mod error;
#[cfg(test)]
mod faulty;
pub mod gc;
pub mod index;
mod lock;
mod publication;
pub mod reach;
mod refs;
pub mod remote;
#[cfg(test)]
pub(crate) mod testing;
pub mod timestamp;
mod usage;
mod verified;

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

pub use backend::{Backend, Entry, FORMAT, LocalBackend};
pub use error::StoreError;
pub use lock::KeyLock;
pub use publication::{BlobWriter, Publication, Published};
pub use refs::{BadRefName, Move, RefName};
pub use usage::Alone;

use crate::digest::{Digest, Hasher};
use crate::enforcement::{Point, stands};
use crate::table::block::{self, BlockError};
use crate::table::canonical::Canonical;
use crate::table::doc::{BlockRef, TableDoc};
use error::At;
use remote::Upstream;
use usage::InUse;
use verified::Verified;

/// Blobs up to this many bytes are hashed whenever they are read; larger files once.
const SMALL: u64 = 64 * 1024;

/// The two kinds of immutable files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Bytes, by their SHA-256.
    Blob,
    /// Rows, by their canonical digest.
    Block,
}

impl Kind {
    pub(crate) const ALL: [Kind; 2] = [Kind::Blob, Kind::Block];

    /// What a person calls it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Blob => "blob",
            Kind::Block => "block",
        }
    }

    /// The folder of all its files.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Kind::Blob => "blobs",
            Kind::Block => "blocks",
        }
    }

    /// The name of a file.
    pub(crate) fn name(self, digest: &Digest) -> String {
        sharded(self.folder(), digest)
    }
}

/// The name of a file in a folder that is split by the first two hex digits.
pub(crate) fn sharded(folder: &str, digest: &Digest) -> String {
    let hex = digest.hex();
    format!("{folder}/{}/{}", &hex[..2], &hex[2..])
}

/// A store. Cheap to clone; may be used from several threads and processes at once.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    verified: Arc<Verified>,
    /// Keeps `gc` out, once it was asked for.
    _in_use: Option<Arc<InUse>>,
    /// Where results are looked for that are not here.
    upstream: Option<Arc<Upstream>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.path()).finish()
    }
}

impl Store {
    /// Opens the store in the folder `dir` (the `.lockflight` itself), which is made one if it is missing or empty. A newer
    /// format is refused. A store that cannot be written can be opened and read.
    pub fn open(dir: &Path) -> Result<Store, StoreError> {
        Ok(Store::with_backend(Arc::new(LocalBackend::open(dir)?)))
    }

    /// A store whose files another backend keeps.
    pub fn with_backend(backend: Arc<dyn Backend>) -> Store {
        Store {
            backend,
            verified: Arc::default(),
            _in_use: None,
            upstream: None,
        }
    }

    /// The same store, which takes results from a remote that it does not have.
    #[must_use]
    pub fn with_upstream(self, upstream: Upstream) -> Store {
        Store {
            upstream: Some(Arc::new(upstream)),
            ..self
        }
    }

    /// Where results are looked for that are not here.
    pub fn upstream(&self) -> Option<&Arc<Upstream>> {
        self.upstream.as_ref()
    }

    /// The store's folder.
    pub fn path(&self) -> PathBuf {
        self.backend.path("")
    }

    /// Starts to collect what is published together.
    pub fn begin(&self) -> Publication {
        Publication::new(self.clone())
    }

    /// Stores bytes as a blob of their own.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let mut publication = self.begin();
        let digest = publication.blob(bytes)?;
        publication.commit()?;
        Ok(digest)
    }

    /// Stores a file from its current position to its end as a blob, copying and hashing in one pass. The digest is that of what
    /// was copied, even if the file changed meanwhile.
    pub fn put_blob_file(&self, from: &mut File) -> Result<(Digest, u64), StoreError> {
        let mut publication = self.begin();
        let mut writer = publication.blob_writer()?;
        writer.copy(from)?;
        let stored = writer.finish(&mut publication)?;
        publication.commit()?;
        Ok(stored)
    }

    /// Whether there is a file for the blob (intact or not).
    pub fn has_blob(&self, digest: &Digest) -> Result<bool, StoreError> {
        Ok(self.find(Kind::Blob, digest)?.is_some())
    }

    /// Whether there is a file for the block (intact or not).
    pub fn has_block(&self, digest: &Digest) -> Result<bool, StoreError> {
        Ok(self.find(Kind::Block, digest)?.is_some())
    }

    /// The size of a blob.
    pub fn blob_size(&self, digest: &Digest) -> Result<u64, StoreError> {
        let file = self
            .find(Kind::Blob, digest)?
            .ok_or_else(|| self.missing(Kind::Blob, digest))?;
        let path = self.backend.path(&Kind::Blob.name(digest));
        Ok(file.metadata().at("read", path)?.len())
    }

    /// A blob's bytes.
    pub fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let name = Kind::Blob.name(digest);
        let mut file = self
            .find(Kind::Blob, digest)?
            .ok_or_else(|| self.missing(Kind::Blob, digest))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .at("read", self.backend.path(&name))?;
        match Digest::of(&bytes) {
            found if found == *digest || !stands(Point::StoreDigest) => Ok(bytes),
            found => Err(self.corrupt(Kind::Blob, digest, found.to_string())),
        }
    }

    /// Opens a blob for reading, at its start. A large one is hashed once per file, not each time.
    pub fn open_blob(&self, digest: &Digest) -> Result<File, StoreError> {
        self.open_intact(Kind::Blob, digest)
    }

    /// Opens a block for `table::block::open`. It is decoded and hashed once per file.
    pub fn open_block(&self, block: &BlockRef) -> Result<File, StoreError> {
        self.open_intact(Kind::Block, &block.digest)
    }

    /// As [`Store::open_block`], by the digest alone.
    pub fn open_block_of(&self, digest: &Digest) -> Result<File, StoreError> {
        self.open_intact(Kind::Block, digest)
    }

    /// The length of a file in bytes; 0 if there is none.
    pub(crate) fn size(&self, kind: Kind, digest: &Digest) -> Result<u64, StoreError> {
        match self.find(kind, digest)? {
            Some(file) => {
                let path = self.backend.path(&kind.name(digest));
                Ok(file.metadata().at("read", path)?.len())
            }
            None => Ok(0),
        }
    }

    /// The document of a table.
    pub fn table(&self, digest: &Digest) -> Result<TableDoc, StoreError> {
        self.document(digest, "a table")
    }

    /// Whether there are files for a table's document and for all its blocks (intact or not).
    pub fn has_table(&self, digest: &Digest) -> Result<bool, StoreError> {
        if !self.has_blob(digest)? {
            return Ok(false);
        }
        for block in self.table(digest)?.blocks() {
            if !self.has_block(&block.digest)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A blob that is a JSON document; `expected` says what kind, for the error, e.g. "a table".
    pub fn document<T: serde::de::DeserializeOwned>(
        &self,
        digest: &Digest,
        expected: &'static str,
    ) -> Result<T, StoreError> {
        serde_json::from_slice(&self.blob(digest)?).map_err(|error| StoreError::Document {
            digest: *digest,
            expected,
            problem: error.to_string(),
        })
    }

    /// The digest of the result document that is stored for a job's key.
    pub fn result(&self, key: &Digest) -> Result<Option<Digest>, StoreError> {
        self.pointer(&sharded("results", key))
    }

    /// Reads a file that holds nothing but a digest.
    fn pointer(&self, name: &str) -> Result<Option<Digest>, StoreError> {
        let path = self.backend.path(name);
        let mut text = String::new();
        match self
            .backend
            .open(name)
            .and_then(|mut file| file.read_to_string(&mut text))
        {
            Ok(_) => {}
            // A name below a file, or that of a folder, is not there either.
            Err(error)
                if [
                    io::ErrorKind::NotFound,
                    io::ErrorKind::NotADirectory,
                    io::ErrorKind::IsADirectory,
                ]
                .contains(&error.kind()) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error).at("read", path),
        }
        match Digest::from_str(text.trim_end()) {
            Ok(digest) => Ok(Some(digest)),
            Err(error) => Err(StoreError::Damaged {
                path,
                problem: error.to_string(),
            }),
        }
    }

    fn find(&self, kind: Kind, digest: &Digest) -> Result<Option<File>, StoreError> {
        let name = kind.name(digest);
        match self.backend.open(&name) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).at("read", self.backend.path(&name)),
        }
    }

    fn open_intact(&self, kind: Kind, digest: &Digest) -> Result<File, StoreError> {
        let file = self
            .find(kind, digest)?
            .ok_or_else(|| self.missing(kind, digest))?;
        self.verify(kind, digest, file)
    }

    /// Whether a file is there and intact.
    fn is_intact(&self, kind: Kind, digest: &Digest) -> Result<bool, StoreError> {
        match self.open_intact(kind, digest) {
            Ok(_) => Ok(true),
            Err(StoreError::Missing { .. } | StoreError::Corrupt { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Checks a file against its digest, unless it is known to be intact; the file comes back at its start.
    fn verify(&self, kind: Kind, digest: &Digest, mut file: File) -> Result<File, StoreError> {
        let name = kind.name(digest);
        let metadata = file.metadata().at("read", self.backend.path(&name))?;
        let remember = kind == Kind::Block || metadata.len() > SMALL;
        if remember && self.verified.has(&*self.backend, &name, &metadata) {
            return Ok(file);
        }
        self.hash(kind, digest, &mut file)?;
        if remember {
            self.verified
                .add(&*self.backend, [(name.as_str(), metadata)]);
        }
        Ok(file)
    }

    /// Hashes what a file holds and compares; the file is left at its start.
    fn hash(&self, kind: Kind, digest: &Digest, file: &mut File) -> Result<(), StoreError> {
        let path = || self.backend.path(&kind.name(digest));
        let found = match kind {
            Kind::Blob => {
                let mut hasher = Hasher::new();
                io::copy(file, &mut hasher)
                    .and_then(|_| file.rewind())
                    .at("read", path())?;
                hasher.finish()
            }
            Kind::Block => match block_digest(file) {
                Ok(found) => found,
                Err(BlockError::Io(error)) => return Err(error).at("read", path()),
                Err(error) => return Err(self.corrupt(kind, digest, format!("no rows ({error})"))),
            },
        };
        match found == *digest || !stands(Point::StoreDigest) {
            true => Ok(()),
            false => Err(self.corrupt(kind, digest, found.to_string())),
        }
    }

    fn missing(&self, kind: Kind, digest: &Digest) -> StoreError {
        StoreError::Missing {
            what: kind.word(),
            digest: *digest,
            path: self.backend.path(&kind.name(digest)),
        }
    }

    fn corrupt(&self, kind: Kind, digest: &Digest, found: String) -> StoreError {
        StoreError::Corrupt {
            path: self.backend.path(&kind.name(digest)),
            expected: *digest,
            found,
        }
    }
}

/// The canonical digest of what a block's file holds.
fn block_digest(file: &File) -> Result<Digest, BlockError> {
    let (schema, rows) = block::read(file)?;
    Ok(Canonical::of(&schema, &rows)?.digest())
}

#[cfg(test)]
mod tests;
