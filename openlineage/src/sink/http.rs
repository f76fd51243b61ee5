//! A receiver of events over HTTP. Source of the form: OpenLineage's HTTP transport, a POST of one event as JSON.

use std::fmt;
use std::io::Read;

use ureq::http::Response;
use ureq::{Agent, Body};

use super::address::Address;
use super::{SendError, SinkError, Timeouts};

/// How much of an answer is read, in bytes.
const READ: u64 = 4096;

/// How much of an answer is shown, in characters.
const SHOWN: usize = 300;

/// A key that no message shows.
pub struct Key(String);

impl Key {
    pub fn new(text: &str) -> Result<Self, SinkError> {
        let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned())).ok_or(SinkError::Key)
    }

    /// The text without the key, which a receiver may send back in what it answers.
    fn removed_from(&self, text: &str) -> String {
        text.replace(&self.0, "[key]")
    }

    /// The length of the text without a part of the key at its end, where reading was broken off.
    fn cut(&self, text: &[u8]) -> usize {
        let key = self.0.as_bytes();
        let part = (1..key.len())
            .rev()
            .find(|&part| text.ends_with(&key[..part]));
        text.len() - part.unwrap_or(0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[key]")
    }
}

/// Posts lines to a receiver.
pub struct HttpSink {
    address: Address,
    key: Option<Key>,
    agent: Agent,
}

impl fmt::Debug for HttpSink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("HttpSink");
        shown.field("address", &self.address);
        shown.field("key", &self.key).finish_non_exhaustive()
    }
}

impl HttpSink {
    pub fn new(address: Address, key: Option<Key>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect could carry the key and the events to another host.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!(
                "lockflight-openlineage/",
                env!("CARGO_PKG_VERSION")
            ));
        let config = match address.is_local() {
            true => config.proxy(None),
            false => config,
        };
        let agent = config.build().into();
        Self {
            address,
            key,
            agent,
        }
    }

    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Posts one event.
    pub fn post(&self, line: &str, timeouts: Timeouts) -> Result<(), SendError> {
        let mut request = self
            .agent
            .post(self.address.full())
            .header("content-type", "application/json");
        if let Some(Key(key)) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let answer = request
            .config()
            .timeout_connect(Some(timeouts.connect.min(timeouts.request)))
            .timeout_global(Some(timeouts.request))
            .build()
            .send(line);
        match answer {
            Ok(answer) => self.judge(answer),
            Err(error) => Err(SendError::Later(self.safe(&error.to_string()))),
        }
    }

    fn judge(&self, mut answer: Response<Body>) -> Result<(), SendError> {
        let status = answer.status();
        // Read even if nobody looks at it: the connection can be used again then.
        let text = self.safe(&self.beginning(&mut answer));
        if status.is_success() {
            return Ok(());
        }
        let said = match text.as_str() {
            "" => format!("answered {}", status.as_u16()),
            _ => format!("answered {}: {text}", status.as_u16()),
        };
        match status.as_u16() {
            // These speak of the address, the key or the time, not of the event: once that is put right, the event is taken.
            401 | 403 | 404 | 407 | 408 | 425 | 429 => Err(SendError::Later(said)),
            400..500 => Err(SendError::Never(said)),
            300..400 => Err(SendError::Later(format!(
                "answered {}, and redirects are not followed",
                status.as_u16()
            ))),
            _ => Err(SendError::Later(said)),
        }
    }

    /// Text from outside as one short line without the key.
    fn safe(&self, text: &str) -> String {
        let text = match &self.key {
            Some(key) => key.removed_from(text),
            None => text.to_owned(),
        };
        let plain = |character: char| match character.is_control() {
            true => ' ',
            false => character,
        };
        let text: String = text.chars().map(plain).take(SHOWN).collect();
        text.trim().to_owned()
    }

    fn beginning(&self, answer: &mut Response<Body>) -> String {
        let mut bytes = Vec::new();
        let mut body = answer.body_mut().as_reader().take(READ);
        // What was read before a fault is shown as well.
        let whole = body.read_to_end(&mut bytes).is_ok() && body.limit() > 0;
        if let (Some(key), false) = (&self.key, whole) {
            bytes.truncate(key.cut(&bytes));
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn no_part_of_a_key_is_left_in_a_text() {
        let key = Key::new("s3cret").unwrap();
        assert_eq!(key.removed_from("not s3cret, s3cret"), "not [key], [key]");
        assert_eq!(key.cut(b"ends in s3cr"), "ends in ".len());
        assert_eq!(key.cut(b"ends in none"), "ends in none".len());
        assert!(Key::new("").is_err());
        assert!(Key::new("a b").is_err());
    }
}
