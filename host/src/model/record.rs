//! Models by name: each train stage's model stands under `models/STAGE/@latest`, with the run that made it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ModelDoc;
use crate::{
    diagnostic::did_you_mean,
    digest::Digest,
    store::{RefName, Store, StoreError},
};

/// What a ref to a model points at: which model, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRecord {
    /// The train stage, which is the model's name.
    pub name: String,
    /// The model's document.
    pub model: Digest,
    /// The pipeline's name.
    pub pipeline: String,
    /// The run that first came to this model.
    pub run: String,
}

/// Why a model was not found.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// There is none of that name.
    #[error("there is no model {name:?}; {help}")]
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

/// The models of a store.
pub struct Models<'s> {
    store: &'s Store,
}

impl<'s> Models<'s> {
    /// Of this store.
    pub fn new(store: &'s Store) -> Self {
        Models { store }
    }

    /// Lets names mean these models since `at`; a name that means its model already keeps its record.
    ///
    /// # Errors
    /// When the store fails.
    pub fn enter(&self, records: &[ModelRecord], at: Timestamp) -> Result<(), StoreError> {
        let mut publication = self.store.begin();
        let mut moves = Vec::new();
        for record in records {
            let latest = self.latest(&record.name)?;
            if latest.is_none_or(|latest| {
                latest.model != record.model || latest.pipeline != record.pipeline
            }) {
                moves.push((ref_name(&record.name), publication.document(record)?));
            }
        }
        if moves.is_empty() {
            return Ok(());
        }
        publication.commit()?;
        self.store.set_refs(moves, at)
    }

    /// The model that a name means now.
    ///
    /// # Errors
    /// When the store fails.
    pub fn latest(&self, name: &str) -> Result<Option<ModelRecord>, StoreError> {
        match self.store.get_ref(&ref_name(name))? {
            Some(digest) => Ok(Some(self.store.document(&digest, RECORD)?)),
            None => Ok(None),
        }
    }

    /// The latest model of every name, by name.
    ///
    /// # Errors
    /// When the store fails.
    pub fn list(&self) -> Result<Vec<ModelRecord>, StoreError> {
        let mut records = Vec::new();
        for name in self.names()? {
            if let Some(digest) = self.store.get_ref(&name)? {
                records.push(self.store.document(&digest, RECORD)?);
            }
        }
        Ok(records)
    }

    /// The refs of models; those of their versions are beside them.
    fn names(&self) -> Result<Vec<RefName>, StoreError> {
        let mut names = self.store.refs("models")?;
        names.retain(|name| name.as_str().ends_with("/@latest"));
        Ok(names)
    }

    /// The model that a user means by a name or a digest, and its document.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&self, wanted: &str) -> Result<(ModelRecord, ModelDoc), ModelsError> {
        let found = match wanted.parse::<Digest>() {
            Ok(digest) => self.of_digest(&digest)?,
            Err(_) if wanted.parse::<RefName>().is_ok() => self.latest(wanted)?,
            Err(_) => None,
        };
        let Some(record) = found else {
            return Err(self.unknown(wanted)?);
        };
        let doc = self.store.document(&record.model, "a model")?;
        Ok((record, doc))
    }

    /// The record that first named this model, among all that any name ever meant.
    fn of_digest(&self, digest: &Digest) -> Result<Option<ModelRecord>, StoreError> {
        for name in self.names()? {
            for movement in self.store.ref_history(&name)? {
                let record: ModelRecord = self.store.document(&movement.target, RECORD)?;
                if record.model == *digest {
                    return Ok(Some(record));
                }
            }
        }
        Ok(None)
    }

    fn unknown(&self, wanted: &str) -> Result<ModelsError, StoreError> {
        let names: Vec<String> = self.list()?.into_iter().map(|record| record.name).collect();
        let help = match names.as_slice() {
            [] => {
                "the store has no models yet: `lockflight run` makes those of train stages".into()
            }
            names => did_you_mean(wanted, names)
                .unwrap_or_else(|| format!("the models are {}", names.join(", "))),
        };
        Ok(ModelsError::Unknown {
            name: wanted.to_owned(),
            help,
        })
    }
}

/// What the record is called when it turns out to be none.
const RECORD: &str = "the record of a model";

/// Names of stages are parts of names of refs too.
fn ref_name(name: &str) -> RefName {
    format!("models/{name}/@latest")
        .parse()
        .expect("names in manifests are names of refs too")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{model::Step, store::testing::store, table::testing::schema};

    #[test]
    fn models_are_found_by_name_and_by_digest() {
        let (_dir, store) = store();
        let models = Models::new(&store);
        assert!(
            models
                .find("demand")
                .unwrap_err()
                .to_string()
                .contains("no models yet")
        );
        let mut digests = Vec::new();
        for (run, state) in [("run-1", "one"), ("run-2", "one"), ("run-3", "two")] {
            let columns = schema(&[("x", "g", true)]);
            let doc = ModelDoc::new(vec![Step {
                scorer: Digest::of(b"scorer"),
                state: Digest::of(state.as_bytes()),
                takes: columns.clone(),
                gives: columns,
            }]);
            let mut publication = store.begin();
            let model = publication.document(&doc).unwrap();
            publication.commit().unwrap();
            let record = ModelRecord {
                name: "demand".into(),
                model,
                pipeline: "bikes".into(),
                run: run.into(),
            };
            models.enter(&[record], Timestamp::UNIX_EPOCH).unwrap();
            digests.push(model);
        }
        let (latest, doc) = models.find("demand").unwrap();
        assert_eq!((latest.run.as_str(), latest.model), ("run-3", digests[2]));
        assert_eq!(doc.steps[0].state, Digest::of(b"two"));
        // The second run came to the same model: it is still the first one's.
        assert_eq!(models.find(&digests[1].to_string()).unwrap().0.run, "run-1");
        let near = models.find("demnd").unwrap_err().to_string();
        assert!(near.contains("did you mean"), "{near}");
        assert!(models.find("no such/../name").is_err());
    }
}
