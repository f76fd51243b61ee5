//! Reading TOML tables key by key: every mistake is noted with its place, and reading goes on.

use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::invalid::Invalid;
use super::name;
use crate::diagnostic::{Problem, Span, Text, did_you_mean};

/// The text being read and what was found wrong in it so far.
pub(crate) struct Reader {
    /// The manifest.
    pub text: Text,
    /// In the order found.
    pub problems: Vec<Problem>,
}

/// The code of all errors of the TOML parser.
const SYNTAX: &str = "toml-syntax";

impl Reader {
    /// A text in which nothing is wrong yet.
    pub fn new(text: &Text) -> Reader {
        Reader {
            text: text.clone(),
            problems: Vec::new(),
        }
    }

    /// Notes the errors of the TOML parser.
    pub fn syntax(&mut self, errors: &[toml::de::Error]) {
        let mut errors: Vec<_> = errors
            .iter()
            .map(|error| (error.span().unwrap_or(0..0), error.message()))
            .collect();
        errors.sort_by_key(|(span, _)| span.start);
        for (span, message) in errors {
            self.syntax_error(span, message);
        }
    }

    /// Notes an error of the TOML parser, unless it only follows from the one before: it is on the same line, or another key of a
    /// table that stands there twice.
    fn syntax_error(&mut self, span: Span, message: &str) {
        let repeated = message == "duplicate key";
        if let Some((last, Some((_, last_span)))) =
            self.problems.last().map(|last| (last, &last.source))
        {
            let between = self
                .text
                .inner()
                .get(last_span.start..span.start)
                .unwrap_or_default();
            let follows = repeated && last.message.ends_with(message) && !between.contains("\n[");
            if follows || !between.contains('\n') {
                return;
            }
        }
        let message = format!(
            "this is not TOML: {}",
            message.trim_end_matches(", expected nothing")
        );
        let problem = self.error(span, SYNTAX, message);
        if repeated {
            problem.help = Some("each key and each [header] may stand only once".to_owned());
        }
    }

    /// Notes an error at a place and hands it out for more to be said about it.
    pub fn error(
        &mut self,
        span: Span,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Problem {
        self.problems
            .push(Problem::error(code, message).at(&self.text, span));
        self.problems.last_mut().expect("just pushed")
    }

    /// Notes that a value was refused.
    pub fn refuse(&mut self, span: Span, code: &'static str, invalid: Invalid) {
        self.error(span, code, invalid.message).help = invalid.help;
    }

    /// Notes that a value has another type than the key wants.
    pub fn wrong_type(
        &mut self,
        what: &str,
        wanted: &str,
        found: &Spanned<DeValue<'_>>,
    ) -> &mut Problem {
        let message = format!("{what} has to be {wanted}, not {}", a_type(found.get_ref()));
        self.error(found.span(), "wrong-type", message)
    }

    /// The value as a table.
    pub fn table<'a, 'i>(
        &mut self,
        what: &str,
        value: &'a Spanned<DeValue<'i>>,
    ) -> Option<&'a DeTable<'i>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => {
                self.wrong_type(what, "a table", value);
                None
            }
        }
    }

    /// The value as a text.
    pub fn string(&mut self, what: &str, value: &Spanned<DeValue<'_>>) -> Option<Spanned<String>> {
        match value.get_ref() {
            DeValue::String(text) => Some(Spanned::new(value.span(), text.to_string())),
            _ => {
                self.wrong_type(what, "a text in quotes", value);
                None
            }
        }
    }

    /// The entries of a table whose keys are names, in the order of the file; keys that are no names are noted and left out.
    pub fn named<'a, 'i>(
        &mut self,
        table: &'a DeTable<'i>,
    ) -> Vec<(Spanned<String>, &'a Spanned<DeValue<'i>>)> {
        let mut entries = Vec::new();
        for (key, value) in table.iter() {
            match name::check(key.get_ref()) {
                Ok(()) => {
                    entries.push((Spanned::new(key.span(), key.get_ref().to_string()), value))
                }
                Err(invalid) => self.refuse(key.span(), "invalid-name", invalid),
            }
        }
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
    }
}

/// A table with a fixed set of keys.
pub(crate) struct Fields<'a, 'i> {
    table: &'a DeTable<'i>,
    /// How messages call the table, e.g. `[ingest.raw]`.
    what: String,
}

