//! Bringing runs from a remote.

use std::sync::Arc;

use serde::Serialize;

use super::{SHARED, ShareError, is_version, moves, same_package};
use crate::{
    digest::Digest,
    package::VersionRecord,
    store::{
        Move, RefName, Store,
        reach::{Node, Reach},
        remote::{Far, Fetch, Remote, RemoteError},
    },
};

/// Brings runs from a remote to a store.
pub struct Pull<'a> {
    /// The store.
    pub store: &'a Store,
    /// The remote.
    pub remote: Arc<dyn Remote>,
    /// Whether everything comes: tables, large blobs and results too, and not the records alone.
    pub all: bool,
}

/// What came.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Pulled {
    /// Runs that the store did not know.
    pub runs: Vec<String>,
    /// Blobs and blocks.
    pub files: u64,
    /// Their length in bytes.
    pub bytes: u64,
    /// Names that moved.
    pub refs: Vec<String>,
    /// What the store keeps though the remote has something else.
    pub kept: Vec<String>,
}

impl Pull<'_> {
    /// Brings what the store lacks.
    ///
    /// # Errors
    /// When the remote or the store fails. What came is of use; names move once what they mean is there.
    pub fn pull(&self) -> Result<Pulled, ShareError> {
        let mut pulled = Pulled::default();
        let mut reach = Reach::default();
        for folder in SHARED {
            for name in self.remote.refs(folder)? {
                self.name(&name, &mut reach, &mut pulled)?;
            }
        }
        if !pulled.runs.is_empty() {
            self.store.reindex()?;
        }
        Ok(pulled)
    }

    fn name(
        &self,
        name: &RefName,
        reach: &mut Reach,
        pulled: &mut Pulled,
    ) -> Result<(), ShareError> {
        let (here, there) = (self.store.ref_head(name)?, self.remote.ref_head(name)?);
        if here == there && !self.all {
            return Ok(());
        }
        let theirs = moves::remote(&*self.remote, there)?;
        let ours = moves::local(self.store, here)?;
        let new: Vec<Move> = match (is_version(name), ours.first(), theirs.first()) {
            (true, Some(ours), Some(theirs)) => {
                pulled
                    .kept
                    .extend(self.other_version(name, &ours.target, &theirs.target)?);
                Vec::new()
            }
            (_, latest, _) => {
                let missing = moves::lacking(&theirs, &ours);
                let newer = |made: &Move| latest.is_none_or(|latest| made.at > latest.at);
                missing.into_iter().filter(newer).collect()
            }
        };
        let wanted: Vec<Digest> = match self.all {
            true => theirs.iter().map(|made| made.target).collect(),
            false => new.iter().map(|made| made.target).collect(),
        };
        self.bring(&wanted, reach, pulled)?;
        if self.store.follow_ref(name, &new)? {
            pulled.refs.push(name.to_string());
            pulled
                .runs
                .extend(name.as_str().strip_prefix("runs/").map(str::to_owned));
        }
        Ok(())
    }

    /// Brings all that is reached from these, what is referred to before what refers to it.
    fn bring(
        &self,
        wanted: &[Digest],
        reach: &mut Reach,
        pulled: &mut Pulled,
    ) -> Result<(), ShareError> {
        let mut far = Far {
            remote: &*self.remote,
            store: self.store,
            light: !self.all,
        };
        for target in wanted {
            reach.follow(&mut far, *target)?;
        }
        let mut fetch = Fetch::new(Arc::clone(&self.remote), self.store.clone());
        let mut results = Vec::new();
        for node in reach.take() {
            match node {
                Node::Blob(digest) => fetch.blob(&digest)?,
                Node::Block(digest) => fetch.block(&digest)?,
                Node::Result { key, result } => results.push((key, result)),
            }
        }
        let (files, bytes) = fetch.amount();
        pulled.files += files;
        pulled.bytes += bytes;
        fetch.publish()?;
        for (key, result) in results {
            self.result(&key, &result, pulled)?;
        }
        Ok(())
    }

    /// Gives a job its result, unless it has another one here.
    fn result(&self, key: &Digest, result: &Digest, pulled: &mut Pulled) -> Result<(), ShareError> {
        match self.store.begin().commit_result(key, result) {
            Ok(_) => Ok(()),
            Err(crate::store::StoreError::ResultConflict { existing, .. }) => {
                let place = self.remote.place();
                pulled.kept.push(format!(
                    "the result of {key} is {existing} here and {result} in the remote {place}"
                ));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What to say where a version is another package here than there.
    fn other_version(
        &self,
        name: &RefName,
        ours: &Digest,
        theirs: &Digest,
    ) -> Result<Option<String>, ShareError> {
        if ours == theirs {
            return Ok(None);
        }
        let ours: VersionRecord = self.store.document(ours, "a version")?;
        let bytes = self.remote.blob(theirs)?.unwrap_or_default();
        let theirs: VersionRecord =
            serde_json::from_slice(&bytes).map_err(|error| RemoteError::Damaged {
                place: self.remote.place(),
                name: name.to_string(),
                problem: format!("it is no version of a model: {error}"),
            })?;
        Ok((!same_package(&ours, &theirs)).then(|| {
            format!(
                "{name} is {} here and {} in the remote {}",
                ours.package,
                theirs.package,
                self.remote.place()
            )
        }))
    }
}
