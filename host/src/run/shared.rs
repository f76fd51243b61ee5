//! A result from the store's remote: everything that a stage behind this one or a look at it needs, and nothing else.

use crate::{
    digest::Digest,
    job::{OutputRecord, StageResult},
    oci::Manifest,
    store::{
        Store,
        remote::{Fetch, RemoteError},
    },
};

/// Brings the result under a key, whole and held against its digests, but does not publish it under the key yet. None if the remote
/// has none or something is wrong with it, which the store's upstream then remembers.
pub(super) fn fetch(
    store: &Store,
    key: &Digest,
    cancelled: &dyn Fn() -> bool,
) -> Option<(Digest, StageResult)> {
    let upstream = store.upstream()?;
    let wanted = *key;
    let (fetch, (digest, result)) = upstream.fetch(store, cancelled, move |fetch| {
        let Some(digest) = fetch.remote().result(&wanted)? else {
            return Ok(None);
        };
        let result = parts(fetch, &digest)?;
        Ok(Some((digest, result)))
    })?;
    match fetch.finish().commit() {
        Ok(()) => Some((digest, result)),
        Err(error) => {
            upstream.note(&error.into());
            None
        }
    }
}

/// Publishes a result that was fetched and found right; false if the job has another one here.
pub(super) fn accept(store: &Store, key: &Digest, result: &Digest) -> bool {
    match (store.begin().commit_result(key, result), store.upstream()) {
        (Ok(_), _) => true,
        (Err(error), Some(upstream)) => {
            upstream.note(&error.into());
            false
        }
        (Err(_), None) => false,
    }
}

/// Brings the result of a monitor's window and publishes it.
pub(super) fn window(
    store: &Store,
    key: &Digest,
    cancelled: &dyn Fn() -> bool,
) -> Option<(Digest, StageResult)> {
    let brought = fetch(store, key, cancelled)?;
    if brought.1.observation.is_none() {
        refuse(store, key, "it is the result of no window".to_owned());
        return None;
    }
    accept(store, key, &brought.0).then_some(brought)
}

/// Notes that a result is not what the stage's check foretold.
pub(super) fn refuse(store: &Store, key: &Digest, problem: String) {
    if let Some(upstream) = store.upstream() {
        upstream.refuse(format!("results/{key}"), problem);
    }
}

/// A result's parts, then its document.
fn parts(fetch: &mut Fetch, digest: &Digest) -> Result<StageResult, RemoteError> {
    let result: StageResult = document(fetch, digest, super::RESULT)?;
    for output in result.outputs.values() {
        match output {
            OutputRecord::Table { digest, .. } => fetch.table(digest)?,
            OutputRecord::Blob { digest, .. } => fetch.blob(digest)?,
        }
    }
    let states = [
        result.fitted.as_ref().map(|fitted| fitted.state),
        result.decision.as_ref().and_then(|decision| decision.state),
        result.observation.and_then(|observation| observation.state),
    ];
    for state in states.into_iter().flatten() {
        fetch.blob(&state)?;
    }
    if let Some(artifact) = result.artifact {
        let manifest: Manifest = document(fetch, &artifact.manifest, "a package")?;
        for layer in &manifest.layers {
            fetch.blob(&layer.digest)?;
        }
        fetch.blob(&manifest.config.digest)?;
    }
    for window in &result.windows {
        fetch.table(&window.table)?;
        // Its job is needed to verify it, and is there unless the remote was tidied.
        if fetch.remote().holds_blob(&window.key)? {
            fetch.blob(&window.key)?;
        }
        result_of_window(fetch, &window.result)?;
    }
    Ok(result)
}

/// A window's result, whose outputs nobody reads but whose documents are shown.
fn result_of_window(fetch: &mut Fetch, digest: &Digest) -> Result<(), RemoteError> {
    let result: StageResult = document(fetch, digest, super::RESULT)?;
    let state = result.observation.and_then(|observation| observation.state);
    state.map_or(Ok(()), |state| fetch.blob(&state))
}

/// A document that is fetched and read.
fn document<T: serde::de::DeserializeOwned>(
    fetch: &mut Fetch,
    digest: &Digest,
    expected: &'static str,
) -> Result<T, RemoteError> {
    let bytes = fetch.document(digest)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        RemoteError::Store(crate::store::StoreError::Document {
            digest: *digest,
            expected,
            problem: error.to_string(),
        })
    })
}
