//! The record of a run: an immutable blob that says what ran, on what, with what outcome.

mod git;

pub use git::{GitState, git_ancestry, git_state};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    digest::Digest,
    job::{InputDigest, OutputRecord},
    launcher::Telemetry,
    manifest::{Limits, Place},
    walls::Walls,
    world::World,
};

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The run's name: its start in UTC and a few characters that tell runs of one second apart.
    pub id: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// When it ended.
    pub finished: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The commit it ran on; none outside of a repository.
    pub git: Option<GitState>,
    /// The manifest's text, a blob.
    pub manifest: Digest,
    /// What ran it.
    pub host: HostRecord,
    /// The sources by name.
    pub sources: BTreeMap<String, SourceRecord>,
    /// The run whose data was taken in the place of what the sources were; then this run is nobody's latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
    /// The policy that was in force; none where there was no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyRecord>,
    /// The stages in topological order.
    pub stages: Vec<StageRecord>,
}

/// How a run ended, the worst of its stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All stages have a result and all gates are open.
    Done,
    /// A gate closed.
    GateClosed,
    /// A stage refused its config.
    Misconfigured,
    /// A stage failed.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl Outcome {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::GateClosed => "gate-closed",
            Outcome::Misconfigured => "misconfigured",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
        }
    }

    /// The exit code that says so.
    pub fn exit_code(self) -> u8 {
        match self {
            Outcome::Done => 0,
            Outcome::GateClosed => 1,
            Outcome::Misconfigured => 2,
            Outcome::Failed => 3,
            Outcome::Cancelled => 130,
        }
    }
}

/// The program that ran a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRecord {
    /// The version of lockflight.
    pub lockflight: String,
    /// The version of wasmtime.
    pub engine: String,
    /// The instruction set; results are equal bit for bit on one.
    pub arch: String,
    /// The walls around each stage's process on this machine; what stood around one is with what it used.
    pub walls: Walls,
}

/// A policy in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRecord {
    /// Its file, absolute.
    pub path: String,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// A source as it was snapshotted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// Where it was, as the manifest says it: `file` or `url`.
    #[serde(flatten)]
    pub place: Place,
    /// The blob.
    pub digest: Digest,
    /// Its size.
    pub bytes: u64,
}

/// A stage of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageRecord {
    /// Its name in the manifest.
    pub name: String,
    /// Its world.
    pub world: World,
    /// The plugin's name in the manifest; none for the built-in stage `score`.
    pub plugin: Option<String>,
    /// The component; none for the built-in stage `score`, whose model names its own.
    pub component: Option<ComponentRecord>,
    /// The scorer of what a train stage fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scorer: Option<ComponentRecord>,
    /// The model that a train stage made: the steps before its own, and its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Digest>,
    /// What it worked on, by port; empty if that was never known.
    pub inputs: BTreeMap<String, InputRecord>,
    /// The key; none if its inputs were never known.
    pub key: Option<Digest>,
    /// What became of it.
    pub status: Status,
    /// Whether its result was taken from the store's remote in this run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_remote: bool,
    /// The result document.
    pub result: Option<Digest>,
    /// The outputs by name.
    pub outputs: BTreeMap<String, OutputRecord>,
    /// The gate's judgement.
    pub gate: Option<GateRecord>,
    /// What it cost, if it ran.
    pub telemetry: Option<Telemetry>,
    /// The log of the run that made the result.
    pub log: Option<LogRecord>,
    /// The limits it had.
    pub limits: Limits,
    /// Whether its code made NaNs in one form only.
    pub nan_canonical: bool,
    /// Whether a second run has to give the same result.
    pub repeatable: bool,
    /// Why there is no result.
    pub error: Option<String>,
}

/// A component in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentRecord {
    /// Its digest.
    pub digest: Digest,
    /// The name it states.
    pub name: String,
    /// The version it states.
    pub version: String,
}

/// An input in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    /// `STAGE.OUTPUT`, the name of a source, or the path of a file.
    pub from: String,
    /// What it was.
    #[serde(flatten)]
    pub digest: InputDigest,
}

/// What became of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It ran.
    Ran,
    /// Its result was in the store.
    Cached,
    /// It failed.
    Failed,
    /// A stage before it has no result, or closed its gate.
    Blocked,
    /// The run was cancelled before or while it ran.
    Cancelled,
    /// The run was not to start it, and the store has no result.
    Skipped,
}

/// What a gate decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateRecord {
    /// Whether what depends on the stage may go on: all conditions hold.
    pub open: bool,
    /// The conditions, as the manifest has them.
    #[serde(default)]
    pub conditions: Vec<ConditionRecord>,
}

/// A condition of a gate, and what it saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConditionRecord {
    /// As it is written in the manifest.
    pub rule: String,
    /// Whether it holds.
    pub holds: bool,
    /// The findings whose verdict closed the gate, by their place in the result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed_by: Vec<u64>,
    /// The figures that the condition names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saw: Vec<FigureRecord>,
}

/// A figure as a condition saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FigureRecord {
    /// As it would be written in a condition.
    pub figure: String,
    /// Its value.
    #[serde(with = "crate::job::figure::option")]
    pub value: Option<f64>,
    /// The slice that it is of, where the condition left that open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
    /// The slices that were not considered, since they have too few rows or no value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// Whether the stage has no such figure: then the condition does not hold, whatever it says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
    /// Why there is no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to do about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Where a stage's log is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    /// The run it was written in.
    pub run: String,
    /// The lines, a blob of JSON lines.
    pub digest: Digest,
    /// How many.
    pub lines: u64,
}

impl RunRecord {
    /// The record's name of an input or stage with this name.
    pub fn stage(&self, name: &str) -> Option<&StageRecord> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// Whether nothing ran and nothing is different from an earlier record: then a new one would say nothing new.
    pub fn repeats(&self, earlier: &RunRecord) -> bool {
        let idle = |stage: &StageRecord| matches!(stage.status, Status::Cached | Status::Skipped);
        let same = |(one, other): (&StageRecord, &StageRecord)| {
            // What was left out says nothing.
            let equal = one.key == other.key
                && one.result == other.result
                && one.gate == other.gate
                && one.model == other.model;
            one.name == other.name && (one.status == Status::Skipped || equal)
        };
        self.stages.iter().all(idle)
            && self.stages.len() == earlier.stages.len()
            && self.stages.iter().zip(&earlier.stages).all(same)
            && self.manifest == earlier.manifest
            && self.outcome == earlier.outcome
            && self.git == earlier.git
            && self.host == earlier.host
            && self.pinned == earlier.pinned
            && self.policy == earlier.policy
    }
}
