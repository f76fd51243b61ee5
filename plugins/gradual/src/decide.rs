//! The rules, in the order in which they are asked.
use lockflight_sdk::prelude::*;

use crate::config::Config;
use crate::judge::{Pair, Standing};
use crate::state::State;
use crate::tables::Figure;

/// What to do, why, and what to remember of it.
type Ruling = (Action, String, State);

/// Decides what the versions get. There is at least one arm; the last one is the newest.
pub fn decide(config: &Config, arms: &[Arm], figures: &[Figure], state: Option<State>) -> Decision {
    let (newest, others) = arms.split_last().expect("there is at least one version");
    // What was left of another version, or of steps that are no more, says nothing.
    let state = state.filter(|state| {
        state.candidate == newest.version && (others.is_empty() || state.fits(&config.steps))
    });
    let (action, reason, state) = match stable_of(others) {
        None => only(newest, state),
        Some(stable) => {
            let rollout = Rollout {
                config,
                arms,
                candidate: newest,
                stable,
            };
            rollout.decide(figures, state)
        }
    };
    Decision::new(action, reason).with_state(state.write())
}

/// The version with the most traffic; of several the newest.
fn stable_of(others: &[Arm]) -> Option<&Arm> {
    others
        .iter()
        .max_by(|one, other| one.weight.total_cmp(&other.weight))
}

/// A version that has none beside it gets everything.
fn only(arm: &Arm, state: Option<State>) -> Ruling {
    match state {
        Some(state) if arm.weight == 1.0 => {
            let reason = format!("{} is the only version and has all traffic", arm.version);
            (Action::Hold, reason, state)
        }
        _ => (
            Action::Promote(arm.version.clone()),
            "it is the first version: all traffic".to_owned(),
            State::at(&arm.version, 0, 100.0),
        ),
    }
}

/// A candidate on its way.
struct Rollout<'a> {
    config: &'a Config,
    arms: &'a [Arm],
    candidate: &'a Arm,
    stable: &'a Arm,
}

impl Rollout<'_> {
    fn decide(&self, figures: &[Figure], state: Option<State>) -> Ruling {
        let name = &self.candidate.version;
        let pair = Pair {
            config: self.config,
            figures,
            candidate: name,
            stable: &self.stable.version,
        };
        let standing = pair.standing();
        match (standing, state) {
            (Standing::Over(why), state) => self.roll_back(why, state),
            (_, None) => self.step_to(0, format!("{name} is new")),
            (_, Some(state)) if state.rolled_back => self.stay_back(state),
            (_, Some(state)) if state.is_promoted() => self.stay_promoted(state),
            (Standing::Lacking(why), Some(state)) => self.wait(&why, state),
            (Standing::Within(count), Some(state)) => self.advance(count, state),
        }
    }

    fn roll_back(&self, why: String, state: Option<State>) -> Ruling {
        let mut state = state.unwrap_or_else(|| self.state_at(0));
        state.rolled_back = true;
        (self.take_all(), why, state)
    }

    /// Later figures, of traffic that it no longer has, are no reason to give it any.
    fn stay_back(&self, state: State) -> Ruling {
        let name = &self.candidate.version;
        let reason = format!("{name} was rolled back");
        if self.candidate.weight > 0.0 {
            (self.take_all(), reason, state)
        } else {
            let reason = format!("{reason}, and has no traffic");
            (Action::Hold, reason, state)
        }
    }

    fn take_all(&self) -> Action {
        Action::RollBack(self.candidate.version.clone())
    }

    fn stay_promoted(&self, state: State) -> Ruling {
        let name = &self.candidate.version;
        if self.candidate.weight == 1.0 {
            (Action::Hold, format!("{name} has all traffic"), state)
        } else {
            let reason = format!("{name} passed all steps");
            (Action::Promote(name.clone()), reason, state)
        }
    }

    fn wait(&self, why: &str, mut state: State) -> Ruling {
        state.waited = state.waited.saturating_add(1);
        let patience = self.config.patience;
        if state.waited <= patience {
            return (Action::Hold, why.to_owned(), state);
        }
        let reason = format!("{why}; after {patience} calls a person has to decide");
        (Action::Pause, reason, state)
    }

    fn advance(&self, count: u64, state: State) -> Ruling {
        let why = format!("all figures hold over {count} observations");
        let next = state.step + 1;
        if next < self.config.steps.len() {
            return self.step_to(next, why);
        }
        let last = state.percent;
        let reason = format!("{why}; {last} % is the last step: a person has to decide");
        (Action::Pause, reason, state)
    }

    /// Brings the candidate to a step of the config.
    fn step_to(&self, step: usize, why: String) -> Ruling {
        let (percent, name) = (self.config.steps[step], &self.candidate.version);
        let reason = format!("{why}: {percent} % of the traffic");
        let action = if percent >= 100.0 {
            Action::Promote(name.clone())
        } else {
            Action::Shift(self.shares(percent / 100.0))
        };
        (action, reason, self.state_at(step))
    }

    fn state_at(&self, step: usize) -> State {
        State::at(&self.candidate.version, step, self.config.steps[step])
    }

    /// The candidate gets a share, the stable version the rest. The two are exactly 1: what the difference loses by rounding
    /// is at most half of what the sum can tell from 1.
    fn shares(&self, share: f64) -> Vec<Arm> {
        let weight = |version: &String| match version {
            version if *version == self.candidate.version => share,
            version if *version == self.stable.version => 1.0 - share,
            _ => 0.0,
        };
        let arms = self.arms.iter().map(|arm| Arm {
            version: arm.version.clone(),
            weight: weight(&arm.version),
        });
        arms.collect()
    }
}
