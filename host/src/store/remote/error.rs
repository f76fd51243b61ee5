//! What can go wrong with a remote: each says which remote, which file and what.

use std::io;
use std::path::PathBuf;

use super::Remote;
use crate::digest::Digest;
use crate::store::StoreError;

/// An error of a remote.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// There is no such folder.
    #[error(
        "there is no remote {}: {why}. Make the folder, or name another one with --remote DIR or LOCKFLIGHT_REMOTE", path.display()
    )]
    NoFolder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The folder holds something else, or a newer format.
    #[error("the remote cannot be used: {0}")]
    Unusable(StoreError),
    /// A file operation failed.
    #[error("the remote {place}: cannot {action} {name}: {}", explain(source))]
    Io {
        /// The remote.
        place: String,
        /// What was tried: "read", "write", ….
        action: &'static str,
        /// The file.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file does not hold what its name says.
    #[error("the remote {place}: {name} is corrupt: expected {expected}, found {found}")]
    Lies {
        /// The remote.
        place: String,
        /// The file.
        name: String,
        /// The digest by its name.
        expected: Digest,
        /// The digest of what it holds, or why it has none.
        found: String,
    },
    /// Something that is referred to is not there.
    #[error("the remote {place}: {name} is missing")]
    Missing {
        /// The remote.
        place: String,
        /// The file.
        name: String,
    },
    /// A small file cannot be understood.
    #[error("the remote {place}: {name} is damaged: {problem}")]
    Damaged {
        /// The remote.
        place: String,
        /// The file.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// It does not answer.
    #[error("the remote {place} has not answered for {seconds} s")]
    Silent {
        /// The remote.
        place: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// Nobody waits for the answer any more.
    #[error("the remote {place} answered too late")]
    TooLate {
        /// The remote.
        place: String,
    },
    /// The local store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the system's error means for the user.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "its disk is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "its disk quota is used up".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "it is read-only".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Names remote, operation and file of a failed operation.
pub(super) trait Named<T> {
    /// `action` is a verb.
    fn named(self, action: &'static str, remote: &dyn Remote, name: &str)
    -> Result<T, RemoteError>;
}

impl<T> Named<T> for io::Result<T> {
    fn named(
        self,
        action: &'static str,
        remote: &dyn Remote,
        name: &str,
    ) -> Result<T, RemoteError> {
        self.map_err(|source| RemoteError::Io {
            place: remote.place(),
            action,
            name: name.to_owned(),
            source,
        })
    }
}
