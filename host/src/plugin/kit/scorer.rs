//! A scorer as a model of one step, with the state that the trainer of the same plugin fitted.

use super::bench::{Came, Setup};
use super::{Base, KitError, table};
use crate::canonical_json;
use crate::digest::Digest;
use crate::job::{InputDigest, ScoreConfig};
use crate::launcher::LaunchError;
use crate::manifest::SCORED;
use crate::model::{Keeps, ModelDoc, Step};
use crate::plan::MODEL_PORT;
use crate::store::Store;

/// The step that a scorer and its trainer make.
///
/// # Errors
/// Why there is none.
pub fn step(scorer: Digest, trained: Option<&Base>) -> Result<Step, String> {
    let Some(trained) = trained else {
        return Err("the plugin has no component that trains, to make a state of".into());
    };
    let from = &trained.setup.from;
    let why = match &trained.came {
        Came::Kept(ran) => match &ran.result.fitted {
            Some(fitted) => {
                return Ok(Step {
                    scorer,
                    state: fitted.state,
                    takes: fitted.takes.clone(),
                    gives: fitted.gives.clone(),
                });
            }
            None => "it fitted nothing".to_owned(),
        },
        Came::Refused(why) => why.clone(),
        other => other.wrong().unwrap_or_default(),
    };
    Err(format!("{from}, trained with, gives no state: {why}"))
}

/// What plays a step on the rows of a table; none if the table lacks a column that it takes.
///
/// # Errors
/// When the store fails.
pub fn setup(
    store: &Store,
    step: &Step,
    rows: &Digest,
    from: String,
) -> Result<Option<Setup>, KitError> {
    let Some(rows) = table::columns_alone(store, rows, &step.takes)? else {
        return Ok(None);
    };
    let inputs = [
        (SCORED.to_owned(), InputDigest::Table(rows)),
        (MODEL_PORT.to_owned(), put(store, step)?),
    ];
    Ok(Some(Setup {
        config: config(None),
        inputs: inputs.into(),
        state: None,
        from,
    }))
}

/// The config of the stage that plays it on so many rows; none for all.
pub fn config(sample: Option<u64>) -> serde_json::Value {
    let keeps = Keeps::Rest;
    ScoreConfig { keeps, sample }.to_json()
}

/// The setup with another step played.
///
/// # Errors
/// When the store fails.
pub fn with_step(store: &Store, setup: &Setup, step: &Step) -> Result<Setup, KitError> {
    let mut changed = setup.clone();
    let model = put(store, step)?;
    changed.inputs.insert(MODEL_PORT.to_owned(), model);
    Ok(changed)
}

/// The step that a setup plays.
///
/// # Errors
/// When the store fails.
pub fn step_of(store: &Store, setup: &Setup) -> Result<Step, KitError> {
    let model: ModelDoc = store.document(setup.inputs[MODEL_PORT].digest(), "a model")?;
    Ok(model.steps[0].clone())
}

fn put(store: &Store, step: &Step) -> Result<InputDigest, KitError> {
    let model = ModelDoc::new(vec![step.clone()]);
    let text = canonical_json::to_string(&model).map_err(LaunchError::from)?;
    Ok(InputDigest::Model(store.put_blob(text.as_bytes())?))
}
