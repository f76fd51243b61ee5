//! `plugin new`: the folder of a plugin that builds and passes its own test, to begin with; the SDK and the contract beside it.

mod rust_sdk;
mod template;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use template::Template;

use super::embedded::unpack;
use super::spec::is_name;
use super::wit;

/// Why there is no new plugin.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// The name is none.
    #[error(
        "{0:?} is no name for a plugin: lower case letters, digits and dashes, beginning with a letter"
    )]
    Name(String),
    /// Something is there already.
    #[error("{} is there already and not empty; name another folder with --to DIR, or remove it", .0.display())]
    Occupied(PathBuf),
    /// It could not be written.
    #[error("{}: {error}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// Writes the plugin `name` into `folder`, which must be empty or missing. It fits the world `validate`.
///
/// # Errors
/// When the name is none, something is in the folder, or it cannot be written. Then nothing is left of what was written.
pub fn create(folder: &Path, name: &str, template: Template) -> Result<(), NewError> {
    if !is_name(name) {
        return Err(NewError::Name(name.to_owned()));
    }
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| NewError::Io { path, error }
    };
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(NewError::Occupied(folder.to_owned()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(at(folder)(error)),
    }
    // Beside its place, so that it is there as a whole or not at all.
    let parent = match folder.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(at(parent))?;
    let made = tempfile::Builder::new()
        .prefix(".lockflight-new-")
        .tempdir_in(parent)
        .map_err(at(parent))?;
    write(made.path(), name, template).map_err(at(folder))?;
    let made = made.keep();
    fs::rename(&made, folder).map_err(|error| {
        let _ = fs::remove_dir_all(&made);
        at(folder)(error)
    })
}

fn write(folder: &Path, name: &str, template: Template) -> io::Result<()> {
    // The folder of a temporary file is for its owner alone; a plugin is as other folders.
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    let named = |text: &str| text.replace("{{name}}", name);
    let files = template
        .files()
        .iter()
        .map(|(path, text)| (*path, named(text)));
    unpack(
        folder,
        files.chain([("README.md", named(&template.readme()))]),
    )?;
    unpack(&folder.join("sdk"), template.sdk())?;
    wit::unpack(&folder.join("wit"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::plugin::spec::PluginSpec;

    #[test]
    fn every_template_is_a_plugin() {
        for template in Template::ALL {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("a-b2");
            create(&folder, "a-b2", template).unwrap();
            let spec = PluginSpec::read(&folder).unwrap();
            assert_eq!(spec.name, "a-b2");
            assert_eq!(spec.language.name(), template.name());
            let readme = fs::read_to_string(folder.join("README.md")).unwrap();
            assert!(!readme.contains("{{"), "{readme}");
            assert!(folder.join("wit/validate.wit").exists());
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mine"), "").unwrap();
        let error = create(dir.path(), "a", Template::C).unwrap_err();
        assert!(error.to_string().contains("not empty"), "{error}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        for name in ["", "A", "1a", "a_b", "../a"] {
            let error = create(&dir.path().join("x"), name, Template::C).unwrap_err();
            assert!(matches!(error, NewError::Name(_)), "{name}");
        }
    }
}
