//! The door: what the policy is asked before a component is compiled, and before a guest is called.
//!
//! Planning has asked the same, to refuse with the place in the manifest. Keys, models and packages lead to components and limits past
//! all manifests; they lead through here.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::error::{LaunchError, Reason};
use crate::{
    child,
    digest::Digest,
    manifest::Limits,
    plugin::claims::Claims,
    policy::{Policy, Refusal},
    store::Store,
};

/// The walls around a guest that works in a server's own process.
const WALLS_OF_SERVING: &[&str] = &["wasm"];

/// Asks the policy.
#[derive(Debug, Clone)]
pub struct Door {
    policy: Arc<Policy>,
    /// What it said of each component so far.
    verdicts: Arc<Mutex<HashMap<Digest, Result<(), Refusal>>>>,
}

impl Door {
    /// A door that this policy guards.
    pub fn new(policy: Arc<Policy>) -> Door {
        Door {
            policy,
            verdicts: Arc::default(),
        }
    }

    /// What guards it.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether a component of the store may run.
    ///
    /// # Errors
    /// When the policy refuses it, or it cannot be read.
    pub fn admits(&self, component: &Digest, store: &Store) -> Result<(), LaunchError> {
        if !self.policy.asks_of_components() {
            return Ok(());
        }
        if let Some(verdict) = self.verdicts().get(component) {
            return Ok(verdict.clone()?);
        }
        let bytes = store.blob(component)?;
        let claims = Claims::read(*component, &bytes).map_err(|error| {
            let short = component.short();
            Reason::Output(format!(
                "the component sha256:{short}… is malformed: {error}"
            ))
        })?;
        let verdict = self
            .policy
            .may_run(&claims)
            .and_then(|()| self.policy.may_import(&claims));
        self.verdicts().insert(*component, verdict.clone());
        Ok(verdict?)
    }

    /// Whether a guest may be called in a sealed child, with these limits.
    ///
    /// # Errors
    /// When the policy demands walls that this machine does not build, or a limit is beyond the highest.
    pub fn starts(&self, limits: &Limits) -> Result<(), Refusal> {
        self.policy.demands(&child::walls())?;
        self.within(limits)
    }

    /// Whether a guest may work in a server, with these limits.
    ///
    /// # Errors
    /// When the policy demands more walls than a server has, or a limit is beyond the highest.
    pub fn serves(&self, limits: &Limits) -> Result<(), Refusal> {
        self.policy
            .demands(WALLS_OF_SERVING)
            .map_err(|refusal| Refusal {
                message: format!(
                    "`serve` works in one process, where WebAssembly is the only wall: {}",
                    refusal.message
                ),
                ..refusal
            })?;
        self.within(limits)
    }

    fn within(&self, limits: &Limits) -> Result<(), Refusal> {
        // Whoever asked, and whether at all: what goes in here is what a guest gets.
        match self.policy.limits(limits, |_| true) {
            Ok(_) => Ok(()),
            Err(refused) => Err(refused
                .into_values()
                .next()
                .expect("a limit was refused, else there is no error")),
        }
    }

    fn verdicts(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Result<(), Refusal>>> {
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
