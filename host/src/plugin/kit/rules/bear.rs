//! What a plugin has to bear: it may refuse, in good order; what it accepts and gives has to be what it promised.

use super::{Outcome, Trial, failed_if, ran};
use crate::digest::Digest;
use crate::job::InputDigest;
use crate::plugin::kit::bench::{Came, Setup};
use crate::plugin::kit::{KitError, scorer, table, wrong};
use crate::world::World;

/// No rows. A table without rows never gets to a scorer, so that is asked for none of the rows of one that has some.
pub fn empty_table(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    if trial.bench.world != World::Score {
        return changed(trial, table::empty);
    }
    ran!(trial);
    let none = Setup {
        config: scorer::config(Some(0)),
        ..trial.setup().clone()
    };
    bears(trial, &none)
}

/// One row.
pub fn one_row(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    changed(trial, table::one_row)
}

/// Nulls wherever a column may hold them.
pub fn all_null(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    changed(trial, table::all_null)
}

/// The rows over and over, each in a batch of its own.
pub fn many_batches(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    changed(trial, table::many_batches)
}

/// A further column of each format.
pub fn every_format(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    changed(trial, table::every_format)
}

fn changed(trial: &Trial<'_>, change: table::Change) -> Result<Outcome, KitError> {
    ran!(trial);
    match table::changed(trial.bench.ground.store, trial.setup(), change)? {
        Some(changed) => bears(trial, &changed),
        None => Ok(trial.lacks("no table to change so")),
    }
}

fn bears(trial: &Trial<'_>, changed: &Setup) -> Result<Outcome, KitError> {
    Ok(failed_if(trial.bench.call(changed)?.told()))
}

/// Files that are empty, cut off or nonsense.
pub fn broken_file(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    ran!(trial);
    let store = trial.bench.ground.store;
    let mut tried = false;
    for (name, input) in &trial.setup().inputs {
        let InputDigest::Blob(digest) = input else {
            continue;
        };
        tried = true;
        for (how, bytes) in wrong::bytes(&store.blob(digest)?) {
            let mut changed = trial.setup().clone();
            let blob = InputDigest::Blob(store.put_blob(&bytes)?);
            changed.inputs.insert(name.clone(), blob);
            if let Some(what) = trial.bench.call(&changed)?.told() {
                return Ok(Outcome::Failed(format!("with `{name}` {how}, {what}")));
            }
        }
    }
    Ok(match tried {
        true => Outcome::Ok,
        false => trial.lacks("no file among its inputs"),
    })
}

/// What one call leaves, the next one takes.
pub fn own_state(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    let Some(state) = ran!(trial).state() else {
        let why = format!("{} leaves no state", trial.setup().from);
        return Ok(Outcome::Ignored(why));
    };
    let came = trial.bench.call(&with_state(trial, state))?;
    Ok(match came {
        Came::Refused(why) => {
            Outcome::Failed(format!("it refuses the state that it left itself: {why}"))
        }
        other => failed_if(other.told()),
    })
}

/// States that are empty, cut off or nonsense.
pub fn bad_state(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    let store = trial.bench.ground.store;
    let right = match ran!(trial).state() {
        Some(state) => store.blob(&state)?,
        None => Vec::new(),
    };
    for (how, bytes) in wrong::bytes(&right) {
        let state = store.put_blob(&bytes)?;
        let came = trial.bench.call(&with_state(trial, state))?;
        if let Some(what) = came.told() {
            return Ok(Outcome::Failed(format!(
                "with a state that is {how}, {what}"
            )));
        }
    }
    Ok(Outcome::Ok)
}

fn with_state(trial: &Trial<'_>, state: Digest) -> Setup {
    Setup {
        state: Some(state),
        ..trial.setup().clone()
    }
}
