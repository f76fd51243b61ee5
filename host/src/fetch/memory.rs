//! What is remembered of fetched sources, so that one that did not change is not sent again. Deleting it costs a transfer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use ureq::http::HeaderMap;

use crate::canonical_json;
use crate::digest::Digest;
use crate::manifest::{Origin, Sent, WebSource};
use crate::new_file;
use crate::secret::hide;
use crate::store::Store;

/// A file that was changed less than this before it was sent may change again within the second that its time stamp has. Source:
/// RFC 9110, section 8.8.2.2.
const YOUNG: SignedDuration = SignedDuration::from_secs(2);

/// By what a server tells whether something changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Validator {
    /// The tag of a version.
    Etag(String),
    /// When it was changed last, as the server wrote it.
    LastModified(String),
}

impl Validator {
    /// The one in an answer, if it can be relied on.
    pub fn of(headers: &HeaderMap) -> Option<Validator> {
        // A server may send a secret back in any of its words, and this one is kept in a file.
        let text = |name| {
            let text = headers.get(name)?.to_str().ok()?;
            matches!(hide(text), Cow::Borrowed(_)).then_some(text)
        };
        if let Some(tag) = text("etag") {
            return Some(Validator::Etag(tag.to_owned()));
        }
        let modified = text("last-modified")?;
        let sent = time(text("date")?)?;
        let age = sent.duration_since(time(modified)?);
        (age >= YOUNG).then(|| Validator::LastModified(modified.to_owned()))
    }

    /// The field of a request by which it is asked for only if it changed.
    pub fn field(&self) -> (&'static str, &str) {
        match self {
            Validator::Etag(tag) => ("if-none-match", tag),
            Validator::LastModified(time) => ("if-modified-since", time),
        }
    }
}

/// A time as HTTP writes it, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(zoned.timestamp())
}

/// What was fetched the last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Who sent it; nobody else is told the validator.
    pub origin: String,
    pub validator: Validator,
    pub digest: Digest,
    pub bytes: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    /// Of the program that wrote it: another version forgets everything.
    version: String,
    known: BTreeMap<Digest, Known>,
}

/// The memory, a JSON file in the store's folder.
#[derive(Debug)]
pub(super) struct Memory {
    path: PathBuf,
}

/// Several sources are fetched at a time.
static WRITING: Mutex<()> = Mutex::new(());

impl Memory {
    pub fn of(store: &Store) -> Memory {
        Memory {
            path: store.path().join("cache").join("fetched.json"),
        }
    }

    fn read(&self) -> Content {
        let bytes = fs::read(&self.path).unwrap_or_default();
        let content: Content = serde_json::from_slice(&bytes).unwrap_or_default();
        match content.version == crate::VERSION {
            true => content,
            false => Content::default(),
        }
    }

    /// What is known of a source, if the store still has it.
    pub fn find(&self, source: &WebSource, store: &Store) -> Option<Known> {
        let known = self.read().known.remove(&key(source))?;
        store.has_blob(&known.digest).ok()?.then_some(known)
    }

    /// Remembers what came, or forgets the source where no answer will say that it did not change. Failing to is not worth a message:
    /// the next fetch takes longer, no more.
    pub fn keep(&self, source: &WebSource, known: Option<(&Origin, Validator, Digest, u64)>) {
        let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut content = self.read();
        content.version = crate::VERSION.into();
        let before = content.known.remove(&key(source));
        if before.is_none() && known.is_none() {
            return;
        }
        if let Some((origin, validator, digest, bytes)) = known {
            let known = Known {
                origin: origin.to_string(),
                validator,
                digest,
                bytes,
            };
            content.known.insert(key(source), known);
        }
        if let Err(error) = self.write(&content) {
            tracing::debug!(%error, "the memory of fetched sources was not written");
        }
    }

    fn write(&self, content: &Content) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        new_file::replace(&self.path, &serde_json::to_vec(content)?)
    }
}

/// What was asked for: another header may bring another answer. Secrets are in it by name.
fn key(source: &WebSource) -> Digest {
    let header = |header: &crate::manifest::Header| match &header.value {
        Sent::Text(text) => [
            header.name.as_str(),
            "text",
            &String::from_utf8_lossy(text.as_bytes()),
        ]
        .map(str::to_owned),
        Sent::Secret { name, .. } => [header.name.as_str(), "secret", name].map(str::to_owned),
    };
    let mut headers: Vec<_> = source.headers.iter().map(header).collect();
    headers.sort();
    let text = canonical_json::to_string(&(source.url.as_str(), headers))
        .expect("texts can be written as JSON");
    Digest::of(text.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        let field =
            |(name, value): &(&'static str, &str)| (name.parse().unwrap(), value.parse().unwrap());
        fields.iter().map(field).collect()
    }

    #[test]
    fn a_time_stamp_has_to_be_older_than_its_grain() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let found = |modified| Validator::of(&headers(&[date, ("last-modified", modified)]));
        let old = "Sun, 06 Nov 1994 08:49:35 GMT";
        assert_eq!(found(old), Some(Validator::LastModified(old.to_owned())));
        assert_eq!(found("Sun, 06 Nov 1994 08:49:36 GMT"), None);
        assert_eq!(found("Sun, 06 Nov 1994 09:00:00 GMT"), None);
        assert_eq!(found("yesterday"), None);
        assert_eq!(Validator::of(&headers(&[("last-modified", old)])), None);
        let tagged = headers(&[("last-modified", old), date, ("etag", "\"v1\"")]);
        assert_eq!(
            Validator::of(&tagged),
            Some(Validator::Etag("\"v1\"".to_owned()))
        );
    }

    #[test]
    fn what_was_fetched_is_known_until_the_store_loses_it() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store")).unwrap();
        let source = |url: &str| WebSource {
            url: url.parse().unwrap(),
            headers: Vec::new(),
            sha256: None,
            limits: crate::manifest::FetchLimits::DEFAULT,
        };
        let (one, other) = (source("https://a.org/1"), source("https://a.org/2"));
        let memory = Memory::of(&store);
        assert_eq!(memory.find(&one, &store), None);
        let digest = store.put_blob(b"rides").unwrap();
        let tag = Validator::Etag("\"v1\"".to_owned());
        memory.keep(&one, Some((one.url.origin(), tag.clone(), digest, 5)));
        memory.keep(
            &other,
            Some((other.url.origin(), tag, Digest::of(b"gone"), 4)),
        );
        assert_eq!(memory.find(&one, &store).unwrap().digest, digest);
        assert_eq!(memory.find(&other, &store), None);
        memory.keep(&one, None);
        assert_eq!(memory.find(&one, &store), None);
    }
}
