//! Publishing: files are collected under temporary names and appear together.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::Serialize;
use tempfile::{NamedTempFile, TempPath};

use super::error::{At, StoreError};
use super::{Kind, Store, sharded};
use crate::canonical_json;
use crate::digest::{Digest, Hasher};
use crate::table::block;
use crate::table::canonical::Canonical;
use crate::table::doc::{BlockRef, TableDoc};

/// Bytes copied at a time.
const CHUNK: usize = 256 * 1024;
/// Files that are synced at once: a file system writes its journal for all of them together.
const SYNC_THREADS: usize = 8;

/// How a result was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// It was not in the store.
    New,
    /// It was there already.
    Same,
}

/// New files that are published together: none has its name before `commit`. Dropping it removes them.
#[derive(Debug)]
#[must_use = "nothing is stored before `commit`"]
pub struct Publication {
    store: Store,
    /// In the order in which they were added, and get their names: what refers to others comes after them.
    pending: Vec<Pending>,
    names: HashSet<String>,
}

/// A file that waits for its name.
#[derive(Debug)]
struct Pending {
    file: TempPath,
    name: String,
    /// Whether a corrupt file has the name.
    replaces: bool,
    /// Whether it is large enough to be remembered as intact.
    remember: bool,
}

impl Publication {
    pub(super) fn new(store: Store) -> Publication {
        Publication {
            store,
            pending: Vec::new(),
            names: HashSet::new(),
        }
    }

    /// Adds bytes as a blob. What a document refers to has to be added before it.
    pub fn blob(&mut self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        if let Some(slot) = self.slot(Kind::Blob, &digest)? {
            let mut file = self.store.create()?;
            self.store.write(&mut file, bytes)?;
            self.add(slot, file);
        }
        Ok(digest)
    }

    /// Adds a document as a blob of canonical JSON; `Store::document` reads it.
    pub fn document<T: Serialize + ?Sized>(&mut self, document: &T) -> Result<Digest, StoreError> {
        self.blob(canonical_json::to_string(document)?.as_bytes())
    }

    /// Starts a blob that is written piece by piece. It joins this publication, or another one of the store, when it is finished.
    pub fn blob_writer(&mut self) -> Result<BlobWriter, StoreError> {
        let file = self.store.create()?;
        Ok(BlobWriter {
            store: self.store.clone(),
            file,
            hasher: Hasher::new(),
            written: 0,
        })
    }

    /// Adds rows as a block.
    pub fn block(&mut self, rows: &Canonical) -> Result<BlockRef, StoreError> {
        let digest = rows.digest();
        if let Some(slot) = self.slot(Kind::Block, &digest)? {
            let mut file = self.store.create()?;
            let path = file.path().to_owned();
            let out = Sink {
                store: &self.store,
                file: file.as_file_mut(),
            };
            block::write(rows, out).at("write", path)?;
            self.add(slot, file);
        }
        let rows_count = u32::try_from(rows.rows()).expect("a block has at most 65,536 rows");
        Ok(BlockRef {
            digest,
            rows: rows_count,
            bytes: rows.bytes(),
        })
    }

    /// Adds a table's document; its blocks have to be in the store or in this publication.
    pub fn table(&mut self, doc: &TableDoc) -> Result<Digest, StoreError> {
        self.blob(doc.to_json().as_bytes())
    }

    /// Where a new file goes; none if an intact one is there or on its way.
    pub(super) fn slot(&self, kind: Kind, digest: &Digest) -> Result<Option<Slot>, StoreError> {
        let name = kind.name(digest);
        if self.names.contains(&name) || self.store.is_intact(kind, digest)? {
            return Ok(None);
        }
        let replaces = self.store.find(kind, digest)?.is_some();
        Ok(Some(Slot {
            kind,
            name,
            replaces,
        }))
    }

    pub(super) fn add(&mut self, slot: Slot, file: NamedTempFile) {
        let len = file
            .as_file()
            .metadata()
            .map_or(0, |metadata| metadata.len());
        let remember = slot.kind == Kind::Block || len > super::SMALL;
        // Only the path is kept, since a table has more blocks than a process may have open files.
        let pending = Pending {
            file: file.into_temp_path(),
            name: slot.name.clone(),
            replaces: slot.replaces,
            remember,
        };
        self.pending.push(pending);
        self.names.insert(slot.name);
    }

    /// Publishes everything: the files are brought to the disk together, then get their names, then each folder is synced once.
    pub fn commit(self) -> Result<(), StoreError> {
        self.publish([]).map(drop)
    }

    /// Publishes everything and then, last of all, the result of a job. Fails if the job has another result already.
    pub fn commit_result(self, key: &Digest, result: &Digest) -> Result<Published, StoreError> {
        let name = sharded("results", key);
        // Written now, so that it is brought to the disk together with the rest.
        let pointer = self.store.pointer_file(result)?;
        let store = self.publish([pointer.to_path_buf()])?;
        match store.result(key) {
            Ok(None) => {}
            Ok(Some(existing)) => return same(key, existing, result),
            // A result that cannot be read is as good as none.
            Err(StoreError::Damaged { .. }) => {
                store.place([(name, pointer)])?;
                return Ok(Published::New);
            }
            Err(error) => return Err(error),
        }
        let folders = store.make_folders(&name)?;
        let linked = store.backend.link(pointer, &name);
        if linked.at("write", store.backend.path(&name))? {
            store.sync_all(folders)?;
            return Ok(Published::New);
        }
        // Somebody else was quicker.
        let existing = store.result(key)?.unwrap_or(*result);
        same(key, existing, result)
    }

