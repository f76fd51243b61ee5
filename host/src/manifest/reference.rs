//! References: how the manifest names the data that flows into a stage.
//!
//! The grammar is `NAME` or `NAME.OUTPUT`. A bare name is a source or a stage; a stage's bare name means its output `table`, or
//! its only output, which is decided when the outputs are known.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::invalid::Invalid;
use super::name;

/// A reference as it is written, before it is known what the name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// A source or a stage.
    pub name: String,
    /// The part behind the dot.
    pub output: Option<String>,
}

impl FromStr for Written {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Written, Invalid> {
        if text.contains(['/', '\\']) || text.starts_with('.') {
            return Err(Invalid::new(format!("{text:?} is a path, not a reference")).help(
                "declare the data as a source, `[source.NAME] file = \"…\"`, and write its NAME here; a small file that \
                 configures the plugin goes under `files`",
            ));
        }
        let mut parts = text.split('.');
        let name = parts.next().unwrap_or_default();
        let output = parts.next();
        if parts.next().is_some() {
            return Err(Invalid::new(format!("{text:?} has more than one dot")).help(GRAMMAR));
        }
        for part in std::iter::once(name).chain(output) {
            if part.is_empty() {
                return Err(Invalid::new(format!("{text:?} is not a reference")).help(GRAMMAR));
            }
            name::check(part)?;
        }
        Ok(Written {
            name: name.to_owned(),
            output: output.map(str::to_owned),
        })
    }
}

/// What a reference may look like, for messages.
pub const GRAMMAR: &str =
    "a reference is the name of a source, of a stage, or STAGE.OUTPUT, as in \"split.train\"";

/// A reference whose name is known to exist.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// The snapshot of a source.
    Source(
        /// The source's name.
        String,
    ),
    /// What a stage made.
    Output {
        /// The stage's name.
        stage: String,
        /// The output's name; none means the output `table`, or the only one.
        output: Option<String>,
    },
}

impl Reference {
    /// The stage that has to be done first, if any.
    pub fn stage(&self) -> Option<&str> {
        match self {
            Reference::Source(_) => None,
            Reference::Output { stage, .. } => Some(stage),
        }
    }
}

/// As it is written in a manifest.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Source(name)
            | Reference::Output {
                stage: name,
                output: None,
            } => f.write_str(name),
            Reference::Output {
                stage,
                output: Some(output),
            } => write!(f, "{stage}.{output}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn grammar() {
        let read = |text: &str| {
            text.parse::<Written>()
                .map(|written| (written.name, written.output))
        };
        assert_eq!(read("raw"), Ok(("raw".into(), None)));
        assert_eq!(
            read("split.train"),
            Ok(("split".into(), Some("train".into())))
        );
        for (wrong, part) in [
            ("", "not a reference"),
            ("raw.", "not a reference"),
            (".raw", "is a path"),
            ("a.b.c", "more than one dot"),
            ("data/x.csv", "is a path"),
            ("Raw", "not a valid name"),
        ] {
            let message = read(wrong).unwrap_err().message;
            assert!(message.contains(part), "{wrong}: {message}");
        }
    }
}
