//! Fetches sources over HTTP: asks, follows redirects, and lets the body flow into the store as a blob. The host never looks into it.
//!
//! Every step of the way is held against the policy: each host, each address, each secret. What comes is bounded in bytes and time,
//! and what did not come whole is not stored.

mod answer;
mod error;
mod guard;
mod memory;
pub(crate) mod net;
pub(crate) mod patience;
mod request;

pub(crate) use answer::{cut_off, says, wait};
pub use error::FetchError;

use std::fmt::Display;
use std::time::{Duration, Instant};

use ureq::Body;
use ureq::http::Response;

use self::answer::{Answer, Reading};
use self::memory::{Memory, Validator};
use self::patience::patiently;
use self::request::{Asker, Going};
use crate::digest::Digest;
use crate::enforcement::{Point, stands};
use crate::launcher::Cancel;
use crate::manifest::{WebSource, WebUrl};
use crate::policy::Policy;
use crate::store::Store;

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 5;

/// What an answer is taken for.
#[derive(Debug, PartialEq, Eq)]
pub enum Judged {
    /// The body is the data; by what it is asked for the next time, as a field of the request, if the server gave anything.
    Data(Option<(&'static str, String)>),
    /// It did not change.
    Same,
    /// It is at another address.
    Elsewhere(WebUrl),
}

/// What an answer that is there already would be taken for: what a server can bring about by its words alone.
///
/// # Errors
/// When it cannot be taken for the source.
pub fn judge(source: &WebSource, response: Response<Body>) -> Result<Judged, FetchError> {
    let place = source.url.origin().to_string();
    let reading = Reading { place, source };
    Ok(match reading.judge(response)? {
        Answer::Data(response) => {
            let validator = Validator::of(response.headers());
            Judged::Data(validator.map(|validator| {
                let (name, text) = validator.field();
                (name, text.to_owned())
            }))
        }
        Answer::Same => Judged::Same,
        Answer::Elsewhere(location) => match source.url.join(&location) {
            Ok(url) => Judged::Elsewhere(url),
            Err(invalid) => return Err(reading.unusable(&invalid.message)),
        },
    })
}

/// Fetches for one command.
pub struct Fetcher<'a> {
    /// What may be fetched from where.
    pub policy: &'a Policy,
    /// Where the bytes go.
    pub store: &'a Store,
    /// Ends a fetch.
    pub cancel: &'a Cancel,
    /// How often a fetch is tried again for what may pass.
    pub retry: u64,
    /// Is told what takes time.
    pub tell: &'a (dyn Fn(Fetching<'_>) + Sync),
}

/// What takes time.
pub enum Fetching<'a> {
    /// Something came.
    Done {
        /// What.
        what: Wanted<'a>,
        /// Its size.
        bytes: u64,
        /// Where it is.
        place: String,
        /// How long that took.
        took: Duration,
    },
    /// A try failed, and there will be another one.
    Again {
        /// What is tried.
        what: Wanted<'a>,
        /// Why.
        error: &'a dyn Display,
        /// The number of the try that follows, from 1.
        number: u64,
        /// How many there may be.
        of: u64,
        /// How long it waits.
        wait: Duration,
    },
}

/// What is fetched, by its name in the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// The bytes of a source.
    Source(&'a str),
    /// A component of a plugin.
    Plugin(&'a str),
}

impl<'a> Wanted<'a> {
    /// `source` or `plugin`.
    pub fn kind(self) -> &'static str {
        match self {
            Wanted::Source(_) => "source",
            Wanted::Plugin(_) => "plugin",
        }
    }

    /// Its name.
    pub fn name(self) -> &'a str {
        match self {
            Wanted::Source(name) | Wanted::Plugin(name) => name,
        }
    }
}

/// What was fetched: a blob of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetched {
    /// The blob.
    pub digest: Digest,
    /// Its size.
    pub bytes: u64,
}

