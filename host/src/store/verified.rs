//! Which files were found intact: `verified`, a line per file with inode, size and time of change, so that a large file is hashed
//! once and not at every run. A file that changes loses its line's protection and is hashed again. May be deleted at any time.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::fs::Metadata;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::sync::{Mutex, PoisonError};

use super::backend::Backend;

const FILE: &str = "verified";

/// What identifies a file's content without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    modified_ns: i128,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        Stamp {
            inode: metadata.ino(),
            size: metadata.size(),
            modified_ns: i128::from(metadata.mtime()) * 1_000_000_000
                + i128::from(metadata.mtime_nsec()),
        }
    }
}

/// The files found intact, read from disk when first asked for.
#[derive(Debug, Default)]
pub(super) struct Verified(Mutex<Option<HashMap<String, Stamp>>>);

impl Verified {
    /// Whether the file of this name was found intact and is the same since.
    pub fn has(&self, backend: &dyn Backend, name: &str, metadata: &Metadata) -> bool {
        self.with(backend, |known| {
            known.get(name) == Some(&Stamp::of(metadata))
        })
    }

    /// Remembers files that are intact. A store that cannot be written forgets them with the process.
    pub fn add<'a>(
        &self,
        backend: &dyn Backend,
        files: impl IntoIterator<Item = (&'a str, Metadata)>,
    ) {
        let mut lines = String::new();
        self.with(backend, |known| {
            for (name, metadata) in files {
                let stamp = Stamp::of(&metadata);
                if known.insert(name.to_owned(), stamp) != Some(stamp) {
                    write_line(&mut lines, name, stamp);
                }
            }
        });
        if !lines.is_empty()
            && let Err(error) = backend.append(FILE, lines.as_bytes())
        {
            tracing::debug!(%error, "the list of verified files was not written");
        }
    }

    /// Forgets files that were removed, on disk too: a file of the same name is another one.
    pub fn forget(&self, backend: &dyn Backend, names: &HashSet<String>) {
        let mut lines = String::new();
        self.with(backend, |known| {
            known.retain(|name, _| !names.contains(name));
            for (name, stamp) in known {
                write_line(&mut lines, name, *stamp);
            }
        });
        if let Err(error) = backend.remove(FILE) {
            tracing::debug!(%error, "the list of verified files was not removed");
        } else if let Err(error) = backend.append(FILE, lines.as_bytes()) {
            tracing::debug!(%error, "the list of verified files was not written");
        }
    }

    /// Forgets everything, on disk too.
    pub fn clear(&self, backend: &dyn Backend) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(HashMap::new());
        if let Err(error) = backend.remove(FILE) {
            tracing::debug!(%error, "the list of verified files was not removed");
        }
    }

    fn with<T>(
        &self,
        backend: &dyn Backend,
        work: impl FnOnce(&mut HashMap<String, Stamp>) -> T,
    ) -> T {
        // A thread that panicked leaves the map whole: each change is a single insert.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        work(known.get_or_insert_with(|| load(backend)))
    }
}

fn write_line(lines: &mut String, name: &str, stamp: Stamp) {
    let Stamp {
        inode,
        size,
        modified_ns,
    } = stamp;
    let _infallible = writeln!(lines, "{name} {inode} {size} {modified_ns}");
}

/// The lines that can be read; a line that was cut short is as good as none.
fn load(backend: &dyn Backend) -> HashMap<String, Stamp> {
    let mut text = String::new();
    if let Ok(mut file) = backend.open(FILE) {
        let _as_far_as_readable = file.read_to_string(&mut text);
    }
    text.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<(String, Stamp)> {
    let mut parts = line.split(' ');
    let name = parts.next()?.to_owned();
    let inode = parts.next()?.parse().ok()?;
    let size = parts.next()?.parse().ok()?;
    let modified_ns = parts.next()?.parse().ok()?;
    Some((
        name,
        Stamp {
            inode,
            size,
            modified_ns,
        },
    ))
}
