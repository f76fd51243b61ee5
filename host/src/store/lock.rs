//! Locks on keys, so that two runs on one store do the same work once.

use std::fs::File;
use std::sync::Arc;

use super::Store;
use super::backend::Backend;
use super::error::{At, StoreError};
use crate::digest::Digest;

/// Held while somebody works on a key. Advisory; ends when it is dropped, and when its process ends in any way.
#[derive(Debug)]
pub struct KeyLock {
    // Dropped after the name is removed, which releases the lock.
    _file: File,
    backend: Arc<dyn Backend>,
    name: String,
}

impl Store {
    /// Takes the lock of a key, waiting for whoever has it.
    pub fn lock_key(&self, key: &Digest) -> Result<KeyLock, StoreError> {
        self.wait_for_lock(&key.hex())
    }

    /// Takes the lock of a key; none if somebody else has it.
    pub fn try_lock_key(&self, key: &Digest) -> Result<Option<KeyLock>, StoreError> {
        self.lock(&key.hex(), false)
    }

    pub(super) fn wait_for_lock(&self, what: &str) -> Result<KeyLock, StoreError> {
        loop {
            if let Some(lock) = self.lock(what, true)? {
                return Ok(lock);
            }
        }
    }

    fn lock(&self, what: &str, wait: bool) -> Result<Option<KeyLock>, StoreError> {
        let name = format!("locks/{what}");
        self.make_folders(&name)?;
        let file = self
            .backend
            .lock(&name, wait)
            .at("lock", self.backend.path(&name))?;
        Ok(file.map(|file| KeyLock {
            _file: file,
            backend: Arc::clone(&self.backend),
            name,
        }))
    }
}

impl Drop for KeyLock {
    fn drop(&mut self) {
        // Removed while the lock is held: whoever waits for it sees that the name is gone and makes a new one.
        if let Err(error) = self.backend.remove(&self.name) {
            tracing::debug!(%error, lock = self.name, "the lock file was not removed");
        }
    }
}
