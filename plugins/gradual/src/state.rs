//! What one call leaves to the next.
use serde::{Deserialize, Serialize};

/// The layout of the state; one of another is as good as none.
const FORMAT: u32 = 1;

/// How far a candidate has come.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    format: u32,
    /// The version that this is about.
    pub candidate: String,
    /// The step that it is at, as its place in the config.
    pub step: usize,
    /// The step's share in percent: where the config has another one at this place, its steps were changed.
    pub percent: f64,
    /// How many calls did not have enough observations at this step.
    pub waited: u64,
    /// Whether it was rolled back. What was once over a bound gets no more traffic, even if its later figures are good.
    pub rolled_back: bool,
}

impl State {
    /// A candidate that comes to a step.
    pub fn at(candidate: &str, step: usize, percent: f64) -> State {
        State {
            format: FORMAT,
            candidate: candidate.to_owned(),
            step,
            percent,
            waited: 0,
            rolled_back: false,
        }
    }

    /// Reads a state; none when it is of another format or damaged.
    pub fn read(bytes: &[u8]) -> Option<State> {
        let state: State = serde_json::from_slice(bytes).ok()?;
        (state.format == FORMAT).then_some(state)
    }

    /// The state as JSON.
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a state has texts and finite numbers only")
    }

    /// Whether the candidate has come to where it gets all traffic.
    pub fn is_promoted(&self) -> bool {
        !self.rolled_back && self.percent >= 100.0
    }

    /// Whether its step is still one of the config.
    pub fn fits(&self, steps: &[f64]) -> bool {
        // JSON may round the last bit of a number.
        let same = |percent: &f64| (percent - self.percent).abs() < 1e-9;
        self.rolled_back || self.is_promoted() || steps.get(self.step).is_some_and(same)
    }
}
