//! Verifying a run: every stage again, in fresh children and past the cache, and every digest compared.

use std::collections::BTreeSet;

use crate::{
    digest::Digest,
    job::{JobDocument, OutputRecord, StageResult},
    launcher::{LaunchError, Launcher, StageOrder},
    record::{RunRecord, StageRecord},
    store::{Store, StoreError},
    world::World,
};

/// How one stage came out.
#[derive(Debug)]
pub enum Verification {
    /// It gave the same result, bit for bit.
    Same,
    /// It gave another result.
    Different(
        /// What differs, the first first.
        Vec<Difference>,
    ),
    /// It failed this time.
    Failed(LaunchError),
    /// It is declared not repeatable: the recorded result stands unproven.
    NotRepeatable,
    /// The run has no result of it.
    NoResult,
}

impl Verification {
    /// Whether the stage is as recorded, as far as that can be proven.
    pub fn holds(&self) -> bool {
        !matches!(self, Verification::Different(_) | Verification::Failed(_))
    }
}

/// A part of a result that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The output's name, `findings` or `metrics`.
    pub part: String,
    /// What was recorded: a digest, or what is missing.
    pub recorded: String,
    /// What came out.
    pub repeated: String,
}

/// Runs every stage of a run again; `tell` gets each verdict as it comes.
///
/// # Errors
/// When the store lacks what a stage worked on.
pub fn verify(
    record: &RunRecord,
    store: &Store,
    launcher: &Launcher,
    tell: &mut dyn FnMut(&StageRecord, &Verification),
) -> Result<bool, StoreError> {
    let mut holds = true;
    for stage in &record.stages {
        let verification = verify_stage(stage, store, launcher)?;
        holds &= verification.holds();
        tell(stage, &verification);
    }
    Ok(holds)
}

fn verify_stage(
    stage: &StageRecord,
    store: &Store,
    launcher: &Launcher,
) -> Result<Verification, StoreError> {
    let (Some(key), Some(result)) = (&stage.key, &stage.result) else {
        return Ok(Verification::NoResult);
    };
    if !stage.repeatable {
        return Ok(Verification::NotRepeatable);
    }
    let recorded: StageResult = store.document(result, super::RESULT)?;
    let order = StageOrder {
        wall: stage.limits.wall.duration(),
        memory: stage.limits.memory.bytes(),
        output: stage.limits.output.bytes(),
        nan_canonical: stage.nan_canonical,
    };
    if stage.world != World::Monitor {
        return repeat(store, launcher, &order, (key, result));
    }
    // A monitor is as many jobs as it has windows; what they looked at was cut by the host and is their input.
    for window in &recorded.windows {
        let verification = repeat(store, launcher, &order, (&window.key, &window.result))?;
        if !verification.holds() {
            return Ok(verification);
        }
    }
    Ok(Verification::Same)
}

/// Does a job again and holds what comes out against what was recorded.
fn repeat(
    store: &Store,
    launcher: &Launcher,
    order: &StageOrder,
    (key, result): (&Digest, &Digest),
) -> Result<Verification, StoreError> {
    let job: JobDocument = store.document(key, "a job")?;
    let recorded: StageResult = store.document(result, super::RESULT)?;
    match launcher.repeat(&job, order, &|_| {}) {
        Ok(repeated) if repeated.digest == *result => Ok(Verification::Same),
        Ok(repeated) => Ok(Verification::Different(differences(
            &recorded,
            &repeated.result,
        ))),
        Err(error) => Ok(Verification::Failed(error)),
    }
}

fn differences(recorded: &StageResult, repeated: &StageResult) -> Vec<Difference> {
    let names: BTreeSet<_> = recorded
        .outputs
        .keys()
        .chain(repeated.outputs.keys())
        .collect();
    let text = |output: Option<&OutputRecord>| {
        output.map_or("nothing".to_owned(), |o| o.digest().to_string())
    };
    let mut found: Vec<_> = names
        .into_iter()
        .map(|name| (name, recorded.outputs.get(name), repeated.outputs.get(name)))
        .filter(|(_, recorded, repeated)| recorded != repeated)
        .map(|(name, recorded, repeated)| Difference {
            part: name.clone(),
            recorded: text(recorded),
            repeated: text(repeated),
        })
        .collect();
    let mut compare = |part: &str, recorded: String, repeated: String| {
        if recorded != repeated {
            found.push(Difference {
                part: part.to_owned(),
                recorded: Digest::of(recorded.as_bytes()).to_string(),
                repeated: Digest::of(repeated.as_bytes()).to_string(),
            });
        }
    };
    let json = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
    compare(
        "findings",
        json(serde_json::to_string(&recorded.findings)),
        json(serde_json::to_string(&repeated.findings)),
    );
    compare(
        "fitted step",
        json(serde_json::to_string(&recorded.fitted)),
        json(serde_json::to_string(&repeated.fitted)),
    );
    compare(
        "artifact",
        json(serde_json::to_string(&recorded.artifact)),
        json(serde_json::to_string(&repeated.artifact)),
    );
    compare(
        "decision",
        json(serde_json::to_string(&recorded.decision)),
        json(serde_json::to_string(&repeated.decision)),
    );
    compare(
        "observation",
        json(serde_json::to_string(&recorded.observation)),
        json(serde_json::to_string(&repeated.observation)),
    );
    compare(
        "metrics",
        json(serde_json::to_string(&recorded.metrics)),
        json(serde_json::to_string(&repeated.metrics)),
    );
    found
}
