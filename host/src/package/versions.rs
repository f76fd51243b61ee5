//! Versions of models: each package that passed is counted under its model's name, `models/NAME/1` and so on, for good.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    diagnostic::did_you_mean,
    digest::Digest,
    store::{RefName, Store, StoreError},
};

/// A version of a model: which package, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionRecord {
    /// The model's name: its train stage.
    pub name: String,
    /// Counted from 1.
    pub version: u64,
    /// The package's manifest.
    pub package: Digest,
    /// The size of the package.
    pub bytes: u64,
    /// The model's document.
    pub model: Digest,
    /// The package stage.
    pub stage: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// The run that first came to this package.
    pub run: String,
    /// When that was, RFC 3339 in UTC.
    pub time: String,
}

/// Why a package was not found.
#[derive(Debug, thiserror::Error)]
pub enum PackagesError {
    /// There is none of that name.
    #[error("there is no package {name:?}; {help}")]
    Unknown {
        /// The name.
        name: String,
        /// What there is.
        help: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the record is called when it turns out to be none.
const RECORD: &str = "the record of a model's version";

/// The packages of a store.
pub struct Packages<'s> {
    store: &'s Store,
}

impl<'s> Packages<'s> {
    /// Of this store.
    pub fn new(store: &'s Store) -> Self {
        Packages { store }
    }

    /// Counts a package as the next version of its model, unless it is one already; gives the version.
    ///
    /// # Errors
    /// When the store fails.
    pub fn enter(
        &self,
        mut record: VersionRecord,
        at: Timestamp,
    ) -> Result<VersionRecord, StoreError> {
        // Two runs at a time would both count on from the same version.
        let _lock = self.store.lock_key(&Digest::of(record.name.as_bytes()))?;
        let known = self.names(&format!("models/{}", record.name))?;
        // Newest first, since a run with nothing to do asks for the newest each time.
        for (_, name) in known.iter().rev() {
            let known = self.read(name)?;
            if known.package == record.package {
                return Ok(known);
            }
        }
        record.version = known.last().map_or(1, |(newest, _)| newest + 1);
        let mut publication = self.store.begin();
        let digest = publication.document(&record)?;
        publication.commit()?;
        let name = ref_name(&record.name, record.version);
        self.store.set_refs(vec![(name, digest)], at)?;
        Ok(record)
    }

    /// The versions of a model, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of_model(&self, name: &str) -> Result<Vec<VersionRecord>, StoreError> {
        self.below(&format!("models/{name}"))
    }

    /// All versions of all models, by name, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn list(&self) -> Result<Vec<VersionRecord>, StoreError> {
        let mut records = self.below("models")?;
        records.sort_by(|a, b| (&a.name, a.version).cmp(&(&b.name, b.version)));
        Ok(records)
    }

    fn below(&self, folder: &str) -> Result<Vec<VersionRecord>, StoreError> {
        let names = self.names(folder)?.into_iter();
        names.map(|(_, name)| self.read(&name)).collect()
    }

    /// The refs of versions below a folder, with their numbers, ascending.
    fn names(&self, folder: &str) -> Result<Vec<(u64, RefName)>, StoreError> {
        let names = self.store.refs(folder)?.into_iter();
        let mut names: Vec<_> = names
            .filter_map(|name| Some((version_of(&name)?, name)))
            .collect();
        names.sort_by_key(|(version, _)| *version);
        Ok(names)
    }

    fn read(&self, name: &RefName) -> Result<VersionRecord, StoreError> {
        let digest = self.store.get_ref(name)?;
        let digest = digest.expect("a ref that is listed is there, and none is ever removed");
        self.store.document(&digest, RECORD)
    }

    /// The version that a user means: `demand` (the newest), `demand/3`, or a package's digest.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&self, wanted: &str) -> Result<VersionRecord, PackagesError> {
        let all = self.list()?;
        let by_digest = wanted.parse::<Digest>().ok();
        let (name, version) = match wanted.rsplit_once('/') {
            Some((name, version)) => (name, version.parse::<u64>().ok()),
            None => (wanted, None),
        };
        let found = all.iter().rev().find(|record| match by_digest {
            Some(digest) => record.package == digest,
            None if wanted.contains('/') => record.name == name && Some(record.version) == version,
            None => record.name == name,
        });
        found.cloned().ok_or_else(|| unknown(wanted, &all))
    }
}

fn unknown(wanted: &str, all: &[VersionRecord]) -> PackagesError {
    let names: Vec<String> = all
        .iter()
        .map(|record| format!("{}/{}", record.name, record.version))
        .collect();
    let help = match names.as_slice() {
        [] => {
            "the store has no packages yet: `lockflight run` makes those of [package.NAME]".into()
        }
        names => did_you_mean(wanted, names)
            .unwrap_or_else(|| format!("the packages are {}", names.join(", "))),
    };
    PackagesError::Unknown {
        name: wanted.to_owned(),
        help,
    }
}

/// The version that a ref below `models/` is of; none for other names such as `@latest`.
fn version_of(name: &RefName) -> Option<u64> {
    name.as_str().rsplit('/').next()?.parse().ok()
}

fn ref_name(model: &str, version: u64) -> RefName {
    format!("models/{model}/{version}")
        .parse()
        .expect("names in manifests are names of refs too")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::testing::store;

    fn record(name: &str, package: &str) -> VersionRecord {
        VersionRecord {
            name: name.into(),
            version: 0,
            package: Digest::of(package.as_bytes()),
            bytes: 7,
            model: Digest::of(b"model"),
            stage: "release".into(),
            pipeline: "bikes".into(),
            run: "run-1".into(),
            time: "2026-11-25T00:00:00Z".into(),
        }
    }

    #[test]
    fn packages_are_counted_once_each() {
        let (_dir, store) = store();
        let packages = Packages::new(&store);
        let none = packages.find("demand").unwrap_err().to_string();
        assert!(none.contains("no packages yet"), "{none}");
        let enter = |name: &str, package: &str| {
            packages
                .enter(record(name, package), Timestamp::UNIX_EPOCH)
                .unwrap()
                .version
        };
        assert_eq!(enter("demand", "a"), 1);
        assert_eq!(enter("demand", "b"), 2);
        assert_eq!(enter("demand", "a"), 1);
        assert_eq!(enter("other", "a"), 1);
        for package in 0..9 {
            enter("demand", &package.to_string());
        }
        let newest = packages.find("demand").unwrap();
        assert_eq!((newest.version, newest.package), (11, Digest::of(b"8")));
        assert_eq!(packages.find("demand/2").unwrap().package, Digest::of(b"b"));
        let digest = Digest::of(b"b").to_string();
        assert_eq!(packages.find(&digest).unwrap().version, 2);
        assert_eq!(packages.list().unwrap().len(), 12);
        let near = packages.find("demand/12").unwrap_err().to_string();
        assert!(near.contains("did you mean"), "{near}");
    }
}
