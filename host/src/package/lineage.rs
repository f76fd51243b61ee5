//! Where a model came from, by content: every stage behind it with the digests of its code, config, inputs and outputs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    digest::Digest,
    job::{InputDigest, OutputRecord},
    world::World,
};

/// The lineage of a model: the input `lineage` of a package plugin, JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lineage {
    /// The pipeline.
    pub pipeline: String,
    /// What does it apart from the stages: the program and the instruction set.
    pub lockflight: String,
    /// The instruction set that results were made on.
    pub arch: String,
    /// The sources by name.
    pub sources: BTreeMap<String, Digest>,
    /// The stages, each behind those that it needs.
    pub stages: Vec<StageLineage>,
}

/// A stage of a lineage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageLineage {
    /// Its name.
    pub name: String,
    /// Its world.
    pub world: World,
    /// The name and version that its plugin states; empty for a built-in stage.
    pub plugin: String,
    /// See `plugin`.
    pub version: String,
    /// The component; none for a built-in stage.
    pub component: Option<Digest>,
    /// The config.
    pub config: Value,
    /// What it worked on, by port.
    pub inputs: BTreeMap<String, LineageInput>,
    /// The key of its job, which the store can repeat.
    pub key: Digest,
    /// What it made.
    pub outputs: BTreeMap<String, OutputRecord>,
    /// The state that it fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Digest>,
}

/// An input of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageInput {
    /// `STAGE.OUTPUT`, a source, a file or a model.
    pub from: String,
    /// By content.
    #[serde(flatten)]
    pub digest: InputDigest,
}
