//! `lockflight.lock`: what the names in a manifest stood for. Its first part is code (plugin source to component, the contract), its
//! second data (sources): `--locked` holds the first, `--frozen` both, so that a nightly run on new data can be locked.

mod entry;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::locked::Snapshot;
use crate::{diagnostic::Problem, digest::Digest, job::ABI, new_file, plugin::wit, world::World};

pub use entry::{LockedFrom, LockedPlugin, LockedSource};

/// The name of the file, beside the manifest.
pub const FILE_NAME: &str = "lockflight.lock";
/// The version of the format.
const VERSION: u32 = 1;
const HEAD: &str = "# What the names in lockflight.toml stood for when it last ran. `lockflight run` and `lockflight lock` write this file;\n# commit it, and `lockflight run --locked` holds what runs against it.\n\n";

/// The content of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lockfile {
    version: u32,
    /// What does the work.
    pub code: Code,
    /// The sources by name.
    #[serde(default)]
    pub data: BTreeMap<String, LockedSource>,
}

/// The first part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// What guests can see of the host, by number.
    pub abi: u32,
    /// The digest of the contract's text.
    pub wit: Digest,
    /// The plugins by the name that the manifest gives them.
    #[serde(default)]
    pub plugins: BTreeMap<String, LockedPlugin>,
}

/// Which part of a lock file has to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Hold {
    /// None: what is different is written.
    #[default]
    Nothing,
    /// The code.
    Code,
    /// The code and the data.
    All,
}

/// What a plan has to hold to.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Which part of the lock file.
    pub hold: Hold,
    /// The content of sources, by name, in the place of what lies in their files now.
    pub pins: BTreeMap<String, Snapshot>,
    /// Whether components are those of the plugins' folders, whatever is locked.
    pub rebuilt: bool,
}

/// What is different from a lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Whether it is about code; else it is about data.
    pub is_code: bool,
    /// A line that says so.
    pub text: String,
}

impl Default for Lockfile {
    fn default() -> Self {
        Lockfile {
            version: VERSION,
            code: Code {
                abi: ABI,
                wit: contract(),
                plugins: BTreeMap::new(),
            },
            data: BTreeMap::new(),
        }
    }
}

/// The digest of the contract: the names and texts of its files.
fn contract() -> Digest {
    let text: String = wit::FILES
        .iter()
        .map(|(name, text)| format!("{name} {}\n", Digest::of(text.as_bytes())))
        .collect();
    Digest::of(text.as_bytes())
}

impl Lockfile {
    /// Reads the file of a folder; none if there is none.
    ///
    /// # Errors
    /// When it cannot be read or understood: a conflict of a merge in it, say.
    pub fn read(folder: &Path) -> Result<Option<Lockfile>, Box<Problem>> {
        let path = folder.join(FILE_NAME);
        let shown = path.strip_prefix(".").unwrap_or(&path);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(shown, &text).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(shown, &format!("cannot be read: {error}"))),
        }
    }

    /// Reads the file's text; `shown` names the file in messages.
    ///
    /// # Errors
    /// When it is no lock file, or one of a newer version.
    pub fn parse(shown: &Path, text: &str) -> Result<Lockfile, Box<Problem>> {
        match toml::from_str::<Version>(text) {
            Ok(Version { version }) if version > VERSION => {
                let why =
                    format!("is of version {version}, which only a newer lockflight understands");
                return Err(unreadable(shown, &why));
            }
            _ => {}
        }
        toml::from_str(text)
            .map_err(|error| unreadable(shown, &format!("is no lock file: {error}")))
    }

    /// The file's text.
    ///
    /// # Errors
    /// When a number in it is larger than TOML can hold.
    pub fn text(&self) -> Result<String, toml::ser::Error> {
        Ok(format!("{HEAD}{}", toml::to_string(self)?))
    }

    /// Writes the file of a folder, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let text = self.text().map_err(io::Error::other)?;
        new_file::replace(&folder.join(FILE_NAME), text.as_bytes())
    }

    /// The component of a plugin's present source, if that source is the locked one.
    pub fn component(&self, plugin: &str, source: &Digest, world: World) -> Option<&Digest> {
        let locked = self.code.plugins.get(plugin)?;
        match &locked.from {
            LockedFrom::Folder { source: was } if was == source => locked.components.get(&world),
            _ => None,
        }
    }

    /// What a plugin's reference stood for: the digest of the manifest, and the components by world.
    pub fn artifact(
        &self,
        plugin: &str,
        reference: &str,
    ) -> Option<(&Digest, &BTreeMap<World, Digest>)> {
        let locked = self.code.plugins.get(plugin)?;
        match &locked.from {
            LockedFrom::Artifact { oci, manifest } if oci == reference => {
                Some((manifest, &locked.components))
            }
            _ => None,
        }
    }

    /// What is different in `now`.
    pub fn differences(&self, now: &Lockfile) -> Vec<Difference> {
        let mut found = Vec::new();
        self.code_differences(&now.code, &mut |text| {
            found.push(Difference {
                is_code: true,
                text,
            });
        });
        for name in names(&self.data, &now.data) {
            let text = match (self.data.get(name), now.data.get(name)) {
                (Some(locked), Some(now)) if locked == now => continue,
                (Some(locked), Some(now)) if locked.place != now.place => format!(
                    "source {name}: was {} ({}) and is {} ({})",
                    locked.place,
                    locked.digest.short(),
                    now.place,
                    now.digest.short()
                ),
                (Some(locked), Some(now)) => format!(
                    "source {name}: {} was {} ({} bytes) and is {} ({} bytes)",
                    now.place,
                    locked.digest.short(),
                    locked.bytes,
                    now.digest.short(),
                    now.bytes
                ),
                (None, _) => format!("source {name} is not in the lock file"),
                (_, None) => format!("source {name} is no longer in the manifest"),
            };
            found.push(Difference {
                is_code: false,
                text,
            });
        }
        found
    }

    fn code_differences(&self, now: &Code, tell: &mut dyn FnMut(String)) {
        let locked = &self.code;
        if locked.abi != now.abi || locked.wit != now.wit {
            tell(format!(
                "the contract: {} (ABI {}) was locked, this lockflight has {} (ABI {})",
                locked.wit.short(),
                locked.abi,
                now.wit.short(),
                now.abi
            ));
        }
        for name in names(&locked.plugins, &now.plugins) {
            match (locked.plugins.get(name), now.plugins.get(name)) {
                (Some(locked), Some(now)) => locked.differences(name, now, tell),
                (None, _) => tell(format!("plugin {name} is not in the lock file")),
                (_, None) => tell(format!("plugin {name} is no longer used")),
            }
        }
    }
}

