//! The digest of a plugin's source: what decides whether its components are up to date.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use super::spec::PluginSpec;
use crate::digest::{Digest, Hasher};

/// Folders that hold what tools made, not what a person wrote.
const MADE: [&str; 4] = ["dist", "target", "node_modules", "__pycache__"];

/// Why a plugin's source could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file or folder can't be read.
    #[error("could not read {}: {error}", .path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A path under `sources` does not exist.
    #[error("{} is named under `build.sources` of plugin.toml and does not exist", .0.display())]
    Missing(PathBuf),
    /// A symbolic link to a folder: following it could go on forever.
    #[error("{} is a symbolic link to a folder; name the folder under `build.sources` of plugin.toml", .0.display())]
    LinkedFolder(PathBuf),
}

/// The digest over all files of the folder and of the spec's `sources`: their relative paths and contents, nothing else.
/// Left out are files and folders whose name begins with a dot, and `dist`, `target`, `node_modules` and `__pycache__`.
///
/// # Errors
/// When something can't be read.
pub fn digest(folder: &Path, spec: &PluginSpec) -> Result<Digest, SourceError> {
    let mut hasher = Hasher::new();
    for (name, path) in files(folder, spec)? {
        let content = fs::read(&path).map_err(|error| SourceError::Unreadable { path, error })?;
        let name = name.as_os_str().as_encoded_bytes();
        // The length keeps a name from running into a digest.
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name);
        hasher.update(Digest::of(&content).as_bytes());
    }
    Ok(hasher.finish())
}

/// The files that [`digest`] is made of, sorted: each one's name relative to the plugin, and its path.
///
/// # Errors
/// When a folder can't be read, or a source is missing.
pub fn files(folder: &Path, spec: &PluginSpec) -> Result<Vec<(PathBuf, PathBuf)>, SourceError> {
    let mut files = Vec::new();
    walk(folder, Path::new(""), &mut files)?;
    for source in &spec.sources {
        let path = folder.join(source);
        if path.is_dir() {
            walk(&path, source, &mut files)?;
        } else if path.exists() {
            files.push((source.clone(), path));
        } else {
            return Err(SourceError::Missing(path));
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// Collects the files below `folder`: each one's name relative to the plugin, and its path.
fn walk(
    folder: &Path,
    name: &Path,
    files: &mut Vec<(PathBuf, PathBuf)>,
) -> Result<(), SourceError> {
    let unreadable = |error| SourceError::Unreadable {
        path: folder.to_owned(),
        error,
    };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if is_left_out(&entry) {
            continue;
        }
        let (path, name) = (entry.path(), name.join(entry.file_name()));
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_symlink() && path.is_dir() {
            return Err(SourceError::LinkedFolder(path));
        }
        if kind.is_dir() {
            walk(&path, &name, files)?;
        } else {
            files.push((name, path));
        }
    }
    Ok(())
}

fn is_left_out(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    name.starts_with('.') || MADE.contains(&name.as_ref())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn spec(sources: &[&str]) -> PluginSpec {
        let text = format!(
            "name = \"p\"\nversion = \"0.1.0\"\nworlds = [\"score\"]\n[build]\nlanguage = \"rust\"\nsources = {sources:?}"
        );
        PluginSpec::parse(&text, Path::new("plugin.toml")).unwrap()
    }

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn depends_on_names_and_contents_alone() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        put(one.path(), "a", "1");
        put(one.path(), "src/b", "2");
        put(two.path(), "src/b", "2");
        put(two.path(), "a", "1");
        let of = |folder: &Path| digest(folder, &spec(&[])).unwrap();
        let before = of(one.path());
        assert_eq!(before, of(two.path()));

        for made in [
            "dist/x.wasm",
            "target/x",
            "src/__pycache__/x",
            "node_modules/m/x",
            ".cache",
        ] {
            put(one.path(), made, "made");
        }
        assert_eq!(before, of(one.path()));

        put(one.path(), "src/c", "");
        assert_ne!(before, of(one.path()), "a new file counts");
        put(two.path(), "a", "2");
        assert_ne!(before, of(two.path()), "a change counts");
        fs::rename(two.path().join("a"), two.path().join("b")).unwrap();
        put(two.path(), "b", "1");
        assert_ne!(before, of(two.path()), "a name counts");
    }

    #[test]
    fn sources_outside_count_too() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "plugin/a", "1");
        put(root.path(), "sdk/src/lib", "1");
        put(root.path(), "lock", "1");
        let plugin = root.path().join("plugin");
        let spec = spec(&["../sdk", "../lock"]);
        let before = digest(&plugin, &spec).unwrap();
        put(root.path(), "sdk/src/lib", "2");
        let changed = digest(&plugin, &spec).unwrap();
        assert_ne!(before, changed);
        put(root.path(), "lock", "2");
        assert_ne!(changed, digest(&plugin, &spec).unwrap());
        fs::remove_file(root.path().join("lock")).unwrap();
        assert!(matches!(
            digest(&plugin, &spec),
            Err(SourceError::Missing(_))
        ));
    }

    #[test]
    fn a_linked_folder_is_refused() {
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("..", root.path().join("up")).unwrap();
        assert!(matches!(
            digest(root.path(), &spec(&[])),
            Err(SourceError::LinkedFolder(_))
        ));
    }
}
