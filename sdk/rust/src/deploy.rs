//! World `deploy`: who gets what part of an endpoint's traffic.
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::bindings::exports_of::deployer as wit;
pub use crate::bindings::exports_of::deployer::{Action, Arm};
use crate::{BlobWriter, Failure, Job, Port, Problems};

/// A plugin of world `deploy`: decides what traffic the versions of a model get.
///
/// The versions and their shares are the input table `arms` (`version` text, `weight` float64 from 0 to 1, in the order in which
/// they were deployed), what was observed on them is the input table `figures` (`version`, `metric`, `slice` or null, `span` in ns
/// as uint64, `value` float64, `count` uint64). What was decided before is in [`Job::state`].
pub trait Deploy: 'static {
    /// The stage's config. `deny_unknown_fields` makes misspelt keys a problem.
    type Config: DeserializeOwned + JsonSchema;

    /// Further outputs; a decision is no output, so mostly none.
    ///
    /// # Errors
    /// All that is wrong.
    fn check(job: &Job<Self::Config>) -> Result<Vec<Port>, Problems>;

    /// Decides.
    ///
    /// # Errors
    /// Why it could not be done.
    fn run(job: &Job<Self::Config>) -> Result<Decision, Failure>;
}

/// What to do with the traffic.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What to do.
    pub action: Action,
    /// Why, in one sentence.
    pub reason: String,
    /// What the next call gets as [`Job::state`].
    pub state: Option<Vec<u8>>,
}

impl Decision {
    /// A decision that leaves no state.
    pub fn new(action: Action, reason: impl Into<String>) -> Decision {
        Decision {
            action,
            reason: reason.into(),
            state: None,
        }
    }

    /// Sets what the next call gets as its state.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<Vec<u8>>) -> Decision {
        self.state = Some(state.into());
        self
    }

    pub(crate) fn lend(self) -> Result<wit::Decision, Failure> {
        Ok(wit::Decision {
            action: self.action,
            reason: self.reason,
            state: BlobWriter::lend_state(self.state)?,
        })
    }
}
