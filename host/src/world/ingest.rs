//! World `ingest`: sources become tables.

use super::{interfaces, stage::stage_world};
use crate::wire::Answer;

stage_world!(
    "lockflight:stage/ingest",
    Ingest,
    lockflight_stage_ingester,
    |guest, outputs| -> wasmtime::Result<Answer> {
        Ok(Answer {
            outputs: interfaces::outputs(guest, outputs)?,
            ..Answer::default()
        })
    }
);
