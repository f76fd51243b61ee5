//! What is stored under a key: outputs by digest, findings, metrics; or the answer of a check.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    digest::Digest,
    table::schema::TableSchema,
    wire::{Finding, Metric, Port, Problem},
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
