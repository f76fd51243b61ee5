//! `[plugins]`: which components may run.
//!
//! A digest is proof. Name and owner are what a component says of itself: rules by them keep honest people from mistakes, and whoever
//! writes a component can write any name into it.

use std::fmt;

use serde::Serialize;
use toml::{Spanned, de::DeValue};

use super::refusal::{Line, Refusal};
use crate::{
    digest::Digest,
    enforcement::{Point, stands},
    manifest::fields::{Fields, Reader},
    plugin::claims::Claims,
};

/// Which components may run; any if nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct PluginsPolicy {
    /// One of these has to fit; none for no such list.
    allow: Option<Vec<Rule>>,
    /// None of these may fit, whatever is allowed.
    deny: Vec<Rule>,
    /// Where the list of what is allowed begins.
    #[serde(skip)]
    allow_line: Option<Line>,
}

/// Components by what is known of them: all that is given has to fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Rule {
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Pattern>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<Pattern>,
    line: Line,
}

/// A text, or the beginning of one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(into = "String")]
struct Pattern {
    text: String,
    /// Whether anything may follow.
    open: bool,
}

impl PluginsPolicy {
    pub const KEYS: &[&str] = &["allow", "deny"];

    pub fn fields(
        reader: &mut Reader,
        fields: &Fields<'_, '_>,
        _: &Spanned<DeValue<'_>>,
    ) -> PluginsPolicy {
        let allow_line = fields
            .key_span("allow")
            .map(|span| Line::of(&reader.text, span));
        PluginsPolicy {
            allow: rules(reader, fields, "allow"),
            deny: rules(reader, fields, "deny").unwrap_or_default(),
            allow_line,
        }
    }

    pub fn asks(&self) -> bool {
        self.allow.is_some() || !self.deny.is_empty()
    }

    pub fn allow(&self, component: &Claims) -> Result<(), Refusal> {
        if !stands(Point::PolicyPlugins) {
            return Ok(());
        }
        if let Some(rule) = self.deny.iter().find(|rule| rule.fits(component)) {
            let message = format!("the policy denies {component}");
            return Err(Refusal::by(&rule.line, message));
        }
        let Some(allow) = &self.allow else {
            return Ok(());
        };
        if allow.iter().any(|rule| rule.fits(component)) {
            return Ok(());
        }
        let line = self.allow_line.as_ref();
        Err(Refusal::by(
            line.expect("a list stands somewhere"),
            format!("the policy allows other plugins, and not {component}"),
        ))
    }
}

impl fmt::Display for PluginsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |rules: &[Rule]| {
            let rules: Vec<_> = rules.iter().map(ToString::to_string).collect();
            match rules.is_empty() {
                true => "none".to_owned(),
                false => rules.join("; "),
            }
        };
        match &self.allow {
            None => f.write_str("any")?,
            Some(rules) => write!(f, "these alone: {}", list(rules))?,
        }
        match self.deny.as_slice() {
            [] => Ok(()),
            rules => write!(f, ", but not: {}", list(rules)),
        }
    }
}

impl Rule {
    const KEYS: &[&str] = &["digest", "name", "owner"];

    fn fits(&self, component: &Claims) -> bool {
        let fits = |pattern: &Option<Pattern>, claim: &Option<String>| match (pattern, claim) {
            (None, _) => true,
            (Some(pattern), Some(claim)) => pattern.fits(claim),
            (Some(_), None) => false,
        };
        self.digest.is_none_or(|digest| digest == component.digest)
            && fits(&self.name, &component.name)
            && fits(&self.owner, &component.owner)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = self.digest.map(|digest| digest.to_string());
        let name = self.name.as_ref().map(|name| format!("name {name}"));
        let owner = self.owner.as_ref().map(|owner| format!("owner {owner}"));
        let all: Vec<_> = [digest, name, owner].into_iter().flatten().collect();
        f.write_str(&all.join(" and "))
    }
}

impl Pattern {
    fn fits(&self, text: &str) -> bool {
        match self.open {
            true => text.starts_with(&self.text),
            false => text == self.text,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.text, if self.open { "*" } else { "" })
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> String {
        pattern.to_string()
    }
}

/// The list of rules at a key.
fn rules(reader: &mut Reader, fields: &Fields<'_, '_>, key: &str) -> Option<Vec<Rule>> {
    let value = fields.get(key)?;
    let DeValue::Array(entries) = value.get_ref() else {
        let example = format!("write {key} = [{{ name = \"csv\" }}]");
        reader
            .wrong_type(&format!("`{key}`"), "a list of tables", value)
            .help = Some(example);
        return None;
    };
    let what = format!("an entry of `{key}`");
    let rules = entries
        .iter()
        .filter_map(|entry| rule(reader, &what, entry));
    Some(rules.collect())
}

fn rule(reader: &mut Reader, what: &str, value: &Spanned<DeValue<'_>>) -> Option<Rule> {
    let table = reader.table(what, value)?;
    let fields = Fields::new(reader, table, what.to_owned(), Rule::KEYS);
    let rule = Rule {
        digest: digest(reader, &fields),
        name: pattern(reader, &fields, "name"),
        owner: pattern(reader, &fields, "owner"),
        line: Line::of(&reader.text, value.span()),
    };
    if Rule::KEYS.iter().all(|key| fields.get(key).is_none()) {
        let problem = reader.error(value.span(), "missing-key", format!("{what} names nothing"));
        problem.help = Some("it takes `digest`, `name`, `owner`, or several of them".to_owned());
    }
    Some(rule)
}

fn digest(reader: &mut Reader, fields: &Fields<'_, '_>) -> Option<Digest> {
    let written = fields.string(reader, "digest")?;
    match written.get_ref().parse() {
        Ok(digest) => Some(digest),
        Err(error) => {
            let problem = reader.error(written.span(), "invalid-value", error.to_string());
            problem.help = Some("`lockflight plugin inspect FILE` shows a plugin's digest".into());
            None
        }
    }
}

fn pattern(reader: &mut Reader, fields: &Fields<'_, '_>, key: &str) -> Option<Pattern> {
    let written = fields.string(reader, key)?;
    let whole = written.get_ref().as_str();
    let (text, open) = match whole.strip_suffix('*') {
        Some(beginning) => (beginning, true),
        None => (whole, false),
    };
    let wrong = if whole.is_empty() {
        Some(format!("`{key}` is empty, which fits nothing"))
    } else if text.contains('*') {
        Some(format!("`*` may stand at the end of `{key}` only"))
    } else {
        None
    };
    if let Some(message) = wrong {
        reader.error(written.span(), "invalid-value", message);
        return None;
    }
    Some(Pattern {
        text: text.to_owned(),
        open,
    })
}
