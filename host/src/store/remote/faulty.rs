//! A remote with a fault, to prove that nothing is lost by it.

use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{FolderRemote, Remote};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Writing fails with this error after so many files.
    Full { after: usize, errno: i32 },
    /// The connection is lost after so many operations of any kind.
    Lost { after: usize },
    /// Files end after half of their bytes.
    CutOff,
    /// Other bytes than the name says.
    Lying,
    /// It answers, but late.
    Slow,
}

/// A remote in a folder, with a fault.
#[derive(Debug)]
pub struct FaultyRemote {
    inner: FolderRemote,
    fault: Fault,
    count: AtomicUsize,
}

impl FaultyRemote {
    pub fn new(inner: FolderRemote, fault: Fault) -> FaultyRemote {
        FaultyRemote {
            inner,
            fault,
            count: AtomicUsize::new(0),
        }
    }

    fn pass(&self, writes: bool) -> io::Result<()> {
        let (limit, errno) = match self.fault {
            Fault::Full { after, errno } if writes => (after, errno),
            Fault::Lost { after } => (after, libc::ESTALE),
            _ => return Ok(()),
        };
        match self.count.fetch_add(1, Ordering::SeqCst) < limit {
            true => Ok(()),
            false => Err(io::Error::from_raw_os_error(errno)),
        }
    }
}

impl Remote for FaultyRemote {
    fn place(&self) -> String {
        self.inner.place()
    }

    fn begin(&self) -> io::Result<()> {
        self.inner.begin()
    }

    fn read(&self, name: &str) -> io::Result<Option<Box<dyn Read + Send>>> {
        self.pass(false)?;
        if self.fault == Fault::Slow {
            std::thread::sleep(Duration::from_secs(2));
        }
        let Some(mut file) = self.inner.read(name)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let is_object = name.starts_with('b');
        match self.fault {
            Fault::CutOff if is_object => bytes.truncate(bytes.len() / 2),
            Fault::Lying if is_object => {
                if let Some(last) = bytes.last_mut() {
                    *last ^= 1;
                }
            }
            _ => {}
        }
        Ok(Some(Box::new(io::Cursor::new(bytes))))
    }

    fn has(&self, name: &str) -> io::Result<bool> {
        self.pass(false)?;
        self.inner.has(name)
    }

    fn put(&self, name: &str, from: &mut dyn Read) -> io::Result<bool> {
        self.pass(true)?;
        self.inner.put(name, from)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.pass(false)?;
        self.inner.list(folder)
    }

    fn swap(&self, name: &str, from: Option<&[u8]>, to: &[u8]) -> io::Result<bool> {
        self.pass(true)?;
        self.inner.swap(name, from, to)
    }
}
