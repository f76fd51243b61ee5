//! The two documents that name everything a guest can learn: one for `run`, one for `check`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    canonical_json::{self, CanonicalError},
    digest::Digest,
    model::Keeps,
    store::{Store, StoreError},
    wire::SchemaNodes,
    world::World,
};

/// Bumped only when something that a guest can see changes in a way that the other parts of the document do not show.
pub const ABI: u32 = 1;

/// Everything that `run` of a stage depends on. Its canonical JSON is a blob and the digest of that is the stage's key.
///
/// Not in it, so that a change of them costs nothing: names of stages and plugins, limits, retries, gates, the engine's version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobDocument {
    /// See [`ABI`].
    pub abi: u32,
    /// The world that is called.
    pub world: World,
    /// The component; none for the built-in stage `score`, whose components stand in its model.
    pub component: Option<Digest>,
    /// The config, an object.
    pub config: Value,
    /// The inputs by port name.
    pub inputs: BTreeMap<String, InputDigest>,
    /// The partition; none for the whole.
    pub partition: Option<String>,
    /// The seed, 0 unless the plugin declares it.
    pub seed: u64,
    /// The state that the stage returned last.
    pub state: Option<Digest>,
    /// The logical time in ns since 1970, 0 unless the plugin declares it.
    pub time: i64,
}

/// An input by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputDigest {
    /// A table.
    Table(Digest),
    /// A blob.
    Blob(Digest),
    /// A model.
    Model(Digest),
}

/// The config of the built-in stage `score`, as it stands in its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreConfig {
    /// What the scored table has beside the model's answer.
    pub keeps: Keeps,
    /// How many rows are scored, evenly spread over the table; none for all. With 0 the scorers are asked once, for no rows: how the
    /// conformance kit of plugins tries that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<u64>,
}

impl ScoreConfig {
    /// As it stands in the job.
    pub fn to_json(self) -> Value {
        serde_json::to_value(self).expect("words and numbers are JSON")
    }
}

impl InputDigest {
    /// The digest of any kind.
    pub fn digest(&self) -> &Digest {
        match self {
            InputDigest::Table(digest) | InputDigest::Blob(digest) | InputDigest::Model(digest) => {
                digest
            }
        }
    }
}

impl JobDocument {
    /// The key and the bytes it is the digest of.
    ///
    /// # Errors
    /// When the config holds a number that JSON cannot.
    pub fn key(&self) -> Result<(Digest, String), CanonicalError> {
        let text = canonical_json::to_string(self)?;
        Ok((Digest::of(text.as_bytes()), text))
    }
}

/// Everything that `check` of a stage depends on: schemas instead of tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckDocument {
    /// See [`ABI`].
    pub abi: u32,
    /// Sets the document apart from a [`JobDocument`]; always "check".
    pub operation: String,
    /// The world that is called.
    pub world: World,
    /// The component.
    pub component: Digest,
    /// The config, an object.
    pub config: Value,
    /// The inputs by port name.
    pub inputs: BTreeMap<String, CheckInput>,
    /// The partition; none for the whole.
    pub partition: Option<String>,
    /// As in the job.
    pub seed: u64,
    /// As in the job.
    pub time: i64,
}

/// An input as far as it is known before the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckInput {
    /// A table of this schema; none when no one knows it before the run.
    Table(Option<SchemaNodes>),
    /// A blob that is there already.
    Blob(Digest),
    /// A blob that a stage has yet to make.
    Later,
}

impl CheckDocument {
    /// The check of a stage whose inputs are all there.
    ///
    /// # Errors
    /// When the store lacks a table.
    pub fn before(job: &JobDocument, component: Digest, store: &Store) -> Result<Self, StoreError> {
        let mut inputs = BTreeMap::new();
        for (name, input) in &job.inputs {
            let known = match input {
                InputDigest::Table(digest) => {
                    CheckInput::Table(Some(SchemaNodes::from(store.table(digest)?.schema())))
                }
                InputDigest::Blob(digest) | InputDigest::Model(digest) => CheckInput::Blob(*digest),
            };
            inputs.insert(name.clone(), known);
        }
        Ok(CheckDocument {
            abi: job.abi,
            operation: "check".into(),
            world: job.world,
            component,
            config: job.config.clone(),
            inputs,
            partition: job.partition.clone(),
            seed: job.seed,
            time: job.time,
        })
    }

    /// The key of the answer.
    ///
    /// # Errors
    /// When the config holds a number that JSON cannot.
    pub fn key(&self) -> Result<Digest, CanonicalError> {
        Ok(Digest::of(canonical_json::to_string(self)?.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn job() -> JobDocument {
        JobDocument {
            abi: ABI,
            world: World::Validate,
            component: Some(Digest::of(b"component")),
            config: json!({"b": 1, "a": {"y": 2.5, "x": [1, 2]}}),
            inputs: BTreeMap::from([("table".into(), InputDigest::Table(Digest::of(b"table")))]),
            partition: None,
            seed: 0,
            state: None,
            time: 0,
        }
    }

    fn key(job: &JobDocument) -> Digest {
        job.key().unwrap().0
    }

    #[test]
    fn the_document_is_a_fixed_format() {
        let component = Digest::of(b"component");
        let table = Digest::of(b"table");
        assert_eq!(
            job().key().unwrap().1,
            format!(
                r#"{{"abi":1,"component":"{component}","config":{{"a":{{"x":[1,2],"y":2.5}},"b":1}},"inputs":{{"table":{{"table":"{table}"}}}},"partition":null,"seed":0,"state":null,"time":0,"world":"validate"}}"#
            )
        );
    }

    #[test]
    fn the_order_of_config_keys_does_not_matter() {
        let mut other = job();
        other.config = json!({"a": {"x": [1, 2], "y": 2.5}, "b": 1});
        assert_eq!(key(&job()), key(&other));
    }

    #[test]
    fn whatever_the_guest_can_see_changes_the_key() {
        let changes: [fn(&mut JobDocument); 10] = [
            |j| j.component = None,
            |j| j.abi += 1,
            |j| j.world = World::Ingest,
            |j| j.component = Some(Digest::of(b"other")),
            |j| j.config = json!({"b": 1.0, "a": {"y": 2.5, "x": [1, 2]}}),
            |j| j.inputs.clear(),
            |j| j.partition = Some("2011-01".into()),
            |j| j.seed = 1,
            |j| j.state = Some(Digest::of(b"state")),
            |j| j.time = 1,
        ];
        let mut keys = vec![key(&job())];
        for change in changes {
            let mut changed = job();
            change(&mut changed);
            keys.push(key(&changed));
        }
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn kinds_of_one_digest_are_different_inputs() {
        let digest = Digest::of(b"table");
        for input in [InputDigest::Blob(digest), InputDigest::Model(digest)] {
            let mut other = job();
            other.inputs.insert("table".into(), input);
            assert_ne!(key(&job()), key(&other));
        }
    }
}
