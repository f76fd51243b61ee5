//! The files of an outbox: `events/ID.json`, `rejected/ID.json` with `rejected/ID.txt` beside it, and `lock`.

use std::fs::{self, DirEntry, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::IgnoredAny;
use uuid::Uuid;

/// What events that are whole end in.
const WHOLE: &str = "json";

/// What files that are being written end in.
const PART: &str = ".part";

/// How old a part is that nobody writes any more.
const STALE: Duration = Duration::from_secs(3600);

/// The folder of an outbox.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// An event in the folder.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
    bytes: u64,
}

impl Folder {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn events(&self) -> PathBuf {
        self.path.join("events")
    }

    fn rejected(&self) -> PathBuf {
        self.path.join("rejected")
    }

    /// The right to send, until the file is closed. None while another process has it.
    pub fn lock(&self) -> io::Result<Option<File>> {
        fs::create_dir_all(&self.path)?;
        let path = self.path.join("lock");
        // Never removed: a lock on a file that is gone keeps nobody out.
        let file = File::options().append(true).create(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Writes an event, which is on the disk after this.
    pub fn keep(&self, line: &str) -> io::Result<()> {
        let folder = self.events();
        fs::create_dir_all(&folder)?;
        // Version 7 counts upwards within a process, so that a run's events stay in order.
        write(&folder, &format!("{}.{WHOLE}", Uuid::now_v7()), line)
    }

    /// The events, oldest first.
    pub fn kept(&self) -> io::Result<Vec<Kept>> {
        list(&self.events())
    }

    /// An event's line; `InvalidData` if it's not one line of JSON.
    pub fn read(&self, event: &Kept) -> io::Result<String> {
        let line = fs::read_to_string(&event.path)?;
        let invalid = |text: String| io::Error::new(io::ErrorKind::InvalidData, text);
        if line.contains('\n') {
            return Err(invalid("the file is not one line".to_owned()));
        }
        serde_json::from_str::<IgnoredAny>(&line)
            .map_err(|error| invalid(format!("the file is not JSON: {error}")))?;
        Ok(line)
    }

    /// Takes an event away.
    pub fn remove(&self, event: &Kept) -> io::Result<()> {
        present(fs::remove_file(&event.path)).map(drop)
    }

    /// Moves an event aside, with the answer that refused it; answers with its new path.
    pub fn reject(&self, event: &Kept, answer: &str) -> io::Result<PathBuf> {
        let folder = self.rejected();
        fs::create_dir_all(&folder)?;
        let name = event.path.file_name().unwrap_or_default();
        let path = folder.join(name);
        present(fs::rename(&event.path, &path))?;
        fs::write(path.with_extension("txt"), format!("{answer}\n"))?;
        Ok(path)
    }

    /// Removes the oldest events beyond the limits, among the kept and among the rejected. Answers how many are kept and how
    /// many of those were removed.
    pub fn trim(&self, events: usize, bytes: u64) -> io::Result<(usize, usize)> {
        for old in beyond(list(&self.rejected())?, events, bytes) {
            present(fs::remove_file(&old.path))?;
            present(fs::remove_file(old.path.with_extension("txt")))?;
        }
        let kept = self.kept()?;
        let count = kept.len();
        let (mut dropped, mut gone) = (0, 0);
        for old in beyond(kept, events, bytes) {
            gone += 1;
            // Another process may have sent or dropped it.
            if present(fs::remove_file(&old.path))? {
                dropped += 1;
            }
        }
        Ok((count - gone, dropped))
    }

    /// Removes what processes that ended while they wrote have left. What can't be removed is only in nobody's way.
    pub fn sweep(&self) {
        let Ok(entries) = fs::read_dir(self.events()) else {
            return;
        };
        for entry in entries.flatten() {
            if is_stale_part(&entry) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// A file that is whole on the disk, or not there.
fn write(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let mut file = tempfile::Builder::new().suffix(PART).tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))?;
    File::open(folder)?.sync_all()
}

/// The whole events in a folder, oldest first; none if there is no folder.
fn list(folder: &Path) -> io::Result<Vec<Kept>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != WHOLE) {
            continue;
        }
        match fs::metadata(&path) {
            Ok(metadata) => found.push(Kept {
                path,
                bytes: metadata.len(),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The oldest events, without which the rest fits the limits.
fn beyond(mut kept: Vec<Kept>, events: usize, bytes: u64) -> Vec<Kept> {
    let mut left = bytes;
    let fits = kept.iter().rev().take(events).take_while(|event| {
        let fits = event.bytes <= left;
        left = left.saturating_sub(event.bytes);
        fits
    });
    let fits = fits.count();
    kept.truncate(kept.len() - fits);
    kept
}

/// Whether there was a file to do something with; it's no fault if there was none.
fn present(result: io::Result<()>) -> io::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_stale_part(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let modified = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
    name.as_encoded_bytes().ends_with(PART.as_bytes()) && modified().is_some_and(|age| age > STALE)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn sizes(kept: &[Kept]) -> Vec<u64> {
        kept.iter().map(|event| event.bytes).collect()
    }

    fn of(sizes: &[u64]) -> Vec<Kept> {
        let event = |&bytes| Kept {
            path: PathBuf::new(),
            bytes,
        };
        sizes.iter().map(event).collect()
    }

    #[test]
    fn the_oldest_are_beyond_the_limits() {
        assert!(beyond(of(&[]), 0, 0).is_empty());
        assert!(beyond(of(&[1, 2, 3]), 3, 6).is_empty());
        assert_eq!(sizes(&beyond(of(&[1, 2, 3]), 2, 6)), [1]);
        assert_eq!(sizes(&beyond(of(&[1, 2, 3]), 3, 4)), [1, 2]);
        assert_eq!(sizes(&beyond(of(&[1, 2, 3]), 0, 6)), [1, 2, 3]);
    }

    #[test]
    fn kept_events_are_listed_in_order_and_parts_are_not() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path().join("outbox"));
        assert!(folder.kept().unwrap().is_empty());
        for number in 0..100 {
            folder.keep(&number.to_string()).unwrap();
        }
        fs::write(folder.events().join("x.part"), "1").unwrap();
        let kept = folder.kept().unwrap();
        let lines = kept.iter().map(|event| folder.read(event).unwrap());
        let wanted = (0..100).map(|number| number.to_string());
        assert!(lines.eq(wanted));
        folder.sweep();
        assert!(folder.events().join("x.part").exists());
    }

    #[test]
    fn one_at_a_time_has_the_lock() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path().to_owned());
        let lock = folder.lock().unwrap();
        assert!(lock.is_some());
        assert!(folder.lock().unwrap().is_none());
        drop(lock);
        assert!(folder.lock().unwrap().is_some());
    }
}
