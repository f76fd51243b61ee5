//! The file operations that the store is made of. A place to keep the store elsewhere later, and to inject faults in tests.

use std::fmt;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::error::{At, StoreError};
use super::usage;

/// The newest store format that is known here.
pub const FORMAT: u32 = 1;

/// The folder of temporary files, on the same file system as everything else.
const TEMPORARY: &str = "tmp";
/// The folder of lock files.
const LOCKS: &str = "locks";

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without the folder.
    pub name: String,
    /// Whether it is a folder itself.
    pub is_folder: bool,
    /// A file's length in bytes.
    pub len: u64,
    /// When it was last written, in seconds since 1970.
    pub modified: i64,
}

/// File operations on a store. Names are relative to it, with `/` between folders.
pub trait Backend: Send + Sync + fmt::Debug {
    /// The full path of a name; the store itself for "".
    fn path(&self, name: &str) -> PathBuf;
    /// A new temporary file, removed when it is dropped before it is linked.
    fn create(&self) -> io::Result<NamedTempFile>;
    /// Appends bytes to a temporary file.
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()>;
    /// Brings a file's or folder's content to the disk.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// Makes a folder whose parent exists; false if it exists already.
    fn make_folder(&self, name: &str) -> io::Result<bool>;
    /// Gives a temporary file its name if the name is free, for reading only from then on; false if it is taken.
    fn link(&self, file: TempPath, name: &str) -> io::Result<bool>;
    /// Gives a temporary file its name in place of whatever has it.
    fn replace(&self, file: TempPath, name: &str) -> io::Result<()>;
    /// Opens a file for reading.
    fn open(&self, name: &str) -> io::Result<File>;
    /// Appends a line to a small file of the store's own, which is made if need be.
    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Opens a lock file, made if need be, and takes its lock, waiting for it or not; none if somebody else has it.
    fn lock(&self, name: &str, wait: bool) -> io::Result<Option<File>>;
    /// What is in a folder, sorted by name; nothing if there is no such folder.
    fn list(&self, name: &str) -> io::Result<Vec<Entry>>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
}

/// A store in a folder.
#[derive(Debug)]
pub struct LocalBackend {
    root: PathBuf,
}

