//! What differs between two runs, or between a run and the workspace: stages and why, data, metrics, findings.

mod figures;
mod side;

pub use figures::{finding_name, finding_parts, metric_name};
pub use side::{DataVersion, Side};

use std::collections::BTreeSet;

use serde::Serialize;

use self::{
    figures::{findings, gate, metrics},
    side::SideStage,
};
use super::{
    change::{self, Before, Change, Now},
    release::BEHIND,
};
use crate::{job::StageResult, store::Store, wire::Verdict};

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
            change::changes(
                &before,
                &Now::of(&new.record, new.job.clone(), new.whole),
                store,
            )
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
