//! One stage with its inputs known: its job and key, its result from the store or from a sealed child.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    RESULT,
    binding::{Bound, order, walk},
    difference::differences,
    gate,
    nondeterminism::Nondeterminism,
    outcome::{InstanceError, StageOutcome},
    promises::Promises,
    release::{Deployed, Outcomes},
    shared,
    stored::stored,
    windows::Walk,
};
use crate::{
    digest::Digest,
    endpoint::{self, EndpointRecord},
    job::{ABI, JobDocument, ScoreConfig, StageResult},
    launcher::{Event, LaunchError, Launcher, StageOrder, TimedLine},
    manifest::{Gate, Limit, Stage, Task},
    plan::{Planned, PlannedStage},
    record::{InputRecord, Status},
    store::Store,
};

/// The config as it stands in a stage's job.
pub(super) fn config(stage: &Stage) -> Value {
    match &stage.task {
        Task::Score(scoring) => ScoreConfig {
            keeps: scoring.keeps,
            sample: scoring.sample,
        }
        .to_json(),
        _ => stage.config.clone(),
    }
}

/// A stage whose inputs are known.
pub(super) struct Instance {
    job: JobDocument,
    /// The job document's text, whose digest is the key.
    text: String,
    key: Digest,
    inputs: BTreeMap<String, InputRecord>,
    order: StageOrder,
    gate: Option<Gate>,
    /// The stage's name.
    name: String,
    /// Whether each run has to give one result.
    repeatable: bool,
    /// Whether it runs although its result is there.
    again: bool,
    /// How often it is tried again when the machine was in the way.
    retry: u64,
    promises: Promises,
    /// Documents among the inputs that are blobs of the store once the stage is launched.
    documents: Vec<String>,
    /// The package to deploy.
    deploys: Option<Deployed>,
    /// The table to walk, of a monitor; then key and text are those of the walk.
    walks: Option<Walk>,
    pipeline: String,
}

impl Instance {
    /// Binds a stage to the results of the stages before it.
    pub fn new(
        plan: &Planned,
        planned: &PlannedStage,
        outcomes: &Outcomes<'_>,
        store: &Store,
    ) -> Result<Self, Box<StageOutcome>> {
        Self::bind(plan, planned, outcomes, store)
            .map_err(|error| Box::new(StageOutcome::without(Status::Failed, error)))
    }

    fn bind(
        plan: &Planned,
        planned: &PlannedStage,
        outcomes: &Outcomes<'_>,
        store: &Store,
    ) -> Result<Self, InstanceError> {
        let stage = &planned.locked.stage;
        let component = planned.locked.component();
        let Bound {
            inputs,
            documents,
            packs,
            deploys,
        } = Bound::new(plan, planned, outcomes, store)?;
        let job = JobDocument {
            abi: ABI,
            world: planned.locked.world,
            component: component.map(|component| component.digest),
            config: config(stage),
            inputs: inputs
                .iter()
                .map(|(port, record)| (port.clone(), record.digest))
                .collect(),
            partition: None,
            seed: match component {
                Some(component) if component.seed => stage.seed,
                _ => 0,
            },
            state: deploys.as_ref().and_then(|deployed| deployed.asked.state),
            time: match component {
                Some(component) if component.time => plan.manifest.time,
                _ => 0,
            },
        };
        let order = order(stage);
        let walks = walk(stage, &job, &order);
        let (key, text) = match &walks {
            Some(walk) => walk.key()?,
            None => job.key()?,
        };
        Ok(Instance {
            job,
            text,
            key,
            inputs,
            order,
            gate: stage.gate.clone(),
            name: stage.name.clone(),
            repeatable: stage.repeatable,
            again: false,
            retry: stage.retry,
            promises: Promises {
                ports: planned.promised.clone(),
                step: planned.step.clone(),
                packs,
            },
            documents,
            deploys,
            walks,
            pipeline: plan.manifest.name.clone(),
        })
    }

    /// The same stage, run although its result is there.
    pub fn again(self, again: bool) -> Self {
        Instance { again, ..self }
    }

