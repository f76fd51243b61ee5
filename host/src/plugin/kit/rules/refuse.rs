//! What a plugin has to refuse.

use arrow_schema::Schema;
use serde_json::Value;

use super::{Outcome, Trial, ran};
use crate::plugin::kit::bench::{Called, Came, Setup};
use crate::plugin::kit::{KitError, scorer, table, wrong};
use crate::table::schema::TableSchema;

/// A config that names a column that is not there.
pub fn unknown_column(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    ran!(trial);
    let columns = table::columns(trial.bench.ground.store, trial.setup())?;
    let Some((config, column)) = wrong::unknown_column(&trial.setup().config, &columns) else {
        return Ok(trial.lacks("a config that names no column of the tables"));
    };
    let how = format!("naming \"{}\" for \"{column}\"", wrong::NO_COLUMN);
    config_refused(trial, config, &how)
}

/// A config that its own schema does not allow.
pub fn bad_config(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    let ignored = |why: &str| Ok(Outcome::Ignored(why.into()));
    let Some(schema) = &trial.bench.schema else {
        return ignored("the component tells no schema of its config");
    };
    let configs = wrong::configs(schema, &trial.setup().config);
    if configs.is_empty() {
        return ignored("the schema of the config allows whatever the kit can think of");
    }
    for (config, how) in configs {
        let outcome = config_refused(trial, config, &how)?;
        if outcome != Outcome::Ok {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Ok)
}

fn config_refused(trial: &Trial<'_>, config: Value, how: &str) -> Result<Outcome, KitError> {
    let changed = Setup {
        config,
        ..trial.setup().clone()
    };
    Ok(match trial.bench.check(&changed)? {
        Called::Refused(_) => Outcome::Ok,
        Called::Answer(_) => Outcome::Failed(format!("`check` accepts a config {how}")),
        Called::Fault(fault) => Outcome::Failed(format!(
            "with a config {how}, `check` ended with: {}",
            fault.told()
        )),
    })
}

/// A scorer's rows without the last of the columns that its state knows.
pub fn missing_column(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    ran!(trial);
    let store = trial.bench.ground.store;
    let mut step = scorer::step_of(store, trial.setup())?;
    let mut fields = step.takes.fields().to_vec();
    fields.pop();
    if fields.is_empty() {
        return Ok(Outcome::Ignored("the step takes a single column".into()));
    }
    step.takes = TableSchema::from_arrow(&Schema::new(fields)).expect("columns that a table has");
    let changed = scorer::with_step(store, trial.setup(), &step)?;
    step_refused(trial, &changed, "rows without a column that it takes")
}

/// A scorer's state that is empty, cut off or nonsense.
pub fn bad_state(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    ran!(trial);
    let store = trial.bench.ground.store;
    let mut step = scorer::step_of(store, trial.setup())?;
    for (how, bytes) in wrong::bytes(&store.blob(&step.state)?) {
        step.state = store.put_blob(&bytes)?;
        let changed = scorer::with_step(store, trial.setup(), &step)?;
        let outcome = step_refused(trial, &changed, &format!("a state that is {how}"))?;
        if outcome != Outcome::Ok {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Ok)
}

fn step_refused(trial: &Trial<'_>, changed: &Setup, what: &str) -> Result<Outcome, KitError> {
    Ok(match trial.bench.call(changed)? {
        Came::Refused(_) => Outcome::Ok,
        Came::Kept(_) => Outcome::Failed(format!("it accepts {what}")),
        other => Outcome::Failed(format!(
            "with {what}, {}",
            other.wrong().unwrap_or_default()
        )),
    })
}
