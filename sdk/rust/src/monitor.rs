//! World `monitor`: what a window of a model's traffic shows.
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::bindings::exports_of::monitorer as wit;
use crate::{BlobWriter, Failure, Finding, Job, Port, Problems, Verdict};

/// A plugin of world `monitor`: watches one window after the other of what a model sees and answers.
///
/// The window is the input table `window`; what it is compared with, if the manifest names it, is the input table `reference`.
/// What the call for the window before it left is in [`Job::state`].
pub trait Monitor: 'static {
    /// The stage's config. `deny_unknown_fields` makes misspelt keys a problem.
    type Config: DeserializeOwned + JsonSchema;

    /// Further outputs; an observation is no output, so mostly none.
    ///
    /// # Errors
    /// All that is wrong.
    fn check(job: &Job<Self::Config>) -> Result<Vec<Port>, Problems>;

    /// Looks at a window.
    ///
    /// # Errors
    /// Why it could not be done.
    fn run(job: &Job<Self::Config>) -> Result<Observation, Failure>;
}

/// What a window showed.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The verdict over all findings.
    pub verdict: Verdict,
    /// The outcome of every check, in a fixed order.
    pub findings: Vec<Finding>,
    /// What the next window's call gets as [`Job::state`].
    pub state: Option<Vec<u8>>,
}

impl Observation {
    /// Findings, with the worst of their verdicts: fail, warn, pass; inconclusive when nothing could be judged.
    pub fn of(findings: impl IntoIterator<Item = Finding>) -> Observation {
        let findings: Vec<_> = findings.into_iter().collect();
        let worst = findings.iter().map(|finding| finding.verdict);
        Observation {
            verdict: worst
                .max_by_key(|verdict| weight(*verdict))
                .unwrap_or(Verdict::Inconclusive),
            findings,
            state: None,
        }
    }

    /// Sets what the next window's call gets as its state.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<Vec<u8>>) -> Observation {
        self.state = Some(state.into());
        self
    }

    pub(crate) fn lend(self) -> Result<wit::Observation, Failure> {
        Ok(wit::Observation {
            verdict: self.verdict,
            findings: self.findings,
            state: BlobWriter::lend_state(self.state)?,
        })
    }
}

fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Inconclusive => 0,
        Verdict::Pass => 1,
        Verdict::Warn => 2,
        Verdict::Fail => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_verdict_is_that_of_the_window() {
        let of = |verdicts: &[Verdict]| {
            let findings = verdicts
                .iter()
                .map(|verdict| Finding::new("a", "b").judged(*verdict, ""));
            Observation::of(findings).verdict
        };
        assert_eq!(of(&[]), Verdict::Inconclusive);
        assert_eq!(of(&[Verdict::Pass, Verdict::Inconclusive]), Verdict::Pass);
        assert_eq!(
            of(&[Verdict::Fail, Verdict::Warn, Verdict::Pass]),
            Verdict::Fail
        );
    }
}
