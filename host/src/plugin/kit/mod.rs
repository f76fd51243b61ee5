//! The conformance kit: what every plugin of a world has to bear and to keep, tried in the sealed child, and a plugin's own cases.

mod arms;
mod bench;
mod case;
mod compare;
mod files;
mod generate;
mod parts;
mod rules;
mod scorer;
mod table;
mod wrong;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use self::arms::ARMS;
use self::bench::{Bench, Came};
pub use self::bench::{SECOND, Setup};
use self::case::{Case, Wanted};
pub use self::generate::generated;
use self::rules::Trial;
use super::inspect::{self, InspectError};
use super::spec::Declared;
use crate::launcher::{LaunchError, Launcher, StageOrder};
use crate::manifest::SCORED;
use crate::store::{Store, StoreError};
use crate::table::import::ImportError;
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
    /// A case's table cannot be read.
    #[error(transparent)]
    Table(#[from] ImportError),
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

/// A plugin that is tested.
#[derive(Debug)]
pub struct Plugin<'a> {
    /// The files of its components, which are in the store too.
    pub components: BTreeMap<World, PathBuf>,
    /// The world that cases are for that name none.
    pub first: Option<World>,
    /// The folder of its cases.
    pub cases: &'a Path,
}

/// The rules for a world, by name, in the order in which they are tried.
pub fn rules(world: World) -> impl Iterator<Item = &'static str> {
    rules::of(world).map(|rule| rule.name)
}

/// Who hears of every test as soon as it is done.
type Tell<'a> = &'a mut dyn FnMut(&Tested);

/// Tests every component of a plugin: its cases, then every rule of its world with the first of them that is to succeed. A scorer is
/// tried with what the trainer beside it makes of its own.
///
/// # Errors
/// When a case is not as it should be, or the host fails; never for what the plugin does.
pub fn test(ground: Ground<'_>, plugin: &Plugin<'_>, tell: Tell<'_>) -> Result<(), KitError> {
    let mut trained = None;
    // The trainer comes before its scorer.
    for (&world, component) in &plugin.components {
        let bench = bench(ground, world, component)?;
        let base = match world {
            World::Score => scorer(&bench, plugin, trained.as_ref(), tell)?,
            _ => Ok(stage(&bench, plugin, tell)?),
        };
        let base = match base {
            Ok(base) => base,
            Err(why) => {
                told(world, "load", tell, || Ok(Outcome::Ignored(why)))?;
                continue;
            }
        };
        let trial = Trial {
            bench: &bench,
            base: &base,
        };
        for rule in rules::of(world) {
            told(world, rule.name, tell, || trial.of(rule))?;
        }
        if world == World::Train {
            trained = Some(base);
        }
    }
    Ok(())
}

/// A setup and what came of it: what rules start from.
#[derive(Debug)]
struct Base {
    setup: Setup,
    came: Came,
}

impl Base {
    fn new(bench: &Bench<'_>, setup: Setup) -> Result<Base, KitError> {
        let came = bench.call(&setup)?;
        Ok(Base { setup, came })
    }
}

fn bench<'a>(ground: Ground<'a>, world: World, component: &Path) -> Result<Bench<'a>, KitError> {
    let inspection = inspect::inspect(component)?;
    Ok(Bench {
        ground,
        world,
        component: inspection.digest,
        seed: u64::from(inspection.gets(Declared::Seed)),
        time: i64::from(inspection.gets(Declared::Time)),
        schema: inspection.facts.and_then(|facts| facts.config),
    })
}

fn stage(bench: &Bench<'_>, plugin: &Plugin<'_>, tell: Tell<'_>) -> Result<Base, KitError> {
    let wanted = Wanted {
        world: bench.world,
        unnamed: plugin.first == Some(bench.world),
        step: None,
    };
    match cases(bench, plugin, wanted, tell)? {
        Some(base) => Ok(base),
        None => Base::new(bench, generate::generated(bench.ground.store, bench.world)?),
    }
}

/// What a stage of this world can be tried with: the first case in a folder that is to succeed, if there is one; among them are the
/// cases that name no world if they are for this one.
///
/// # Errors
/// When a case is not as it should be, or the store fails.
pub fn first_case(
    store: &Store,
    cases: &Path,
    (world, unnamed): (World, bool),
) -> Result<Option<Setup>, KitError> {
    let wanted = Wanted {
        world,
        unnamed,
        step: None,
    };
    let cases = case::read(store, cases, wanted)?;
    let first = cases.into_iter().find(Case::is_to_succeed);
    Ok(first.map(|case| case.setup))
}

/// The inner error is why there is no state to try a scorer with, or no rows.
fn scorer(
    bench: &Bench<'_>,
    plugin: &Plugin<'_>,
    trained: Option<&Base>,
    tell: Tell<'_>,
) -> Result<Result<Base, String>, KitError> {
    let step = match scorer::step(bench.component, trained) {
        Ok(step) => step,
        Err(why) => return Ok(Err(why)),
    };
    let wanted = Wanted {
        world: World::Score,
        unnamed: plugin.first == Some(World::Score),
        step: Some(&step),
    };
    if let Some(base) = cases(bench, plugin, wanted, tell)? {
        return Ok(Ok(base));
    }
    let trained = trained.map(|trained| &trained.setup);
    let table = trained.and_then(|setup| setup.inputs.get(SCORED));
    let (Some(trained), Some(table)) = (trained, table) else {
        return Ok(Err("there is no table `table` to score; add a case".into()));
    };
    let from = format!("{}, trained with,", trained.from);
    match scorer::setup(bench.ground.store, &step, table.digest(), from)? {
        Some(setup) => Base::new(bench, setup).map(Ok),
        None => Ok(Err(
            "the table that was trained on lacks a column that the step takes; add a case".into(),
        )),
    }
}

/// Runs the cases of a world; returns the first that is to succeed.
fn cases(
    bench: &Bench<'_>,
    plugin: &Plugin<'_>,
    wanted: Wanted<'_>,
    tell: Tell<'_>,
) -> Result<Option<Base>, KitError> {
    let store = bench.ground.store;
    let mut first = None;
    for case in case::read(store, plugin.cases, wanted)? {
        told(wanted.world, &format!("case {}", case.name), tell, || {
            let base = Base::new(bench, case.setup.clone())?;
            let outcome = compare::compare(store, &case, &base.came)?;
            if first.is_none() && case.is_to_succeed() {
                first = Some(base);
            }
            Ok(outcome)
        })?;
    }
    Ok(first)
}

fn told(
    world: World,
    name: &str,
    tell: Tell<'_>,
    test: impl FnOnce() -> Result<Outcome, KitError>,
) -> Result<(), KitError> {
    let start = Instant::now();
    let outcome = test()?;
    tell(&Tested {
        name: format!("{world}::{name}"),
        outcome,
        seconds: start.elapsed().as_secs_f64(),
    });
    Ok(())
}