impl LocalBackend {
    /// Opens the store in a folder, which is made one if it is empty or missing. A store that cannot be written can be opened.
    pub fn open(root: &Path) -> Result<LocalBackend, StoreError> {
        // Absolute, so that a later change of the working directory does not move the store.
        let root = std::path::absolute(root).at("find", root)?;
        let format = root.join("format");
        match fs::read_to_string(&format) {
            Ok(text) => check_format(&root, &text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => init(&root)?,
            Err(error) => return Err(error).at("read", format),
        }
        Ok(LocalBackend { root })
    }

    /// The folder as it is, even if it is no store yet.
    pub(super) fn at(root: PathBuf) -> LocalBackend {
        LocalBackend { root }
    }
}

/// Refuses a format that is not known here, by the text of the file `format`.
pub(super) fn check_format(root: &Path, text: &str) -> Result<(), StoreError> {
    match text.trim().parse::<u32>() {
        Ok(found) if found > FORMAT => Err(StoreError::NewerFormat {
            path: root.to_owned(),
            found,
            known: FORMAT,
        }),
        Ok(FORMAT) => Ok(()),
        _ => Err(StoreError::Damaged {
            path: root.join("format"),
            problem: format!("\"{}\" is not a format number", text.trim().escape_debug()),
        }),
    }
}

/// Refuses a folder with anything in it that no store begins with.
pub(super) fn check_vacant(root: &Path) -> Result<(), StoreError> {
    let ours = |name: &str| [TEMPORARY, LOCKS, ".gitignore", "format"].contains(&name);
    for entry in fs::read_dir(root).at("read", root)? {
        let entry = entry.at("read", root)?;
        if !ours(&entry.file_name().to_string_lossy()) {
            return Err(StoreError::NotAStore(root.to_owned()));
        }
    }
    Ok(())
}

/// Makes a folder a store. `format` comes last and is what makes it one, so two processes may do this at once.
fn init(root: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(root).at("create", root)?;
    if let Err(occupied) = check_vacant(root) {
        // Somebody may have made it a store, and filled it, since its format was looked for.
        return match fs::read_to_string(root.join("format")) {
            Ok(text) => check_format(root, &text),
            Err(_) => Err(occupied),
        };
    }
    let temporary = root.join(TEMPORARY);
    for folder in [&temporary, &root.join(LOCKS)] {
        fs::create_dir_all(folder).at("create", folder)?;
    }
    // As a user of the store: the first one sweeps `tmp`, where the files below begin.
    let lock = root.join(LOCKS).join(usage::LOCK);
    let in_use = usage::open(&lock).at("lock", &lock)?;
    in_use.lock_shared().at("lock", &lock)?;
    for (name, text) in [
        (".gitignore", "*\n".to_owned()),
        ("format", format!("{FORMAT}\n")),
    ] {
        let path = root.join(name);
        let mut file = NamedTempFile::new_in(&temporary).at("write", &path)?;
        file.write_all(text.as_bytes()).at("write", &path)?;
        file.as_file().sync_all().at("write", &path)?;
        let readable = Permissions::from_mode(0o644);
        file.as_file()
            .set_permissions(readable)
            .at("write", &path)?;
        file.persist(&path)
            .map_err(|error| error.error)
            .at("write", &path)?;
    }
    File::open(root)
        .and_then(|folder| folder.sync_all())
        .at("write", root)
}

impl Backend for LocalBackend {
    fn path(&self, name: &str) -> PathBuf {
        match name {
            "" => self.root.clone(),
            name => self.root.join(name),
        }
    }

    fn create(&self) -> io::Result<NamedTempFile> {
        let folder = self.path(TEMPORARY);
        match NamedTempFile::new_in(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&folder)?;
                NamedTempFile::new_in(folder)
            }
            made => made,
        }
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn make_folder(&self, name: &str) -> io::Result<bool> {
        match fs::create_dir(self.path(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn link(&self, file: TempPath, name: &str) -> io::Result<bool> {
        fs::set_permissions(&file, Permissions::from_mode(0o444))?;
        match file.persist_noclobber(self.path(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error.error),
        }
    }

    fn replace(&self, file: TempPath, name: &str) -> io::Result<()> {
        fs::set_permissions(&file, Permissions::from_mode(0o444))?;
        file.persist(self.path(name)).map_err(|error| error.error)
    }

    fn open(&self, name: &str) -> io::Result<File> {
        File::open(self.path(name))
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        // One write call, so that lines of several processes do not mix.
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.path(name))?
            .write_all(bytes)
    }

    fn lock(&self, name: &str, wait: bool) -> io::Result<Option<File>> {
        let path = self.path(name);
        loop {
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)?;
            if wait {
                file.lock()?;
            } else {
                match file.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => return Ok(None),
                    Err(TryLockError::Error(error)) => return Err(error),
                }
            }
            // Its last holder may have removed it meanwhile: then the lock is on a file that nobody else will find.
            if fs::metadata(&path)
                .is_ok_and(|found| found.ino() == file.metadata().map_or(0, |own| own.ino()))
            {
                return Ok(Some(file));
            }
        }
    }

    fn list(&self, name: &str) -> io::Result<Vec<Entry>> {
        let folder = match fs::read_dir(self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            folder => folder?,
        };
        let mut entries = Vec::new();
        for entry in folder {
            let entry = entry?;
            // Something that has gone since is not there.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            entries.push(Entry {
                name: entry.file_name().to_string_lossy().into_owned(),
                is_folder: metadata.is_dir(),
                len: metadata.len(),
                modified: metadata.mtime(),
            });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }
}
