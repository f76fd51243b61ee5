//! Writing down a run: its record, its logs, and the names that now mean what it made.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::PathBuf;

use jiff::Timestamp;

use super::{
    history::{History, LogSearch},
    model::{model_of, stages_of},
    outcome::{InstanceError, StageOutcome},
};
use crate::{
    canonical_json,
    digest::Digest,
    endpoint::{EndpointRecord, Endpoints},
    engine::WASMTIME_VERSION,
    launcher::{Reason, TimedLine},
    manifest::{Nan, PluginPlace},
    package::{Contents, Packages, VersionRecord},
    plan::{Component, Planned, PlannedStage},
    record::{
        ComponentRecord, HostRecord, LogRecord, Outcome, PolicyRecord, RunRecord, SourceRecord,
        StageRecord, Status, git_state,
    },
    secret::hide,
    store::{Publication, Store, StoreError},
    walls::Walls,
    wire::Failure,
};

/// What a run came to.
#[derive(Debug)]
pub struct RunReport {
    /// The record.
    pub record: RunRecord,
    /// Whether it is new: a run that repeats the latest one writes nothing, and the record is that one's.
    pub is_new: bool,
    /// What became of each stage, in the plan's order.
    pub outcomes: Vec<StageOutcome>,
}

/// A run that is under way.
pub(super) struct Recording<'a> {
    plan: &'a Planned,
    store: &'a Store,
    started: Timestamp,
    id: String,
    pinned: Option<String>,
    policy: Option<PolicyRecord>,
}

impl<'a> Recording<'a> {
    pub fn begin(
        plan: &'a Planned,
        store: &'a Store,
        pinned: Option<String>,
        policy: Option<PolicyRecord>,
    ) -> Self {
        let started = Timestamp::now();
        Recording {
            plan,
            store,
            started,
            id: run_id(started),
            pinned,
            policy,
        }
    }

    /// Counts what a package stage made as a version of its model, which what is behind the stage can name then.
    pub fn release(&self, planned: &PlannedStage, outcome: StageOutcome) -> StageOutcome {
        if self.pinned.is_some() {
            return outcome;
        }
        let entered = self.version(planned, &outcome).map(|version| {
            version.map(|version| Packages::new(self.store).enter(version, self.started))
        });
        match entered.map(Option::transpose) {
            Ok(Ok(_)) => outcome,
            Ok(Err(error)) => outcome.but_failed(error.into()),
            Err(error) => outcome.but_failed(error),
        }
    }

    fn version(
        &self,
        planned: &PlannedStage,
        outcome: &StageOutcome,
    ) -> Result<Option<VersionRecord>, InstanceError> {
        let stage = &planned.locked.stage;
        let artifact = outcome.result.as_ref().and_then(|result| result.artifact);
        let (Some(artifact), Some(model)) = (artifact, stage.steps().last()) else {
            return Ok(None);
        };
        Ok(Some(VersionRecord {
            name: model.clone(),
            version: 0,
            package: artifact.manifest,
            bytes: artifact.bytes,
            model: Contents::read(self.store, &artifact.manifest)?.model_digest,
            stage: stage.name.clone(),
            pipeline: self.plan.manifest.name.clone(),
            run: self.id.clone(),
            time: self.started.to_string(),
        }))
    }

    /// Lets endpoints be as their deploy stages decided.
    fn endpoints(&self, outcomes: &[StageOutcome]) -> Result<(), StoreError> {
        for decided in outcomes
            .iter()
            .filter_map(|outcome| outcome.endpoint.as_ref())
        {
            let record = EndpointRecord {
                run: self.id.clone(),
                time: self.started.to_string(),
                ..decided.clone()
            };
            Endpoints::new(self.store).enter(&record, self.started)?;
        }
        Ok(())
    }

    pub fn finish(self, outcomes: Vec<StageOutcome>) -> Result<RunReport, StoreError> {
        let history = History::new(self.store);
        let latest = self.latest(&history);
        let mut logs = history.logs()?;
        let mut publication = self.store.begin();
        let mut stages = Vec::with_capacity(outcomes.len());
        for (index, (planned, outcome)) in self.plan.stages.iter().zip(&outcomes).enumerate() {
            let mut stage = stage_record(planned, outcome);
            stage.model = self.model(index, &outcomes, &mut publication)?;
            stage.log = self.log(&self.id, outcome, &stage, &mut logs, &mut publication)?;
            stages.push(stage);
        }
        let record = RunRecord {
            id: self.id.clone(),
            pipeline: self.plan.manifest.name.clone(),
            started: self.started.to_string(),
            finished: Timestamp::now().to_string(),
            outcome: outcomes
                .iter()
                .map(outcome_of)
                .max()
                .unwrap_or(Outcome::Done),
            git: git_state(&self.plan.manifest.folder, &self.watched()),
            manifest: publication.blob(self.plan.manifest.text.inner().as_bytes())?,
            host: host_record(),
            sources: self.sources(),
            pinned: self.pinned.clone(),
            policy: self.policy.clone(),
            stages,
        };
        if let Some(latest) = latest
            && record.repeats(&latest)
        {
            return Ok(RunReport {
                record: latest,
                is_new: false,
                outcomes,
            });
        }
        let text = canonical_json::to_string(&record)?;
        let digest = publication.blob(text.as_bytes())?;
        publication.commit()?;
        history.enter(&record, &digest)?;
        if self.pinned.is_none() {
            self.endpoints(&outcomes)?;
        }
        Ok(RunReport {
            record,
            is_new: true,
            outcomes,
        })
    }

