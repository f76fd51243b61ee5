//! Metrics, findings and gates of two sides, paired by their names.

use super::{FindingDiff, GateDiff, MetricDiff, side::SideStage};
use crate::{
    job::StageResult,
    record::GateRecord,
    wire::{Finding, Metric},
};

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

pub(super) fn metrics(
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

pub(super) fn findings(
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

pub(super) fn gate(
    name: &str,
    old: Option<&SideStage>,
    new: Option<&SideStage>,
) -> Option<GateDiff> {
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
