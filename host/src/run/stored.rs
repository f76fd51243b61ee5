//! Results that are in the store already, whole.

use super::RESULT;
use crate::{
    digest::Digest,
    job::{OutputRecord, StageResult},
    oci::Manifest,
    store::{Store, StoreError},
};

/// The result under a key, with its digest. None if there is none, or if a part of it was deleted, as the store advises for corrupt
/// files: then it is made again.
pub(super) fn stored(
    store: &Store,
    key: &Digest,
) -> Result<Option<(Digest, StageResult)>, StoreError> {
    let Some(digest) = store.result(key)? else {
        return Ok(None);
    };
    if !store.has_blob(&digest)? {
        return Ok(None);
    }
    let result: StageResult = store.document(&digest, RESULT)?;
    for output in result.outputs.values() {
        let there = match output {
            OutputRecord::Table { digest, .. } => store.has_table(digest)?,
            OutputRecord::Blob { digest, .. } => store.has_blob(digest)?,
        };
        if !there {
            return Ok(None);
        }
    }
    for blob in blobs(store, &result)? {
        if !store.has_blob(&blob)? {
            return Ok(None);
        }
    }
    for window in &result.windows {
        if !store.has_table(&window.table)? || !store.has_blob(&window.result)? {
            return Ok(None);
        }
    }
    Ok(Some((digest, result)))
}

/// The blobs of a result that are no outputs.
fn blobs(store: &Store, result: &StageResult) -> Result<Vec<Digest>, StoreError> {
    let mut blobs: Vec<Digest> = result.fitted.iter().map(|fitted| fitted.state).collect();
    blobs.extend(result.decision.as_ref().and_then(|decision| decision.state));
    blobs.extend(result.observation.and_then(|observation| observation.state));
    if let Some(artifact) = result.artifact {
        blobs.push(artifact.manifest);
        if store.has_blob(&artifact.manifest)? {
            let manifest: Manifest = store.document(&artifact.manifest, "a package")?;
            blobs.extend(manifest.layers.iter().map(|layer| layer.digest));
            blobs.push(manifest.config.digest);
        }
    }
    Ok(blobs)
}
