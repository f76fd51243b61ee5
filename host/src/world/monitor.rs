//! World `monitor`: what a window of a model's traffic shows.

use super::stage::stage_world;
use crate::{
    child::Guest,
    wire::{Answer, Observation},
};

stage_world!(
    "lockflight:stage/monitor",
    Monitor,
    lockflight_stage_monitorer,
    |guest: &mut Guest,
     observation: bindings::exports::lockflight::stage::monitorer::Observation|
     -> wasmtime::Result<Answer> {
        let state = observation.state.map(|state| guest.resources.delete(state));
        Ok(Answer {
            findings: observation.findings.into_iter().map(Into::into).collect(),
            observation: Some(Observation {
                verdict: observation.verdict.into(),
                state: state.transpose()?.map(|state| state.number),
            }),
            ..Answer::default()
        })
    }
);
