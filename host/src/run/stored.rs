//! Results that are in the store already, whole.

use super::RESULT;
use crate::{
    digest::Digest,
    job::{OutputRecord, StageResult},
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
    match &result.fitted {
        Some(fitted) if !store.has_blob(&fitted.state)? => Ok(None),
        _ => Ok(Some((digest, result))),
    }
}
