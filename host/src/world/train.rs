//! World `train`: a table becomes a fitted step of a model.

use super::{interfaces, stage::stage_world};
use crate::wire::{Answer, Fitted};

stage_world!(
    "lockflight:stage/train",
    Train,
    lockflight_stage_trainer,
    |guest: &mut crate::child::Guest,
     fitted: bindings::exports::lockflight::stage::trainer::Fitted|
     -> wasmtime::Result<Answer> {
        Ok(Answer {
            fitted: Some(Fitted {
                state: guest.resources.delete(fitted.state)?.number,
                takes: fitted.takes.into(),
                gives: fitted.gives.into(),
            }),
            outputs: interfaces::outputs(guest, fitted.outputs)?,
            ..Answer::default()
        })
    }
);
