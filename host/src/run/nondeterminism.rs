//! Jobs that were seen to give more than one result: noted under their key, for all who look at them later.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::difference::Difference;
use crate::{
    digest::Digest,
    store::{RefName, Store, StoreError},
};

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nondeterminism {
    /// The job's key.
    pub key: Digest,
    /// The stage's name.
    pub stage: String,
    /// What differed, a line each; the first first.
    pub differences: Vec<String>,
}

/// The most differences that are written down.
const MOST: usize = 20;

impl Nondeterminism {
    /// Of a stage whose job gave another result.
    pub fn new(key: Digest, stage: &str, differences: &[Difference]) -> Self {
        let differences = differences.iter().take(MOST).map(ToString::to_string);
        Nondeterminism {
            key,
            stage: stage.to_owned(),
            differences: differences.collect(),
        }
    }

    /// What was seen of a job last; none if it always gave one result.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of(store: &Store, key: &Digest) -> Result<Option<Nondeterminism>, StoreError> {
        match store.get_ref(&name(key))? {
            Some(digest) => Ok(Some(store.document(&digest, "a note on a job")?)),
            None => Ok(None),
        }
    }

    /// Notes it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn note(&self, store: &Store) -> Result<(), StoreError> {
        let mut publication = store.begin();
        let digest = publication.document(self)?;
        publication.commit()?;
        store.set_ref(&name(&self.key), &digest, Timestamp::now())
    }
}

fn name(key: &Digest) -> RefName {
    format!("nondeterministic/{}", key.hex())
        .parse()
        .expect("hex digits are part of a name")
}