    /// The latest run of this pipeline. A record that cannot be read is no reason not to write the next one.
    fn latest(&self, history: &History<'_>) -> Option<RunRecord> {
        history
            .latest_of(&self.plan.manifest.name)
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "the record of the latest run cannot be read");
                None
            })
    }

    /// The model that a train stage made, once all of its steps are fitted.
    fn model(
        &self,
        index: usize,
        outcomes: &[StageOutcome],
        publication: &mut Publication,
    ) -> Result<Option<Digest>, StoreError> {
        if self.plan.stages[index].locked.scorer().is_none() || outcomes[index].result.is_none() {
            return Ok(None);
        }
        let stages = stages_of(self.plan, index);
        match model_of(self.plan, &stages, |index| outcomes.get(index)) {
            Ok(doc) => Ok(Some(publication.document(&doc)?)),
            Err(error) => {
                tracing::warn!(%error, "a train stage has a result and no model");
                Ok(None)
            }
        }
    }

    /// The log of the run that made a stage's result: this one's, or the one that an earlier record names.
    fn log(
        &self,
        run: &str,
        outcome: &StageOutcome,
        stage: &StageRecord,
        logs: &mut LogSearch<'_>,
        publication: &mut Publication,
    ) -> Result<Option<LogRecord>, StoreError> {
        if stage.status == Status::Cached {
            return logs.of(stage);
        }
        if outcome.log.is_empty() {
            return Ok(None);
        }
        Ok(Some(LogRecord {
            run: run.to_owned(),
            digest: publication.blob(&json_lines(&outcome.log))?,
            lines: outcome.log.len() as u64,
        }))
    }

    /// The plugins, which may be outside of the manifest's folder.
    fn watched(&self) -> Vec<PathBuf> {
        let plugins = self.plan.manifest.plugins.values();
        plugins
            .filter_map(|plugin| match &plugin.place {
                PluginPlace::Path(path, _) => path.canonicalize().ok(),
                PluginPlace::Artifact(_) => None,
            })
            .collect()
    }

    fn sources(&self) -> BTreeMap<String, SourceRecord> {
        let manifest = &self.plan.manifest;
        self.plan
            .sources
            .iter()
            .map(|(name, snapshot)| {
                let record = SourceRecord {
                    place: manifest.sources[name].place(),
                    digest: snapshot.digest,
                    bytes: snapshot.bytes,
                };
                (name.clone(), record)
            })
            .collect()
    }
}

pub(super) fn stage_record(planned: &PlannedStage, outcome: &StageOutcome) -> StageRecord {
    let stage = &planned.locked.stage;
    let component = |component: &Component| ComponentRecord {
        digest: component.digest,
        name: component.name.clone(),
        version: component.version.clone(),
    };
    StageRecord {
        name: stage.name.clone(),
        world: planned.locked.world,
        plugin: stage.plugin().map(str::to_owned),
        component: planned.locked.component().map(component),
        scorer: planned.locked.scorer().map(component),
        model: None,
        inputs: outcome.inputs.clone(),
        key: outcome.key,
        status: outcome.status,
        from_remote: outcome.from_remote,
        result: outcome.digest,
        outputs: outcome
            .result
            .as_ref()
            .map(|result| result.outputs.clone())
            .unwrap_or_default(),
        gate: outcome.gate.clone(),
        telemetry: outcome.telemetry,
        log: None,
        limits: stage.limits,
        nan_canonical: stage.nan == Nan::Canonical,
        repeatable: stage.repeatable,
        error: outcome
            .error
            .as_ref()
            .map(|error| hide(&error.to_string()).into_owned()),
    }
}

/// What one stage means for the run.
fn outcome_of(stage: &StageOutcome) -> Outcome {
    match stage.status {
        Status::Cancelled => Outcome::Cancelled,
        Status::Failed if refuses_config(stage) => Outcome::Misconfigured,
        Status::Failed => Outcome::Failed,
        Status::Ran | Status::Cached if !stage.lets_pass() => Outcome::GateClosed,
        // What blocked it says how bad that is.
        Status::Ran | Status::Cached | Status::Blocked | Status::Skipped => Outcome::Done,
    }
}

/// Whether whoever wrote the config, the command or the policy has to mend it.
fn refuses_config(stage: &StageOutcome) -> bool {
    match stage.error.as_deref() {
        Some(InstanceError::Launch(error)) => {
            matches!(
                *error.reason,
                Reason::Failure(Failure::Config(_)) | Reason::Refused(_)
            )
        }
        Some(InstanceError::Needs(_)) => true,
        _ => false,
    }
}

/// What runs pipelines here.
pub fn host_record() -> HostRecord {
    HostRecord {
        lockflight: crate::VERSION.into(),
        engine: format!("wasmtime {WASMTIME_VERSION}"),
        arch: std::env::consts::ARCH.into(),
        walls: Walls::offered(),
    }
}

/// The start in UTC and four hex digits, e.g. `20261123-204512-1a2b`: sorts by time, can be said aloud.
fn run_id(at: Timestamp) -> String {
    // The standard library's seed is random for each process; a counter in it makes each use differ.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_i128(at.as_nanosecond());
    format!(
        "{}-{:04x}",
        at.strftime("%Y%m%d-%H%M%S"),
        hasher.finish() & 0xffff
    )
}

fn json_lines(log: &[TimedLine]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in log {
        serde_json::to_writer(&mut bytes, line).expect("a line of a log is plain JSON");
        bytes.push(b'\n');
    }
    // A log is text for people, and no part of any key.
    match String::from_utf8(bytes) {
        Ok(text) => hide(&text).into_owned().into_bytes(),
        Err(error) => error.into_bytes(),
    }
}
