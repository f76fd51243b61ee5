//! What the host tells of a run.

use jiff::Timestamp;
use uuid::Uuid;

/// One run of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The run's id, the same in all of its events. Best a UUID of version 7.
    pub id: Uuid,
    /// The namespace of the pipeline's jobs, such as `lockflight://project`.
    pub namespace: String,
    /// The pipeline's name, which is its job's.
    pub pipeline: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended. Not read for what tells of the start.
    pub finished: Timestamp,
    /// How it ended. Not read for what tells of the start.
    pub outcome: Outcome,
    /// What ran it.
    pub versions: Versions,
    /// The commit that it ran on, where it is known.
    pub commit: Option<Commit>,
    /// The stages that ran or were taken from the cache; a stage that was never reached is left out.
    pub stages: Vec<StageRun>,
}

/// How a run, or a stage of it, ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it was asked.
    Completed,
    /// It failed; the message is for a person.
    Failed(String),
    /// It was broken off from outside.
    Aborted,
}

/// The versions of what runs a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// The version of wasmtime.
    pub engine: String,
    /// The version of lockflight.
    pub lockflight: String,
}

/// The commit of the pipeline's repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id, as hex.
    pub id: String,
    /// Whether files differed from it.
    pub dirty: bool,
}

/// One stage of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageRun {
    /// The id of the stage's own run. Best a UUID of version 7.
    pub id: Uuid,
    /// The stage's name; its job is `PIPELINE.NAME`.
    pub name: String,
    /// The world of its plugin: `ingest`, `validate`, `train` and so on.
    pub world: String,
    /// The plugin that it runs.
    pub plugin: Plugin,
    /// When it began.
    pub started: Timestamp,
    /// When it ended. Not read for what tells of the start.
    pub finished: Timestamp,
    /// How it ended. Not read for what tells of the start.
    pub outcome: Outcome,
    /// Whether its outputs were taken from the cache, without running the plugin.
    pub cached: bool,
    /// The digest that names its work, such as `sha256:…`.
    pub key: String,
    /// What it read.
    pub inputs: Vec<Dataset>,
    /// What it wrote.
    pub outputs: Vec<Dataset>,
}

/// A plugin, as a run used it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The digest of its component, such as `sha256:…`.
    pub digest: String,
}

/// A file, table or model that a stage read or wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// The namespace of its name, such as `file` or `lockflight://project`.
    pub namespace: String,
    /// Its name, the same in every run.
    pub name: String,
    /// The digest of its content, such as `sha256:…`.
    pub version: String,
    /// Its columns in their order; empty where it is not a table.
    pub schema: Vec<Field>,
    /// Rows, where they are counted.
    pub rows: Option<u64>,
    /// Size in bytes, where it is known.
    pub bytes: Option<u64>,
    /// What was tested of it. Written of inputs alone: the format has no such facet for outputs.
    pub assertions: Vec<Assertion>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type, as text.
    pub r#type: String,
}

/// A test of a dataset, and whether it passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The kind of test, such as `not_null`.
    pub assertion: String,
    /// The column that it tests; none for the whole dataset.
    pub column: Option<String>,
    /// Whether it passed.
    pub success: bool,
}
