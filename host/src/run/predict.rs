//! Applying a model to a table outside of a pipeline: the job that a `score` stage would have, by the same key.

use super::stored::stored;
use crate::{
    canonical_json,
    digest::Digest,
    job::{ABI, InputDigest, JobDocument, OutputRecord, ScoreConfig, StageResult},
    launcher::{Event, LaunchError, Launcher, Reason, StageOrder, Telemetry},
    manifest::SCORED,
    model::{Keeps, ModelDoc},
    plan::MODEL_PORT,
    store::Store,
    world::World,
};

/// A scored table.
#[derive(Debug, Clone, Copy)]
pub struct Prediction {
    /// The key of its job.
    pub key: Digest,
    /// The table: the columns that were given, then the model's answer.
    pub table: Digest,
    /// Its rows.
    pub rows: u64,
    /// What it cost; none if the store had it.
    pub telemetry: Option<Telemetry>,
}

/// Passes a stored table through a model in a sealed child, unless the store has the result.
///
/// # Errors
/// When the child could not be started or gave up, and when the store fails.
pub fn predict(
    store: &Store,
    launcher: &Launcher,
    model: &ModelDoc,
    table: Digest,
    order: &StageOrder,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Prediction, LaunchError> {
    let document = canonical_json::to_string(model)?;
    let job = JobDocument {
        abi: ABI,
        world: World::Score,
        component: None,
        config: ScoreConfig {
            keeps: Keeps::All,
            sample: None,
        }
        .to_json(),
        inputs: [
            (SCORED.to_owned(), InputDigest::Table(table)),
            (
                MODEL_PORT.to_owned(),
                InputDigest::Model(Digest::of(document.as_bytes())),
            ),
        ]
        .into(),
        partition: None,
        seed: 0,
        state: None,
        time: 0,
    };
    let (key, text) = job.key()?;
    let _lock = launcher.lock(&key)?;
    if let Some((_, result)) = stored(store, &key)? {
        return scored(key, &result, None);
    }
    let mut publication = store.begin();
    publication.blob(text.as_bytes())?;
    publication.blob(document.as_bytes())?;
    publication.commit()?;
    let launched = launcher.run(&key, &job, order, tell)?;
    scored(key, &launched.result, Some(launched.telemetry))
}

fn scored(
    key: Digest,
    result: &StageResult,
    telemetry: Option<Telemetry>,
) -> Result<Prediction, LaunchError> {
    match result.outputs.get(SCORED) {
        Some(&OutputRecord::Table { digest, rows, .. }) => Ok(Prediction {
            key,
            table: digest,
            rows,
            telemetry,
        }),
        _ => Err(Reason::Host("a score stage gives a table".into()).into()),
    }
}
