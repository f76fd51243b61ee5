//! What stands beside the runs: versions of models and decisions on endpoints, each document read once.

use crate::{
    digest::Digest,
    endpoint::EndpointRecord,
    package::VersionRecord,
    store::{Store, StoreError},
};

/// The versions and decisions of a store.
#[derive(Debug, Default)]
pub struct Releases {
    /// The versions, by name.
    pub versions: Vec<VersionRecord>,
    /// The decisions of each endpoint with the digests of their records, oldest first.
    pub decisions: Vec<(Digest, EndpointRecord)>,
    /// What could not be read.
    pub notes: Vec<String>,
}

impl Releases {
    /// Of a store.
    ///
    /// # Errors
    /// When names cannot be listed. A record that cannot be read is left out with a note.
    pub fn read(store: &Store) -> Result<Releases, StoreError> {
        let mut releases = Releases::default();
        releases.read_versions(store)?;
        releases.read_decisions(store)?;
        Ok(releases)
    }

    fn read_versions(&mut self, store: &Store) -> Result<(), StoreError> {
        for name in store.refs("models")? {
            // Beside versions there is `@latest`.
            let number = name.as_str().rsplit('/').next();
            if number.is_none_or(|number| number.parse::<u64>().is_err()) {
                continue;
            }
            let record = store.get_ref(&name).and_then(|digest| {
                let read = |digest| store.document(&digest, "the record of a model's version");
                digest.map(read).transpose()
            });
            match record {
                Ok(record) => self.versions.extend(record),
                Err(error) => self.notes.push(format!("{name} is left out: {error}")),
            }
        }
        self.versions
            .sort_by(|a, b| (&a.name, a.version).cmp(&(&b.name, b.version)));
        Ok(())
    }

    fn read_decisions(&mut self, store: &Store) -> Result<(), StoreError> {
        for name in store.refs("endpoints")? {
            let moves = match store.ref_history(&name) {
                Ok(moves) => moves,
                Err(error) => {
                    self.notes.push(format!("{name} is left out: {error}"));
                    continue;
                }
            };
            for moved in moves.iter().rev() {
                match store.document(&moved.target, "the record of an endpoint") {
                    Ok(record) => self.decisions.push((moved.target, record)),
                    Err(error) => {
                        let note = format!("a decision of {name} is left out: {error}");
                        self.notes.push(note);
                    }
                }
            }
        }
        Ok(())
    }
}
