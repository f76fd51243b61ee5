//! From what was measured to findings.
use lockflight_sdk::words::counted;
use lockflight_sdk::{Finding, Metric, Verdict};

use crate::config::{Config, Method};
use crate::measure::{Difference, Measured};
use crate::sentences;
use crate::statistics::false_discovery;

/// The name of the finding over all columns.
const DRIFTED_COLUMNS: &str = "drifted-columns";

/// A finding for everything that was measured, and one over all columns.
pub fn findings(config: &Config, measured: &[Measured], window_rows: u64) -> Vec<Finding> {
    let adjusted = adjusted(measured);
    let mut findings: Vec<Finding> = measured
        .iter()
        .zip(adjusted)
        .map(|(measured, p)| Finding {
            rows: window_rows,
            ..finding(config, measured, p)
        })
        .collect();
    let overall = Finding {
        rows: window_rows,
        ..drifted_columns(config, &findings)
    };
    findings.push(overall);
    findings
}

/// Records every statistic and the share of drifted columns.
pub fn record(measured: &[Measured], findings: &[Finding]) {
    for measured in measured {
        if let Ok(difference) = &measured.outcome
            && difference.value.is_finite()
        {
            Metric::new(measured.method.metric(), difference.value)
                .label("column", &measured.column)
                .record();
        }
    }
    if let Some(value) = findings.last().and_then(|finding| finding.value) {
        Metric::new("drifted_columns", value).record();
    }
}

/// The p-values, adjusted for the number of tests in the window.
fn adjusted(measured: &[Measured]) -> Vec<Option<f64>> {
    let raw = |measured: &Measured| measured.outcome.as_ref().ok()?.p;
    let raw: Vec<Option<f64>> = measured.iter().map(raw).collect();
    let tests: Vec<f64> = raw.iter().copied().flatten().collect();
    let mut adjusted = false_discovery::adjusted(&tests).into_iter();
    raw.into_iter()
        .map(|p| p.and_then(|_| adjusted.next()))
        .collect()
}

fn finding(config: &Config, measured: &Measured, adjusted: Option<f64>) -> Finding {
    let Measured {
        column,
        method,
        outcome,
    } = measured;
    let finding = Finding::new(method.name(), column);
    let limit = limit(config, *method);
    match outcome {
        Err(why) => finding
            .measured(f64::NAN, limit)
            .judged(Verdict::Inconclusive, why),
        Ok(difference) => {
            let (verdict, word) = match drifts(config, *method, difference, adjusted) {
                true => (Verdict::Warn, "drifted"),
                false => (Verdict::Pass, "did not drift"),
            };
            let p = difference.p.zip(adjusted);
            let p = p.map(|(raw, adjusted)| sentences::p_values(raw, adjusted));
            let message = format!(
                "{column} {word}: {}{}{}",
                difference.statistic,
                p.unwrap_or_default(),
                difference.evidence
            );
            let mut finding = finding
                .measured(difference.value, limit)
                .judged(verdict, message);
            finding.failed = difference.failed;
            finding
        }
    }
}

/// The size of a difference that is drift, and whether it also takes a p-value.
fn bound(config: &Config, method: Method) -> (f64, bool) {
    match method {
        Method::Ks => (config.max_ks, true),
        Method::Wasserstein => (config.max_wasserstein, false),
        Method::Psi => (config.max_psi, false),
        Method::JensenShannon => (config.max_jensen_shannon, false),
        Method::ChiSquare => (config.max_cramers_v, true),
        Method::MissingRate => (config.max_missing_change, true),
        Method::Unseen => (config.max_unseen, false),
    }
}

/// What a difference is held against: no drift as long as this holds.
fn limit(config: &Config, method: Method) -> String {
    let (bound, tested) = bound(config, method);
    match (method, tested) {
        (Method::Unseen, _) => format!("<= {bound}"),
        (_, true) => format!("< {bound} or p > {}", config.alpha),
        (_, false) => format!("< {bound}"),
    }
}

fn drifts(config: &Config, method: Method, difference: &Difference, adjusted: Option<f64>) -> bool {
    let (bound, tested) = bound(config, method);
    match method {
        Method::Unseen => difference.value > bound,
        _ => {
            let large = difference.value >= bound;
            large && (!tested || adjusted.is_some_and(|p| p <= config.alpha))
        }
    }
}

/// The share of the columns that could be judged and drifted.
fn drifted_columns(config: &Config, findings: &[Finding]) -> Finding {
    let (mut judged, mut unjudged, mut drifted) = (0_u32, 0_u32, Vec::new());
    for column in findings.chunk_by(|a, b| a.subject == b.subject) {
        let any = |verdict| column.iter().any(|finding| finding.verdict == verdict);
        if any(Verdict::Warn) {
            judged += 1;
            drifted.push(column[0].subject.as_str());
        } else if any(Verdict::Pass) {
            judged += 1;
        } else {
            unjudged += 1;
        }
    }
    let share = drifted.len() as f64 / f64::from(judged);
    let verdict = match share {
        _ if judged == 0 => Verdict::Inconclusive,
        share if share >= config.share => Verdict::Fail,
        _ => Verdict::Pass,
    };
    let mut message = match drifted.as_slice() {
        _ if judged == 0 => "no column could be judged".to_owned(),
        [] => format!("none of {} drifted", counted(judged.into(), "column")),
        names => format!(
            "{} of {} drifted: {}",
            names.len(),
            counted(judged.into(), "column"),
            names.join(", ")
        ),
    };
    if judged > 0 && unjudged > 0 {
        message += &format!("; {unjudged} more could not be judged");
    }
    Finding::new(DRIFTED_COLUMNS, "")
        .measured(share, format!("< {}", config.share))
        .judged(verdict, message)
}
