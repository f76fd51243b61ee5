//! What package and deploy stages work on beside the outputs of stages, and what is held of them before their results count.

use std::collections::HashMap;

use super::{
    model::model_of,
    outcome::{InstanceError, StageOutcome},
};
use crate::{
    canonical_json,
    digest::Digest,
    endpoint::{ArmRecord, Asked, Endpoints, asked_with},
    engine::CodeKind,
    job::{JobDocument, OutputRecord},
    launcher::{Launcher, StageOrder},
    manifest::SCORED,
    model::ModelDoc,
    package::{
        Content, Contents, Lineage, LineageInput, ModelPart, Packages, Part, ReportPart,
        StageLineage, StepPart, columns, parts,
    },
    plan::{Planned, PlannedStage},
    store::Store,
};

/// What the lineage of a package is said to come from.
pub(super) const BEHIND: &str = "the stages before";

/// The outcomes of the stages that one waits for, by their index in the plan.
pub(super) type Outcomes<'o> = HashMap<usize, &'o StageOutcome>;

/// A model to be packed.
pub(super) struct Packed {
    /// What the plugin is handed.
    pub parts: Vec<Part>,
    /// The digest of the model's document, which has to be in the package.
    pub model: Digest,
}

/// What a package plugin is handed: the model that these stages make, these reports, and the lineage.
pub(super) fn packed(
    plan: &Planned,
    stage: &PlannedStage,
    (steps, reports): (&[usize], &[usize]),
    outcomes: &Outcomes<'_>,
) -> Result<Packed, InstanceError> {
    let document = model_of(plan, steps, |index| outcomes.get(&index).copied())?;
    let digest = Digest::of(canonical_json::to_string(&document)?.as_bytes());
    let model = model_part(plan, steps, &document, digest, outcomes)?;
    let reports: Vec<_> = reports
        .iter()
        .map(|index| report_part(plan, *index, outcomes))
        .collect();
    let mut parts = parts(&model, &document, &reports)?;
    parts.push(Part {
        port: "lineage".into(),
        from: BEHIND.into(),
        content: Content::Made(canonical_json::to_string(&lineage(plan, stage, outcomes))?),
    });
    Ok(Packed {
        parts,
        model: digest,
    })
}

fn model_part(
    plan: &Planned,
    steps: &[usize],
    document: &ModelDoc,
    model: Digest,
    outcomes: &Outcomes<'_>,
) -> Result<ModelPart, InstanceError> {
    let named = steps.iter().zip(&document.steps).map(|(index, step)| {
        let locked = &plan.stages[*index].locked;
        let component = locked.component();
        StepPart {
            name: locked.stage.name.clone(),
            plugin: component.map(|c| c.name.clone()).unwrap_or_default(),
            version: component.map(|c| c.version.clone()).unwrap_or_default(),
            scorer: step.scorer,
            state: step.state,
        }
    });
    let last = *steps.last().expect("a model has steps");
    let takes = document
        .takes()
        .map_err(|error| InstanceError::BrokenPromise(error.to_string()))?;
    let result = outcomes
        .get(&last)
        .and_then(|outcome| outcome.result.as_ref());
    Ok(ModelPart {
        name: plan.stages[last].locked.stage.name.clone(),
        pipeline: plan.manifest.name.clone(),
        model,
        steps: named.collect(),
        takes: columns(&takes),
        gives: columns(document.gives()),
        metrics: result
            .map(|result| result.last_metrics().into_iter().cloned().collect())
            .unwrap_or_default(),
    })
}

fn report_part(plan: &Planned, index: usize, outcomes: &Outcomes<'_>) -> ReportPart {
    let outcome = outcomes.get(&index);
    let result = outcome.and_then(|outcome| outcome.result.as_ref());
    ReportPart {
        stage: plan.stages[index].locked.stage.name.clone(),
        gate: outcome.and_then(|outcome| outcome.gate.clone()),
        findings: result.map(|r| r.findings.clone()).unwrap_or_default(),
        metrics: result.map(|r| r.metrics.clone()).unwrap_or_default(),
    }
}

fn lineage(plan: &Planned, stage: &PlannedStage, outcomes: &Outcomes<'_>) -> Lineage {
    let index = plan
        .stages
        .iter()
        .position(|other| other.locked.stage.name == stage.locked.stage.name);
    let behind = index.map(|index| plan.behind(index)).unwrap_or_default();
    let stages: Vec<_> = behind
        .iter()
        .filter_map(|index| stage_lineage(&plan.stages[*index], outcomes.get(index)?))
        .collect();
    let used = |name: &String| {
        let mut inputs = stages.iter().flat_map(|stage| stage.inputs.values());
        inputs.any(|input| input.from == *name)
    };
    let sources = plan.sources.iter().filter(|(name, _)| used(name));
    Lineage {
        pipeline: plan.manifest.name.clone(),
        lockflight: crate::VERSION.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        sources: sources
            .map(|(name, snapshot)| (name.clone(), snapshot.digest))
            .collect(),
        stages,
    }
}

