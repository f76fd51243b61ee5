//! One stage with its inputs known: its job and key, its result from the store or from a sealed child.

use std::collections::{BTreeMap, HashMap};

use super::{gate, model::model_of, stored::stored};
use crate::{
    canonical_json::{self, CanonicalError},
    digest::Digest,
    job::{ABI, InputDigest, JobDocument, OutputRecord, ScoreConfig, StageResult},
    launcher::{Event, LaunchError, Launcher, StageOrder, Telemetry, TimedLine},
    manifest::{Gate, Nan, Reference, Task},
    model::ModelDoc,
    plan::{Binding, Planned, PlannedStage, StepPorts},
    record::{GateRecord, InputRecord, Status},
    store::{Store, StoreError},
    table::schema::TableSchema,
    wire::{Port, PortKind},
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
    /// A stage before it has no result or closed its gate.
    #[error("waits for `{0}`")]
    Blocked(String),
    /// The run was cancelled.
    #[error("cancelled")]
    Cancelled,
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
    pub error: Option<std::sync::Arc<InstanceError>>,
}

impl StageOutcome {
    fn without(status: Status, error: InstanceError) -> Self {
        StageOutcome {
            status,
            key: None,
            inputs: BTreeMap::new(),
            digest: None,
            result: None,
            gate: None,
            telemetry: None,
            log: Vec::new(),
            error: Some(std::sync::Arc::new(error)),
        }
    }

    pub(super) fn cancelled() -> Self {
        Self::without(Status::Cancelled, InstanceError::Cancelled)
    }

    pub(super) fn blocked(by: &str, cause: &StageOutcome) -> Self {
        match cause.status {
            Status::Cancelled => Self::cancelled(),
            _ => Self::without(Status::Blocked, InstanceError::Blocked(by.to_owned())),
        }
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
    promised: Vec<Port>,
    step: Option<StepPorts>,
    /// The model to apply.
    model: Option<ModelDoc>,
}

impl Instance {
    /// Binds a stage to the results of the stages before it.
    pub fn new(
        plan: &Planned,
        planned: &PlannedStage,
        outcomes: &HashMap<usize, &StageOutcome>,
    ) -> Result<Self, Box<StageOutcome>> {
        Self::bind(plan, planned, outcomes)
            .map_err(|error| Box::new(StageOutcome::without(Status::Failed, error)))
    }

    fn bind(
        plan: &Planned,
        planned: &PlannedStage,
        outcomes: &HashMap<usize, &StageOutcome>,
    ) -> Result<Self, InstanceError> {
        let stage = &planned.locked.stage;
        let component = planned.locked.component();
        let mut inputs = BTreeMap::new();
        let mut model = None;
        for (port, binding) in &planned.bindings {
            let record = match binding {
                Binding::Snapshot(snapshot) => InputRecord {
                    from: snapshot_name(planned, port),
                    digest: InputDigest::Blob(snapshot.digest),
                },
                Binding::Output {
                    stage: from,
                    output,
                } => {
                    let name = &plan.stages[*from].locked.stage.name;
                    InputRecord {
                        from: format!("{name}.{output}"),
                        digest: output_digest(outcomes[from], name, output)?,
                    }
                }
                Binding::Model(stages) => {
                    let doc = model_of(plan, stages, |index| outcomes.get(&index).copied())?;
                    let digest = Digest::of(canonical_json::to_string(&doc)?.as_bytes());
                    model = Some(doc);
                    InputRecord {
                        from: stage.steps().join(" + "),
                        digest: InputDigest::Model(digest),
                    }
                }
            };
            inputs.insert(port.clone(), record);
        }
        let job = JobDocument {
            abi: ABI,
            world: planned.locked.world,
            component: component.map(|component| component.digest),
            config: match &stage.task {
                Task::Plugin(_) => stage.config.clone(),
                Task::Score(scoring) => ScoreConfig {
                    keeps: scoring.keeps,
                }
                .to_json(),
            },
            inputs: inputs
                .iter()
                .map(|(port, record)| (port.clone(), record.digest))
                .collect(),
            partition: None,
            seed: match component {
                Some(component) if component.seed => stage.seed,
                _ => 0,
            },
            state: None,
            time: match component {
                Some(component) if component.time => plan.manifest.time,
                _ => 0,
            },
        };
        let (key, text) = job.key()?;
        Ok(Instance {
            job,
            text,
            key,
            inputs,
            order: StageOrder {
                wall: stage.limits.wall.duration(),
                memory: stage.limits.memory.bytes(),
                output: stage.limits.output.bytes(),
                nan_canonical: stage.nan == Nan::Canonical,
            },
            gate: stage.gate.clone(),
            promised: planned.promised.clone(),
            step: planned.step.clone(),
            model,
        })
    }

