//! Verifying a run: every stage again, in fresh children and past the cache, and every digest compared.

use super::{
    difference::{Difference, differences},
    nondeterminism::Nondeterminism,
};
use crate::{
    digest::Digest,
    job::{JobDocument, StageResult},
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

    /// Whether the policy refuses to run the stage.
    pub fn is_refused(&self) -> bool {
        matches!(self, Verification::Failed(error) if error.is_refused())
    }
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
        if let (Verification::Different(found), Some(key)) = (&verification, stage.key) {
            Nondeterminism::new(key, &stage.name, found).note(store)?;
        }
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
    // Nobody asks for what was recorded: a policy that was narrowed since then lowers it.
    let order = StageOrder {
        limits: launcher.policy().lowered(&stage.limits),
        nan_canonical: stage.nan_canonical,
    };
    if stage.world != World::Monitor {
        return repeat(store, launcher, &order, (key, result));
    }
    // A monitor is as many jobs as it has windows; what they looked at was cut by the host and is their input.
    for window in &recorded.windows {
        let verification = repeat(store, launcher, &order, (&window.key, &window.result))?;
        if let Verification::Different(mut found) = verification {
            found
                .iter_mut()
                .for_each(|found| found.part = format!("window {}, {}", window.label, found.part));
            return Ok(Verification::Different(found));
        }
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
    match launcher.repeat(&job, order, Some(result), &|_| {}) {
        Ok(repeated) if repeated.digest == *result => Ok(Verification::Same),
        Ok(repeated) => {
            let recorded: StageResult = store.document(result, super::RESULT)?;
            let found = differences(store, &recorded, &repeated.result)?;
            Ok(Verification::Different(found))
        }
        Err(error) => Ok(Verification::Failed(error)),
    }
}