impl Fetcher<'_> {
    /// Whether the policy lets a source be asked for, before anybody is asked.
    ///
    /// # Errors
    /// When it does not.
    pub fn may(&self, source: &WebSource) -> Result<(), FetchError> {
        let origin = source.url.origin();
        self.policy
            .may_fetch_from(origin)
            .map_err(FetchError::Refused)?;
        for name in source.secrets() {
            self.policy
                .may_send(name, origin)
                .map_err(|refusal| FetchError::withheld(name, refusal))?;
        }
        Ok(())
    }

    /// Brings a source into the store.
    ///
    /// # Errors
    /// When that is not allowed or fails, each time that it was tried.
    pub fn fetch(&self, name: &str, source: &WebSource) -> Result<Fetched, FetchError> {
        let begun = Instant::now();
        let asker = Asker::new(self.policy, source)?;
        let memory = Memory::of(self.store);
        let tell = |again: patience::Again<'_>| {
            (self.tell)(Fetching::Again {
                what: Wanted::Source(name),
                error: again.error,
                number: again.number,
                of: self.retry,
                wait: again.wait,
            });
        };
        let outcome = patiently(self.retry, self.cancel, tell, || {
            self.attempt(&asker, source, &memory)
        });
        self.told(name, source, begun, outcome)
    }

    fn told(
        &self,
        name: &str,
        source: &WebSource,
        begun: Instant,
        outcome: Result<(Fetched, bool), FetchError>,
    ) -> Result<Fetched, FetchError> {
        let (fetched, is_new) = outcome?;
        let took = begun.elapsed();
        tracing::debug!(source = name, digest = %fetched.digest, bytes = fetched.bytes, is_new, ?took, "fetched");
        if is_new {
            (self.tell)(Fetching::Done {
                what: Wanted::Source(name),
                bytes: fetched.bytes,
                place: source.url.to_string(),
                took,
            });
        }
        Ok(fetched)
    }

    /// One try; whether anything was sent comes along. A command that is cancelled closes its connections.
    fn attempt(
        &self,
        asker: &Asker<'_>,
        source: &WebSource,
        memory: &Memory,
    ) -> Result<(Fetched, bool), FetchError> {
        let outcome = asker
            .net
            .cancellable(self.cancel, || self.followed(asker, source, memory));
        match outcome {
            Err(_) if self.cancel.is_cancelled() => Err(FetchError::Cancelled),
            outcome => outcome,
        }
    }

    /// Asks, and follows redirects to the data.
    fn followed(
        &self,
        asker: &Asker<'_>,
        source: &WebSource,
        memory: &Memory,
    ) -> Result<(Fetched, bool), FetchError> {
        let known = memory.find(source, self.store);
        let mut going = Going::begin(source);
        let most = match stands(Point::SourceRedirects) {
            true => MOST_REDIRECTS,
            false => usize::MAX - 1,
        };
        for _ in 0..=most {
            let known = known
                .as_ref()
                .filter(|known| known.origin == going.url.origin().to_string());
            let validator = known.map(|known| &known.validator);
            let response = asker.ask(&going, validator)?;
            let reading = Reading {
                place: going.shown(),
                source,
            };
            match reading.judge(response)? {
                Answer::Data(response) => {
                    let fetched = self.stored(&reading, response, &going.url, memory)?;
                    return Ok((fetched, true));
                }
                Answer::Same => {
                    let known = known.ok_or_else(|| {
                        reading.unusable("answers 304 to a question that it was not asked")
                    })?;
                    reading.fits(known.bytes)?;
                    let fetched = Fetched {
                        digest: known.digest,
                        bytes: known.bytes,
                    };
                    return Ok((fetched, false));
                }
                Answer::Elsewhere(location) => going = asker.redirected(going, &location)?,
            }
        }
        Err(FetchError::Redirects {
            place: going.shown(),
            most: MOST_REDIRECTS,
        })
    }

    /// Lets the body flow into the store. It has its name there once it is whole, and what the manifest says.
    fn stored(
        &self,
        reading: &Reading<'_>,
        mut response: Response<Body>,
        url: &WebUrl,
        memory: &Memory,
    ) -> Result<Fetched, FetchError> {
        let mut publication = self.store.begin();
        let mut writer = publication.blob_writer()?;
        reading.copy(&mut response, &mut writer)?;
        let (digest, bytes) = writer.finish(&mut publication)?;
        if let Some(wanted) = reading.source.sha256
            && wanted != digest
            && stands(Point::SourceDigest)
        {
            return Err(FetchError::OtherBytes {
                place: reading.place.clone(),
                found: digest,
            });
        }
        publication.commit()?;
        let validator = Validator::of(response.headers());
        let known = validator.map(|validator| (url.origin(), validator, digest, bytes));
        memory.keep(reading.source, known);
        Ok(Fetched { digest, bytes })
    }
}
