//! Whether a plugin folder's components were built from its present source: the question that `run` and `check` ask, and
//! that `plugin build` asks first.
//!
//! A build leaves `dist/build.json`: the digest of the source it read, the toolchain, and each component's digest.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::sources::{self, SourceError};
use super::spec::{PluginSpec, SpecError};
use crate::digest::Digest;
use crate::world::World;

/// The folder that a build writes into, inside the plugin's.
pub const DIST: &str = "dist";

const RECORD: &str = "build.json";

/// A component in a plugin's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The file.
    pub path: PathBuf,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// How a folder's components stand to its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// All of them were built from the present source.
    Fresh(BTreeMap<World, Component>),
    /// The source has changed since they were built.
    Stale,
    /// A component is missing, or is not what was built.
    Missing,
}

/// Why a plugin folder could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Its `plugin.toml` is missing or wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// Its source can't be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// The digest of a plugin folder's source, and how its components stand to that. Reads the source every time (it is small) and the components only if they were touched.
///
/// # Errors
/// When the folder is no plugin or its source can't be read.
pub fn fresh(folder: &Path) -> Result<(Digest, Freshness), FolderError> {
    let spec = PluginSpec::read(folder)?;
    let source = sources::digest(folder, &spec)?;
    Ok((source, judge(folder, &spec, source)))
}

/// As [`fresh`], with spec and source digest at hand.
pub(super) fn judge(folder: &Path, spec: &PluginSpec, source: Digest) -> Freshness {
    let Some(record) = Record::read(folder) else {
        return Freshness::Missing;
    };
    if record.source != source {
        return Freshness::Stale;
    }
    let component = |world: &World| {
        let built = record.components.get(world)?;
        let path = component_path(folder, *world);
        built.is_still(&path).then_some((
            *world,
            Component {
                path,
                digest: built.digest,
            },
        ))
    };
    match spec.worlds.iter().map(component).collect() {
        Some(components) => Freshness::Fresh(components),
        None => Freshness::Missing,
    }
}

/// Where a folder's component for a world is.
pub fn component_path(folder: &Path, world: World) -> PathBuf {
    folder.join(DIST).join(format!("{world}.wasm"))
}

/// The content of `dist/build.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The digest of the source.
    pub source: Digest,
    /// What built it, in one line.
    pub toolchain: String,
    /// What was built.
    pub components: BTreeMap<World, Built>,
}

/// A component as it was when it was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Built {
    /// The digest of its bytes.
    pub digest: Digest,
    size: u64,
    mtime_ns: i128,
    inode: u64,
}

impl Record {
    /// Reads a folder's record; none if there is none, or none that this version understands: then it is built anew.
    fn read(folder: &Path) -> Option<Self> {
        let text = fs::read(folder.join(DIST).join(RECORD)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Writes the record, whole or not at all.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        write_whole(&folder.join(DIST).join(RECORD), &text).map(drop)
    }
}

impl Built {
    /// Writes a component, whole or not at all.
    pub fn write(path: &Path, component: &[u8]) -> io::Result<Self> {
        let file = write_whole(path, component)?;
        let stat = file.metadata()?;
        Ok(Self {
            digest: Digest::of(component),
            size: stat.size(),
            mtime_ns: mtime_ns(&stat),
            inode: stat.ino(),
        })
    }

    /// Whether the file is the one that was written. It is read only if it was touched, as by a copy of the folder.
    fn is_still(&self, path: &Path) -> bool {
        let Ok(stat) = fs::metadata(path) else {
            return false;
        };
        if stat.size() != self.size {
            return false;
        }
        let untouched = mtime_ns(&stat) == self.mtime_ns && stat.ino() == self.inode;
        untouched || fs::read(path).is_ok_and(|bytes| Digest::of(&bytes) == self.digest)
    }
}

fn mtime_ns(stat: &fs::Metadata) -> i128 {
    i128::from(stat.mtime()) * 1_000_000_000 + i128::from(stat.mtime_nsec())
}

/// Replaces the file at `path` by one with this content; a reader sees the old one or the new one, never a part.
fn write_whole(path: &Path, content: &[u8]) -> io::Result<File> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    // Temporary files are private; a built plugin is as readable as any other build output.
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    file.as_file().set_permissions(mode)?;
    Ok(file.persist(path)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SPEC: &str = "name = \"p\"\nversion = \"0.1.0\"\nworlds = [\"train\", \"score\"]\n[build]\nlanguage = \"rust\"\n";

    /// A folder as a build would leave it.
    fn built() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("plugin.toml"), SPEC).unwrap();
        fs::create_dir(folder.path().join(DIST)).unwrap();
        let spec = PluginSpec::read(folder.path()).unwrap();
        let component = |world: &World| {
            let path = component_path(folder.path(), *world);
            (
                *world,
                Built::write(&path, world.name().as_bytes()).unwrap(),
            )
        };
        let record = Record {
            source: sources::digest(folder.path(), &spec).unwrap(),
            toolchain: "a compiler".into(),
            components: spec.worlds.iter().map(component).collect(),
        };
        record.write(folder.path()).unwrap();
        folder
    }

    #[test]
    fn what_was_built_from_the_present_source_is_fresh() {
        let folder = built();
        let Freshness::Fresh(components) = fresh(folder.path()).unwrap().1 else {
            panic!("not fresh")
        };
        assert_eq!(components[&World::Train].digest, Digest::of(b"train"));
        assert_eq!(fs::read(&components[&World::Score].path).unwrap(), b"score");
    }

    #[test]
    fn a_changed_source_makes_it_stale() {
        let folder = built();
        fs::write(folder.path().join("lib.rs"), "").unwrap();
        assert_eq!(fresh(folder.path()).unwrap().1, Freshness::Stale);
    }

    #[test]
    fn a_component_that_is_gone_or_another_is_missing() {
        let folder = built();
        let train = component_path(folder.path(), World::Train);
        fs::write(&train, "trial").unwrap();
        assert_eq!(
            fresh(folder.path()).unwrap().1,
            Freshness::Missing,
            "other bytes of the same size"
        );
        fs::write(&train, "train").unwrap();
        assert!(
            matches!(fresh(folder.path()).unwrap().1, Freshness::Fresh(_)),
            "the same bytes, touched"
        );
        fs::remove_file(&train).unwrap();
        assert_eq!(fresh(folder.path()).unwrap().1, Freshness::Missing);
    }

    #[test]
    fn a_record_that_is_gone_or_broken_counts_as_not_built() {
        let folder = built();
        fs::write(folder.path().join("dist/build.json"), "{}").unwrap();
        assert_eq!(fresh(folder.path()).unwrap().1, Freshness::Missing);
        fs::remove_dir_all(folder.path().join(DIST)).unwrap();
        assert_eq!(fresh(folder.path()).unwrap().1, Freshness::Missing);
    }
}