    /// The memory it may use, in bytes.
    pub fn memory(&self) -> u64 {
        self.order.memory
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
        self.keeps_promises(store, &result)?;
        Ok(Some(self.outcome(Status::Cached, digest, result)))
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
        if let Some(outcome) = self.stored(store)? {
            return Ok(outcome);
        }
        // The job is a blob, so that any launcher can be given the key alone.
        let mut publication = store.begin();
        let job = publication.blob(self.text.as_bytes())?;
        debug_assert_eq!(job, self.key);
        if let Some(model) = &self.model {
            publication.document(model)?;
        }
        publication.commit()?;
        let launched = launcher.run(&self.key, &self.job, &self.order, tell)?;
        self.keeps_promises(store, &launched.result)?;
        Ok(StageOutcome {
            telemetry: Some(launched.telemetry),
            log: launched.log,
            ..self.outcome(Status::Ran, launched.digest, launched.result)
        })
    }

    /// Whether the outputs are those that the plugin's check foretold: the stages behind this one were checked against them.
    fn keeps_promises(&self, store: &Store, result: &StageResult) -> Result<(), InstanceError> {
        for port in &self.promised {
            let broken = |what: String| {
                Err(InstanceError::BrokenPromise(format!(
                    "the plugin's check promised the output `{}`, {what}; its author can mend that",
                    port.name
                )))
            };
            match (port.kind, result.outputs.get(&port.name)) {
                (PortKind::Table, Some(OutputRecord::Table { digest, .. })) => {
                    let Some(promised) = &port.schema else {
                        continue;
                    };
                    let table = store.table(digest)?;
                    let promised =
                        TableSchema::from_nodes(promised.fields.clone(), promised.metadata.clone());
                    if promised.is_ok_and(|promised| promised != *table.schema()) {
                        return broken("and its run returned it with another schema".into());
                    }
                }
                (PortKind::Blob, Some(OutputRecord::Blob { .. })) => {}
                (_, Some(other)) => {
                    return broken(format!("and its run returned it as a {}", other.kind()));
                }
                (_, None) => return broken("and its run did not return it".into()),
            }
        }
        self.keeps_step(result)
    }

    /// Whether the fitted step is the one that the check foretold.
    fn keeps_step(&self, result: &StageResult) -> Result<(), InstanceError> {
        let (Some(promised), Some(fitted)) = (&self.step, &result.fitted) else {
            return Ok(());
        };
        let sides = [
            ("takes", &promised.takes, &fitted.takes),
            ("gives", &promised.gives, &fitted.gives),
        ];
        match sides
            .into_iter()
            .find(|(_, promised, fitted)| promised.as_ref().is_some_and(|p| p != *fitted))
        {
            Some((side, ..)) => Err(InstanceError::BrokenPromise(format!(
                "the plugin's check promised a step that {side} other columns than the one it fitted; its author can mend that"
            ))),
            None => Ok(()),
        }
    }

    fn outcome(&self, status: Status, digest: Digest, result: StageResult) -> StageOutcome {
        StageOutcome {
            status,
            key: Some(self.key),
            inputs: self.inputs.clone(),
            digest: Some(digest),
            gate: self.gate.as_ref().map(|gate| gate::judge(gate, &result)),
            result: Some(result),
            telemetry: None,
            log: Vec::new(),
            error: None,
        }
    }

    fn failed(&self, error: InstanceError) -> StageOutcome {
        let cancelled = matches!(&error, InstanceError::Launch(e) if e.is_cancelled());
        let status = if cancelled {
            Status::Cancelled
        } else {
            Status::Failed
        };
        let (telemetry, log) = match &error {
            InstanceError::Launch(error) => (error.telemetry, error.log.clone()),
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

fn snapshot_name(planned: &PlannedStage, port: &str) -> String {
    let stage = &planned.locked.stage;
    match stage.inputs.get(port).map(|input| &input.reference) {
        Some(Reference::Source(name)) => name.clone(),
        _ => stage
            .files
            .get(port)
            .map(|file| file.path.display().to_string())
            .unwrap_or_default(),
    }
}

fn output_digest(
    outcome: &StageOutcome,
    stage: &str,
    output: &str,
) -> Result<InputDigest, InstanceError> {
    let outputs = outcome.result.as_ref().map(|result| &result.outputs);
    match outputs.and_then(|outputs| outputs.get(output)) {
        Some(OutputRecord::Table { digest, .. }) => Ok(InputDigest::Table(*digest)),
        Some(OutputRecord::Blob { digest, .. }) => Ok(InputDigest::Blob(*digest)),
        None => Err(InstanceError::BrokenPromise(format!(
            "`{stage}` promised an output `{output}` in its check and did not return it"
        ))),
    }
}
