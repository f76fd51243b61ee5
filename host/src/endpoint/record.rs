//! Endpoints by name: `endpoints/NAME` points at the latest decision, and its history at those before.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    diagnostic::did_you_mean,
    digest::Digest,
    job::Decision,
    store::{RefName, Store, StoreError},
};

/// A version of a model at an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmRecord {
    /// The version, counted under the model's name.
    pub version: u64,
    /// The package's manifest.
    pub package: Digest,
    /// The model's document.
    pub model: Digest,
    /// Its share of the traffic, from 0 to 1.
    #[serde(with = "crate::job::figure")]
    pub weight: f64,
}

/// What a deploy plugin was asked about: with equal answers to this, its job is the same one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The arms before the decision; the last one is the newest.
    pub arms: Vec<ArmRecord>,
    /// The plugin's state before the decision.
    pub state: Option<Digest>,
}

/// An endpoint after a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointRecord {
    /// The deploy stage.
    pub name: String,
    /// The model's name.
    pub model: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// The run in which it was decided.
    pub run: String,
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// The key of the decision's job.
    pub key: Digest,
    /// What was asked.
    pub asked: Asked,
    /// What was decided.
    pub decision: Decision,
    /// The arms as they are wished for now.
    pub arms: Vec<ArmRecord>,
}

impl EndpointRecord {
    /// Whether another record says the same, whenever it was made.
    pub fn repeats(&self, earlier: &EndpointRecord) -> bool {
        self.key == earlier.key
            && self.decision == earlier.decision
            && self.arms == earlier.arms
            && self.pipeline == earlier.pipeline
    }
}

/// Why an endpoint was not found.
#[derive(Debug, thiserror::Error)]
pub enum EndpointsError {
    /// There is none of that name.
    #[error("there is no endpoint {name:?}; {help}")]
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
const RECORD: &str = "the record of an endpoint";

/// The endpoints of a store.
pub struct Endpoints<'s> {
    store: &'s Store,
}

impl<'s> Endpoints<'s> {
    /// Of this store.
    pub fn new(store: &'s Store) -> Self {
        Endpoints { store }
    }

    /// Records a decision, unless the latest one says the same.
    ///
    /// # Errors
    /// When the store fails.
    pub fn enter(&self, record: &EndpointRecord, at: Timestamp) -> Result<(), StoreError> {
        if self
            .latest(&record.name)?
            .is_some_and(|latest| record.repeats(&latest))
        {
            return Ok(());
        }
        let mut publication = self.store.begin();
        let digest = publication.document(record)?;
        publication.commit()?;
        self.store
            .set_refs(vec![(ref_name(&record.name), digest)], at)
    }

    /// The endpoint as it is wished for now.
    ///
    /// # Errors
    /// When the store fails.
    pub fn latest(&self, name: &str) -> Result<Option<EndpointRecord>, StoreError> {
        match self.store.get_ref(&ref_name(name))? {
            Some(digest) => Ok(Some(self.store.document(&digest, RECORD)?)),
            None => Ok(None),
        }
    }

    /// All endpoints, by name.
    ///
    /// # Errors
    /// When the store fails.
    pub fn list(&self) -> Result<Vec<EndpointRecord>, StoreError> {
        let mut records = Vec::new();
        for name in self.store.refs("endpoints")? {
            if let Some(digest) = self.store.get_ref(&name)? {
                records.push(self.store.document(&digest, RECORD)?);
            }
        }
        Ok(records)
    }

    /// The endpoint of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&self, name: &str) -> Result<EndpointRecord, EndpointsError> {
        let all = self.list()?;
        if let Some(found) = all.iter().find(|record| record.name == name) {
            return Ok(found.clone());
        }
        let names: Vec<_> = all.into_iter().map(|record| record.name).collect();
        let help = match names.as_slice() {
            [] => "the store has no endpoints yet: `lockflight run` makes those of [deploy.NAME]"
                .into(),
            names => did_you_mean(name, names)
                .unwrap_or_else(|| format!("the endpoints are {}", names.join(", "))),
        };
        Err(EndpointsError::Unknown {
            name: name.to_owned(),
            help,
        })
    }

    /// The decisions of an endpoint, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn history(&self, name: &str) -> Result<Vec<EndpointRecord>, StoreError> {
        let moves = self.store.ref_history(&ref_name(name))?;
        let records = moves
            .iter()
            .map(|moved| self.store.document(&moved.target, RECORD));
        records.collect()
    }
}

/// Names of stages are parts of names of refs too.
fn ref_name(name: &str) -> RefName {
    format!("endpoints/{name}")
        .parse()
        .expect("names in manifests are names of refs too")
}
