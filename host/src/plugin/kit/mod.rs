//! The conformance kit: what every plugin of a world has to bear and to keep, tried in the sealed child, and a plugin's own cases.

mod bench;
mod case;
mod compare;
mod rules;
mod table;
mod wrong;

use std::path::{Path, PathBuf};
use std::time::Instant;

use self::bench::Bench;
use self::rules::RULES;
pub use self::table::generated;
use super::inspect::{self, InspectError};
use super::spec::Declared;
use crate::launcher::{LaunchError, Launcher, StageOrder};
use crate::store::{Store, StoreError};
use crate::world::World;

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Ok,
    /// It does not, and why.
    Failed(String),
    /// It could not be tried, and why.
    Ignored(String),
}

/// A test that was made.
#[derive(Debug, Clone)]
pub struct Tested {
    /// The world, then the rule or the case, e.g. `validate::empty-table`.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// Why a plugin could not be tested at all.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// A case's folder is not as it should be.
    #[error("{}: {problem}", .path.display())]
    Case {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The component cannot be read.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The host failed, not the plugin.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// A file cannot be read.
    #[error("{}: {error}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

/// What the kit works with: a store that nobody else uses, a launcher on it, and what a stage may use.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The store.
    pub store: &'a Store,
    /// The launcher.
    pub launcher: &'a Launcher,
    /// The limits of each call.
    pub order: &'a StageOrder,
}

/// The worlds that the kit has rules and cases for.
pub const WORLDS: [World; 3] = [World::Ingest, World::Validate, World::Train];

/// Tests the component of one world: its cases in `cases`, then every rule with the first of them that is to succeed. `first` says that
/// cases that name no world are for this one. `tell` hears of every test as soon as it is done.
///
/// # Errors
/// When a case is not as it should be, or the host fails; never for what the plugin does.
pub fn test(
    ground: Ground<'_>,
    component: &Path,
    world: World,
    cases: &Path,
    first: bool,
    tell: &mut dyn FnMut(&Tested),
) -> Result<(), KitError> {
    let facts = inspect::inspect(component)?.facts;
    let bytes = std::fs::read(component).map_err(|error| KitError::Read {
        path: component.to_owned(),
        error,
    })?;
    let declares = |wanted| {
        facts
            .as_ref()
            .is_some_and(|facts| facts.declares.contains(&wanted))
    };
    let bench = Bench {
        ground,
        world,
        component: ground.store.put_blob(&bytes)?,
        seed: u64::from(declares(Declared::Seed)),
        time: i64::from(declares(Declared::Time)),
        schema: facts.and_then(|facts| facts.config),
    };
    let mut told = |name: &str, outcome: &mut dyn FnMut() -> Result<Outcome, KitError>| {
        let start = Instant::now();
        let outcome = outcome()?;
        tell(&Tested {
            name: format!("{world}::{name}"),
            outcome,
            seconds: start.elapsed().as_secs_f64(),
        });
        Ok::<(), KitError>(())
    };
    let cases = case::read(ground.store, cases, world, first)?;
    for case in &cases {
        told(&format!("case {}", case.name), &mut || {
            compare::compare(&bench, case)
        })?;
    }
    let setup = match cases.iter().find(|case| case.problem.is_none()) {
        Some(case) => case.setup.clone(),
        None => table::generated(ground.store, world)?,
    };
    for (name, rule) in RULES {
        told(name, &mut || rule(&bench, &setup))?;
    }
    Ok(())
}
