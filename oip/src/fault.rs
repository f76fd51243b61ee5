//! What is said of a request that cannot be taken.

/// How much one request may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most rows. It also bounds the memory of columns that a row leaves out.
    pub rows: usize,
    /// The most bytes of text, dates and base64 in all columns together. More than 2 GiB are never taken.
    pub text_bytes: usize,
}

/// What kind of fault a request has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The body is no JSON (HTTP 400).
    Malformed,
    /// JSON, but not what the model takes (HTTP 400).
    Invalid,
    /// More than the limits (HTTP 413).
    TooLarge,
}

/// Why a request is not taken; its text is for whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RequestError {
    kind: ErrorKind,
    message: String,
}

impl RequestError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> RequestError {
        RequestError {
            kind,
            message: message.into(),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> RequestError {
        RequestError::new(ErrorKind::Invalid, message)
    }

    /// What kind of fault it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The sentence for whoever sent the request.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// The most characters of a value that are repeated to its sender.
const SHOWN: usize = 80;

/// serde's sentence about a value, in the words of this crate and without the position.
pub(crate) fn wording(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&position).unwrap_or(&text);
    let value = text
        .strip_prefix("invalid type: ")
        .or_else(|| text.strip_prefix("invalid value: "));
    // From the right, since what was found may be any text; what is expected is ours.
    match value.and_then(|value| value.rsplit_once(", expected ")) {
        Some((found, wanted)) => format!("found {}, wants {wanted}", said(found)),
        None => text.to_owned(),
    }
}

/// A value as serde calls it, as a person would.
fn said(found: &str) -> String {
    let plain = match found {
        "sequence" => "a list",
        "map" => "an object",
        _ => ["integer `", "floating point `", "boolean `"]
            .iter()
            .find_map(|kind| found.strip_prefix(kind)?.strip_suffix('`'))
            .unwrap_or_else(|| found.strip_prefix("string ").unwrap_or(found)),
    };
    shortened(plain)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A name in quotes, shortened.
pub(crate) fn quoted(name: &str) -> String {
    shortened(&format!("{name:?}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde::de::{Error, Unexpected};

    use super::*;

    fn worded(unexpected: Unexpected<'_>) -> String {
        wording(&serde_json::Error::invalid_type(unexpected, &"text"))
    }

    #[test]
    fn values_are_called_what_people_call_them() {
        assert_eq!(worded(Unexpected::Unsigned(300)), "found 300, wants text");
        assert_eq!(worded(Unexpected::Bool(true)), "found true, wants text");
        assert_eq!(worded(Unexpected::Float(1.0)), "found 1.0, wants text");
        assert_eq!(worded(Unexpected::Unit), "found null, wants text");
        assert_eq!(worded(Unexpected::Seq), "found a list, wants text");
        assert_eq!(
            worded(Unexpected::Str("a, expected b")),
            "found \"a, expected b\", wants text"
        );
        assert!(worded(Unexpected::Str(&"é".repeat(500))).chars().count() < 110);
    }
}
