//! A target folder for the Rust plugins of a user, so that what they depend on is compiled for the first of them and not for each.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::installed::user_cache;
use super::rust::Metadata;
use super::tool::run;
use super::{BuildError, lock};
use crate::plugin::toolchain::TARGET;

/// The file in the folder that says whose crates are in it.
const LAST: &str = "last-plugin";

/// The folder, which no other build is in as long as this lives.
pub(super) struct Shared {
    folder: PathBuf,
    _lock: File,
}

impl Shared {
    /// The folder for a plugin that is a workspace of its own, keeps to its folder and has no other target folder set; others build in
    /// their own. Waits for other builds.
    ///
    /// # Errors
    /// When it cannot be written, or what another plugin left cannot be removed.
    pub(super) fn of(
        plugin: &Path,
        metadata: &Metadata,
        profile: &str,
    ) -> Result<Option<Shared>, BuildError> {
        let root = &metadata.workspace_root;
        let is_usual = metadata.target_directory == root.join("target");
        let (true, true, Some(cache)) = (root == plugin, is_usual, user_cache()) else {
            return Ok(None);
        };
        if !metadata.paths().all(|path| path.starts_with(root)) {
            return Ok(None);
        }
        let folder = cache.join("rust");
        fs::create_dir_all(&folder).map_err(BuildError::io(&folder))?;
        let shared = Shared {
            _lock: lock(&folder.join(".lock"))?,
            folder,
        };
        shared.is_for(plugin, metadata, profile)?;
        Ok(Some(shared))
    }

    /// Where cargo is to build.
    pub(super) fn target(&self) -> &Path {
        &self.folder
    }

    /// Removes the crates of another plugin. Cargo knows a crate of a workspace by its place in there and judges its age by the clock,
    /// so it would take an older one of the same name for what another plugin has.
    fn is_for(&self, plugin: &Path, metadata: &Metadata, profile: &str) -> Result<(), BuildError> {
        let found = fs::metadata(plugin).map_err(BuildError::io(plugin))?;
        let this = format!("{}:{} {}\n", found.dev(), found.ino(), plugin.display());
        let last = self.folder.join(LAST);
        if fs::read_to_string(&last).is_ok_and(|last| last == this) {
            return Ok(());
        }
        let mut cargo = Command::new("cargo");
        cargo.current_dir(plugin).arg("clean");
        for name in metadata.names() {
            cargo.args(["--package", name]);
        }
        cargo.args(["--target", TARGET, "--profile", profile]);
        run(cargo.arg("--target-dir").arg(&self.folder))?;
        fs::write(&last, this).map_err(BuildError::io(&last))
    }
}
