//! What has to be granted by a line: hosts that are asked, addresses that are not public, secrets that are sent.

use toml::Spanned;

use super::{Policy, hosts::HostRule, refusal::Line};
use crate::manifest::{
    Origin,
    fields::{Fields, Reader},
};

/// Something that no line of the policy grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotGranted {
    /// What is not granted.
    pub message: String,
    /// What the policy would have to say, where it is, and which line of it does not say so.
    pub help: String,
}

/// A list of hosts, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hosts {
    rules: Vec<HostRule>,
    pub line: Line,
}

impl Hosts {
    /// The list at `hosts`, if there is one.
    pub fn read(reader: &mut Reader, fields: &Fields<'_, '_>) -> Option<Hosts> {
        let (rules, line) = list(reader, fields, "hosts")?;
        Some(Hosts { rules, line })
    }

    /// Whether a line means this origin.
    pub fn have(&self, origin: &Origin) -> bool {
        self.rules.iter().any(|rule| rule.allows(origin))
    }

    /// The list for people.
    pub fn names(&self) -> Vec<String> {
        self.rules.iter().map(ToString::to_string).collect()
    }
}

impl serde::Serialize for Hosts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

/// A list of texts that stand for something else, and where it stands; none if the key is absent. What is wrong is noted and left out.
pub(super) fn list<T: std::str::FromStr<Err = String>>(
    reader: &mut Reader,
    fields: &Fields<'_, '_>,
    key: &str,
) -> Option<(Vec<T>, Line)> {
    let line = Line::of(&reader.text, fields.key_span(key)?);
    let texts = fields.strings(reader, key);
    let mut parsed = |text: Spanned<String>| match text.get_ref().parse() {
        Ok(value) => Some(value),
        Err(message) => {
            reader.error(text.span(), "invalid-value", message);
            None
        }
    };
    Some((texts.into_iter().filter_map(&mut parsed).collect(), line))
}

impl Policy {
    /// What the file would have to say: `lines` below the header of a table. `present` is a key that is there and does not say it.
    pub(super) fn would_need(
        &self,
        table: &str,
        lines: &str,
        present: Option<(&str, &Line)>,
    ) -> String {
        let path = self.path.display();
        let state = match present {
            Some((key, line)) => format!("\n\n`{key}` in line {} does not.", line.number()),
            None if !self.is_there() => "\n\nThere is no such file.".to_owned(),
            None => String::new(),
        };
        format!("for that, {path} would have to say\n\n  {table}\n  {lines}{state}")
    }
}
