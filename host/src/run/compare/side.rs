//! One of the two that are compared: a run as it was recorded, or the workspace as a run would find it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::super::{RESULT, change, forecast::Forecast};
use crate::{
    digest::Digest,
    job::{OutputRecord, StageResult},
    plan::Planned,
    record::{RunRecord, StageRecord},
    store::Store,
};

/// One of the two that are compared.
#[derive(Debug)]
pub struct Side {
    /// What it is called: a run's id, or `workspace`.
    pub name: String,
    /// Its pipeline.
    pub pipeline: String,
    pub(super) sources: BTreeMap<String, DataVersion>,
    pub(super) stages: Vec<SideStage>,
}

/// A stage of a side.
#[derive(Debug)]
pub(super) struct SideStage {
    pub record: StageRecord,
    /// The job document, as far as it is known.
    pub job: Value,
    /// Whether that is all of it.
    pub whole: bool,
    /// None where there is no result.
    pub result: Option<StageResult>,
}

/// A version of a source or table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataVersion {
    /// The digest of its content.
    pub digest: Digest,
    /// Its rows; none of a blob.
    pub rows: Option<u64>,
    /// Its size.
    pub bytes: u64,
}

impl Side {
    /// A run, under a name. A job or result that the store no longer has is as if it had never been known.
    pub fn of_run(store: &Store, record: &RunRecord, name: &str) -> Side {
        let stages = record.stages.iter().map(|stage| SideStage {
            job: change::job(store, stage),
            whole: true,
            result: stage
                .result
                .and_then(|digest| store.document(&digest, RESULT).ok()),
            record: stage.clone(),
        });
        let source = |(name, source): (&String, &crate::record::SourceRecord)| {
            let version = DataVersion {
                digest: source.digest,
                rows: None,
                bytes: source.bytes,
            };
            (name.clone(), version)
        };
        Side {
            name: name.to_owned(),
            pipeline: record.pipeline.clone(),
            sources: record.sources.iter().map(source).collect(),
            stages: stages.collect(),
        }
    }

    /// The workspace: what a run would do, and what the store has of that already.
    pub fn of_workspace(plan: &Planned, forecast: Forecast) -> Side {
        let source = |(name, snapshot): (&String, &crate::plan::Snapshot)| {
            let version = DataVersion {
                digest: snapshot.digest,
                rows: None,
                bytes: snapshot.bytes,
            };
            (name.clone(), version)
        };
        let stages = forecast.stages.into_iter().map(|stage| SideStage {
            job: stage.job,
            whole: stage.key.is_some(),
            result: stage.result,
            record: stage.record,
        });
        Side {
            name: "workspace".to_owned(),
            pipeline: plan.manifest.name.clone(),
            sources: plan.sources.iter().map(source).collect(),
            stages: stages.collect(),
        }
    }

    pub(super) fn stage(&self, name: &str) -> Option<&SideStage> {
        self.stages.iter().find(|stage| stage.record.name == name)
    }

    /// The names of the stages, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().map(|stage| stage.record.name.as_str())
    }

    pub(super) fn data(&self) -> BTreeMap<String, DataVersion> {
        let outputs = self.stages.iter().flat_map(|stage| {
            let result = stage.result.iter().flat_map(|result| &result.outputs);
            result.map(|(output, record)| {
                let version = match *record {
                    OutputRecord::Table {
                        digest,
                        rows,
                        bytes,
                    } => (digest, Some(rows), bytes),
                    OutputRecord::Blob { digest, bytes } => (digest, None, bytes),
                };
                let (digest, rows, bytes) = version;
                let name = format!("{}.{output}", stage.record.name);
                (
                    name,
                    DataVersion {
                        digest,
                        rows,
                        bytes,
                    },
                )
            })
        });
        self.sources
            .iter()
            .map(|(name, version)| (name.clone(), version.clone()))
            .chain(outputs)
            .collect()
    }
}
