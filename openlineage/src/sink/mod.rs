//! Where events go.

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use self::address::Address;
use self::file::FileSink;
use self::http::{HttpSink, Key};

mod address;
mod file;
mod http;

/// Where events go: a file, or a collector.
#[derive(Debug)]
pub struct Sink(Kind);

#[derive(Debug)]
enum Kind {
    File(FileSink),
    Http(Box<HttpSink>),
}

/// Why there is no sink. None of the messages has the key.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SinkError {
    /// The address is not `http://` or `https://` with a host.
    #[error("the address of the OpenLineage receiver must be http:// or https:// with a host")]
    Address,
    /// The address has a name or password in it, which would be written into logs.
    #[error(
        "the address of the OpenLineage receiver has a user or password in it; give a key instead"
    )]
    UserInfo,
    /// The key has characters that a header can't carry.
    #[error("the OpenLineage API key must be printable ASCII without spaces")]
    Key,
}

/// How long sending one event may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    pub connect: Duration,
    pub request: Duration,
}

/// Why an event was not taken. The text is for a person and has no key in it.
#[derive(Debug)]
pub(crate) enum SendError {
    /// It may be taken later.
    Later(String),
    /// It will never be taken.
    Never(String),
}

impl Sink {
    /// Appends events to the file, one a line. The file is created where it's missing, its folder is not.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Kind::File(FileSink::new(path.into())))
    }

    /// Posts events to a receiver. `endpoint` is the path below `url`; without one it is `api/v1/lineage`, unless the URL already
    /// ends in that. `key` is sent as bearer token, to that address alone: redirects are not followed.
    pub fn http(url: &str, endpoint: Option<&str>, key: Option<&str>) -> Result<Self, SinkError> {
        let address = Address::new(url, endpoint)?;
        let key = key.map(Key::new).transpose()?;
        Ok(Self(Kind::Http(Box::new(HttpSink::new(address, key)))))
    }

    /// The receiver that the environment names in the variables that all OpenLineage clients read: `OPENLINEAGE_URL`,
    /// `OPENLINEAGE_ENDPOINT` and `OPENLINEAGE_API_KEY`. None without a URL, or if `OPENLINEAGE_DISABLED` is `true`. A variable
    /// that is empty counts as not set.
    pub fn from_env(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Self>, SinkError> {
        let set = |name| variable(name).filter(|value| !value.trim().is_empty());
        let disabled = set("OPENLINEAGE_DISABLED");
        if disabled.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let Some(url) = set("OPENLINEAGE_URL") else {
            return Ok(None);
        };
        let (endpoint, key) = (set("OPENLINEAGE_ENDPOINT"), set("OPENLINEAGE_API_KEY"));
        Self::http(&url, endpoint.as_deref(), key.as_deref()).map(Some)
    }

    /// Where events go, for a message: the file's path, or the address without its query.
    pub fn target(&self) -> String {
        match &self.0 {
            Kind::File(sink) => sink.path().display().to_string(),
            Kind::Http(sink) => sink.address().shown().to_owned(),
        }
    }

    /// Sends one line, which has no end.
    pub(crate) fn send(&self, line: &str, timeouts: Timeouts) -> Result<(), SendError> {
        match &self.0 {
            Kind::File(sink) => sink
                .append(line)
                .map_err(|error| SendError::Later(error.to_string())),
            Kind::Http(sink) => sink.post(line, timeouts),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<Option<String>, SinkError> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name);
        let value = |name: &str| find(name).map(|(_, value)| (*value).to_owned());
        Ok(Sink::from_env(&value)?.map(|sink| sink.target()))
    }

    #[test]
    fn the_environment_names_the_receiver() {
        assert_eq!(from(&[]), Ok(None));
        assert_eq!(from(&[("OPENLINEAGE_URL", "")]), Ok(None));
        let url = ("OPENLINEAGE_URL", "http://localhost:5000");
        let default = "http://localhost:5000/api/v1/lineage".to_owned();
        assert_eq!(from(&[url]), Ok(Some(default)));
        let other = "http://localhost:5000/events".to_owned();
        let endpoint = ("OPENLINEAGE_ENDPOINT", "events");
        assert_eq!(from(&[url, endpoint]), Ok(Some(other)));
        assert_eq!(from(&[url, ("OPENLINEAGE_DISABLED", "True")]), Ok(None));
    }

    #[test]
    fn a_key_is_never_shown() {
        let sink = Sink::http("http://localhost", None, Some("s3cret")).unwrap();
        assert!(!format!("{sink:?} {sink:#?}").contains("s3cret"));
        let error = Sink::http("http://localhost", None, Some("s3cret\n")).unwrap_err();
        assert_eq!(error, SinkError::Key);
        assert!(!error.to_string().contains("s3cret"));
    }
}
