//! The address of a receiver.

use std::fmt;
use std::net::IpAddr;

use ureq::http::Uri;

use super::SinkError;

/// The path that receivers take events on, below their own address.
const ENDPOINT: &str = "api/v1/lineage";

/// A full address that events are posted to.
#[derive(Clone)]
pub struct Address {
    full: String,
    shown: usize,
    local: bool,
}

impl Address {
    /// `url` and the path below it; see [`super::Sink::http`].
    pub fn new(url: &str, endpoint: Option<&str>) -> Result<Self, SinkError> {
        let url = url.trim();
        let uri: Uri = url.parse().map_err(|_| SinkError::Address)?;
        let authority = uri.authority().ok_or(SinkError::Address)?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || authority.host().is_empty() {
            return Err(SinkError::Address);
        }
        if authority.as_str().contains('@') {
            return Err(SinkError::UserInfo);
        }
        let (base, query) = match url.split_once('?') {
            Some((base, query)) => (base, format!("?{query}")),
            None => (url, String::new()),
        };
        let base = joined(base.trim_end_matches('/'), endpoint);
        let full = format!("{base}{query}");
        full.parse::<Uri>().map_err(|_| SinkError::Address)?;
        Ok(Self {
            shown: base.len(),
            local: is_local(authority.host()),
            full,
        })
    }

    /// What is asked of the client.
    pub fn full(&self) -> &str {
        &self.full
    }

    /// What a person is shown: without the query, which may hold a token.
    pub fn shown(&self) -> &str {
        &self.full[..self.shown]
    }

    /// Whether it's this machine, which no proxy can reach.
    pub fn is_local(&self) -> bool {
        self.local
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.shown())
    }
}

fn joined(base: &str, endpoint: Option<&str>) -> String {
    match endpoint {
        Some(endpoint) => format!("{base}/{}", endpoint.trim().trim_start_matches('/')),
        None if base.ends_with(&format!("/{ENDPOINT}")) => base.to_owned(),
        None => format!("{base}/{ENDPOINT}"),
    }
}

fn is_local(host: &str) -> bool {
    let number = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || number.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn full(url: &str, endpoint: Option<&str>) -> String {
        Address::new(url, endpoint).unwrap().full().to_owned()
    }

    #[test]
    fn the_endpoint_is_added_once() {
        let wanted = "https://example.org/api/v1/lineage";
        assert_eq!(full("https://example.org", None), wanted);
        assert_eq!(full("https://example.org/", None), wanted);
        assert_eq!(full(wanted, None), wanted);
        assert_eq!(full(&format!("{wanted}/"), None), wanted);
        let below = "https://example.org/marquez/api/v1/lineage";
        assert_eq!(full("https://example.org/marquez", None), below);
        let other = "https://example.org/in?room=1";
        assert_eq!(full("https://example.org/?room=1", Some("/in")), other);
    }

    #[test]
    fn a_query_is_not_shown() {
        let address = Address::new("http://[::1]:80?token=t0p", None).unwrap();
        assert_eq!(address.full(), "http://[::1]:80/api/v1/lineage?token=t0p");
        assert_eq!(format!("{address:?}"), "http://[::1]:80/api/v1/lineage");
        assert!(address.is_local());
    }

    #[test]
    fn other_addresses_are_refused() {
        for url in [
            "",
            "example.org",
            "ftp://example.org",
            "http://",
            "http://a b/",
            "/path",
        ] {
            assert_eq!(
                Address::new(url, None).unwrap_err(),
                SinkError::Address,
                "{url}"
            );
        }
        let error = Address::new("http://user:word@example.org", None).unwrap_err();
        assert_eq!(error, SinkError::UserInfo);
        assert!(Address::new("http://example.org", Some("a b")).is_err());
    }
}
