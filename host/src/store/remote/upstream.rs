//! The remote that a run takes results from. Whatever is wrong with it costs the run time and nothing else: it is said once.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Fetch, Remote, RemoteError};
use crate::digest::Digest;
use crate::store::{Store, StoreError};

/// How long a remote may take for its next piece.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked whether the run was cancelled meanwhile.
const POLL: Duration = Duration::from_millis(50);

/// A remote that results are taken from.
pub struct Upstream {
    remote: Option<Arc<dyn Remote>>,
    patience: Duration,
    given_up: AtomicBool,
    /// What was wrong first.
    trouble: Mutex<Option<String>>,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Upstream").field(&self.remote).finish()
    }
}

impl Upstream {
    /// A remote that was opened, or why it could not be.
    pub fn new(remote: Result<Arc<dyn Remote>, RemoteError>) -> Upstream {
        let (remote, trouble) = match remote {
            Ok(remote) => (Some(remote), None),
            Err(error) => (None, Some(error.to_string())),
        };
        Upstream {
            remote,
            patience: PATIENCE,
            given_up: AtomicBool::new(false),
            trouble: Mutex::new(trouble),
        }
    }

    /// The same, less patient.
    #[cfg(test)]
    pub(super) fn impatient(self, patience: Duration) -> Upstream {
        Upstream { patience, ..self }
    }

    /// What was wrong with it first, if anything was.
    pub fn trouble(&self) -> Option<String> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Notes what is wrong with it.
    pub fn note(&self, error: &RemoteError) {
        tracing::warn!(%error, "the remote failed");
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(|| error.to_string());
    }

    /// Notes that a file is not what it should be.
    pub fn refuse(&self, name: String, problem: String) {
        let place = self.remote.as_ref().map(|remote| remote.place());
        self.note(&RemoteError::Damaged {
            place: place.unwrap_or_default(),
            name,
            problem,
        });
    }

    /// Fetches something, on a thread of its own that is left behind if the remote does not answer. None if there is nothing, if
    /// something was wrong, or if it was cancelled.
    pub fn fetch<T: Send + 'static>(
        &self,
        store: &Store,
        cancelled: &dyn Fn() -> bool,
        work: impl FnOnce(&mut Fetch) -> Result<Option<T>, RemoteError> + Send + 'static,
    ) -> Option<(Fetch, T)> {
        let remote = Arc::clone(self.remote.as_ref()?);
        if self.given_up.load(Ordering::Relaxed) {
            return None;
        }
        let place = remote.place();
        let (sender, receiver) = mpsc::channel();
        let beats = sender.clone();
        let pulse = Arc::new(move || beats.send(None).is_ok());
        // Without this store's own upstream: what is fetched is not looked for again.
        let store = Store {
            upstream: None,
            ..store.clone()
        };
        std::thread::spawn(move || {
            let mut fetch = Fetch::watched(remote, store, pulse);
            let done = work(&mut fetch).map(|found| found.map(|found| (fetch, found)));
            let _nobody_waits = sender.send(Some(done));
        });
        let mut since = Instant::now();
        loop {
            match receiver.recv_timeout(POLL) {
                Ok(Some(Ok(done))) => return done,
                Ok(Some(Err(error))) => {
                    self.note(&error);
                    return None;
                }
                Ok(None) => since = Instant::now(),
                Err(RecvTimeoutError::Timeout) if cancelled() => return None,
                Err(RecvTimeoutError::Timeout) if since.elapsed() < self.patience => {}
                Err(RecvTimeoutError::Disconnected) => {
                    // The thread panicked over what it read.
                    self.refuse("a file".into(), "it cannot be taken apart".into());
                    return None;
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.given_up.store(true, Ordering::Relaxed);
                    let seconds = self.patience.as_secs();
                    self.note(&RemoteError::Silent { place, seconds });
                    return None;
                }
            }
        }
    }
}

impl Store {
    /// Whether a blob is here, brought from the remote now if it is there.
    ///
    /// # Errors
    /// When this store fails. A remote that fails has nothing, and remembers why.
    pub fn obtain_blob(&self, digest: &Digest) -> Result<bool, StoreError> {
        if self.has_blob(digest)? {
            return Ok(true);
        }
        let Some(upstream) = self.upstream() else {
            return Ok(false);
        };
        let wanted = *digest;
        let fetched = upstream.fetch(self, &|| false, move |fetch| {
            match fetch.remote().holds_blob(&wanted)? {
                true => fetch.blob(&wanted).map(Some),
                false => Ok(None),
            }
        });
        match fetched {
            Some((fetch, ())) => fetch.finish().commit().map(|()| true),
            None => Ok(false),
        }
    }
}
