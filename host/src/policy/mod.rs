//! The admin's policy: who may do what from this machine. A file that the admin writes and nobody else should be able to.
//!
//! ```toml
//! [store]
//! writers = ["ci-main"]    # who may push to remotes; nobody without this
//! ```
//! What may be fetched and which secrets there are is in [`sources`] and [`secrets`].

mod hosts;
mod network;
pub mod secrets;
pub mod sources;

pub use network::{Network, why_not_public};

use std::{io, path::PathBuf};

use serde::Deserialize;

/// Where the policy is, unless `LOCKFLIGHT_POLICY` says otherwise.
const DEFAULT: &str = "/etc/lockflight/policy.toml";

/// Why there is no policy to go by.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It cannot be read.
    #[error("the policy {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It says something that this version does not know.
    #[error("the policy {} is wrong: {problem}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What and where.
        problem: String,
    },
    /// It does not name this writer.
    #[error(
        "{writer:?} may not write to the remote {remote}: remotes are read-only unless the policy names who writes. For that, {} \
         would have to say\n\n  [store]\n  writers = [{writer:?}]\n\nThe name is LOCKFLIGHT_WRITER, or else that of the user.{}",
        path.display(),
        if *there { "" } else { "\nThere is no such file." }
    )]
    NoWriter {
        /// The name.
        writer: String,
        /// The remote.
        remote: String,
        /// The file.
        path: PathBuf,
        /// Whether there is such a file.
        there: bool,
    },
}

/// What the admin allows.
#[derive(Debug, Default)]
pub struct Policy {
    path: PathBuf,
    there: bool,
    /// The file as it was read, to count lines in.
    written: String,
    text: Text,
}

/// Something in a manifest that the policy does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is refused.
    pub message: String,
    /// What the policy would have to say, where it is, and which line of it stands in the way.
    pub help: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(default)]
    store: StorePolicy,
    #[serde(default)]
    sources: sources::SourcesPolicy,
    #[serde(default)]
    secrets: secrets::SecretsPolicy,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StorePolicy {
    #[serde(default)]
    writers: Vec<String>,
}

impl Policy {
    /// Reads this machine's policy. Without a file nothing is allowed that needs to be.
    ///
    /// # Errors
    /// When it cannot be read, or is wrong.
    pub fn load() -> Result<Policy, PolicyError> {
        let named = std::env::var_os("LOCKFLIGHT_POLICY").filter(|path| !path.is_empty());
        let is_named = named.is_some();
        let path = named.map_or_else(|| PathBuf::from(DEFAULT), PathBuf::from);
        match std::fs::read_to_string(&path) {
            Ok(text) => Policy::parse(path, text),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => Ok(Policy {
                path,
                ..Policy::default()
            }),
            Err(source) => Err(PolicyError::Unreadable { path, source }),
        }
    }

    fn parse(path: PathBuf, written: String) -> Result<Policy, PolicyError> {
        match toml::from_str(&written) {
            Ok(text) => Ok(Policy {
                path,
                there: true,
                written,
                text,
            }),
            Err(error) => Err(PolicyError::Invalid {
                path,
                problem: error.to_string().trim_end().to_owned(),
            }),
        }
    }

    /// Whether a writer may push to remotes; `remote` is for the message.
    ///
    /// # Errors
    /// When it may not.
    pub fn may_write(&self, writer: &str, remote: &str) -> Result<(), PolicyError> {
        match self.text.store.writers.iter().any(|name| name == writer) {
            true => Ok(()),
            false => Err(PolicyError::NoWriter {
                writer: writer.to_owned(),
                remote: remote.to_owned(),
                path: self.path.clone(),
                there: self.there,
            }),
        }
    }
}

impl Policy {
    /// The number of the line at which a part of the file begins, from 1.
    fn line_of(&self, span: std::ops::Range<usize>) -> usize {
        let before = self.written.get(..span.start).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    /// What the file would have to say: `lines` below the header of a table. `present` is a key that is there and does not say it.
    fn would_need(
        &self,
        table: &str,
        lines: &str,
        present: Option<(&str, std::ops::Range<usize>)>,
    ) -> String {
        let path = self.path.display();
        let state = match present {
            Some((key, span)) => format!("\n\n`{key}` in line {} does not.", self.line_of(span)),
            None if !self.there => "\n\nThere is no such file.".to_owned(),
            None => String::new(),
        };
        format!("for that, {path} would have to say\n\n  {table}\n  {lines}{state}")
    }
}

/// Who writes: `LOCKFLIGHT_WRITER`, or else the user.
pub fn writer() -> String {
    let named = ["LOCKFLIGHT_WRITER", "USER", "LOGNAME"].into_iter();
    let mut named = named.filter_map(|name| std::env::var(name).ok());
    named
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| format!("uid-{}", rustix::process::getuid().as_raw()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    pub(super) fn parse(text: &str) -> Result<Policy, PolicyError> {
        Policy::parse(PathBuf::from("policy.toml"), text.to_owned())
    }

    #[test]
    fn only_named_writers_write() {
        let policy = parse("[store]\nwriters = [\"ci-main\"]\n").unwrap();
        policy.may_write("ci-main", "/remote").unwrap();
        let refused = policy.may_write("fork", "/remote").unwrap_err().to_string();
        for part in ["\"fork\"", "/remote", "policy.toml", "writers = [\"fork\"]"] {
            assert!(refused.contains(part), "{refused} lacks {part}");
        }
        assert!(parse("").unwrap().may_write("ci-main", "/remote").is_err());
    }

    #[test]
    fn what_is_not_known_is_refused_with_its_line() {
        let error = parse("[store]\nwriters = []\nwriter = \"x\"\n").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("line 3") && text.contains("writer"), "{text}");
        assert!(parse("[stores]\n").is_err());
        assert!(parse("[store]\nwriters = \"x\"\n").is_err());
    }
}
