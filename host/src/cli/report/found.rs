//! What validations found, and what their gates saw.

use lockflight_report::data::{Finding, Findings, Verdict};

use super::gather::Told;
use crate::{cli::gates::conditions, wire};

pub(super) fn findings(told: &Told<'_>) -> Vec<Findings> {
    let stages = told.stages().filter(|(stage, result)| {
        // A gate without anything to judge says nothing.
        let gate = stage.gate.as_ref();
        let judged = gate.is_some_and(|gate| gate.conditions.iter().any(|c| !c.saw.is_empty()));
        result.windows.is_empty() && (!result.findings.is_empty() || judged)
    });
    stages
        .map(|(stage, result)| Findings {
            stage: stage.name.clone(),
            open: stage.gate.as_ref().map(|gate| gate.open),
            conditions: stage.gate.as_ref().map(conditions).unwrap_or_default(),
            findings: result.findings.iter().map(finding).collect(),
        })
        .collect()
}

pub(super) fn finding(found: &wire::Finding) -> Finding {
    Finding {
        name: found.name.clone(),
        subject: found.subject.clone(),
        slice: found.slice.clone(),
        verdict: verdict(found.verdict),
        value: found.value,
        limit: found.limit.clone(),
        rows: found.rows,
        message: found.message.clone(),
    }
}

pub(super) fn verdict(verdict: wire::Verdict) -> Verdict {
    match verdict {
        wire::Verdict::Pass => Verdict::Pass,
        wire::Verdict::Warn => Verdict::Warn,
        wire::Verdict::Fail => Verdict::Fail,
        wire::Verdict::Inconclusive => Verdict::Inconclusive,
    }
}
