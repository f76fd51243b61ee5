//! What a request's readers share: the limits, and where they were when something was wrong.

use std::cell::{Cell, RefCell};

use serde::de::{DeserializeSeed, Error};

use crate::fault::{ErrorKind, Limits, RequestError, wording};

/// Deserializers answer with one kind of error, made of a text; what else is known about a fault is left here.
pub(crate) struct Trail {
    rows: usize,
    /// The bytes of text before this request and in it.
    text: Cell<usize>,
    /// The most that they may become.
    text_end: usize,
    place: RefCell<Option<String>>,
    too_large: Cell<bool>,
    binary: Cell<bool>,
}

impl Trail {
    /// For a request whose rows come behind others with so many bytes of text.
    pub(crate) fn new(limits: &Limits, text: usize) -> Trail {
        Trail {
            rows: limits.rows,
            text: Cell::new(text),
            // Offsets into a column's text are 32 bits.
            text_end: text
                .saturating_add(limits.text_bytes)
                .min(i32::MAX as usize),
            place: RefCell::new(None),
            too_large: Cell::new(false),
            binary: Cell::new(false),
        }
    }

    /// Says where an error is. Only the first says it, and that is the one that knows best: errors go outwards.
    pub(crate) fn mark(&self, place: impl FnOnce() -> String) {
        self.place.borrow_mut().get_or_insert_with(place);
    }

    /// The bytes of text, those before the request's among them.
    pub(crate) fn text_so_far(&self) -> usize {
        self.text.get()
    }

    /// Counts bytes of text.
    pub(crate) fn text<E: Error>(&self, bytes: usize) -> Result<(), E> {
        match self.text.get().checked_add(bytes) {
            Some(text) if text <= self.text_end => {
                self.text.set(text);
                Ok(())
            }
            _ => {
                self.too_large.set(true);
                Err(E::custom(
                    "with this value the request has more text than is taken at once",
                ))
            }
        }
    }

    /// Whether so many rows are taken.
    pub(crate) fn rows<E: Error>(&self, rows: usize) -> Result<(), E> {
        if rows <= self.rows {
            return Ok(());
        }
        self.too_large.set(true);
        Err(E::custom(format!(
            "more than the {} rows that are taken at once",
            self.rows
        )))
    }

    /// The error for tensors that stand behind the JSON.
    pub(crate) fn binary<E: Error>(&self) -> E {
        self.binary.set(true);
        E::custom(
            "the binary tensor data extension is not supported: send the data as JSON (binary_data=False)",
        )
    }

    /// Reads a whole body.
    pub(crate) fn read<'de, S: DeserializeSeed<'de>>(
        &self,
        body: &'de [u8],
        seed: S,
    ) -> Result<S::Value, RequestError> {
        // Text first, so that its parts are not checked again. Binary tensors follow the JSON that announces them; reading it as
        // far as it is text finds the announcement, which says more than "no UTF-8".
        let (text, fault) = match std::str::from_utf8(body) {
            Ok(text) => (text, None),
            Err(fault) => {
                let valid = std::str::from_utf8(&body[..fault.valid_up_to()]);
                (valid.expect("UTF-8 up to there"), Some(fault))
            }
        };
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let read = seed
            .deserialize(&mut deserializer)
            .and_then(|value| deserializer.end().map(|()| value));
        match (read, fault) {
            (Err(error), _) if self.binary.get() => Err(self.error(text, &error)),
            (_, Some(fault)) => Err(RequestError::new(
                ErrorKind::Malformed,
                format!("the body is not UTF-8 (byte {})", fault.valid_up_to()),
            )),
            (Err(error), None) => Err(self.error(text, &error)),
            (Ok(value), None) => Ok(value),
        }
    }

    fn error(&self, text: &str, error: &serde_json::Error) -> RequestError {
        // The parser calls a number beyond 64-bit floats a fault of the text; whoever sent it wants to know which.
        let beyond = error.to_string().starts_with("number out of range");
        let about_a_value = error.is_data() || (beyond && self.place.borrow().is_some());
        if !about_a_value {
            return RequestError::new(ErrorKind::Malformed, no_json(text, error));
        }
        let kind = match self.too_large.get() {
            true => ErrorKind::TooLarge,
            false => ErrorKind::Invalid,
        };
        let message = match self.place.take() {
            Some(place) => format!("{place}: {}", wording(error)),
            None => wording(error),
        };
        RequestError::new(kind, message)
    }
}

fn no_json(text: &str, error: &serde_json::Error) -> String {
    if text.trim_ascii().is_empty() {
        return "the body is empty".to_owned();
    }
    let hint = if not_a_number(text, error) {
        "; JSON has no NaN and no Infinity, a missing value is null"
    } else {
        ""
    };
    format!("the body is no JSON: {error}{hint}")
}

/// Whether the error is at one of the words that Python's `json` writes and JSON lacks.
fn not_a_number(text: &str, error: &serde_json::Error) -> bool {
    let line = text.split('\n').nth(error.line().saturating_sub(1));
    let line = line.unwrap_or_default().as_bytes();
    // The position is the offending byte's or the one's before it.
    let from = error.column().saturating_sub(2).min(line.len());
    let until = (from + 12).min(line.len());
    let near = &line[from..until];
    [&b"NaN"[..], b"Infinity"]
        .iter()
        .any(|word| near.windows(word.len()).take(3).any(|part| part == *word))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde::de::IgnoredAny;
    use std::marker::PhantomData;

    use super::*;

    fn fault(body: &[u8]) -> RequestError {
        let limits = Limits {
            rows: 1,
            text_bytes: 1,
        };
        let seed = PhantomData::<IgnoredAny>;
        Trail::new(&limits, 0).read(body, seed).unwrap_err()
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        assert_eq!(fault(b" \n").message(), "the body is empty");
        assert_eq!(
            fault(b"[1").message(),
            "the body is no JSON: EOF while parsing a list at line 1 column 2"
        );
        assert_eq!(
            fault(b"[1] 2").message(),
            "the body is no JSON: trailing characters at line 1 column 5"
        );
        assert_eq!(
            fault(b"\"\xff\"").message(),
            "the body is not UTF-8 (byte 1)"
        );
        assert_eq!(fault(b"").kind(), ErrorKind::Malformed);
    }

    #[test]
    fn the_words_of_python_are_known() {
        for body in [
            "[NaN]",
            "[1, NaN, 2]",
            "\n\n{\"a\": Infinity}",
            "[-Infinity]",
        ] {
            let fault = fault(body.as_bytes());
            assert!(fault.message().contains("no NaN"), "{body}: {fault}");
        }
        assert!(!fault(b"[nul]").message().contains("NaN"));
    }
}