    /// Publishes everything; `more` are files that are brought to the disk on the way.
    pub(super) fn publish(
        self,
        more: impl IntoIterator<Item = PathBuf>,
    ) -> Result<Store, StoreError> {
        let Publication { store, pending, .. } = self;
        let files = pending.iter().map(|pending| pending.file.to_path_buf());
        store.sync_all(files.chain(more))?;
        let mut folders = BTreeSet::new();
        let mut remembered = Vec::new();
        for Pending {
            file,
            name,
            replaces,
            remember,
        } in pending
        {
            folders.extend(store.make_folders(&name)?);
            let path = store.backend.path(&name);
            match replaces {
                true => store.backend.replace(file, &name).at("write", &path)?,
                false => store
                    .backend
                    .link(file, &name)
                    .map(drop)
                    .at("write", &path)?,
            }
            if remember && let Ok(metadata) = fs::metadata(&path) {
                remembered.push((name, metadata));
            }
        }
        store.sync_all(folders)?;
        let remembered = remembered
            .iter()
            .map(|(name, metadata)| (name.as_str(), metadata.clone()));
        store.verified.add(&*store.backend, remembered);
        Ok(store)
    }
}

/// A name for a new file.
pub(super) struct Slot {
    kind: Kind,
    name: String,
    replaces: bool,
}

fn same(key: &Digest, existing: Digest, new: &Digest) -> Result<Published, StoreError> {
    match existing == *new {
        true => Ok(Published::Same),
        false => Err(StoreError::ResultConflict {
            key: *key,
            existing,
            new: *new,
        }),
    }
}

impl Store {
    /// A temporary file, removed when it is dropped.
    pub(super) fn create(&self) -> Result<NamedTempFile, StoreError> {
        self.backend.create().at("write to", self.path())
    }

    /// Appends to a temporary file.
    pub(super) fn write(&self, file: &mut NamedTempFile, bytes: &[u8]) -> Result<(), StoreError> {
        let written = self.backend.write(file.as_file_mut(), bytes);
        written.at("write", file.path())
    }

    /// A temporary file that holds nothing but a digest; not yet synced.
    pub(super) fn pointer_file(&self, target: &Digest) -> Result<TempPath, StoreError> {
        let mut file = self.create()?;
        self.write(&mut file, format!("{target}\n").as_bytes())?;
        Ok(file.into_temp_path())
    }

    /// Gives synced files their names, in place of whatever has them.
    pub(super) fn place(
        &self,
        files: impl IntoIterator<Item = (String, TempPath)>,
    ) -> Result<(), StoreError> {
        let mut folders = BTreeSet::new();
        for (name, file) in files {
            folders.extend(self.make_folders(&name)?);
            let placed = self.backend.replace(file, &name);
            placed.at("write", self.backend.path(&name))?;
        }
        self.sync_all(folders)
    }

    /// Makes the folders above a name; answers with those that have to be synced once the name is there.
    pub(super) fn make_folders(&self, name: &str) -> Result<BTreeSet<PathBuf>, StoreError> {
        let mut unsynced = BTreeSet::new();
        let mut parent = "";
        for (end, _) in name.match_indices('/') {
            let folder = &name[..end];
            if self
                .backend
                .make_folder(folder)
                .at("create", self.backend.path(folder))?
            {
                unsynced.insert(self.backend.path(parent));
            }
            parent = folder;
        }
        unsynced.insert(self.backend.path(parent));
        Ok(unsynced)
    }

    pub(super) fn sync_all(
        &self,
        paths: impl IntoIterator<Item = PathBuf>,
    ) -> Result<(), StoreError> {
        let paths: Vec<PathBuf> = paths.into_iter().collect();
        let sync = |paths: &[PathBuf]| {
            paths
                .iter()
                .try_for_each(|path| self.backend.sync(path).at("write", path))
        };
        if paths.len() < 2 {
            return sync(&paths);
        }
        std::thread::scope(|scope| {
            let share = paths.len().div_ceil(SYNC_THREADS);
            let threads: Vec<_> = paths
                .chunks(share)
                .map(|paths| scope.spawn(move || sync(paths)))
                .collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().expect("syncing does not panic"))
        })
    }
}

/// Passes what is written on to the backend.
struct Sink<'a> {
    store: &'a Store,
    file: &'a mut File,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.store.backend.write(self.file, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A blob that is being written. Dropping it removes what was written.
#[derive(Debug)]
pub struct BlobWriter {
    store: Store,
    file: NamedTempFile,
    hasher: Hasher,
    written: u64,
}

impl BlobWriter {
    /// How many bytes were written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Copies from a file's position to its end.
    pub(super) fn copy(&mut self, from: &mut impl Read) -> Result<(), StoreError> {
        let mut chunk = vec![0; CHUNK];
        loop {
            let len = match from.read(&mut chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.at("read", "the file to be stored")?,
            };
            if len == 0 {
                return Ok(());
            }
            self.append(&chunk[..len])?;
        }
    }

    /// Appends bytes.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.store.write(&mut self.file, bytes)?;
        self.hasher.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Ends the blob: it joins the publication. Answers with its digest and its length in bytes.
    pub fn finish(self, publication: &mut Publication) -> Result<(Digest, u64), StoreError> {
        let digest = self.hasher.finish();
        if let Some(slot) = publication.slot(Kind::Blob, &digest)? {
            publication.add(slot, self.file);
        }
        Ok((digest, self.written))
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
