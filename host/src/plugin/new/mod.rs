//! `plugin new`: the folder of a plugin that builds and passes its own test, to begin with; the SDK and the contract beside it.

mod rust_sdk;
mod subject;
mod template;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use subject::Subject;
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

/// Writes the plugin `name` into `folder`, which must be empty or missing.
///
/// # Errors
/// When the name is none, something is in the folder, or it cannot be written. Then nothing is left of what was written.
pub fn create(
    folder: &Path,
    name: &str,
    template: Template,
    subject: Subject,
) -> Result<(), NewError> {
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
    write(made.path(), template.files(subject, name), template.sdk()).map_err(at(folder))?;
    let made = made.keep();
    fs::rename(&made, folder).map_err(|error| {
        let _ = fs::remove_dir_all(&made);
        at(folder)(error)
    })
}

fn write(
    folder: &Path,
    files: Vec<(&'static str, String)>,
    sdk: Vec<(&'static str, String)>,
) -> io::Result<()> {
    // The folder of a temporary file is for its owner alone; a plugin is as other folders.
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    unpack(folder, files)?;
    unpack(&folder.join("sdk"), sdk)?;
    wit::unpack(&folder.join("wit"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::plugin::spec::PluginSpec;
    use crate::world::World;

    /// The files below a folder, with their texts.
    fn texts(folder: &Path) -> Vec<(PathBuf, String)> {
        let entries = fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .flat_map(|path| match path.is_dir() {
                true => texts(&path),
                false => vec![(path.clone(), fs::read_to_string(&path).unwrap())],
            })
            .collect()
    }

    #[test]
    fn every_template_is_a_plugin() {
        for (template, subject) in combinations() {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("a-b2");
            create(&folder, "a-b2", template, subject).unwrap();
            let spec = PluginSpec::read(&folder).unwrap();
            assert_eq!(spec.name, "a-b2");
            assert_eq!(spec.language.name(), template.name());
            assert_eq!(spec.worlds, subject.worlds());
            for (path, text) in texts(&folder) {
                // Go has `{{` too, before a number or an upper case letter.
                let mut behind = text.split("{{").skip(1);
                let is_filled = !behind.any(|rest| rest.starts_with(char::is_lowercase));
                let is_ours = !path.starts_with(folder.join("sdk"));
                assert!(is_filled || !is_ours, "{}", path.display());
            }
            let readme = fs::read_to_string(folder.join("README.md")).unwrap();
            assert!(readme.contains("lockflight plugin test ."), "{readme}");
            names_its_plugins(&readme);
            assert!(folder.join("wit/validate.wit").exists());
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        }
    }

    /// What the README shows of a manifest names every plugin that its stages use.
    fn names_its_plugins(readme: &str) {
        let (_, block) = readme.split_once("```toml\n").unwrap();
        let manifest: toml::Table = block.split_once("```").unwrap().0.parse().unwrap();
        let stages = manifest.iter().filter(|(table, _)| *table != "plugins");
        let stages = stages.flat_map(|(_, table)| table.as_table().unwrap().values());
        for plugin in stages.filter_map(|stage| stage.get("plugin")) {
            let plugin = plugin.as_str().unwrap();
            assert!(manifest["plugins"].get(plugin).is_some(), "{readme}");
        }
    }

    fn combinations() -> impl Iterator<Item = (Template, Subject)> {
        let of = |template| Subject::ALL.map(|subject| (template, subject));
        Template::ALL.into_iter().flat_map(of)
    }

    #[test]
    fn every_case_is_there() {
        for subject in Subject::ALL {
            let world = subject.worlds()[0];
            let folder = format!("src/plugin/new/template/world/{world}");
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let beside = ["config.schema.json", "pipeline.toml.txt"];
            let present = texts(&folder).len() - beside.len();
            assert_eq!(subject.cases().len(), present, "{world}");
        }
    }

    #[test]
    fn a_scorer_comes_with_its_trainer() {
        assert_eq!(Subject::from(World::Score), Subject::from(World::Train));
        for world in World::ALL {
            assert!(Subject::from(world).worlds().contains(&world));
        }
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mine"), "").unwrap();
        let error = create(dir.path(), "a", Template::C, Subject::Ingest).unwrap_err();
        assert!(error.to_string().contains("not empty"), "{error}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        for name in ["", "A", "1a", "a_b", "../a"] {
            let error =
                create(&dir.path().join("x"), name, Template::C, Subject::Ingest).unwrap_err();
            assert!(matches!(error, NewError::Name(_)), "{name}");
        }
    }
}
