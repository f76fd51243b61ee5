//! What differs between two runs, or between a run and the workspace: stages and why, data, metrics, findings.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::{
    RESULT,
    change::{self, Before, Change, Now},
    forecast::Forecast,
    release::BEHIND,
};
use crate::{
    digest::Digest,
    job::{OutputRecord, StageResult},
    plan::Planned,
    record::{ComponentRecord, GateRecord, RunRecord, StageRecord},
    store::Store,
    wire::{Finding, Metric, Verdict},
};

/// One of the two that are compared.
#[derive(Debug)]
pub struct Side {
    /// What it is called: a run's id, or `workspace`.
    pub name: String,
    /// Its pipeline.
    pub pipeline: String,
    sources: BTreeMap<String, DataVersion>,
    stages: Vec<SideStage>,
}

/// A stage of a side.
#[derive(Debug)]
struct SideStage {
    record: StageRecord,
    /// The job document, as far as it is known.
    job: Value,
    /// Whether that is all of it.
    whole: bool,
    /// None where there is no result.
    result: Option<StageResult>,
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

/// What differs.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The first side.
    pub from: String,
    /// The second side.
    pub to: String,
    /// The stages that differ, by name.
    pub stages: Vec<StageDiff>,
    /// The sources and outputs that differ.
    pub data: Vec<DataDiff>,
    /// All metrics of both sides, of each series its last value.
    pub metrics: Vec<MetricDiff>,
    /// All findings of both sides.
    pub findings: Vec<FindingDiff>,
    /// The gates that differ.
    pub gates: Vec<GateDiff>,
}

/// A stage that differs.
#[derive(Debug, Serialize)]
pub struct StageDiff {
    /// Its name.
    pub name: String,
    /// Whether only the second side has it.
    pub added: bool,
    /// Whether only the first side has it.
    pub removed: bool,
    /// Whether all that differs is what flows in from stages that differ.
    pub follows: bool,
    /// What differs.
    pub changes: Vec<Change>,
}

/// Data that differs.
#[derive(Debug, Serialize)]
pub struct DataDiff {
    /// The name of a source, or `STAGE.OUTPUT`.
    pub name: String,
    /// What the first side has.
    pub old: Option<DataVersion>,
    /// What the second side has.
    pub new: Option<DataVersion>,
}

/// A metric of two sides.
#[derive(Debug, Serialize)]
pub struct MetricDiff {
    /// The stage.
    pub stage: String,
    /// Its name, with labels as `name{label=value}`.
    pub metric: String,
    /// The first side's value.
    #[serde(with = "crate::job::figure::option")]
    pub old: Option<f64>,
    /// The second side's value.
    #[serde(with = "crate::job::figure::option")]
    pub new: Option<f64>,
}

/// A finding of two sides.
#[derive(Debug, Serialize)]
pub struct FindingDiff {
    /// The stage.
    pub stage: String,
    /// The check, with what was checked and the slice.
    pub check: String,
    /// How it came out on the first side.
    pub old: Option<Verdict>,
    /// How it came out on the second side.
    pub new: Option<Verdict>,
    /// The second side's sentence, or the first's.
    pub message: String,
}