fn stage_lineage(planned: &PlannedStage, outcome: &StageOutcome) -> Option<StageLineage> {
    let locked = &planned.locked;
    let component = locked.component();
    let result = outcome.result.as_ref()?;
    let inputs = outcome.inputs.iter().map(|(port, input)| {
        let input = LineageInput {
            from: input.from.clone(),
            digest: input.digest,
        };
        (port.clone(), input)
    });
    Some(StageLineage {
        name: locked.stage.name.clone(),
        world: locked.world,
        plugin: component.map(|c| c.name.clone()).unwrap_or_default(),
        version: component.map(|c| c.version.clone()).unwrap_or_default(),
        component: component.map(|c| c.digest),
        config: locked.stage.config.clone(),
        inputs: inputs.collect(),
        key: outcome.key?,
        outputs: result.outputs.clone(),
        state: result.fitted.as_ref().map(|fitted| fitted.state),
    })
}

/// A package to be deployed.
pub(super) struct Deployed {
    /// The endpoint's name.
    pub name: String,
    /// The model's name.
    pub model: String,
    /// What the plugin is asked.
    pub asked: Asked,
    /// The package's manifest.
    pub package: Digest,
    /// The job that scored the package's sample, and the table that came of it.
    sample: (Digest, Digest),
    order: StageOrder,
}

/// What a deploy plugin is asked when this package stage's artifact is the newest version.
pub(super) fn deployed(
    plan: &Planned,
    stage: &PlannedStage,
    package: usize,
    outcomes: &Outcomes<'_>,
    store: &Store,
) -> Result<Deployed, InstanceError> {
    let packed = &plan.stages[package].locked.stage;
    let outcome = outcomes[&package];
    let broken = |what: &str| {
        InstanceError::BrokenPromise(format!("the package stage `{}` {what}", packed.name))
    };
    let artifact = outcome.result.as_ref().and_then(|result| result.artifact);
    let artifact = artifact.ok_or_else(|| broken("made no artifact"))?;
    let model = packed.steps().last().expect("a model has steps").clone();
    let versions = Packages::new(store).of_model(&model)?;
    let version = versions
        .iter()
        .find(|version| version.package == artifact.manifest)
        .ok_or_else(|| broken("has no version yet"))?;
    let name = stage.locked.stage.name.clone();
    let latest = Endpoints::new(store).latest(&name)?;
    let newest = ArmRecord {
        version: version.version,
        package: version.package,
        model: version.model,
        weight: 0.0,
    };
    Ok(Deployed {
        asked: asked_with(latest.as_ref(), newest),
        sample: sample_of(plan, package, outcomes).ok_or_else(|| broken("has no sample"))?,
        package: artifact.manifest,
        name,
        model,
        order: super::binding::order(&stage.locked.stage),
    })
}

/// The key of the job that scored a package's sample, and its table.
fn sample_of(plan: &Planned, package: usize, outcomes: &Outcomes<'_>) -> Option<(Digest, Digest)> {
    let input = plan.stages[package]
        .locked
        .stage
        .inputs
        .get(crate::manifest::SAMPLE_PORT)?;
    let scored = input.reference.stage()?;
    let mut stages = plan.stages.iter();
    let index = stages.position(|stage| stage.locked.stage.name == scored)?;
    let outcome = outcomes.get(&index)?;
    match outcome.result.as_ref()?.outputs.get(SCORED)? {
        OutputRecord::Table { digest, .. } => Some((outcome.key?, *digest)),
        OutputRecord::Blob { .. } => None,
    }
}

impl Deployed {
    /// Loads the model from the package in a fresh sandbox, lets it score the sample, and compares that with what the model made of
    /// it where it was trained, bit for bit. Gives a sentence for the log.
    pub fn smoke_test(&self, store: &Store, launcher: &Launcher) -> Result<String, InstanceError> {
        let contents = Contents::read(store, &self.package)?;
        let (key, expected) = self.sample;
        let mut job: JobDocument = store.document(&key, "a job")?;
        for input in job.inputs.values_mut() {
            if let crate::job::InputDigest::Model(model) = input {
                *model = contents.model_digest;
            }
        }
        let launched = launcher.repeat(&job, &self.order, None, &|_| {})?;
        // The server's code is another, and a server is not to begin with compiling.
        for step in &contents.model.steps {
            launcher.compile(&step.scorer, CodeKind::Serving, &self.order.limits, &|| {})?;
        }
        match launched.result.outputs.get(SCORED) {
            Some(OutputRecord::Table { digest, rows, .. }) if *digest == expected => Ok(format!(
                "smoke test: the packaged model scored {rows} sample rows as the trained one did, bit for bit"
            )),
            Some(other) => Err(InstanceError::Smoke(format!(
                "the packaged model scores its sample otherwise than the trained one did: the table is {} instead of {expected}",
                other.digest()
            ))),
            None => Err(InstanceError::Smoke(
                "the packaged model gave no table".into(),
            )),
        }
    }
}
