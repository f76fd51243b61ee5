//! The models that train stages make: their fitted steps, with the scorers that the manifest's plugins have now. A mended scorer
//! thus makes another model without any training.

use super::outcome::{InstanceError, StageOutcome};
use crate::{
    model::{ModelDoc, Step},
    plan::Planned,
};

/// The model of these stages, by their index in the plan.
///
/// # Errors
/// When one of them has no fitted step: its plugin did not keep to its world.
pub(super) fn model_of<'o>(
    plan: &Planned,
    stages: &[usize],
    outcome: impl Fn(usize) -> Option<&'o StageOutcome>,
) -> Result<ModelDoc, InstanceError> {
    let step = |&index: &usize| {
        let planned = &plan.stages[index];
        let result = outcome(index).and_then(|outcome| outcome.result.as_ref());
        let fitted = result.and_then(|result| result.fitted.as_ref());
        let (Some(fitted), Some(scorer)) = (fitted, planned.locked.scorer()) else {
            return Err(InstanceError::BrokenPromise(format!(
                "`{}` was to fit a step of a model and did not",
                planned.locked.stage.name
            )));
        };
        Ok(Step {
            scorer: scorer.digest,
            state: fitted.state,
            takes: fitted.takes.clone(),
            gives: fitted.gives.clone(),
        })
    };
    let steps = stages.iter().map(step).collect::<Result<Vec<_>, _>>()?;
    Ok(ModelDoc::new(steps))
}

/// The stages whose steps make the model of a train stage: those it was trained through, and itself.
pub(super) fn stages_of(plan: &Planned, index: usize) -> Vec<usize> {
    let place = |name: &String| {
        let found = plan
            .stages
            .iter()
            .position(|s| s.locked.stage.name == *name);
        found.expect("a resolved manifest knows the stages it names")
    };
    let through = plan.stages[index].locked.stage.through.iter().map(place);
    through.chain([index]).collect()
}
