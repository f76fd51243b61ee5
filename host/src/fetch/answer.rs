//! Judging an answer, and reading its body within bounds.

use std::io::{self, Read};
use std::time::Duration;

use jiff::Timestamp;
use ureq::Body;
use ureq::http::{HeaderMap, Response};

use super::error::FetchError;
use super::memory;
use crate::enforcement::{Point, stands};
use crate::manifest::WebSource;
use crate::secret::hide;
use crate::store::BlobWriter;

/// Bytes read at a time.
const CHUNK: usize = 256 * 1024;
/// How much of a body that is no data is read, in bytes: more than any secret in it, however it is written.
const READ: u64 = 64 * 1024;
/// How much of it is shown, in characters.
const SHOWN: usize = 300;

/// What an answer means.
pub(super) enum Answer {
    /// The body is the data.
    Data(Response<Body>),
    /// It did not change.
    Same,
    /// It is at the place that this names.
    Elsewhere(String),
}

/// One answer, for what it has to be.
pub(super) struct Reading<'a> {
    /// Who answers, for messages.
    pub place: String,
    pub source: &'a WebSource,
}

impl Reading<'_> {
    /// What an answer means.
    pub fn judge(&self, response: Response<Body>) -> Result<Answer, FetchError> {
        match response.status().as_u16() {
            200 => self.check(response).map(Answer::Data),
            304 => Ok(Answer::Same),
            301 | 302 | 303 | 307 | 308 => {
                let location = response.headers().get("location");
                let location = location.and_then(|location| location.to_str().ok());
                match location {
                    Some(location) => Ok(Answer::Elsewhere(location.to_owned())),
                    None => Err(self.unusable("redirects without saying where to")),
                }
            }
            status => Err(FetchError::Status {
                place: self.place.clone(),
                status,
                wait: wait(response.headers()),
                says: says(response),
            }),
        }
    }

    /// Whether the head of an answer promises the data as it is, whole and not too large.
    fn check(&self, response: Response<Body>) -> Result<Response<Body>, FetchError> {
        let headers = response.headers();
        if let Some(encoding) = headers.get("content-encoding")
            && encoding != "identity"
        {
            let encoding = String::from_utf8_lossy(encoding.as_bytes()).into_owned();
            let what = format!(
                "sends it encoded ({}), although it was asked not to",
                hide(&encoding)
            );
            return Err(self.unusable(&what));
        }
        let is_chunked = headers.contains_key("transfer-encoding");
        let mut lengths = headers.get_all("content-length").iter();
        let length = lengths.next();
        if lengths.any(|other| Some(other) != length) {
            return Err(self.unusable("sends two lengths"));
        }
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        match length {
            // A body in chunks says its end by itself.
            Some(bytes) if !is_chunked => self.fits(bytes)?,
            None if !is_chunked && self.source.sha256.is_none() => {
                return Err(FetchError::Unusable {
                    place: self.place.clone(),
                    what:
                        "does not say how long it is, so that one that was cut off would look whole"
                            .to_owned(),
                    help: Some("say what it has to be: sha256 = \"…\""),
                });
            }
            _ => {}
        }
        Ok(response)
    }

    /// Whether a body of so many bytes is not too large.
    pub fn fits(&self, bytes: u64) -> Result<(), FetchError> {
        match bytes <= self.source.limits.size.bytes() || !stands(Point::SourceSize) {
            true => Ok(()),
            false => Err(self.large(Some(bytes))),
        }
    }

    /// Copies the body, to its end or its limit.
    pub fn copy(
        &self,
        response: &mut Response<Body>,
        writer: &mut BlobWriter,
    ) -> Result<(), FetchError> {
        let limit = self.source.limits.size.bytes();
        let mut body = response.body_mut().with_config().limit(u64::MAX).reader();
        let mut chunk = vec![0; CHUNK];
        loop {
            let len = match body.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(len) => len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.cut_off(writer.written(), &error)),
            };
            if writer.written() + len as u64 > limit && stands(Point::SourceSize) {
                return Err(self.large(None));
            }
            writer.append(&chunk[..len])?;
        }
    }

    fn large(&self, bytes: Option<u64>) -> FetchError {
        FetchError::Large {
            place: self.place.clone(),
            bytes,
            limit: self.source.limits.size,
        }
    }

    fn cut_off(&self, bytes: u64, error: &io::Error) -> FetchError {
        cut_off(&self.place, bytes, error).unwrap_or_else(|| FetchError::Slow {
            place: self.place.clone(),
            limit: self.source.limits.time,
        })
    }

    /// An answer that cannot be taken for the data.
    pub fn unusable(&self, what: &str) -> FetchError {
        FetchError::Unusable {
            place: self.place.clone(),
            what: what.to_owned(),
            help: None,
        }
    }
}

/// A body that was not read to its end, after so many bytes; none if the time was over.
pub(crate) fn cut_off(place: &str, bytes: u64, error: &io::Error) -> Option<FetchError> {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    if let Some(ureq::Error::Timeout(_)) = inner {
        return None;
    }
    Some(FetchError::CutOff {
        place: place.to_owned(),
        bytes,
        why: hide(&error.to_string()).into_owned(),
    })
}

/// How long a server asks to be left alone. Source: RFC 9110, section 10.2.3.
pub(crate) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let written = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = written.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = memory::time(written)?;
    Some(Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default())
}

/// The beginning of a body that is a text, on one line, without secrets.
pub(crate) fn says(mut response: Response<Body>) -> Option<String> {
    let mut bytes = Vec::new();
    let body = response.body_mut().with_config().limit(u64::MAX).reader();
    // What was read before a fault is shown as well.
    let _ = body.take(READ).read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).ok()?;
    let hidden = hide(&text);
    let words: Vec<&str> = hidden.split_whitespace().collect();
    let text: String = words.join(" ").chars().take(SHOWN).collect();
    (!text.is_empty() && !text.contains(char::is_control)).then_some(text)
}