/// The keys of both, each once.
fn names<'k, K: Ord, V>(
    one: &'k BTreeMap<K, V>,
    other: &'k BTreeMap<K, V>,
) -> impl Iterator<Item = &'k K> {
    let keys: BTreeSet<&K> = one.keys().chain(other.keys()).collect();
    keys.into_iter()
}

fn unreadable(shown: &Path, why: &str) -> Box<Problem> {
    let problem = Problem::error("lock-unreadable", format!("{} {why}", shown.display()));
    Box::new(problem.help("mend it, or remove it and let `lockflight lock` write it anew"))
}

/// What is read before the rest: files of other versions look otherwise.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::manifest::Place;

    fn lockfile() -> Lockfile {
        let mut lockfile = Lockfile::default();
        let plugin = |from| LockedPlugin {
            from,
            components: BTreeMap::from([(World::Ingest, Digest::of(b"component"))]),
        };
        let folder = LockedFrom::Folder {
            source: Digest::of(b"source"),
        };
        let artifact = LockedFrom::Artifact {
            oci: "r.example/pack:1".into(),
            manifest: Digest::of(b"manifest"),
        };
        for (name, from) in [
            ("csv", folder),
            ("file", LockedFrom::File),
            ("pack", artifact),
        ] {
            lockfile.code.plugins.insert(name.into(), plugin(from));
        }
        let source = |place| LockedSource {
            place,
            digest: Digest::of(b"rides"),
            bytes: 5,
        };
        let (file, url) = ("rides.csv", "https://data.example.com/rides.csv?v=1");
        let rides = source(Place::File(file.into()));
        lockfile.data.insert("rides".into(), rides);
        let web = source(Place::Url(url.into()));
        lockfile.data.insert("web".into(), web);
        lockfile
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Lockfile::read(folder.path()).unwrap(), None);
        lockfile().write(folder.path()).unwrap();
        assert_eq!(Lockfile::read(folder.path()).unwrap(), Some(lockfile()));
    }

    #[test]
    fn a_broken_or_newer_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let message = |text: &str| {
            std::fs::write(folder.path().join(FILE_NAME), text).unwrap();
            Lockfile::read(folder.path()).unwrap_err().message
        };
        assert!(message("<<<<<<< HEAD\n").contains("is no lock file"));
        assert!(message("version = 2\nfuture = 1\n").contains("only a newer lockflight"));
        assert!(message("version = 1\n").contains("missing field `code`"));
        let halves = lockfile()
            .text()
            .unwrap()
            .replace("oci = \"r.example/pack:1\"\n", "");
        assert!(message(&halves).contains("`oci` and `manifest`"));
    }

    #[test]
    fn differences_name_part_and_thing() {
        let was = lockfile();
        assert!(was.differences(&was).is_empty());
        let mut now = lockfile();
        let csv = now.code.plugins.get_mut("csv").unwrap();
        csv.components
            .insert(World::Ingest, Digest::of(b"other component"));
        let gbdt = LockedPlugin {
            from: LockedFrom::File,
            components: BTreeMap::new(),
        };
        now.code.plugins.insert("gbdt".into(), gbdt);
        now.code.plugins.get_mut("pack").unwrap().from = LockedFrom::Artifact {
            oci: "r.example/pack:1".into(),
            manifest: Digest::of(b"moved"),
        };
        now.data.get_mut("rides").unwrap().digest = Digest::of(b"more rides");
        now.data.get_mut("web").unwrap().place = Place::File("web.csv".into());
        let found = was.differences(&now);
        let is_code: Vec<_> = found.iter().map(|found| found.is_code).collect();
        assert_eq!(is_code, [true, true, true, false, false]);
        assert!(
            found[0]
                .text
                .starts_with("plugin csv: the component for ingest was")
        );
        assert_eq!(found[1].text, "plugin gbdt is not in the lock file");
        let tag = "plugin pack: was r.example/pack:1 (";
        assert!(found[2].text.starts_with(tag), "{}", found[2].text);
        assert!(found[3].text.starts_with("source rides: rides.csv was"));
        let moved = "source web: was https://data.example.com/rides.csv?v=1 (";
        assert!(found[4].text.starts_with(moved));
        assert!(found[4].text.contains("and is web.csv ("));
    }
}
