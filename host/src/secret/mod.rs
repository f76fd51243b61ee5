//! Secrets: values that only the host has, that no text shows, and that are hidden in every text that leaves the process.

mod hiding;

pub use hiding::{HidingWriter, hide};

use std::fmt;

/// The fewest characters. A shorter one would be found in texts that have nothing to do with it.
const SHORTEST: usize = 8;
/// The most characters.
const LONGEST: usize = 8 * 1024;

/// A value that is never shown. Once there is one, [`hide`] removes it from texts until the process ends.
#[derive(Clone)]
pub struct Secret(String);

/// Why a value is no secret. The message does not have the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It is too short to be told apart from ordinary text.
    #[error("it has fewer than {SHORTEST} characters, so it could not be hidden in messages")]
    Short,
    /// It is too long.
    #[error("it has more than {LONGEST} characters")]
    Long,
    /// A header cannot carry it.
    #[error("it has other characters than visible ASCII, which a header cannot carry")]
    Characters,
}

impl Secret {
    /// A secret from a text; an end of line at its end, as files have it, is no part of it.
    ///
    /// # Errors
    /// When it cannot be sent or not be hidden.
    pub fn new(text: &str) -> Result<Secret, Unfit> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        match text.len() {
            0 => return Err(Unfit::Empty),
            len if len < SHORTEST => return Err(Unfit::Short),
            len if len > LONGEST => return Err(Unfit::Long),
            _ => {}
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Unfit::Characters);
        }
        hiding::learn(text);
        Ok(Secret(text.to_owned()))
    }

    /// The value, for what sends it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(hiding::SHOWN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(hiding::SHOWN)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn no_text_of_it_has_the_value() {
        let secret = Secret::new("shown-nowhere-1\r\n").unwrap();
        assert_eq!(secret.reveal(), "shown-nowhere-1");
        let shown = format!("{secret} {secret:?} {secret:#?} {:?}", Some(&secret));
        assert!(!shown.contains("nowhere"), "{shown}");
    }

    #[test]
    fn what_cannot_be_sent_or_hidden_is_none() {
        for (text, why) in [
            ("\n", Unfit::Empty),
            ("short", Unfit::Short),
            ("with a space", Unfit::Characters),
            ("two\nlines-of-it", Unfit::Characters),
            ("grüße-und-küsse", Unfit::Characters),
        ] {
            assert_eq!(Secret::new(text).unwrap_err(), why, "{text:?}");
        }
        assert_eq!(Secret::new(&"x".repeat(9000)).unwrap_err(), Unfit::Long);
    }
}
