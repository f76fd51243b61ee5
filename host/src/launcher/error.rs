//! Why a stage has no result.

use super::{Telemetry, TimedLine, bounds};
use crate::{
    canonical_json::CanonicalError,
    digest::Digest,
    engine::CodeCacheError,
    manifest::limits::Exceeded,
    policy::Refusal,
    store::StoreError,
    wire::{Ending, Failure, Fault, FaultKind},
};

/// A stage that ended without a result, with all that is known about it.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct LaunchError {
    /// Why.
    #[source]
    pub reason: Box<Reason>,
    /// What it cost so far; none when no child was started.
    pub telemetry: Option<Box<Telemetry>>,
    /// What the plugin said.
    pub log: Vec<TimedLine>,
}

/// Why a stage has no result.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The plugin gave up.
    #[error("{}", failure_text(.0))]
    Failure(Failure),
    /// The guest was ended for what it did.
    #[error("{}", .0.message)]
    Fault(Fault),
    /// The stage went beyond a limit that the launcher keeps.
    #[error(transparent)]
    Limit(Exceeded),
    /// The child ended in the middle.
    #[error("the stage's process ended unexpectedly ({status}){}", said(.stderr))]
    Died {
        /// How the system reports it.
        status: String,
        /// What it printed.
        stderr: String,
    },
    /// The kernel ended the child for a system call that a sealed process does not have.
    #[error(
        "the kernel ended the stage's process: it made a system call that a sealed process may not make, so it was not doing what a \
         plugin can do; keep its component and report it (SECURITY.md)"
    )]
    Forbidden,
    /// What the plugin wrote is not what it should be.
    #[error("{0}")]
    Output(String),
    /// The policy refuses it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Fewer walls stand around the child than the policy requires, though this machine builds them.
    #[error("a fault of lockflight itself: the stage's process is not sealed as it should be: {0}")]
    Bare(Refusal),
    /// The run was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no compiled code.
    #[error(transparent)]
    Code(#[from] CodeCacheError),
    /// The child did not start.
    #[error("the stage's process did not start: {0}")]
    Spawn(#[from] std::io::Error),
    /// A document cannot be written.
    #[error(transparent)]
    Document(#[from] CanonicalError),
    /// Launcher and child do not understand each other.
    #[error("a fault of lockflight itself: {0}")]
    Host(String),
}

fn said(stderr: &str) -> String {
    match stderr.trim() {
        "" => String::new(),
        text => format!(": {text}"),
    }
}

fn failure_text(failure: &Failure) -> String {
    match failure {
        Failure::Config(problems) => {
            let texts: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
            format!("the config does not fit: {}", texts.join("; "))
        }
        Failure::Data(text) => text.clone(),
        Failure::Internal(text) => format!("the plugin reports a fault of its own: {text}"),
    }
}

impl<E: Into<Reason>> From<E> for LaunchError {
    fn from(error: E) -> Self {
        LaunchError {
            reason: Box::new(error.into()),
            telemetry: None,
            log: Vec::new(),
        }
    }
}

impl LaunchError {
    pub(super) fn new(reason: Reason, telemetry: Telemetry, log: Vec<TimedLine>) -> Self {
        LaunchError {
            reason: Box::new(bounds::reason(reason)),
            telemetry: Some(Box::new(telemetry)),
            log,
        }
    }

    /// Whether trying again may help: the machine was in the way, not the stage.
    pub fn may_pass(&self) -> bool {
        matches!(
            *self.reason,
            Reason::Died { .. } | Reason::Spawn(_) | Reason::Code(CodeCacheError::Folder { .. })
        )
    }

    /// The result that is kept and the other one, when that is what is wrong.
    pub fn conflict(&self) -> Option<(Digest, Digest)> {
        match &*self.reason {
            Reason::Store(StoreError::ResultConflict { existing, new, .. }) => {
                Some((*existing, *new))
            }
            _ => None,
        }
    }

    /// The limit that the stage went beyond, if that is what ended it.
    pub fn exceeded(&self) -> Option<&Exceeded> {
        match &*self.reason {
            Reason::Limit(exceeded) => Some(exceeded),
            Reason::Fault(Fault {
                kind: FaultKind::Limit(exceeded),
                ..
            }) => Some(exceeded),
            _ => None,
        }
    }

    /// Whether the policy refuses it.
    pub fn is_refused(&self) -> bool {
        matches!(*self.reason, Reason::Refused(_))
    }

    /// Whether the run was cancelled.
    pub fn is_cancelled(&self) -> bool {
        matches!(*self.reason, Reason::Cancelled)
    }

    /// The error for a call that ended without what it was called for.
    pub(super) fn ended(ending: Ending, telemetry: Telemetry, log: Vec<TimedLine>) -> Self {
        let reason = match ending {
            Ending::Failure(failure) => Reason::Failure(failure),
            Ending::Fault(fault) => Reason::Fault(fault),
            Ending::Ports(_) | Ending::Problems(_) | Ending::Answer(_) => {
                Reason::Host("the child answered another question than it was asked".into())
            }
        };
        LaunchError::new(reason, telemetry, log)
    }
}
