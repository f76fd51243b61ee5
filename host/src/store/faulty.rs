//! A backend whose n-th operation of a kind fails, to prove that a store survives it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::{NamedTempFile, TempPath};

use super::backend::{Backend, Entry, LocalBackend};

/// A kind of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Create,
    Write,
    Sync,
    MakeFolder,
    Link,
    Replace,
    Open,
    Remove,
}

impl Operation {
    /// Those that change the store.
    pub const WRITING: [Operation; 6] = [
        Operation::Create,
        Operation::Write,
        Operation::Sync,
        Operation::MakeFolder,
        Operation::Link,
        Operation::Replace,
    ];
}

/// A local store with a fault.
#[derive(Debug)]
pub struct FaultyBackend {
    inner: LocalBackend,
    operation: Operation,
    /// Operations of the kind that still succeed.
    left: AtomicUsize,
    /// The error of all later ones, as the system numbers it.
    errno: i32,
}

impl FaultyBackend {
    /// Operations of the kind fail with `errno` after `nth` of them succeeded.
    pub fn new(inner: LocalBackend, operation: Operation, nth: usize, errno: i32) -> FaultyBackend {
        FaultyBackend {
            inner,
            operation,
            left: AtomicUsize::new(nth),
            errno,
        }
    }

    fn pass(&self, operation: Operation) -> io::Result<()> {
        let take = |left: usize| left.checked_sub(1);
        if operation == self.operation
            && self
                .left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
                .is_err()
        {
            return Err(io::Error::from_raw_os_error(self.errno));
        }
        Ok(())
    }
}

impl Backend for FaultyBackend {
    fn path(&self, name: &str) -> PathBuf {
        self.inner.path(name)
    }

    fn create(&self) -> io::Result<NamedTempFile> {
        self.pass(Operation::Create)?;
        self.inner.create()
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.pass(Operation::Write) {
            // A full disk takes some of the bytes.
            self.inner.write(file, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.inner.write(file, bytes)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.pass(Operation::Sync)?;
        self.inner.sync(path)
    }

    fn make_folder(&self, name: &str) -> io::Result<bool> {
        self.pass(Operation::MakeFolder)?;
        self.inner.make_folder(name)
    }

    fn link(&self, file: TempPath, name: &str) -> io::Result<bool> {
        self.pass(Operation::Link)?;
        self.inner.link(file, name)
    }

    fn replace(&self, file: TempPath, name: &str) -> io::Result<()> {
        self.pass(Operation::Replace)?;
        self.inner.replace(file, name)
    }

    fn open(&self, name: &str) -> io::Result<File> {
        self.pass(Operation::Open)?;
        self.inner.open(name)
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.inner.append(name, bytes)
    }

    fn lock(&self, name: &str, wait: bool) -> io::Result<Option<File>> {
        self.inner.lock(name, wait)
    }

    fn list(&self, name: &str) -> io::Result<Vec<Entry>> {
        self.inner.list(name)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.pass(Operation::Remove)?;
        self.inner.remove(name)
    }
}

mod tests;
