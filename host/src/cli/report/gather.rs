//! What the report of a run shows, gathered from the store; the page itself is drawn by the crate `lockflight-report`.

use lockflight_report::data::Report;

use super::{found, lineage, release, stages, training, watched};
use crate::{
    job::StageResult,
    record::{Outcome, RunRecord, StageRecord},
    run::RESULT,
    store::{Store, StoreError},
};

/// A run with the results of its stages, in their order.
pub(super) struct Told<'a> {
    pub store: &'a Store,
    pub record: &'a RunRecord,
    pub results: Vec<Option<StageResult>>,
}

impl Told<'_> {
    /// The stages that have a result, with it.
    pub fn stages(&self) -> impl Iterator<Item = (&StageRecord, &StageResult)> {
        let stages = self.record.stages.iter().zip(&self.results);
        stages.filter_map(|(stage, result)| Some((stage, result.as_ref()?)))
    }
}

/// Gathers all that the report of a run shows.
///
/// # Errors
/// When the store does not have what the run made.
pub(super) fn gather(store: &Store, record: &RunRecord) -> Result<Report, StoreError> {
    let result = |stage: &StageRecord| match &stage.result {
        Some(digest) => store.document(digest, RESULT).map(Some),
        None => Ok(None),
    };
    let results = record.stages.iter().map(result);
    let told = Told {
        store,
        record,
        results: results.collect::<Result<_, _>>()?,
    };
    Ok(Report {
        pipeline: record.pipeline.clone(),
        run: record.id.clone(),
        outcome: record.outcome.word().replace('-', " "),
        good: record.outcome == Outcome::Done,
        started: record.started.clone(),
        seconds: seconds(record),
        facts: facts(record),
        stages: stages::stages(&told),
        findings: found::findings(&told),
        trainings: training::trainings(&told)?,
        monitors: watched::monitors(&told)?,
        packages: release::packages(&told)?,
        endpoints: release::endpoints(&told)?,
        lineage: lineage::lineage(record),
    })
}

fn seconds(record: &RunRecord) -> f64 {
    let at = |text: &str| text.parse::<jiff::Timestamp>().ok();
    match (at(&record.started), at(&record.finished)) {
        (Some(started), Some(finished)) => finished.duration_since(started).as_secs_f64(),
        _ => 0.0,
    }
}

fn facts(record: &RunRecord) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    if let Some(git) = &record.git {
        let beside = if git.dirty {
            ", with changes beside it"
        } else {
            ""
        };
        facts.push(("commit".to_owned(), format!("{}{beside}", git.commit)));
    }
    let host = &record.host;
    facts.push((
        "made by".to_owned(),
        format!(
            "lockflight {}, {}, {}",
            host.lockflight, host.engine, host.arch
        ),
    ));
    facts.push(("walls".to_owned(), host.walls.to_string()));
    if let Some(policy) = &record.policy {
        facts.push((
            "policy".to_owned(),
            format!("{}, {}", policy.path, policy.digest),
        ));
    }
    facts
}
