//! Verifying a run: every stage again, in fresh children and past the cache, and every digest compared.

use super::{
    difference::{Difference, differences},
    nondeterminism::Nondeterminism,
};
use crate::{
    digest::Digest,
    engine::CodeKind,
    job::{JobDocument, StageResult, Window},
    launcher::{LaunchError, Launched, Launcher, Reason, StageOrder, TimedLine},
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
    /// The store lacks what it worked on, or holds it damaged: nothing is proven, neither for nor against it.
    Lost(StoreError),
    /// It is declared not repeatable: the recorded result stands unproven.
    NotRepeatable,
    /// The run has no result of it.
    NoResult,
}

impl Verification {
    /// Whether the stage is as recorded, as far as that can be proven.
    pub fn holds(&self) -> bool {
        !matches!(
            self,
            Verification::Different(_) | Verification::Failed(_) | Verification::Lost(_)
        )
    }

    /// Whether the store lacks what it takes to run the stage.
    pub fn is_lost(&self) -> bool {
        matches!(self, Verification::Lost(_))
    }

    /// Whether the policy refuses to run the stage.
    pub fn is_refused(&self) -> bool {
        matches!(self, Verification::Failed(error) if error.is_refused())
    }
}

/// Runs every stage of a run again; `tell` gets each verdict as it comes. Answers whether all hold.
pub fn verify(
    record: &RunRecord,
    store: &Store,
    launcher: &Launcher,
    tell: &mut dyn FnMut(&StageRecord, &Verification),
) -> bool {
    let mut holds = true;
    for stage in &record.stages {
        let verification =
            verify_stage(stage, store, launcher, &mut |_| {}).unwrap_or_else(Verification::Lost);
        holds &= verification.holds();
        tell(stage, &verification);
    }
    holds
}

/// What a stage's plugin says in one call.
pub type Hear<'a> = &'a mut dyn FnMut(&[TimedLine]);

/// What came of a stage that was replayed.
#[derive(Debug)]
pub enum Replayed {
    /// It was held against its record.
    Held(Verification),
    /// There is nothing to hold it against: it has no result in the record, or need not give it again.
    Unheld(Result<Box<StageResult>, LaunchError>),
}

/// Runs one stage of a run again and holds it against its record. One that has no result or is not repeatable runs too; `hear` gets
/// what is said.
///
/// # Errors
/// When the store lacks what the stage worked on.
pub fn replay(
    stage: &StageRecord,
    store: &Store,
    launcher: &Launcher,
    hear: Hear<'_>,
) -> Result<Replayed, StoreError> {
    match (stage.key, stage.world) {
        // The key of a monitor names a walk, not a job.
        (Some(key), world)
            if world != World::Monitor && (stage.result.is_none() || !stage.repeatable) =>
        {
            let order = order(stage, launcher);
            let repeated = launch(store, launcher, &order, (&key, None), hear)?;
            Ok(Replayed::Unheld(
                repeated.map(|repeated| Box::new(repeated.result)),
            ))
        }
        _ => verify_stage(stage, store, launcher, hear).map(Replayed::Held),
    }
}

/// As it was recorded. Nobody asks for that now, so a policy that was narrowed since then lowers it.
fn order(stage: &StageRecord, launcher: &Launcher) -> StageOrder {
    StageOrder {
        limits: launcher.policy().lowered(&stage.limits),
        code: CodeKind::of_stage(stage.nan_canonical),
    }
}

/// What differs is noted in the store.
fn verify_stage(
    stage: &StageRecord,
    store: &Store,
    launcher: &Launcher,
    hear: Hear<'_>,
) -> Result<Verification, StoreError> {
    let (Some(key), Some(result)) = (&stage.key, &stage.result) else {
        return Ok(Verification::NoResult);
    };
    if !stage.repeatable {
        return Ok(Verification::NotRepeatable);
    }
    let order = order(stage, launcher);
    let verification = match stage.world {
        World::Monitor => {
            let recorded: StageResult = store.document(result, super::RESULT)?;
            windows(&recorded.windows, store, launcher, &order, hear)?
        }
        _ => repeat(store, launcher, &order, (key, result), hear)?,
    };
    if let Verification::Different(found) = &verification {
        Nondeterminism::new(*key, &stage.name, found).note(store)?;
    }
    Ok(verification)
}

/// A monitor is as many jobs as it has windows; what they looked at was cut by the host and is their input.
fn windows(
    windows: &[Window],
    store: &Store,
    launcher: &Launcher,
    order: &StageOrder,
    hear: Hear<'_>,
) -> Result<Verification, StoreError> {
    for window in windows {
        let verification = repeat(store, launcher, order, (&window.key, &window.result), hear)?;
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
    hear: Hear<'_>,
) -> Result<Verification, StoreError> {
    match launch(store, launcher, order, (key, Some(result)), hear)? {
        Ok(repeated) if repeated.digest == *result => Ok(Verification::Same),
        Ok(repeated) => {
            let recorded: StageResult = store.document(result, super::RESULT)?;
            let found = differences(store, &recorded, &repeated.result)?;
            Ok(Verification::Different(found))
        }
        Err(error) => Ok(Verification::Failed(error)),
    }
}

fn launch(
    store: &Store,
    launcher: &Launcher,
    order: &StageOrder,
    (key, recorded): (&Digest, Option<&Digest>),
    hear: Hear<'_>,
) -> Result<Result<Launched, LaunchError>, StoreError> {
    let job: JobDocument = store.document(key, "a job")?;
    let repeated = launcher.repeat(&job, order, recorded, &|_| {});
    match &repeated {
        Ok(repeated) => hear(&repeated.log),
        Err(error) => hear(&error.log),
    }
    match repeated {
        Err(LaunchError {
            reason,
            telemetry,
            log,
        }) => match *reason {
            Reason::Store(lost) => Err(lost),
            other => Ok(Err(LaunchError {
                reason: Box::new(other),
                telemetry,
                log,
            })),
        },
        Ok(repeated) => Ok(Ok(repeated)),
    }
}
