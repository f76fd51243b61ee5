//! Who uses a store: everybody who reads results to use them holds `locks/use` together, and `gc` holds it alone.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Store;
use super::error::{At, StoreError};

/// The name of the lock; it is never removed, so that nobody locks a file that others no longer find.
pub(super) const LOCK: &str = "use";
/// How often `gc` looks whether the others are done.
const POLL: Duration = Duration::from_millis(50);

/// Held while a store is used; nothing is removed meanwhile.
#[derive(Debug)]
pub(super) struct InUse(#[expect(dead_code, reason = "the lock is held as long as the file")] File);

/// Held by the only user of a store.
#[derive(Debug)]
#[must_use = "the store is locked as long as this is held"]
pub struct Alone(#[expect(dead_code, reason = "the lock is held as long as the file")] File);

impl Store {
    /// The same store, from which nothing is removed as long as a clone of it is held. Waits for a `gc` that is at work. The first to
    /// come, when nobody else uses the store, removes what writers that were killed have left.
    ///
    /// # Errors
    /// When the lock fails.
    pub fn in_use(self) -> Result<Store, StoreError> {
        let in_use = match self.usage_file()? {
            Some(file) => {
                let path = self.usage_path();
                if file.try_lock().is_ok() {
                    self.sweep_temporary();
                }
                file.lock_shared().at("lock", path)?;
                Some(Arc::new(InUse(file)))
            }
            None => None,
        };
        Ok(Store {
            _in_use: in_use,
            ..self
        })
    }

    /// The same store, not held: others may hold it alone, and remove what no name leads to.
    #[must_use]
    pub fn released(&self) -> Store {
        Store {
            _in_use: None,
            ..self.clone()
        }
    }

    /// Waits until nobody else uses the store, but not longer than `patience`; none if somebody still does.
    ///
    /// # Errors
    /// When the lock fails, or the store cannot be written.
    pub fn alone(&self, patience: Duration) -> Result<Option<Alone>, StoreError> {
        let path = self.usage_path();
        self.make_folders(&format!("locks/{LOCK}"))?;
        let file = open(&path).at("lock", &path)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Alone(file))),
                Err(TryLockError::WouldBlock) if start.elapsed() >= patience => return Ok(None),
                Err(TryLockError::WouldBlock) => std::thread::sleep(POLL),
                Err(TryLockError::Error(error)) => return Err(error).at("lock", path),
            }
        }
    }

    /// Removes what was left by processes that were killed: nobody else is here, so nobody is writing. Failing to costs space alone.
    fn sweep_temporary(&self) {
        for file in self.walk("tmp").into_iter().flatten() {
            let _ = self.backend.remove(&file.name);
        }
    }

    fn usage_path(&self) -> std::path::PathBuf {
        self.backend.path(&format!("locks/{LOCK}"))
    }

    /// The lock's file; none in a store that this user cannot write and where nobody ever made it.
    fn usage_file(&self) -> Result<Option<File>, StoreError> {
        let path = self.usage_path();
        let made = self.make_folders(&format!("locks/{LOCK}"));
        match made.map(|_| open(&path)) {
            Ok(Ok(file)) => Ok(Some(file)),
            // A store that cannot be written can be read, and locked if there is something to lock.
            Ok(Err(_)) | Err(_) => match File::open(&path) {
                Ok(file) => Ok(Some(file)),
                Err(error) => {
                    tracing::debug!(%error, "the store is used without a lock");
                    Ok(None)
                }
            },
        }
    }
}

/// Opens the lock's file, made if need be.
pub(super) fn open(path: &std::path::Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}
