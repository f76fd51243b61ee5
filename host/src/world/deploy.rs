//! World `deploy`: what traffic the versions of a model get.

use super::stage::stage_world;
use crate::{
    child::Guest,
    wire::{Action, Answer, Arm, Decision},
};

stage_world!(
    "lockflight:stage/deploy",
    Deploy,
    lockflight_stage_deployer,
    |guest: &mut Guest,
     decision: bindings::exports::lockflight::stage::deployer::Decision|
     -> wasmtime::Result<Answer> {
        use bindings::exports::lockflight::stage::deployer::Action as Decided;
        let action = match decision.action {
            Decided::Hold => Action::Hold,
            Decided::Pause => Action::Pause,
            Decided::Shift(arms) => {
                let arms = arms.into_iter().map(|arm| Arm {
                    version: arm.version,
                    weight: arm.weight,
                });
                Action::Shift(arms.collect())
            }
            Decided::Promote(version) => Action::Promote(version),
            Decided::RollBack(version) => Action::RollBack(version),
        };
        let state = decision.state.map(|state| guest.resources.delete(state));
        Ok(Answer {
            decision: Some(Decision {
                action,
                reason: decision.reason,
                state: state.transpose()?.map(|state| state.number),
            }),
            ..Answer::default()
        })
    }
);
