//! What a stage works on: the results of the stages before it, and what its task brings beside them.

use std::collections::BTreeMap;

use super::{
    model::model_of,
    outcome::{InstanceError, StageOutcome},
    release::{self, Deployed, Outcomes},
    windows::Walk,
};
use crate::{
    canonical_json,
    digest::Digest,
    engine::CodeKind,
    job::{InputDigest, JobDocument, OutputRecord},
    launcher::StageOrder,
    manifest::{Nan, Reference, Stage, Task, WINDOW_PORT},
    package::{Content, Part},
    plan::{Binding, Planned, PlannedStage},
    record::InputRecord,
    store::Store,
};

/// What a stage is bound to.
#[derive(Default)]
pub(super) struct Bound {
    /// Its inputs by port.
    pub inputs: BTreeMap<String, InputRecord>,
    /// Documents among the inputs that are blobs of the store once the stage is launched.
    pub documents: Vec<String>,
    /// The model that has to be in the artifact, of a package stage.
    pub packs: Option<Digest>,
    /// The package to deploy, of a deploy stage.
    pub deploys: Option<Deployed>,
}

impl Bound {
    pub fn new(
        plan: &Planned,
        planned: &PlannedStage,
        outcomes: &Outcomes<'_>,
        store: &Store,
    ) -> Result<Self, InstanceError> {
        let mut bound = Bound::default();
        for (port, binding) in &planned.bindings {
            match binding {
                Binding::Snapshot(snapshot) => {
                    let digest = InputDigest::Blob(snapshot.digest);
                    bound.input(port, snapshot_name(planned, port), digest);
                }
                Binding::Output { stage, output } => {
                    let name = &plan.stages[*stage].locked.stage.name;
                    let digest = output_digest(outcomes[stage], name, output)?;
                    bound.input(port, format!("{name}.{output}"), digest);
                }
                Binding::Model(stages) => {
                    let model = model_of(plan, stages, |index| outcomes.get(&index).copied())?;
                    let text = canonical_json::to_string(&model)?;
                    let digest = InputDigest::Model(Digest::of(text.as_bytes()));
                    bound.input(port, planned.locked.stage.steps().join(" + "), digest);
                    bound.documents.push(text);
                }
                Binding::Package { steps, reports } => {
                    let packed = release::packed(plan, planned, (steps, reports), outcomes)?;
                    bound.packs = Some(packed.model);
                    packed.parts.into_iter().for_each(|part| bound.part(part));
                }
                Binding::Artifact(package) => {
                    let deployed = release::deployed(plan, planned, *package, outcomes, store)?;
                    let mut publication = store.begin();
                    let from = &plan.stages[*package].locked.stage.name;
                    for (port, table) in deployed.asked.write(&mut publication)? {
                        bound.input(port, from.clone(), InputDigest::Table(table));
                    }
                    publication.commit()?;
                    bound.deploys = Some(deployed);
                }
            }
        }
        Ok(bound)
    }

    fn input(&mut self, port: &str, from: String, digest: InputDigest) {
        let record = InputRecord { from, digest };
        self.inputs.insert(port.to_owned(), record);
    }

    fn part(&mut self, part: Part) {
        let digest = InputDigest::Blob(part.content.digest());
        self.input(&part.port, part.from, digest);
        if let Content::Made(text) = part.content {
            self.documents.push(text);
        }
    }
}

/// What a monitor does; none for other stages.
pub(super) fn walk(stage: &Stage, job: &JobDocument, order: &StageOrder) -> Option<Walk> {
    let Task::Monitor(watching) = &stage.task else {
        return None;
    };
    let mut job = job.clone();
    let table = match job.inputs.remove(WINDOW_PORT) {
        Some(InputDigest::Table(table)) => Some(table),
        _ => None,
    };
    Some(Walk {
        job,
        order: *order,
        table: table.zip(watching.time.clone()),
        every: watching.every,
    })
}

/// What a stage may use.
pub(super) fn order(stage: &Stage) -> StageOrder {
    StageOrder {
        limits: stage.limits,
        code: CodeKind::of_stage(stage.nan == Nan::Canonical),
    }
}

pub(super) fn snapshot_name(planned: &PlannedStage, port: &str) -> String {
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
