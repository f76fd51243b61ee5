//! A remote in a folder that several machines mount. It is laid out as a local store and may be looked at with `--store`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::{Remote, RemoteError};
use crate::store::backend::{LocalBackend, check_format, check_vacant};
use crate::store::{Store, StoreError};

/// A remote in a folder.
#[derive(Debug)]
pub struct FolderRemote {
    root: PathBuf,
    store: Store,
    /// Keeps `gc` out once something is to be written.
    in_use: OnceLock<Store>,
}

impl FolderRemote {
    /// Opens the remote in a folder that is there. An empty one is a remote without files; it becomes one when it is first written.
    ///
    /// # Errors
    /// When the folder is missing, holds something else, or has a newer format.
    pub fn open(path: &Path) -> Result<FolderRemote, RemoteError> {
        let missing = |why: String| RemoteError::NoFolder {
            path: path.to_owned(),
            why,
        };
        let root = std::path::absolute(path).map_err(|error| missing(error.to_string()))?;
        match fs::metadata(&root) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(missing("it is no folder".to_owned())),
            Err(error) => return Err(missing(error.to_string())),
        }
        let format = root.join("format");
        let checked = match fs::read_to_string(&format) {
            Ok(text) => check_format(&root, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => check_vacant(&root),
            Err(source) => Err(StoreError::Io {
                action: "read",
                path: format,
                source,
            }),
        };
        checked.map_err(RemoteError::Unusable)?;
        let store = Store::with_backend(Arc::new(LocalBackend::at(root.clone())));
        Ok(FolderRemote {
            root,
            store,
            in_use: OnceLock::new(),
        })
    }

    fn bytes(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(mut file) = self.read(name)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

/// The system's error alone; whoever asked names the file.
fn plain(error: StoreError) -> io::Error {
    match error {
        StoreError::Io { source, .. } => source,
        other => io::Error::other(other),
    }
}

fn absent(kind: io::ErrorKind) -> bool {
    [
        io::ErrorKind::NotFound,
        io::ErrorKind::NotADirectory,
        io::ErrorKind::IsADirectory,
    ]
    .contains(&kind)
}

impl Remote for FolderRemote {
    fn place(&self) -> String {
        self.root.display().to_string()
    }

    fn begin(&self) -> io::Result<()> {
        if self.in_use.get().is_some() {
            return Ok(());
        }
        LocalBackend::open(&self.root).map_err(plain)?;
        let held = self.store.clone().in_use().map_err(plain)?;
        // Another thread may have been quicker: then it holds the folder.
        let _ = self.in_use.set(held);
        Ok(())
    }

    fn read(&self, name: &str) -> io::Result<Option<Box<dyn Read + Send>>> {
        let file = match File::open(self.root.join(name)) {
            Err(error) if absent(error.kind()) => return Ok(None),
            file => file?,
        };
        // The name of a folder is not that of a file.
        match file.metadata()?.is_dir() {
            true => Ok(None),
            false => Ok(Some(Box::new(file))),
        }
    }

    fn has(&self, name: &str) -> io::Result<bool> {
        match fs::metadata(self.root.join(name)) {
            Ok(found) => Ok(found.is_file()),
            Err(error) if absent(error.kind()) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn put(&self, name: &str, from: &mut dyn Read) -> io::Result<bool> {
        if self.has(name)? {
            return Ok(false);
        }
        self.begin()?;
        let mut file = self.store.create().map_err(plain)?;
        io::copy(from, file.as_file_mut())?;
        file.as_file().sync_all()?;
        let folders = self.store.make_folders(name).map_err(plain)?;
        let linked = self.store.backend.link(file.into_temp_path(), name)?;
        self.store.sync_all(folders).map_err(plain)?;
        Ok(linked)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        // A remote that was taken away must not look like one without names.
        fs::metadata(&self.root)?;
        let files = self.store.walk(folder).map_err(plain)?;
        Ok(files.into_iter().map(|file| file.name).collect())
    }

    fn swap(&self, name: &str, from: Option<&[u8]>, to: &[u8]) -> io::Result<bool> {
        self.begin()?;
        let _lock = self.store.wait_for_lock("refs").map_err(plain)?;
        if self.bytes(name)?.as_deref() != from {
            return Ok(false);
        }
        let mut file = self.store.create().map_err(plain)?;
        self.store.write(&mut file, to).map_err(plain)?;
        file.as_file().sync_all()?;
        let placed = self.store.place([(name.to_owned(), file.into_temp_path())]);
        placed.map_err(plain)?;
        Ok(true)
    }
}
