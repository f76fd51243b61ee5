//! Fetching from a remote: files are written beside the local store's under temporary names, held against their digests, and
//! published together once all of them are right.

use std::io::{self, Read, Seek};
use std::sync::Arc;

use super::{Remote, RemoteError, error::Named};
use crate::digest::{Digest, Hasher};
use crate::enforcement::{Point, stands};
use crate::store::reach::{Look, Origin, look_at};
use crate::store::{Kind, Publication, Store, block_digest};
use crate::table::doc::TableDoc;

/// Bytes copied at a time.
const CHUNK: usize = 256 * 1024;

/// Asked after every piece whether anybody still waits.
pub(super) type Pulse = Arc<dyn Fn() -> bool + Send + Sync>;

/// What is being fetched for one store.
pub struct Fetch {
    remote: Arc<dyn Remote>,
    store: Store,
    publication: Publication,
    pulse: Pulse,
    bytes: u64,
    files: u64,
}

impl Fetch {
    /// Nothing yet.
    pub fn new(remote: Arc<dyn Remote>, store: Store) -> Fetch {
        Fetch::watched(remote, store, Arc::new(|| true))
    }

    pub(super) fn watched(remote: Arc<dyn Remote>, store: Store, pulse: Pulse) -> Fetch {
        Fetch {
            publication: store.begin(),
            remote,
            store,
            pulse,
            bytes: 0,
            files: 0,
        }
    }

    /// The remote.
    pub fn remote(&self) -> &dyn Remote {
        &*self.remote
    }

    /// Files and bytes that came so far.
    pub fn amount(&self) -> (u64, u64) {
        (self.files, self.bytes)
    }

    /// What came, to be published.
    pub fn finish(self) -> Publication {
        self.publication
    }

    /// Publishes what came, and starts anew.
    ///
    /// # Errors
    /// When the local store fails.
    pub fn publish(&mut self) -> Result<(), RemoteError> {
        let fresh = self.store.begin();
        Ok(std::mem::replace(&mut self.publication, fresh).commit()?)
    }

    /// A document, which is fetched with its bytes.
    ///
    /// # Errors
    /// When it is not there, or is another one.
    pub fn document(&mut self, digest: &Digest) -> Result<Vec<u8>, RemoteError> {
        self.beat()?;
        let bytes = self
            .remote
            .blob(digest)?
            .ok_or_else(|| self.missing(&Kind::Blob.name(digest)))?;
        self.publication.blob(&bytes)?;
        self.files += 1;
        self.bytes += bytes.len() as u64;
        Ok(bytes)
    }

    /// A table: its blocks, then its document.
    ///
    /// # Errors
    /// When a part is not there, or is another one.
    pub fn table(&mut self, digest: &Digest) -> Result<(), RemoteError> {
        if self.store.has_table(digest)? {
            return Ok(());
        }
        let name = Kind::Blob.name(digest);
        let bytes = self
            .remote
            .blob(digest)?
            .ok_or_else(|| self.missing(&name))?;
        let table: TableDoc =
            serde_json::from_slice(&bytes).map_err(|error| RemoteError::Damaged {
                place: self.remote.place(),
                name,
                problem: format!("it is no table: {error}"),
            })?;
        for block in table.blocks() {
            self.block(&block.digest)?;
        }
        self.blob(digest)
    }

    /// A blob.
    ///
    /// # Errors
    /// When it is not there, or is another one.
    pub fn blob(&mut self, digest: &Digest) -> Result<(), RemoteError> {
        self.file(Kind::Blob, digest)
    }

    /// A block of a table.
    ///
    /// # Errors
    /// When it is not there, or is another one.
    pub fn block(&mut self, digest: &Digest) -> Result<(), RemoteError> {
        self.file(Kind::Block, digest)
    }

