//! Sharing runs through a remote: `push` sends runs with everything that is reached from them, `pull` brings them. What names mean
//! moves last, so that nothing dangles wherever either is cut off.

mod moves;
mod pull;
mod push;
#[cfg(test)]
mod tests;

pub use pull::{Pull, Pulled};
pub use push::{Push, Sending, Sent};

use crate::{
    digest::Digest,
    package::VersionRecord,
    run::HistoryError,
    store::{RefName, StoreError, remote::RemoteError},
};

/// The refs that are shared: pins and logs of predictions are this machine's own. Runs come last: what is listed is there whole.
const SHARED: [&str; 6] = ["models", "tables", "endpoints", "git", "latest", "runs"];

/// Why runs were not shared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// There is no such run.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The remote failed.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The local store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The remote has another result for a job.
    #[error(transparent)]
    ResultConflict(Box<ResultConflict>),
    /// The remote counts another package as this version.
    #[error(transparent)]
    VersionConflict(Box<VersionConflict>),
    /// A part of a run is neither here nor there.
    #[error(
        "the run cannot be sent: {name} is neither in this store nor in the remote {place}. If it came from a remote, \
         `lockflight pull --all` brings what is missing"
    )]
    Incomplete {
        /// The file.
        name: String,
        /// The remote.
        place: String,
    },
    /// Somebody else moves a ref again and again.
    #[error("the remote {place}: {name} is moved by others all the time; try again")]
    Busy {
        /// The ref.
        name: String,
        /// The remote.
        place: String,
    },
}

/// The remote has another result for a job.
#[derive(Debug, thiserror::Error)]
#[error(
    "the remote {place} has another result for the stage `{stage}` than this store: its key is {key}, {there} is there, {here} is \
     here. Nothing was replaced. A stage must depend on its job alone: mark it `repeatable = false` if it cannot, and see \
     `lockflight verify`"
)]
pub struct ResultConflict {
    /// The remote.
    pub place: String,
    /// The stage, or what stands for it.
    pub stage: String,
    /// The job's key.
    pub key: Digest,
    /// The remote's result.
    pub there: Digest,
    /// The local result.
    pub here: Digest,
}

/// The remote counts another package as a version.
#[derive(Debug, thiserror::Error)]
#[error(
    "{name} is another package in the remote {place}: {there} of run {there_run} there, {here} of run {here_run} here. Versions are \
     never replaced, and nothing was sent. Pull into a new store and run there: packages are counted on from those that are known"
)]
pub struct VersionConflict {
    /// The version's name, `models/NAME/N`.
    pub name: String,
    /// The remote.
    pub place: String,
    /// The remote's package.
    pub there: Digest,
    /// The run that made it.
    pub there_run: String,
    /// The local package.
    pub here: Digest,
    /// The run that made it.
    pub here_run: String,
}

/// Whether a name is that of a version, which never means another package.
fn is_version(name: &RefName) -> bool {
    let mut parts = name.as_str().split('/');
    let is_model = parts.next() == Some("models");
    is_model && parts.next_back().is_some_and(|n| n.parse::<u64>().is_ok())
}

/// Whether two records of one version mean the same package.
fn same_package(one: &VersionRecord, other: &VersionRecord) -> bool {
    one.package == other.package
}
