//! What is stored under a key: outputs by digest, findings, metrics; or the answer of a check.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    digest::Digest,
    table::schema::TableSchema,
    wire::{Action, Finding, Metric, Port, Problem, Verdict},
};

/// The result of `run`. Equal results give equal documents, so the document's digest stands for the result as a whole.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StageResult {
    /// The outputs by name.
    pub outputs: BTreeMap<String, OutputRecord>,
    /// The findings, in the plugin's order.
    pub findings: Vec<Finding>,
    /// The metrics, in the order of the calls.
    pub metrics: Vec<Metric>,
    /// The fitted step, of a train stage alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted: Option<Fitted>,
    /// The artifact, of a package stage alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Artifact>,
    /// The decision, of a deploy stage alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// What a window showed beside the findings, of a monitor's window alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observation: Option<Observation>,
    /// The windows, of a monitor stage as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
}

impl StageResult {
    /// The metrics, of each series its last value: one per round would drown the rest.
    pub fn last_metrics(&self) -> Vec<&Metric> {
        let mut last: Vec<&Metric> = Vec::new();
        for metric in &self.metrics {
            let same =
                |other: &&mut &Metric| other.name == metric.name && other.labels == metric.labels;
            match last.iter_mut().find(same) {
                Some(known) => *known = metric,
                None => last.push(metric),
            }
        }
        last
    }
}

/// An artifact in the store: its manifest, its config and its layers are blobs there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// The OCI image manifest.
    pub manifest: Digest,
    /// The size of manifest, config and layers.
    pub bytes: u64,
}

/// What a deploy stage decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What to do.
    pub action: Action,
    /// Why, in one sentence.
    pub reason: String,
    /// What the next call gets as its state, a blob.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Digest>,
}

/// What a window showed beside the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The verdict over all findings.
    pub verdict: Verdict,
    /// What the next window's call gets as its state, a blob.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Digest>,
}

/// A window of a monitor, which is a job of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its name, e.g. `2012-03`.
    pub label: String,
    /// Its first moment, in UTC.
    pub start: String,
    /// The first moment behind it.
    pub end: String,
    /// Its rows, a table.
    pub table: Digest,
    /// How many.
    pub rows: u64,
    /// The key of its job.
    pub key: Digest,
    /// The result of that.
    pub result: Digest,
    /// What it showed.
    pub verdict: Verdict,
}

/// What a train stage fitted: with a scorer it becomes a step of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// The state, a blob.
    pub state: Digest,
    /// Its size.
    pub bytes: u64,
    /// The columns that the scorer wants, in order.
    pub takes: TableSchema,
    /// The columns that it answers, in order.
    pub gives: TableSchema,
}

/// An output in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum OutputRecord {
    /// A table.
    Table {
        /// The table's digest.
        digest: Digest,
        /// Its rows.
        rows: u64,
        /// Its size in canonical bytes.
        bytes: u64,
    },
    /// A blob.
    Blob {
        /// The blob's digest.
        digest: Digest,
        /// Its size in bytes.
        bytes: u64,
    },
}

impl OutputRecord {
    /// The digest of either kind.
    pub fn digest(&self) -> Digest {
        match self {
            OutputRecord::Table { digest, .. } | OutputRecord::Blob { digest, .. } => *digest,
        }
    }

    /// The word for the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            OutputRecord::Table { .. } => "table",
            OutputRecord::Blob { .. } => "blob",
        }
    }
}

/// The answer of `check`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckAnswer {
    /// The output ports.
    Ports(Vec<Port>),
    /// What has to be mended.
    Problems(Vec<Problem>),
}