    fn file(&mut self, kind: Kind, digest: &Digest) -> Result<(), RemoteError> {
        self.beat()?;
        let Some(slot) = self.publication.slot(kind, digest)? else {
            return Ok(());
        };
        let name = kind.name(digest);
        let mut from = self
            .remote
            .read(&name)
            .named("read", &*self.remote, &name)?
            .ok_or_else(|| self.missing(&name))?;
        let mut file = self.store.create()?;
        let mut hasher = Hasher::new();
        let mut chunk = vec![0; CHUNK];
        let mut len = 0;
        loop {
            let read = match from.read(&mut chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.named("read", &*self.remote, &name)?,
            };
            if read == 0 {
                break;
            }
            self.store.write(&mut file, &chunk[..read])?;
            hasher.update(&chunk[..read]);
            len += read as u64;
            self.beat()?;
        }
        let found = match kind {
            Kind::Blob => Ok(hasher.finish()),
            Kind::Block => {
                let rewound = file.as_file_mut().rewind();
                rewound.named("read", &*self.remote, &name)?;
                block_digest(file.as_file()).map_err(|error| format!("no rows ({error})"))
            }
        };
        if found != Ok(*digest) && stands(Point::RemoteDigest) {
            return Err(RemoteError::Lies {
                place: self.remote.place(),
                name,
                expected: *digest,
                found: found.map_or_else(|why| why, |found| found.to_string()),
            });
        }
        self.publication.add(slot, file);
        self.files += 1;
        self.bytes += len;
        Ok(())
    }

    fn missing(&self, name: &str) -> RemoteError {
        RemoteError::Missing {
            place: self.remote.place(),
            name: name.to_owned(),
        }
    }

    fn beat(&self) -> Result<(), RemoteError> {
        match (self.pulse)() {
            true => Ok(()),
            false => Err(RemoteError::TooLate {
                place: self.remote.place(),
            }),
        }
    }
}

/// Documents up to so many bytes belong to records; what is longer comes when it is needed.
const LIGHT_DOCUMENT: u64 = 4 << 20;
/// As [`LIGHT_DOCUMENT`], for blobs that are no documents: manifests, notes, small states.
const LIGHT_BLOB: u64 = 64 * 1024;

/// Looks things up in a remote; what the local store has is taken from there.
pub struct Far<'r> {
    /// The remote.
    pub remote: &'r dyn Remote,
    /// The local store.
    pub store: &'r Store,
    /// Whether tables and large blobs are left out, and the results of jobs, which are of no use without them.
    pub light: bool,
}

impl Origin for Far<'_> {
    type Error = RemoteError;

    fn look(&mut self, blob: &Digest) -> Result<Look, RemoteError> {
        let name = Kind::Blob.name(blob);
        if let Some(file) = self.store.find(Kind::Blob, blob)? {
            let look = look_at(file).named("read the local copy of", self.remote, &name)?;
            return Ok(self.wanted(look));
        }
        let read = || self.remote.read(&name).named("read", self.remote, &name);
        let Some(file) = read()? else {
            return Ok(Look::Absent);
        };
        match look_at(file).named("read", self.remote, &name)? {
            Look::Document(bytes) if Digest::of(&bytes) != *blob && stands(Point::RemoteDigest) => {
                Err(RemoteError::Lies {
                    place: self.remote.place(),
                    name,
                    expected: *blob,
                    found: Digest::of(&bytes).to_string(),
                })
            }
            Look::Leaf if self.light => {
                let small = read()?.map(|file| {
                    let mut file = file.take(LIGHT_BLOB + 1);
                    io::copy(&mut file, &mut io::sink())
                });
                let len = small.transpose().named("read", self.remote, &name)?;
                match len.is_some_and(|len| len <= LIGHT_BLOB) {
                    true => Ok(Look::Leaf),
                    false => Ok(Look::Absent),
                }
            }
            look => Ok(self.wanted(look)),
        }
    }

    fn result(&mut self, key: &Digest) -> Result<Option<Digest>, RemoteError> {
        match self.light {
            true => Ok(None),
            false => self.remote.result(key),
        }
    }
}

impl Far<'_> {
    fn wanted(&self, look: Look) -> Look {
        let heavy = |bytes: &[u8]| {
            bytes.len() as u64 > LIGHT_DOCUMENT || crate::store::reach::is_table(bytes)
        };
        match &look {
            Look::Document(bytes) if self.light && heavy(bytes) => Look::Absent,
            _ => look,
        }
    }
}