    /// Its key.
    pub fn key(&self) -> &Digest {
        &self.key
    }

    /// The document that its key is the digest of.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it works on, by port.
    pub fn inputs(&self) -> &BTreeMap<String, InputRecord> {
        &self.inputs
    }

    /// The memory it may use, in bytes.
    pub fn memory(&self) -> u64 {
        self.order.limits.get(Limit::Memory)
    }

    /// Its result, if the store has it.
    pub fn look_up(&self, store: &Store) -> Result<Option<StageOutcome>, Box<StageOutcome>> {
        self.stored(store)
            .map_err(|error| Box::new(self.failed(error)))
    }

    fn stored(&self, store: &Store) -> Result<Option<StageOutcome>, InstanceError> {
        let Some((digest, result)) = stored(store, &self.key)? else {
            return Ok(None);
        };
        self.promises.hold(store, &result)?;
        Ok(Some(self.outcome(Status::Cached, digest, result)?))
    }

    /// Runs it in a sealed child, unless another run has just done so.
    pub fn launch(
        self,
        store: &Store,
        launcher: &Launcher,
        tell: &(dyn Fn(Event) + Sync),
    ) -> StageOutcome {
        self.launched(store, launcher, tell)
            .unwrap_or_else(|error| self.failed(error))
    }

    fn launched(
        &self,
        store: &Store,
        launcher: &Launcher,
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<StageOutcome, InstanceError> {
        let _lock = launcher.lock(&self.key)?;
        if !self.again
            && let Some(outcome) = self.stored(store)?
        {
            return Ok(outcome);
        }
        if !self.again
            && let Some(outcome) = self.shared(store, launcher)?
        {
            return Ok(outcome);
        }
        let mut log = Vec::new();
        let note = |line: TimedLine| {
            tell(Event::Log(line.line.clone()));
            log.push(line);
        };
        let outcome = launcher.trying(self.retry, note, InstanceError::may_pass, || {
            self.attempt(store, launcher, tell)
        });
        match outcome {
            Ok(mut outcome) => {
                outcome.log.splice(0..0, log);
                Ok(outcome)
            }
            Err(InstanceError::Launch(mut error)) => {
                error.log.splice(0..0, log);
                Err(error.into())
            }
            Err(error) => Err(error),
        }
    }

    fn attempt(
        &self,
        store: &Store,
        launcher: &Launcher,
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<StageOutcome, InstanceError> {
        if let Some(walk) = &self.walks {
            return self.walked(walk, store, launcher, tell);
        }
        self.write_down(store)?;
        let mut log = Vec::new();
        if let Some(deployed) = &self.deploys {
            log.push(TimedLine::host(deployed.smoke_test(store, launcher)?));
        }
        let launched = match launcher.run(&self.key, &self.job, &self.order, tell) {
            Ok(launched) => launched,
            Err(error) => return self.conflicted(error, store),
        };
        self.promises.hold(store, &launched.result)?;
        log.extend(launched.log);
        Ok(StageOutcome {
            telemetry: Some(launched.telemetry),
            log,
            ..self.outcome(Status::Ran, launched.digest, launched.result)?
        })
    }

    /// What becomes of a job that gave another result than the one that is kept: of one that is not repeatable the first result
    /// stands, of any other that is an error that says what differs.
    fn conflicted(&self, error: LaunchError, store: &Store) -> Result<StageOutcome, InstanceError> {
        let Some((recorded, repeated)) = error.conflict() else {
            return Err(error.into());
        };
        let result: StageResult = store.document(&recorded, RESULT)?;
        if !self.repeatable {
            let line = "another result than the first one, which is kept: not repeatable";
            return Ok(StageOutcome {
                log: vec![TimedLine::host(line.to_owned())],
                ..self.outcome(Status::Ran, recorded, result)?
            });
        }
        let found = differences(store, &result, &store.document(&repeated, RESULT)?)?;
        Nondeterminism::new(self.key, &self.name, &found).note(store)?;
        Err(InstanceError::Nondeterministic(found))
    }

    /// Its result from the store's remote, if it has one.
    fn shared(
        &self,
        store: &Store,
        launcher: &Launcher,
    ) -> Result<Option<StageOutcome>, InstanceError> {
        let cancelled = || launcher.is_cancelled();
        let Some((digest, result)) = shared::fetch(store, &self.key, &cancelled) else {
            return Ok(None);
        };
        let outcome = match self.promises.hold(store, &result) {
            Ok(()) => self.outcome(Status::Cached, digest, result),
            Err(error) => Err(error),
        };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                shared::refuse(store, &self.key, error.to_string());
                return Ok(None);
            }
        };
        // As if it had run here, so that it can be verified here.
        self.write_down(store)?;
        if !shared::accept(store, &self.key, &digest) {
            return Ok(None);
        }
        Ok(Some(StageOutcome {
            from_remote: true,
            ..outcome
        }))
    }