impl<'a, 'i> Fields<'a, 'i> {
    /// Notes every key of the table that is not among `keys`.
    pub fn new(
        reader: &mut Reader,
        table: &'a DeTable<'i>,
        what: String,
        keys: &[&str],
    ) -> Fields<'a, 'i> {
        for key in table
            .keys()
            .filter(|key| !keys.contains(&key.get_ref().as_ref()))
        {
            let listed = keys
                .iter()
                .map(|key| format!("`{key}`"))
                .collect::<Vec<_>>()
                .join(", ");
            let help = did_you_mean(key.get_ref(), keys)
                .unwrap_or_else(|| format!("{what} takes {listed}"));
            let message = format!("{what} has no key `{}`", key.get_ref());
            reader.error(key.span(), "unknown-key", message).help = Some(help);
        }
        Fields { table, what }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.table.get(key)
    }

    /// Where the key itself stands.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.table.get_key_value(key).map(|(key, _)| key.span())
    }

    /// Notes that a key is missing, at the place of the table.
    pub fn require(&self, reader: &mut Reader, key: &str, span: Span, example: &str) {
        if self.get(key).is_none() {
            let message = format!("{} needs the key `{key}`", self.what);
            reader.error(span, "missing-key", message).help = Some(format!("add `{example}`"));
        }
    }

    /// Which of two keys is there, of which there has to be one, and one only. `thing` comes from one place; `example` shows both.
    pub fn one_of<'k>(
        &self,
        reader: &mut Reader,
        keys: [&'k str; 2],
        span: Span,
        thing: &str,
        example: &str,
    ) -> Option<&'k str> {
        let [one, other] = keys;
        match (self.key_span(one), self.key_span(other)) {
            (Some(first), Some(second)) => {
                let message = format!("{} has both `{one}` and `{other}`", self.what);
                let problem = Problem::error("two-places", message)
                    .at(&reader.text, second)
                    .related(first, "and here")
                    .help(format!("{thing} comes from one place: keep one of the two"));
                reader.problems.push(problem);
                None
            }
            (None, None) => {
                let message = format!("{} needs the key `{one}` or `{other}`", self.what);
                reader.error(span, "missing-key", message).help = Some(format!("add {example}"));
                None
            }
            (Some(_), None) => Some(one),
            (None, Some(_)) => Some(other),
        }
    }

    /// A text.
    pub fn string(&self, reader: &mut Reader, key: &str) -> Option<Spanned<String>> {
        let value = self.get(key)?;
        reader.string(&format!("`{key}`"), value)
    }

    /// A text that stands for something else.
    pub fn parsed<T: FromStr<Err = Invalid>>(
        &self,
        reader: &mut Reader,
        key: &str,
    ) -> Option<Spanned<T>> {
        let text = self.string(reader, key)?;
        match text.get_ref().parse() {
            Ok(value) => Some(Spanned::new(text.span(), value)),
            Err(invalid) => {
                reader.refuse(text.span(), "invalid-value", invalid);
                None
            }
        }
    }

    /// `true` or `false`.
    pub fn boolean(&self, reader: &mut Reader, key: &str) -> Option<bool> {
        let value = self.get(key)?;
        if let DeValue::Boolean(boolean) = value.get_ref() {
            return Some(*boolean);
        }
        reader.wrong_type(&format!("`{key}`"), "true or false", value);
        None
    }

    /// An integer from 0 to 2^64 - 1.
    pub fn natural(&self, reader: &mut Reader, key: &str) -> Option<u64> {
        let value = self.get(key)?;
        let DeValue::Integer(integer) = value.get_ref() else {
            reader.wrong_type(&format!("`{key}`"), "a whole number", value);
            return None;
        };
        let parsed = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        if parsed.is_none() {
            let message = format!("`{key}` has to be from 0 to {}", u64::MAX);
            reader.error(value.span(), "invalid-value", message);
        }
        parsed
    }

    /// A list of texts; empty if the key is absent.
    pub fn strings(&self, reader: &mut Reader, key: &str) -> Vec<Spanned<String>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let DeValue::Array(entries) = value.get_ref() else {
            reader.wrong_type(&format!("`{key}`"), "a list of texts in quotes", value);
            return Vec::new();
        };
        let what = format!("an entry of `{key}`");
        entries
            .iter()
            .filter_map(|entry| reader.string(&what, entry))
            .collect()
    }

    /// A table with any keys that are names, in the order of the file; empty if the key is absent.
    pub fn map(
        &self,
        reader: &mut Reader,
        key: &str,
    ) -> Vec<(Spanned<String>, &'a Spanned<DeValue<'i>>)> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        match reader.table(&format!("`{key}`"), value) {
            Some(table) => reader.named(table),
            None => Vec::new(),
        }
    }
}

/// What a value is, with its article.
fn a_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
