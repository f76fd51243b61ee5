//! What is remembered between runs so that one with nothing to do takes milliseconds: the digests of files that were not touched,
//! and what is known of a component. Deleting it costs time and nothing else.

use std::{
    collections::BTreeMap,
    fs::{self, File, Metadata},
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use super::components::ComponentFacts;
use crate::{
    digest::Digest,
    store::{Store, StoreError},
};

/// A file that was changed less than this before it was hashed is hashed again the next time: its time stamp may not tell two writes
/// apart.
const YOUNG: Duration = Duration::from_secs(2);

/// The memory, a JSON file in the store's folder.
#[derive(Debug)]
pub struct Memory {
    path: PathBuf,
    known: Known,
    changed: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    /// Of the program that wrote it: another version forgets everything.
    version: String,
    files: BTreeMap<PathBuf, KnownFile>,
    components: BTreeMap<Digest, ComponentFacts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KnownFile {
    size: u64,
    mtime_ns: i128,
    inode: u64,
    digest: Digest,
}

impl Memory {
    /// Reads the memory; an unreadable one is an empty one.
    pub fn open(store_folder: &Path) -> Self {
        let path = store_folder.join("cache").join("plan.json");
        let known = fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Known>(&bytes).ok())
            .filter(|known| known.version == crate::VERSION)
            .unwrap_or_default();
        Memory {
            path,
            known,
            changed: false,
        }
    }

    /// The digest and size of a file as a blob of the store, copied there if it is not yet. `path` is its name in the memory.
    ///
    /// # Errors
    /// When the file cannot be read or the store fails.
    pub fn snapshot(
        &mut self,
        store: &Store,
        path: &Path,
        file: &mut File,
    ) -> Result<(Digest, u64), StoreError> {
        let failed = |source| StoreError::Io {
            action: "read",
            path: path.to_path_buf(),
            source,
        };
        let meta = file.metadata().map_err(failed)?;
        if let Some(known) = self.known.files.get(path)
            && known.size == meta.size()
            && known.mtime_ns == mtime_ns(&meta)
            && known.inode == meta.ino()
            && store.has_blob(&known.digest)?
        {
            return Ok((known.digest, known.size));
        }
        let (digest, size) = store.put_blob_file(file)?;
        tracing::debug!(path = %path.display(), %digest, size, "snapshotted");
        let old_enough = meta.modified().is_ok_and(|m| {
            SystemTime::now()
                .duration_since(m)
                .is_ok_and(|age| age > YOUNG)
        });
        self.changed = true;
        if old_enough {
            let known = KnownFile {
                size,
                mtime_ns: mtime_ns(&meta),
                inode: meta.ino(),
                digest,
            };
            self.known.files.insert(path.to_path_buf(), known);
        } else {
            self.known.files.remove(path);
        }
        Ok((digest, size))
    }

    pub(super) fn component(&self, digest: &Digest) -> Option<&ComponentFacts> {
        self.known.components.get(digest)
    }

    pub(super) fn learn(&mut self, digest: Digest, facts: ComponentFacts) {
        self.known.components.insert(digest, facts);
        self.changed = true;
    }

    /// Writes the memory if it changed. Failing to is not worth a message: the next run is slower, no more.
    pub fn save(mut self) {
        if !self.changed {
            return;
        }
        self.known.version = crate::VERSION.into();
        self.known.files.retain(|path, _| path.exists());
        let written = || -> std::io::Result<()> {
            let folder = self
                .path
                .parent()
                .expect("the path was joined from a folder");
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&serde_json::to_vec(&self.known)?)?;
            file.persist(&self.path)?;
            Ok(())
        };
        if let Err(error) = written() {
            tracing::debug!(%error, "the memory of files was not written");
        }
    }
}

fn mtime_ns(meta: &Metadata) -> i128 {
    i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn snapshot(folder: &Path, store: &Store, path: &Path) -> Digest {
        let mut memory = Memory::open(folder);
        let (digest, _) = memory
            .snapshot(store, path, &mut File::open(path).unwrap())
            .unwrap();
        memory.save();
        digest
    }

    fn age(path: &Path, seconds: u64) {
        let then = SystemTime::now() - Duration::from_secs(seconds);
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(then)
            .unwrap();
    }

    #[test]
    fn a_changed_file_is_hashed_again_even_if_it_is_young() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store")).unwrap();
        let path = dir.path().join("data.csv");
        fs::write(&path, "a").unwrap();
        assert_eq!(snapshot(dir.path(), &store, &path), Digest::of(b"a"));
        // Same size and, on a coarse clock, same time stamp.
        fs::write(&path, "b").unwrap();
        assert_eq!(snapshot(dir.path(), &store, &path), Digest::of(b"b"));
    }

    #[test]
    fn an_old_file_is_remembered_until_it_is_touched() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store")).unwrap();
        let path = dir.path().join("data.csv");
        fs::write(&path, "a").unwrap();
        age(&path, 100);
        snapshot(dir.path(), &store, &path);
        assert!(Memory::open(dir.path()).known.files.contains_key(&path));
        fs::write(&path, "b").unwrap();
        age(&path, 50);
        assert_eq!(snapshot(dir.path(), &store, &path), Digest::of(b"b"));
    }
}
