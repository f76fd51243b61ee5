//! A scorer as a model of one step: its state is what the trainer of the same plugin fitted, or a file of a case.

use super::bench::{Bench, Called, Setup};
use super::case::Case;
use super::{KitError, generate, table};
use crate::canonical_json;
use crate::digest::Digest;
use crate::job::{InputDigest, ScoreConfig};
use crate::launcher::LaunchError;
use crate::manifest::SCORED;
use crate::model::{Keeps, ModelDoc, Step};
use crate::plan::MODEL_PORT;
use crate::store::Store;
use crate::table::schema::TableSchema;
use crate::world::World;

/// A state and what its scorer takes and gives.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The state, a blob.
    pub state: Digest,
    /// The columns that it wants.
    pub takes: TableSchema,
    /// The columns that it answers.
    pub gives: TableSchema,
}

/// What the trainer of the same plugin made.
#[derive(Debug)]
pub struct Trained {
    /// The step.
    pub fitted: Fitted,
    /// The table that it was trained on, if that has what the step takes: a step behind others need not.
    pub table: Option<Digest>,
    /// Where it is from, for messages.
    pub from: String,
}

/// Trains with the first case that is to succeed; says why if that does not come to a step.
///
/// # Errors
/// When the host fails.
pub fn train(trainer: &Bench<'_>, cases: &[Case]) -> Result<Result<Trained, String>, KitError> {
    let setup = match cases.iter().find(|case| case.is_to_succeed()) {
        Some(case) => case.setup.clone(),
        None => generate::generated(trainer.ground.store, World::Train)?,
    };
    let refused = |why: &str| Ok(Err(format!("{}, trained with, gives no state: {why}", setup.from)));
    match trainer.check(&setup)? {
        Called::Answer(_) => {}
        Called::Refused(why) => return refused(&why),
        Called::Fault(fault) => return refused(&fault.message),
    }
    match trainer.run(&setup)? {
        Called::Answer(ran) => {
            let Some(fitted) = ran.result.fitted else {
                return refused("it fitted nothing");
            };
            let table = setup.inputs.get(SCORED).map(|table| *table.digest());
            Ok(Ok(Trained {
                fitted: Fitted {
                    state: fitted.state,
                    takes: fitted.takes,
                    gives: fitted.gives,
                },
                table,
                from: setup.from,
            }))
        }
        Called::Refused(why) => refused(&why),
        Called::Fault(fault) => refused(&fault.message),
    }
}

/// What plays the scorer on the rows of a table; none if the table lacks a column that it takes.
///
/// # Errors
/// When the store fails.
pub fn setup(
    store: &Store,
    scorer: Digest,
    fitted: &Fitted,
    rows: &Digest,
    from: &str,
) -> Result<Option<Setup>, KitError> {
    let Some(rows) = table::columns_alone(store, rows, &fitted.takes)? else {
        return Ok(None);
    };
    let model = ModelDoc::new(vec![Step {
        scorer,
        state: fitted.state,
        takes: fitted.takes.clone(),
        gives: fitted.gives.clone(),
    }]);
    Ok(Some(Setup {
        config: config(None),
        inputs: [
            (SCORED.to_owned(), InputDigest::Table(rows)),
            (MODEL_PORT.to_owned(), put(store, &model)?),
        ]
        .into(),
        state: None,
        from: from.to_owned(),
    }))
}

/// The config of the stage that plays it on so many rows; none for all.
pub fn config(sample: Option<u64>) -> serde_json::Value {
    let keeps = Keeps::Rest;
    ScoreConfig { keeps, sample }.to_json()
}

/// The same setup with its model changed.
///
/// # Errors
/// When the store fails.
pub fn with_step(
    store: &Store,
    setup: &Setup,
    change: impl FnOnce(&mut Step),
) -> Result<Setup, KitError> {
    let mut model = model(store, setup)?;
    change(&mut model.steps[0]);
    let mut changed = setup.clone();
    changed
        .inputs
        .insert(MODEL_PORT.to_owned(), put(store, &model)?);
    Ok(changed)
}

/// The model of a setup.
///
/// # Errors
/// When the store fails.
pub fn model(store: &Store, setup: &Setup) -> Result<ModelDoc, KitError> {
    Ok(store.document(setup.inputs[MODEL_PORT].digest(), "a model")?)
}

fn put(store: &Store, model: &ModelDoc) -> Result<InputDigest, KitError> {
    let text = canonical_json::to_string(model).map_err(LaunchError::from)?;
    Ok(InputDigest::Model(store.put_blob(text.as_bytes())?))
}
