//! The rules. Each changes a setup that the plugin accepts, and says what has to hold then.

mod bear;
mod refuse;
mod repeat;

use super::bench::{Bench, Came, Ran, Setup};
use super::parts::DOCUMENT;
use super::{Base, KitError, Outcome};
use crate::package::Contents;
use crate::wire::FaultKind;
use crate::world::World;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// The worlds that it is for.
    worlds: &'static [World],
    /// What has to hold.
    holds: fn(&Trial<'_>) -> Result<Outcome, KitError>,
}

const ALL: &[World] = &World::ALL;
/// Those that have a config, and tables as a plugin wants them.
const STAGES: &[World] = &[
    World::Ingest,
    World::Validate,
    World::Train,
    World::Packaging,
    World::Deploy,
    World::Monitor,
];
/// Those that work on tables of any columns, and look for columns by name.
const READERS: &[World] = &[World::Ingest, World::Validate, World::Train, World::Monitor];
/// Those whose tables may have rows of any number and of any content.
const TABLES: &[World] = &[
    World::Ingest,
    World::Validate,
    World::Train,
    World::Score,
    World::Packaging,
    World::Monitor,
];
const STATEFUL: &[World] = &[World::Deploy, World::Monitor];

/// All rules, in the order they are tried.
const RULES: &[Rule] = &[
    rule("check-and-run", ALL, check_and_run),
    rule("twice", ALL, repeat::twice),
    rule("row-wise", &[World::Score], repeat::row_wise),
    rule("repeatable", &[World::Score], repeat::repeatable),
    rule("empty-table", ALL, bear::empty_table),
    // The host asks every scorer for single rows, to see whether it is row-wise.
    rule("one-row", STAGES, bear::one_row),
    rule("all-null", TABLES, bear::all_null),
    rule("many-batches", TABLES, bear::many_batches),
    rule("recut", TABLES, repeat::recut),
    rule("every-format", READERS, bear::every_format),
    rule("broken-file", STAGES, bear::broken_file),
    rule("unknown-column", READERS, refuse::unknown_column),
    rule("bad-config", STAGES, refuse::bad_config),
    rule("missing-column", &[World::Score], refuse::missing_column),
    rule("bad-state", &[World::Score], refuse::bad_state),
    rule("state", STATEFUL, bear::own_state),
    rule("bad-state", STATEFUL, bear::bad_state),
    rule("packed-model", &[World::Packaging], packed_model),
];

const fn rule(
    name: &'static str,
    worlds: &'static [World],
    holds: fn(&Trial<'_>) -> Result<Outcome, KitError>,
) -> Rule {
    Rule {
        name,
        worlds,
        holds,
    }
}

/// The rules for a world.
pub fn of(world: World) -> impl Iterator<Item = &'static Rule> {
    RULES
        .iter()
        .filter(move |rule| rule.worlds.contains(&world))
}

/// A component and the setup that rules change.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// The component.
    pub bench: &'a Bench<'a>,
    /// The setup, and what came of it.
    pub base: &'a Base,
}

impl Trial<'_> {
    /// Tries a rule.
    ///
    /// # Errors
    /// When the host fails.
    pub fn of(&self, rule: &Rule) -> Result<Outcome, KitError> {
        (rule.holds)(self)
    }

    fn setup(&self) -> &Setup {
        &self.base.setup
    }

    /// The run of the setup as it is, or why a rule that changes it cannot be tried.
    fn ran(&self) -> Result<&Ran, Outcome> {
        match &self.base.came {
            Came::Kept(ran) => Ok(ran),
            Came::Refused(why) => Err(self.untried(why)),
            other => Err(self.untried(&other.wrong().unwrap_or_default())),
        }
    }

    fn untried(&self, why: &str) -> Outcome {
        let from = &self.setup().from;
        Outcome::Ignored(format!("{from} does not get past the plugin: {why}"))
    }

    fn lacks(&self, what: &str) -> Outcome {
        Outcome::Ignored(format!("{} has {what}", self.setup().from))
    }
}

/// The run of a trial's setup; the rule ends with what cannot be tried without.
macro_rules! ran {
    ($trial:expr) => {
        match $trial.ran() {
            Ok(ran) => ran,
            Err(outcome) => return Ok(outcome),
        }
    };
}
use ran;

/// What `check` accepts and promises, `run` gives.
fn check_and_run(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    Ok(match &trial.base.came {
        Came::Kept(_) => Outcome::Ok,
        Came::Refused(why) if trial.bench.world == World::Score => Outcome::Failed(format!(
            "the scorer refuses what its own trainer made: {why}"
        )),
        Came::Fault(_, fault) if is_breach(fault.kind) => trial.untried(&fault.message),
        Came::Refused(why) => trial.untried(why),
        other => failed_if(other.told()),
    })
}

/// Whether a scorer broke a rule that has a name of its own.
fn is_breach(kind: Option<FaultKind>) -> bool {
    matches!(kind, Some(FaultKind::NotRowWise | FaultKind::NotRepeatable))
}

fn failed_if(wrong: Option<String>) -> Outcome {
    wrong.map_or(Outcome::Ok, Outcome::Failed)
}

/// The model that was to be packed is in the package, whole.
fn packed_model(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    let ran = ran!(trial);
    let artifact = ran.result.artifact.as_ref();
    let (Some(artifact), Some(document)) = (artifact, trial.setup().inputs.get(DOCUMENT)) else {
        return Ok(trial.lacks("no model"));
    };
    let held = Contents::read(trial.bench.ground.store, &artifact.manifest)
        .and_then(|contents| contents.hold(*document.digest()));
    Ok(failed_if(held.err().map(|error| error.to_string())))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_world_has_one_rule_of_a_name() {
        for world in World::ALL {
            let names: Vec<_> = of(world).map(|rule| rule.name).collect();
            let different: BTreeSet<_> = names.iter().collect();
            assert_eq!(different.len(), names.len(), "{world}: {names:?}");
        }
    }
}
