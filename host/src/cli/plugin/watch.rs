//! Files that are watched: what was last seen of them, and waiting until that changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::launcher::Cancel;
use crate::plugin::{
    sources,
    spec::{self, PluginSpec},
};

/// How often the files are looked at: seldom enough to cost nothing, often enough to seem instant.
const POLL: Duration = Duration::from_millis(200);

/// What is seen of files without reading them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen(Vec<(PathBuf, Option<(SystemTime, u64)>)>);

impl Seen {
    /// Looks at a plugin, which is the source in a folder or a component, and at files beside it. One that is missing is seen to be.
    pub fn of(plugin: &Path, beside: &[&Path]) -> Seen {
        let mut files: Vec<_> = beside.iter().map(|path| path.to_path_buf()).collect();
        match plugin.is_dir() {
            true => files.extend(source(plugin)),
            false => files.push(plugin.to_owned()),
        }
        let look = |path: PathBuf| {
            let found = fs::metadata(&path).ok();
            let state = found.and_then(|found| Some((found.modified().ok()?, found.len())));
            (path, state)
        };
        Seen(files.into_iter().map(look).collect())
    }

    /// How many files were looked at.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// The files that a plugin is built from; of a folder that says nothing valid about itself, the file that should.
fn source(folder: &Path) -> Vec<PathBuf> {
    let named = PluginSpec::read(folder)
        .ok()
        .and_then(|spec| sources::files(folder, &spec).ok());
    match named {
        Some(files) => files.into_iter().map(|(_, path)| path).collect(),
        None => vec![folder.join(spec::FILE)],
    }
}

/// Waits until `look` sees something else than `seen`; false if the command was cancelled before.
pub(super) fn changed(seen: &Seen, look: impl Fn() -> Seen, cancel: &Cancel) -> bool {
    while !cancel.is_cancelled() {
        thread::sleep(POLL);
        if look() != *seen {
            return true;
        }
    }
    false
}
