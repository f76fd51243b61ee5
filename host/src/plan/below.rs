//! The files beside a manifest, read strictly below its folder and as far as the policy goes.

use std::{
    fs::File,
    io,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

use cap_std::{ambient_authority, fs::Dir};

use super::{Memory, components::Finder, locked::Snapshot};
use crate::{
    diagnostic::Problem,
    enforcement::{Point, stands},
    manifest::Resolved,
    policy::{Policy, Refusal},
    store::Store,
};

/// Files strictly below the manifest's folder, and plugins.
pub(super) struct Below<'a> {
    pub folder: Dir,
    pub path: &'a Path,
    pub store: &'a Store,
    pub memory: &'a mut Memory,
    pub finder: Finder<'a>,
    pub policy: &'a Policy,
}

/// Why a source cannot be used.
pub(super) enum Unusable {
    Unreadable(String),
    Refused(Refusal),
}

impl From<String> for Unusable {
    fn from(why: String) -> Unusable {
        Unusable::Unreadable(why)
    }
}

impl From<Refusal> for Unusable {
    fn from(refusal: Refusal) -> Unusable {
        Unusable::Refused(refusal)
    }
}

impl Unusable {
    /// At the source.
    pub fn problem(self, manifest: &Resolved, source: &str) -> Problem {
        match self {
            Unusable::Unreadable(why) => manifest.source_problem(source, "source-unreadable", why),
            Unusable::Refused(refusal) => manifest
                .source_problem(source, "policy-source", refusal.message)
                .help(refusal.line.to_string()),
        }
    }
}

impl Below<'_> {
    /// The bytes of another time, if they are at hand.
    pub fn pinned(&self, pinned: &Snapshot) -> Result<Snapshot, String> {
        match self.store.obtain_blob(&pinned.digest) {
            Ok(true) => Ok(*pinned),
            Ok(false) => Err(format!(
                "{} is neither in the store nor in a remote of it",
                pinned.digest
            )),
            Err(error) => Err(error.to_string()),
        }
    }

    /// A source, if the policy lets it be read.
    pub fn source(&mut self, file: &Path) -> Result<Snapshot, Unusable> {
        let opened = self.open(file)?;
        let place = place(&opened)
            .map_err(|e| format!("{}: where it lies is not known: {e}", file.display()))?;
        self.policy.may_read(self.path, &place)?;
        Ok(self.take(file, opened)?)
    }

    /// A file of a stage.
    pub fn snapshot(&mut self, file: &Path) -> Result<Snapshot, String> {
        let opened = self.open(file)?;
        self.take(file, opened)
    }

    fn open(&self, file: &Path) -> Result<File, String> {
        let opened = match stands(Point::PathLinks) {
            true => self.folder.open(file),
            false => cap_std::fs::File::open_ambient(self.path.join(file), ambient_authority()),
        };
        let opened = opened.map_err(|e| format!("{} cannot be opened: {e}", file.display()))?;
        Ok(opened.into_std())
    }

    fn take(&mut self, file: &Path, mut opened: File) -> Result<Snapshot, String> {
        let path = self.path.join(file);
        let (digest, bytes) = self
            .memory
            .snapshot(self.store, &path, &mut opened)
            .map_err(|e| format!("{} cannot be copied into the store: {e}", file.display()))?;
        Ok(Snapshot { digest, bytes })
    }
}

/// Where an opened file lies, without links: of the file itself, so that no link can be moved in between.
fn place(opened: &File) -> io::Result<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{}", opened.as_raw_fd()))
}