/// A gate that differs.
#[derive(Debug, Serialize)]
pub struct GateDiff {
    /// The stage.
    pub stage: String,
    /// Whether it was open.
    pub old: Option<bool>,
    /// Whether it is.
    pub new: Option<bool>,
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
            result: stage.outcome.result,
            record: stage.record,
        });
        Side {
            name: "workspace".to_owned(),
            pipeline: plan.manifest.name.clone(),
            sources: plan.sources.iter().map(source).collect(),
            stages: stages.collect(),
        }
    }

    fn stage(&self, name: &str) -> Option<&SideStage> {
        self.stages.iter().find(|stage| stage.record.name == name)
    }

    /// The names of the stages, in order.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().map(|stage| stage.record.name.as_str())
    }

    fn data(&self) -> BTreeMap<String, DataVersion> {
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

/// Compares two sides.
pub fn compare(from: &Side, to: &Side, store: &Store) -> Comparison {
    let first: Vec<&str> = from.names().collect();
    let names: Vec<&str> = to
        .names()
        .chain(
            first
                .iter()
                .copied()
                .filter(|name| to.stage(name).is_none()),
        )
        .collect();
    let mut comparison = Comparison {
        from: from.name.clone(),
        to: to.name.clone(),
        stages: Vec::new(),
        data: data(from, to),
        metrics: Vec::new(),
        findings: Vec::new(),
        gates: Vec::new(),
    };
    for name in names {
        let (old, new) = (from.stage(name), to.stage(name));
        let diff = stage(name, old, new, store).map(|diff| StageDiff {
            follows: !diff.added
                && !diff.removed
                && diff
                    .changes
                    .iter()
                    .all(|change| comes_from_stages(change, from, to)),
            ..diff
        });
        comparison.stages.extend(diff);
        // What a side has yet to make, or was kept from making, is not gone.
        let is_open = |stage: Option<&SideStage>| stage.is_some_and(|stage| stage.result.is_none());
        if !is_open(old) && !is_open(new) {
            let results = (result(old), result(new));
            comparison.metrics.extend(metrics(name, results));
            comparison.findings.extend(findings(name, results));
        }
        comparison.gates.extend(gate(name, old, new));
    }
    comparison
}

fn result(stage: Option<&SideStage>) -> Option<&StageResult> {
    stage.and_then(|stage| stage.result.as_ref())
}

fn stage(
    name: &str,
    old: Option<&SideStage>,
    new: Option<&SideStage>,
    store: &Store,
) -> Option<StageDiff> {
    let changes = match (old, new) {
        // A stage without inputs that are known has nothing to compare.
        (Some(old), Some(new)) if !old.job.is_null() && !new.job.is_null() => {
            let before = Before {
                stage: &old.record,
                run: "",
                job: old.job.clone(),
            };
            change::changes(&before, &now(new), store)
        }
        _ => Vec::new(),
    };
    let (added, removed) = (old.is_none(), new.is_none());
    (added || removed || !changes.is_empty()).then(|| StageDiff {
        name: name.to_owned(),
        added,
        removed,
        follows: false,
        changes,
    })
}

/// Whether a change is made by a stage before, and by nothing else.
fn comes_from_stages(change: &Change, from: &Side, to: &Side) -> bool {
    let is_stage = |name: &str| from.stage(name).is_some() || to.stage(name).is_some();
    match change {
        Change::Waits { .. } => true,
        // What a deploy stage was told of its last decision.
        Change::Job { member, .. } => member == "state",
        Change::Input { name, .. } => {
            let first = name.split(['.', ' ']).next().unwrap_or(name);
            is_stage(first) || is_stage(name) || name == BEHIND
        }
        _ => false,
    }
}

fn now(stage: &SideStage) -> Now {
    let component: Option<ComponentRecord> = stage.record.component.clone();
    Now {
        job: stage.job.clone(),
        component,
        names: stage
            .record
            .inputs
            .iter()
            .map(|(port, input)| (port.clone(), input.from.clone()))
            .collect(),
        whole: stage.whole,
    }
}

fn data(from: &Side, to: &Side) -> Vec<DataDiff> {
    let (old, new) = (from.data(), to.data());
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    // What the workspace has yet to make is not gone.
    let is_open = |name: &str| {
        let stage = name.split_once('.').map_or(name, |(stage, _)| stage);
        to.stage(stage).is_some_and(|stage| stage.result.is_none())
    };
    names
        .into_iter()
        .map(|name| DataDiff {
            name: name.clone(),
            old: old.get(name).cloned(),
            new: new.get(name).cloned(),
        })
        .filter(|diff| diff.old != diff.new && !(diff.new.is_none() && is_open(&diff.name)))
        .collect()
}

/// The name of a metric with its labels.
pub fn metric_name(metric: &Metric) -> String {
    let labels = metric.labels.iter();
    let labels: Vec<_> = labels
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    match labels.is_empty() {
        true => metric.name.clone(),
        false => format!("{}{{{}}}", metric.name, labels.join(",")),
    }
}

/// The name of a finding: the check, and what was checked in which slice.
pub fn finding_name(finding: &Finding) -> String {
    match finding_parts(finding) {
        (check, Some(what)) => format!("{check} ({what})"),
        (check, None) => check,
    }
}

/// The two parts of a finding's name.
pub fn finding_parts(finding: &Finding) -> (String, Option<String>) {
    let slice = finding.slice.as_ref().map(|slice| format!("[{slice}]"));
    let subject = Some(finding.subject.clone()).filter(|subject| !subject.is_empty());
    let parts: Vec<String> = subject.into_iter().chain(slice).collect();
    let what = (!parts.is_empty()).then(|| parts.join(" "));
    (finding.name.clone(), what)
}

fn metrics(
    stage: &str,
    (old, new): (Option<&StageResult>, Option<&StageResult>),
) -> Vec<MetricDiff> {
    let values = |result: Option<&StageResult>| -> Vec<(String, f64)> {
        let last = result.map(StageResult::last_metrics).unwrap_or_default();
        last.iter()
            .map(|metric| (metric_name(metric), metric.value))
            .collect()
    };
    paired(values(old), values(new))
        .map(|(metric, old, new)| MetricDiff {
            stage: stage.to_owned(),
            metric,
            old,
            new,
        })
        .collect()
}

fn findings(
    stage: &str,
    (old, new): (Option<&StageResult>, Option<&StageResult>),
) -> Vec<FindingDiff> {
    let all = |result: Option<&StageResult>| -> Vec<(String, Finding)> {
        let findings = result.iter().flat_map(|result| &result.findings);
        findings
            .map(|finding| (finding_name(finding), finding.clone()))
            .collect()
    };
    paired(all(old), all(new))
        .map(|(check, old, new)| FindingDiff {
            stage: stage.to_owned(),
            check,
            old: old.as_ref().map(|finding| finding.verdict),
            new: new.as_ref().map(|finding| finding.verdict),
            message: new
                .or(old)
                .map(|finding| finding.message)
                .unwrap_or_default(),
        })
        .collect()
}

fn gate(name: &str, old: Option<&SideStage>, new: Option<&SideStage>) -> Option<GateDiff> {
    let open = |stage: Option<&SideStage>| -> Option<bool> {
        let gate: Option<&GateRecord> = stage.and_then(|stage| stage.record.gate.as_ref());
        gate.map(|gate| gate.open)
    };
    let (old, new) = (open(old), open(new));
    (old.is_some() && new.is_some() && old != new).then(|| GateDiff {
        stage: name.to_owned(),
        old,
        new,
    })
}

/// What has one name on both sides, in the order of the second; several of one name are paired in their order.
fn paired<T>(
    old: Vec<(String, T)>,
    new: Vec<(String, T)>,
) -> impl Iterator<Item = (String, Option<T>, Option<T>)> {
    let mut old: Vec<Option<(String, T)>> = old.into_iter().map(Some).collect();
    let mut pairs: Vec<_> = Vec::with_capacity(new.len());
    for (name, value) in new {
        let partner = old
            .iter_mut()
            .find(|entry| entry.as_ref().is_some_and(|(other, _)| *other == name))
            .and_then(Option::take);
        pairs.push((name, partner.map(|(_, value)| value), Some(value)));
    }
    let gone = old.into_iter().flatten();
    pairs.extend(gone.map(|(name, value)| (name, Some(value), None)));
    pairs.into_iter()
}

impl Comparison {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
            && self.data.is_empty()
            && self.gates.is_empty()
            && self.changed_metrics().next().is_none()
            && self.changed_findings().next().is_none()
    }

    /// The metrics that differ.
    pub fn changed_metrics(&self) -> impl Iterator<Item = &MetricDiff> {
        let same =
            |one: Option<f64>, other: Option<f64>| one.map(f64::to_bits) == other.map(f64::to_bits);
        self.metrics
            .iter()
            .filter(move |metric| !same(metric.old, metric.new))
    }

    /// The findings that came out otherwise.
    pub fn changed_findings(&self) -> impl Iterator<Item = &FindingDiff> {
        self.findings
            .iter()
            .filter(|finding| finding.old != finding.new)
    }
}

impl MetricDiff {
    /// By how much it is larger.
    pub fn change(&self) -> Option<f64> {
        Some(self.new? - self.old?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_paired_in_their_order() {
        let list = |names: &[&str]| -> Vec<_> {
            (0..)
                .zip(names)
                .map(|(at, name)| ((*name).to_owned(), at))
                .collect()
        };
        let pairs: Vec<_> = paired(list(&["a", "b", "a"]), list(&["a", "c", "a", "a"])).collect();
        let expected = [
            ("a", Some(0), Some(0)),
            ("c", None, Some(1)),
            ("a", Some(2), Some(2)),
            ("a", None, Some(3)),
            ("b", Some(1), None),
        ];
        let expected = expected.map(|(name, old, new)| (name.to_owned(), old, new));
        assert_eq!(pairs, expected);
    }
}