    /// Keeps the job and the documents that it names: they are blobs, so that any launcher can be given the key alone.
    fn write_down(&self, store: &Store) -> Result<(), InstanceError> {
        let mut publication = store.begin();
        for document in &self.documents {
            publication.blob(document.as_bytes())?;
        }
        let job = publication.blob(self.text.as_bytes())?;
        debug_assert_eq!(job, self.key);
        Ok(publication.commit()?)
    }

    /// Walks a monitor's table; what came of it is the stage's result.
    fn walked(
        &self,
        walk: &Walk,
        store: &Store,
        launcher: &Launcher,
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<StageOutcome, InstanceError> {
        let walked = walk.walk(store, launcher, self.again, tell)?;
        let mut publication = store.begin();
        publication.blob(self.text.as_bytes())?;
        let digest = publication.document(&walked.result)?;
        publication.commit_result(&self.key, &digest)?;
        Ok(StageOutcome {
            telemetry: Some(walked.telemetry),
            log: walked.log,
            ..self.outcome(Status::Ran, digest, walked.result)?
        })
    }

    fn outcome(
        &self,
        status: Status,
        digest: Digest,
        result: StageResult,
    ) -> Result<StageOutcome, InstanceError> {
        Ok(StageOutcome {
            status,
            endpoint: self.endpoint(&result)?,
            key: Some(self.key),
            inputs: self.inputs.clone(),
            digest: Some(digest),
            gate: self.gate.as_ref().map(|gate| gate::judge(gate, &result)),
            result: Some(result),
            telemetry: None,
            log: Vec::new(),
            error: None,
            from_remote: false,
        })
    }

    /// The endpoint after a deploy stage's decision; run and time are filled in when it is recorded.
    fn endpoint(&self, result: &StageResult) -> Result<Option<EndpointRecord>, InstanceError> {
        let Some(deployed) = &self.deploys else {
            return Ok(None);
        };
        let decision = result.decision.clone().ok_or_else(|| {
            InstanceError::BrokenPromise("a deploy stage has to decide something".into())
        })?;
        Ok(Some(EndpointRecord {
            name: deployed.name.clone(),
            model: deployed.model.clone(),
            pipeline: self.pipeline.clone(),
            run: String::new(),
            time: String::new(),
            key: self.key,
            arms: endpoint::after(&deployed.asked.arms, &decision.action)?,
            asked: deployed.asked.clone(),
            decision,
        }))
    }

    fn failed(&self, error: InstanceError) -> StageOutcome {
        let cancelled = matches!(&error, InstanceError::Launch(e) if e.is_cancelled());
        let status = if cancelled {
            Status::Cancelled
        } else {
            Status::Failed
        };
        let (telemetry, log) = match &error {
            InstanceError::Launch(error) => {
                (error.telemetry.as_deref().copied(), error.log.clone())
            }
            _ => (None, Vec::new()),
        };
        StageOutcome {
            key: Some(self.key),
            inputs: self.inputs.clone(),
            telemetry,
            log,
            ..StageOutcome::without(status, error)
        }
    }
}
