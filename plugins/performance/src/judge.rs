//! Verdicts over figures.
use lockflight_sdk::words::{counted, shown};
use lockflight_sdk::{Finding, Verdict};

use crate::bound::Bound;
use crate::limits::{Limit, Limits};

/// What figures are held against.
#[derive(Debug)]
pub struct Judge<'a> {
    /// The bounds.
    pub limits: &'a Limits,
    /// With fewer labelled rows a window or slice is not judged.
    pub least: u64,
    /// How many labelled rows the window has.
    pub labelled: u64,
    /// The reference's figures, if there is one.
    pub reference: Option<&'a [Finding]>,
}

/// A verdict, the bound that it rests on, and what it adds to the sentence.
type Judgement = (Verdict, Option<Bound>, String);

impl Judge<'_> {
    /// The figure, with its verdict.
    pub fn judged(&self, mut finding: Finding) -> Finding {
        let limit = self.limits.for_finding(&finding);
        let (verdict, bound, more) = match self.too_few(&finding) {
            Some(why) => (Verdict::Inconclusive, limit.shown(), why),
            None => by_value(finding.value, limit),
        };
        let message = format!("{}{}{more}", finding.message, self.in_reference(&finding));
        finding.limit = bound.map(|bound| bound.to_string());
        finding.judged(verdict, message)
    }

    /// Why there are too few rows to judge by, if there are.
    fn too_few(&self, finding: &Finding) -> Option<String> {
        let least = self.least;
        if self.labelled < least {
            let labelled = counted(self.labelled, "labelled row");
            return Some(format!(
                "; it is not judged, since the window has {labelled} and min-rows is {least}"
            ));
        }
        (finding.rows < least)
            .then(|| format!("; with fewer than {least} rows it is not judged (min-rows)"))
    }

    /// The same figure of the same slice in the reference.
    fn in_reference(&self, finding: &Finding) -> String {
        let Some(reference) = self.reference else {
            return String::new();
        };
        let same = reference
            .iter()
            .find(|other| other.name == finding.name && other.slice == finding.slice);
        match same.map(|same| same.value) {
            Some(Some(value)) => format!("; {} in the reference", shown(value)),
            Some(None) => "; undefined in the reference".to_owned(),
            None => "; the reference has no such rows".to_owned(),
        }
    }
}

fn by_value(value: Option<f64>, limit: Limit) -> Judgement {
    let Some(value) = value else {
        return (Verdict::Inconclusive, limit.shown(), String::new());
    };
    let broken = |bound: Option<Bound>| bound.filter(|bound| !bound.holds(value));
    if let Some(bound) = broken(limit.fail) {
        (
            Verdict::Fail,
            Some(bound),
            format!("; it has to be {bound}"),
        )
    } else if let Some(bound) = broken(limit.warn) {
        (
            Verdict::Warn,
            Some(bound),
            format!("; it should be {bound}"),
        )
    } else {
        (Verdict::Pass, limit.shown(), String::new())
    }
}
