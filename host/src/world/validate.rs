//! World `validate`: a table is checked against expectations.

use super::{interfaces, stage::stage_world};
use crate::wire::Answer;

stage_world!(
    "lockflight:stage/validate",
    Validate,
    lockflight_stage_validator,
    |guest: &mut crate::child::Guest,
     report: bindings::exports::lockflight::stage::validator::Report|
     -> wasmtime::Result<Answer> {
        Ok(Answer {
            findings: report.findings.into_iter().map(Into::into).collect(),
            outputs: interfaces::outputs(guest, report.outputs)?,
            ..Answer::default()
        })
    }
);
