//! A job outside of a pipeline: checked as a plan checks it, run past every cache, and held against what its check promised.

use super::{outcome::InstanceError, promises::Promises};
use crate::{
    digest::Digest,
    job::{CheckAnswer, CheckDocument, JobDocument},
    launcher::{Event, Launched, Launcher, Reason, StageOrder},
    plan::StepPorts,
    store::Store,
    wire::Problem,
    world::World,
};

/// What came of a job.
#[derive(Debug)]
pub enum Alone {
    /// The plugin's check found problems, so it was not run.
    Refused(Vec<Problem>),
    /// It ran.
    Ran {
        /// The result, its cost and its log.
        launched: Box<Launched>,
        /// Whether the result is what the check promised.
        kept: Result<(), InstanceError>,
    },
}

/// Checks and runs the job of a plugin. Its outputs are in the store afterwards; its result is published under no key.
///
/// # Errors
/// When the check or the run has no answer, or the store fails.
pub fn alone(
    store: &Store,
    launcher: &Launcher,
    job: &JobDocument,
    order: &StageOrder,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Alone, InstanceError> {
    let Some(component) = job.component else {
        return Err(InstanceError::Launch(
            Reason::Host("a built-in stage has no plugin to ask".into()).into(),
        ));
    };
    let document = CheckDocument::before(job, component, store)?;
    let mut ports = match launcher.check(&document, &order.limits)? {
        CheckAnswer::Ports(ports) => ports,
        CheckAnswer::Problems(problems) => return Ok(Alone::Refused(problems)),
    };
    let step = match job.world {
        World::Train => Some(StepPorts::taken_from(&mut ports).map_err(|(port, error)| {
            InstanceError::BrokenPromise(format!(
                "the plugin's check promises `{port}` with columns that lockflight does not take: {error}"
            ))
        })?),
        _ => None,
    };
    // Compared with a digest that nothing has, so that the outputs are published and can be looked into.
    let none = Digest::of(b"");
    let launched = launcher.repeat(job, order, Some(&none), tell)?;
    let promises = Promises {
        ports,
        step,
        packs: None,
    };
    let kept = promises.hold(store, &launched.result);
    Ok(Alone::Ran {
        launched: Box::new(launched),
        kept,
    })
}
