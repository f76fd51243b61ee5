//! What became of a stage, and why there is no result where there is none.

use std::{collections::BTreeMap, sync::Arc};

use super::difference::Difference;
use crate::{
    canonical_json::CanonicalError,
    digest::Digest,
    endpoint::{EndpointRecord, InvalidDecision},
    job::StageResult,
    launcher::{LaunchError, Telemetry, TimedLine},
    package::ContentsError,
    record::{GateRecord, InputRecord, Status},
    store::StoreError,
    table::{windows::CutError, writer::WriteError},
};

/// Why a stage has no result.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// Its child failed.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its job cannot be written.
    #[error(transparent)]
    Document(#[from] CanonicalError),
    /// What a stage foretold in its check and what it returned differ.
    #[error("{0}")]
    BrokenPromise(String),
    /// What a package stage made is no package of its model.
    #[error(transparent)]
    Package(#[from] ContentsError),
    /// A packaged model does not do what the trained one did.
    #[error("{0}")]
    Smoke(String),
    /// A deploy plugin decided what cannot be.
    #[error(transparent)]
    Decision(#[from] InvalidDecision),
    /// A table cannot be cut into windows.
    #[error(transparent)]
    Cut(#[from] CutError),
    /// A small table for a plugin cannot be written.
    #[error(transparent)]
    Table(#[from] WriteError),
    /// It gave another result than before.
    #[error("the same job gave another result than before: {}", texts(.0))]
    Nondeterministic(Vec<Difference>),
    /// A stage before it has no result or closed its gate.
    #[error("waits for `{0}`")]
    Blocked(String),
    /// The run may not start it, and the store has no result.
    #[error("left out")]
    LeftOut,
    /// It may start, but a stage before it may not and has no result.
    #[error("needs `{0}`, which is left out and has no result in the store")]
    Needs(String),
    /// Another stage failed before it could start.
    #[error("not started, since `{0}` failed")]
    NotStarted(String),
    /// The run was cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// The most differences that are named.
const NAMED: usize = 3;

fn texts(differences: &[Difference]) -> String {
    let named = differences.iter().take(NAMED).map(ToString::to_string);
    let mut texts: Vec<_> = named.collect();
    if differences.len() > NAMED {
        texts.push(format!("and {} more", differences.len() - NAMED));
    }
    texts.join("; ")
}

impl InstanceError {
    /// What the plugin said before.
    pub fn log(&self) -> &[TimedLine] {
        match self {
            InstanceError::Launch(error) => &error.log,
            _ => &[],
        }
    }

    /// Whether trying again may help: the machine was in the way, not the stage.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, InstanceError::Launch(error) if error.may_pass())
    }
}

/// What became of one stage.
#[derive(Debug, Clone)]
pub struct StageOutcome {
    /// What became of it.
    pub status: Status,
    /// Its key, once its inputs were known.
    pub key: Option<Digest>,
    /// What it worked on.
    pub inputs: BTreeMap<String, InputRecord>,
    /// The digest of the result document.
    pub digest: Option<Digest>,
    /// The result.
    pub result: Option<StageResult>,
    /// The gate's judgement.
    pub gate: Option<GateRecord>,
    /// What it cost, if a child was started.
    pub telemetry: Option<Telemetry>,
    /// What the plugin said, if it ran now.
    pub log: Vec<TimedLine>,
    /// Why there is no result.
    pub error: Option<Arc<InstanceError>>,
    /// The endpoint as it is wished for after a deploy stage's decision.
    pub endpoint: Option<EndpointRecord>,
    /// Whether its result came from the store's remote just now.
    pub from_remote: bool,
}

impl StageOutcome {
    pub(super) fn without(status: Status, error: InstanceError) -> Self {
        StageOutcome {
            status,
            key: None,
            inputs: BTreeMap::new(),
            digest: None,
            result: None,
            gate: None,
            telemetry: None,
            log: Vec::new(),
            error: Some(Arc::new(error)),
            endpoint: None,
            from_remote: false,
        }
    }

    /// The same stage, had it failed.
    pub(super) fn but_failed(self, error: InstanceError) -> Self {
        StageOutcome {
            key: self.key,
            inputs: self.inputs,
            telemetry: self.telemetry,
            log: self.log,
            ..Self::without(Status::Failed, error)
        }
    }

    pub(super) fn cancelled() -> Self {
        Self::without(Status::Cancelled, InstanceError::Cancelled)
    }

    pub(super) fn left_out() -> Self {
        Self::without(Status::Skipped, InstanceError::LeftOut)
    }

    pub(super) fn not_started(failed: &str) -> Self {
        let error = InstanceError::NotStarted(failed.to_owned());
        Self::without(Status::Blocked, error)
    }

    pub(super) fn blocked(by: &str, cause: &StageOutcome) -> Self {
        match cause.status {
            Status::Cancelled => Self::cancelled(),
            Status::Skipped => Self::without(Status::Failed, InstanceError::Needs(by.to_owned())),
            _ => Self::without(Status::Blocked, InstanceError::Blocked(by.to_owned())),
        }
    }
}
