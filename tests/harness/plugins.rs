//! The plugins that scenarios use, built once.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use lockflight::plugin::build::installed::InstallError;
use lockflight::plugin::build::{BuildError, Outcome, build};

/// Builds the plugins of this repository that the manifests in a folder name, or one of them, unless they are fresh.
///
/// # Errors
/// What this machine lacks for it.
///
/// # Panics
/// When a plugin cannot be built though nothing is missing.
pub fn ready(scenario: &Path, manifest: Option<&str>) -> Result<(), String> {
    plugins_of(scenario, manifest)
        .into_iter()
        .try_for_each(once)
}

/// The folders that `path = "../…/plugins/NAME"` means in the `.toml` files of a folder, or in one of them.
fn plugins_of(scenario: &Path, manifest: Option<&str>) -> BTreeSet<PathBuf> {
    let files = fs::read_dir(scenario)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let manifests = files.filter(|file| match manifest {
        Some(name) => file.ends_with(name),
        None => file.extension().is_some_and(|end| end == "toml"),
    });
    let mut found = BTreeSet::new();
    for manifest in manifests {
        let text = fs::read_to_string(manifest).unwrap();
        for quoted in text
            .split('"')
            .filter(|part| part.starts_with("../") && part.contains("plugins/"))
        {
            let (before, rest) = quoted.rsplit_once("plugins/").expect("checked above");
            let name = rest.split('/').next().expect("a part, if an empty one");
            let folder = scenario.join(before).join("plugins").join(name);
            if folder.join("plugin.toml").exists() {
                found.insert(folder.canonicalize().unwrap());
            }
        }
    }
    found
}

/// What became of each plugin; the lock is held while one is built, so that the others wait for it.
static BUILT: LazyLock<Mutex<HashMap<PathBuf, Result<(), String>>>> = LazyLock::new(Mutex::default);

fn once(folder: PathBuf) -> Result<(), String> {
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    built
        .entry(folder)
        .or_insert_with_key(|folder| made(folder))
        .clone()
}

fn made(folder: &Path) -> Result<(), String> {
    match build(folder, false, &|line| println!("{line}")) {
        Ok(Outcome::UpToDate(_) | Outcome::Built(_)) => Ok(()),
        Err(BuildError::Install(error @ InstallError::Missing { .. })) => Err(error.to_string()),
        Err(error) => panic!("{} cannot be built: {error}", folder.display()),
    }
}
