//! The sources as bytes: files are copied into the store, what is on the web is fetched, unless the bytes are at hand already.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::below::Below;
use super::locked::Snapshot;
use super::lockfile::{FILE_NAME, LockedSource, Lockfile};
use crate::diagnostic::Problem;
use crate::fetch::{FetchError, Fetcher, Fetching};
use crate::launcher::Cancel;
use crate::manifest::{Resolved, Sent, Source, SourceKind, WebSource};
use crate::policy::Policy;
use crate::store::{Store, StoreError};

/// How many sources are fetched at a time.
const AT_A_TIME: usize = 4;

/// What sources may be, and how those on the web are asked for.
pub struct Outside<'a> {
    /// Sources as they were another time, by name.
    pub pins: &'a BTreeMap<String, Snapshot>,
    /// What the lock file says.
    pub lockfile: Option<&'a Lockfile>,
    /// Whether sources have to be as locked: then nothing is fetched that the store has.
    pub is_frozen: bool,
    /// What the admin allows.
    pub policy: &'a Policy,
    /// Ends a fetch.
    pub cancel: &'a Cancel,
    /// Is told what takes time.
    pub tell: &'a (dyn Fn(Fetching<'_>) + Sync),
}

type Snapshots = BTreeMap<String, Snapshot>;

/// The bytes of all sources.
pub(super) fn snapshot(
    manifest: &Resolved,
    outside: &Outside<'_>,
    below: &mut Below<'_>,
) -> (Snapshots, Vec<Problem>) {
    let mut snapshots = BTreeMap::new();
    let mut problems = Vec::new();
    let mut missing = Vec::new();
    for (name, source) in &manifest.sources {
        let unreadable = |why| manifest.source_problem(name, "source-unreadable", why);
        let found = match (outside.pins.get(name), &source.kind) {
            (Some(pinned), _) => below.pinned(pinned).map_err(unreadable),
            (None, SourceKind::File(file)) => below
                .source(file)
                .map_err(|unusable| unusable.problem(manifest, name)),
            (None, SourceKind::Web(web)) => match at_hand(manifest, name, web, outside, below) {
                Ok(Some(snapshot)) => Ok(snapshot),
                Ok(None) => {
                    missing.push((name.as_str(), web.as_ref()));
                    continue;
                }
                Err(problem) => Err(*problem),
            },
        };
        match found {
            Ok(snapshot) => drop(snapshots.insert(name.clone(), snapshot)),
            Err(problem) => problems.push(problem),
        }
    }
    if !missing.is_empty() {
        let (fetched, failed) = fetched(manifest, &missing, outside, below.store);
        snapshots.extend(fetched);
        problems.extend(failed);
    }
    (snapshots, problems)
}

/// The bytes of a source on the web, where nobody has to be asked for them: the manifest or the lock file says what they are, and
/// they are in the store.
fn at_hand(
    manifest: &Resolved,
    name: &str,
    web: &WebSource,
    outside: &Outside<'_>,
    below: &Below<'_>,
) -> Result<Option<Snapshot>, Box<Problem>> {
    let store = below.store;
    let failed = |error: StoreError| Box::new(super::locked::store_problem(&error));
    if let Some(digest) = web.sha256
        && store.has_blob(&digest).map_err(failed)?
    {
        let bytes = store.blob_size(&digest).map_err(failed)?;
        return Ok(Some(Snapshot { digest, bytes }));
    }
    if !outside.is_frozen {
        return Ok(None);
    }
    match locked(manifest, name, outside.lockfile) {
        Ok(locked) => Ok(below.pinned(&locked).ok()),
        Err(why) => {
            let problem = manifest.source_problem(name, "lock", format!("--frozen: {why}"));
            Err(Box::new(problem.help(
                "`lockflight lock` writes it anew; look at the difference and commit it",
            )))
        }
    }
}

/// What the lock file says of a source.
fn locked(
    manifest: &Resolved,
    name: &str,
    lockfile: Option<&Lockfile>,
) -> Result<Snapshot, String> {
    let Some(lockfile) = lockfile else {
        return Err(format!("there is no {FILE_NAME} beside the manifest"));
    };
    let Some(LockedSource {
        place,
        digest,
        bytes,
    }) = lockfile.data.get(name)
    else {
        return Err(format!("the source {name} is not in {FILE_NAME}"));
    };
    match *place == manifest.sources[name].place() {
        true => Ok(Snapshot {
            digest: *digest,
            bytes: *bytes,
        }),
        false => Err(format!("the source {name} is {place} in {FILE_NAME}")),
    }
}

/// Fetches sources, a few at a time. Nobody is asked if the policy refuses one of them.
fn fetched(
    manifest: &Resolved,
    missing: &[(&str, &WebSource)],
    outside: &Outside<'_>,
    store: &Store,
) -> (Vec<(String, Snapshot)>, Vec<Problem>) {
    let fetcher = Fetcher {
        policy: outside.policy,
        store,
        cancel: outside.cancel,
        retry: manifest.retry,
        tell: outside.tell,
    };
    let told = |name: &str, error| problem(manifest, name, error, outside, store);
    let refused: Vec<Problem> = missing
        .iter()
        .filter_map(|(name, web)| Some(told(name, fetcher.may(web).err()?)))
        .collect();
    if !refused.is_empty() {
        return (Vec::new(), refused);
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(missing.len()) {
            scope.spawn(|| {
                while let Some((name, web)) = missing.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = fetcher.fetch(name, web);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((*name, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(name, _)| *name);
    let (mut snapshots, mut problems) = (Vec::new(), Vec::new());
    for (name, outcome) in done {
        match outcome {
            Ok(fetched) => {
                let snapshot = Snapshot {
                    digest: fetched.digest,
                    bytes: fetched.bytes,
                };
                snapshots.push((name.to_owned(), snapshot));
            }
            Err(error) => problems.push(told(name, error)),
        }
    }
    (snapshots, problems)
}

/// A failed fetch as a problem of the manifest.
fn problem(
    manifest: &Resolved,
    name: &str,
    error: FetchError,
    outside: &Outside<'_>,
    store: &Store,
) -> Problem {
    let message = format!("source {name}: {error}");
    let problem = match error.secret() {
        Some(secret) => secret_problem(manifest, name, secret, error.code(), message),
        None => manifest.source_problem(name, error.code(), message),
    };
    let problem = problem.maybe_help(error.help());
    let stored = |locked: Snapshot| store.has_blob(&locked.digest).unwrap_or(false);
    if error.is_away() && locked(manifest, name, outside.lockfile).is_ok_and(stored) {
        let help = format!(
            "{FILE_NAME} names the bytes of another time, and the store has them: `lockflight run --frozen` goes on with those"
        );
        return problem.help(help);
    }
    problem
}

/// At the name of the secret.
fn secret_problem(
    manifest: &Resolved,
    name: &str,
    secret: &str,
    code: &'static str,
    message: String,
) -> Problem {
    let headers = match manifest.sources.get(name) {
        Some(Source {
            kind: SourceKind::Web(web),
            ..
        }) => web.headers.as_slice(),
        _ => &[],
    };
    let span = headers.iter().find_map(|header| match &header.value {
        Sent::Secret { name, span, .. } if name == secret => Some(span.clone()),
        _ => None,
    });
    match span {
        Some(span) => Problem::error(code, message).at(&manifest.text, span),
        None => manifest.source_problem(name, code, message),
    }
}
