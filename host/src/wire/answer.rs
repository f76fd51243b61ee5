//! What a guest answers: the counterpart of the contract's answers, with the numbers of writers in the place of what was written.

use serde::{Deserialize, Serialize};

use super::messages::Problem;
use super::order::SchemaNodes;

/// What `run` returned.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The findings, in the plugin's order.
    pub findings: Vec<Finding>,
    /// The named outputs.
    pub outputs: Vec<Output>,
    /// The fitted step, from world `train` alone.
    pub fitted: Option<Fitted>,
    /// The artifact, from world `packaging` alone.
    pub artifact: Option<Artifact>,
    /// The decision, from world `deploy` alone.
    pub decision: Option<Decision>,
    /// What a window showed beside the findings, from world `monitor` alone.
    pub observation: Option<Observation>,
}

/// An artifact; its parts are blobs, by the numbers of their writers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Artifact {
    /// The artifact's type, a media type.
    pub artifact_type: String,
    /// The config's media type.
    pub config_type: String,
    /// The writer of the config.
    pub config: u32,
    /// The layers, in order.
    pub layers: Vec<Layer>,
    /// Annotations of the manifest.
    pub annotations: Vec<(String, String)>,
}

/// A layer of an artifact.
#[derive(Debug, Serialize, Deserialize)]
pub struct Layer {
    /// Its media type.
    pub media_type: String,
    /// Its annotations.
    pub annotations: Vec<(String, String)>,
    /// The writer of its bytes.
    pub content: u32,
}

/// What a deploy plugin decided.
#[derive(Debug, Serialize, Deserialize)]
pub struct Decision {
    /// What to do.
    pub action: Action,
    /// Why.
    pub reason: String,
    /// The writer of the state.
    pub state: Option<u32>,
}

/// What to do with the traffic of an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Leave everything as it is until the next call.
    Hold,
    /// Leave everything as it is until a person decides.
    Pause,
    /// Give the arms these shares.
    Shift(Vec<Arm>),
    /// Give this version all traffic and end.
    Promote(String),
    /// Take all traffic from this version and end.
    RollBack(String),
}

/// A version of a model and its part of an endpoint's traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// The version's name.
    pub version: String,
    /// From 0 to 1.
    #[serde(with = "crate::job::figure")]
    pub weight: f64,
}

/// What a window showed beside the findings.
#[derive(Debug, Serialize, Deserialize)]
pub struct Observation {
    /// The verdict over all findings.
    pub verdict: Verdict,
    /// The writer of the state.
    pub state: Option<u32>,
}

/// A fitted step of a model.
#[derive(Debug, Serialize, Deserialize)]
pub struct Fitted {
    /// The writer of the state, a blob.
    pub state: u32,
    /// The columns that the scorer wants.
    pub takes: SchemaNodes,
    /// The columns that it answers.
    pub gives: SchemaNodes,
}

/// A named output, by the number of its writer.
#[derive(Debug, Serialize, Deserialize)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// The writer that the guest returned.
    pub writer: u32,
}

/// How a check of the data came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Odd, but bearable.
    Warn,
    /// Not as it should be.
    Fail,
    /// Could not be judged.
    Inconclusive,
}

/// The outcome of one check of the data; the fields are those of the contract's `finding`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The kind of check.
    pub name: String,
    /// What was checked.
    pub subject: String,
    /// The slice of the data.
    pub slice: Option<String>,
    /// How it came out.
    pub verdict: Verdict,
    /// The measured value.
    #[serde(with = "crate::job::figure::option")]
    pub value: Option<f64>,
    /// The bound, as text.
    pub limit: Option<String>,
    /// Rows looked at.
    pub rows: u64,
    /// Rows that failed.
    pub failed: u64,
    /// One sentence for a person.
    pub message: String,
    /// The input whose rows `examples` counts.
    pub input: Option<String>,
    /// Rows that failed, from 0.
    pub examples: Vec<u64>,
}

/// Why a plugin gave up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Failure {
    /// The config does not fit.
    Config(Vec<Problem>),
    /// The data is not what it should be.
    Data(String),
    /// The plugin has a fault.
    Internal(String),
}
