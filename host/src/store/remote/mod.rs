//! Remotes: a store that several machines share. Its files have the names that they have in a local store; what keeps them, a folder
//! now and an object store later, is behind [`Remote`]. Nothing that comes from a remote is believed: every byte is held against its
//! digest before it is used.

mod error;
#[cfg(test)]
pub(crate) mod faulty;
mod fetch;
mod folder;
#[cfg(test)]
mod tests;
mod upstream;

use std::fmt;
use std::io::{self, Read};

pub use error::RemoteError;
pub use fetch::{Far, Fetch};
pub use folder::FolderRemote;
pub use upstream::Upstream;

use super::reach::MAX_DOCUMENT;
use super::{Kind, Move, RefName, sharded};
use crate::digest::Digest;
use crate::enforcement::{Point, stands};
use error::Named;

/// What keeps a remote's files. Names are those of a local store, with `/` between folders.
pub trait Remote: Send + Sync + fmt::Debug {
    /// What messages call it.
    fn place(&self) -> String;

    /// Says that files will be written: what is there stays there as long as this lives.
    ///
    /// # Errors
    /// When nothing can be written.
    fn begin(&self) -> io::Result<()>;

    /// Opens a file at its start; none if there is none of that name.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&self, name: &str) -> io::Result<Option<Box<dyn Read + Send>>>;

    /// Whether there is a file of that name.
    ///
    /// # Errors
    /// When that cannot be found out.
    fn has(&self, name: &str) -> io::Result<bool>;

    /// Writes a file whole, unless the name is taken: then false.
    ///
    /// # Errors
    /// When it cannot be written; nothing has the name then.
    fn put(&self, name: &str, from: &mut dyn Read) -> io::Result<bool>;

    /// The names of all files below a folder, sorted; none if there is no such folder.
    ///
    /// # Errors
    /// When the folder cannot be read.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Writes a small file in place of the one that is there, if that holds `from` (none: if there is none); else false.
    ///
    /// # Errors
    /// When it cannot be written; it is as it was then.
    fn swap(&self, name: &str, from: Option<&[u8]>, to: &[u8]) -> io::Result<bool>;
}

/// What a file that holds nothing but a digest holds.
pub(crate) fn pointer_text(target: &Digest) -> String {
    format!("{target}\n")
}

impl dyn Remote + '_ {
    /// Says that files will be written.
    ///
    /// # Errors
    /// When nothing can be written.
    pub fn begin_writing(&self) -> Result<(), RemoteError> {
        self.begin().named("write", self, "to it")
    }

    /// The bytes of a small file.
    fn small(&self, name: &str) -> Result<Option<Vec<u8>>, RemoteError> {
        let Some(file) = self.read(name).named("read", self, name)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let read = file.take(MAX_DOCUMENT).read_to_end(&mut bytes);
        read.named("read", self, name)?;
        Ok(Some(bytes))
    }

    /// What a file that holds nothing but a digest holds.
    fn pointer(&self, name: &str) -> Result<Option<Digest>, RemoteError> {
        let Some(bytes) = self.small(name)? else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&bytes);
        match text.trim_end().parse() {
            Ok(digest) => Ok(Some(digest)),
            Err(_) => Err(RemoteError::Damaged {
                place: self.place(),
                name: name.to_owned(),
                problem: "it holds no digest".to_owned(),
            }),
        }
    }

    /// The digest of the result document of a job.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn result(&self, key: &Digest) -> Result<Option<Digest>, RemoteError> {
        self.pointer(&sharded("results", key))
    }

    /// Gives a job its result, unless it has one already: then that.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_result(&self, key: &Digest, result: &Digest) -> Result<Option<Digest>, RemoteError> {
        let name = sharded("results", key);
        let text = pointer_text(result);
        match self
            .put(&name, &mut text.as_bytes())
            .named("write", self, &name)?
        {
            true => Ok(None),
            false => self.pointer(&name),
        }
    }

    /// A document or another blob that is not large, held against its digest; none if it is not there.
    ///
    /// # Errors
    /// When it cannot be read, or is another one.
    pub fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, RemoteError> {
        let name = Kind::Blob.name(digest);
        let Some(bytes) = self.small(&name)? else {
            return Ok(None);
        };
        match Digest::of(&bytes) {
            found if found == *digest || !stands(Point::RemoteDigest) => Ok(Some(bytes)),
            found => Err(RemoteError::Lies {
                place: self.place(),
                name,
                expected: *digest,
                found: found.to_string(),
            }),
        }
    }

    /// Writes bytes as a blob.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Digest, RemoteError> {
        let digest = Digest::of(bytes);
        let name = Kind::Blob.name(&digest);
        self.put(&name, &mut &*bytes).named("write", self, &name)?;
        Ok(digest)
    }

    /// Writes a local file under a name; false if it is there already.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_file(&self, name: &str, file: &mut dyn Read) -> Result<bool, RemoteError> {
        self.put(name, file).named("write", self, name)
    }

    /// Whether there is a file of that name.
    ///
    /// # Errors
    /// When that cannot be found out.
    pub fn holds(&self, name: &str) -> Result<bool, RemoteError> {
        self.has(name).named("look for", self, name)
    }

    /// Whether there is a blob of that digest.
    ///
    /// # Errors
    /// When that cannot be found out.
    pub fn holds_blob(&self, digest: &Digest) -> Result<bool, RemoteError> {
        self.holds(&Kind::Blob.name(digest))
    }

    /// The names of refs below a folder such as `runs`, sorted; of all refs for "".
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn refs(&self, folder: &str) -> Result<Vec<RefName>, RemoteError> {
        let below = format!("refs/{folder}");
        let below = below.trim_end_matches('/');
        let names = self.list(below).named("list", self, below)?;
        let names = names.iter().filter_map(|name| name.strip_prefix("refs/"));
        Ok(names.filter_map(|name| name.parse().ok()).collect())
    }

    /// The record of a ref's latest move.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn ref_head(&self, name: &RefName) -> Result<Option<Digest>, RemoteError> {
        self.pointer(&name.file())
    }

    /// Moves a ref to another record of a move, if `from` is still its latest one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn move_ref(
        &self,
        name: &RefName,
        from: Option<&Digest>,
        to: &Digest,
    ) -> Result<bool, RemoteError> {
        let file = name.file();
        let from = from.map(pointer_text);
        let from = from.as_deref().map(str::as_bytes);
        let swapped = self.swap(&file, from, pointer_text(to).as_bytes());
        swapped.named("write", self, &file)
    }

    /// One move of a ref.
    ///
    /// # Errors
    /// When it is not there or is none.
    pub fn movement(&self, record: &Digest) -> Result<Move, RemoteError> {
        let name = Kind::Blob.name(record);
        let bytes = self.blob(record)?.ok_or_else(|| RemoteError::Missing {
            place: self.place(),
            name: name.clone(),
        })?;
        serde_json::from_slice(&bytes).map_err(|error| RemoteError::Damaged {
            place: self.place(),
            name,
            problem: format!("it is no move of a ref: {error}"),
        })
    }
}
