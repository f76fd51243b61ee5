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
    digest::Digest,
    enforcement::{Point, stands},
    manifest::Limits,
    plugin::claims::Claims,
    policy::{Policy, Refusal},
    store::Store,
    walls::Walls,
};

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
        if !self.policy.asks_of_components() || !stands(Point::DoorComponents) {
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
        self.walled(Walls::offered())?;
        self.within(limits)
    }

    /// Whether a guest may work in a server, with these limits.
    ///
    /// # Errors
    /// When the policy demands more walls than a server has, or a limit is beyond the highest.
    pub fn serves(&self, limits: &Limits) -> Result<(), Refusal> {
        self.walled(Walls::of_serving())
            .map_err(|refusal| Refusal {
                message: format!(
                    "`serve` works in one process, where WebAssembly is the only wall: {}",
                    refusal.message
                ),
                ..refusal
            })?;
        self.within(limits)
    }

    /// Whether the walls are enough that a guest will have.
    fn walled(&self, walls: Walls) -> Result<(), Refusal> {
        match stands(Point::DoorWalls) {
            true => self.policy.demands(walls),
            false => Ok(()),
        }
    }

    /// Whether the walls that a child reports are enough.
    ///
    /// # Errors
    /// When one is missing that the policy demands: [`Door::starts`] found that this machine builds it, so it is a fault.
    pub fn stands(&self, walls: Walls) -> Result<(), Refusal> {
        match stands(Point::ReportedWalls) {
            true => self.policy.demands(walls),
            false => Ok(()),
        }
    }

    /// Whether limits are within those that the policy allows.
    ///
    /// # Errors
    /// When one is beyond the highest.
    pub fn within(&self, limits: &Limits) -> Result<(), Refusal> {
        if !stands(Point::DoorLimits) {
            return Ok(());
        }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::{plugin::facts::Facts, store::testing::store, world::World};

    fn door(policy: &str) -> Door {
        let policy = Policy::parse(Path::new("policy.toml"), policy.to_owned()).unwrap();
        Door::new(Arc::new(policy))
    }

    /// A component that imports a WASI package itself, has one inside that imports another, and states who owns it.
    fn component() -> Vec<u8> {
        let text = r#"(component
            (import "wasi:cli/environment@0.2.6" (instance))
            (import "lockflight:stage/job@0.1.0" (instance))
            (component (import "wasi:http/types@0.2.6" (instance))))"#;
        let mut bytes = wat::parse_str(text).unwrap();
        let facts = Facts {
            name: "csv".into(),
            version: "0.1.0".into(),
            world: World::Ingest,
            owner: Some("data-platform".into()),
            description: None,
            license: None,
            config: None,
            declares: Default::default(),
        };
        facts.append(&mut bytes);
        bytes
    }

    #[test]
    fn components_are_judged_by_what_is_in_the_store() {
        let (_dir, store) = store();
        let bytes = component();
        let digest = store.put_blob(&bytes).unwrap();
        let allowed = format!("[plugins]\nallow = [{{ digest = \"{digest}\" }}]\n");
        for (policy, refused_by) in [
            ("", None),
            (allowed.as_str(), None),
            (
                "[plugins]\nallow = [{ name = \"csv\", owner = \"data-*\" }]\n",
                None,
            ),
            ("[wasi]\nworlds = [\"wasi:cli\"]\n", None),
            (
                "[plugins]\nallow = [{ owner = \"ml-core\" }]\n",
                Some("allow"),
            ),
            (
                "[plugins]\ndeny = [{ owner = \"data-platform\" }]\n",
                Some("deny"),
            ),
            (
                "[wasi]\nworlds = [\"wasi:io\", \"wasi:http\"]\n",
                Some("imports wasi:cli,"),
            ),
        ] {
            let door = door(policy);
            // The second time the verdict is remembered.
            for _ in 0..2 {
                let verdict = door.admits(&digest, &store);
                match refused_by {
                    None => verdict.unwrap(),
                    Some(part) => {
                        let error = verdict.unwrap_err();
                        assert!(error.is_refused(), "{error}");
                        assert!(error.to_string().contains(part), "{error}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_judged_is_not_let_in() {
        let (_dir, store) = store();
        let cut = component();
        let digest = store.put_blob(&cut[..cut.len() - 3]).unwrap();
        assert!(
            door("[wasi]\nworlds = [\"wasi:cli\"]\n")
                .admits(&digest, &store)
                .is_err()
        );
        let absent = Digest::of(b"absent");
        assert!(
            door("[wasi]\nworlds = []\n")
                .admits(&absent, &store)
                .is_err()
        );
    }

    #[test]
    fn a_server_has_one_wall() {
        let low = Limits::CHECK;
        let all = door("[walls]\nrequire = [\"wasm\", \"process\", \"rlimits\"]\n");
        all.starts(&low).unwrap();
        let refused = all.serves(&low).unwrap_err().to_string();
        assert!(
            refused.contains("`serve`") && refused.contains("process and rlimits"),
            "{refused}"
        );
        door("[walls]\nrequire = [\"wasm\"]\n")
            .serves(&low)
            .unwrap();
    }

    #[test]
    fn no_limit_is_beyond_the_highest() {
        let door = door("[limits]\nwall = \"1m\"\n");
        for judge in [Door::starts, Door::serves] {
            judge(&door, &Limits::CHECK).unwrap();
            let refused = judge(&door, &Limits::DEFAULT).unwrap_err();
            assert!(refused.message.contains("`wall`"), "{refused}");
        }
    }
}
