//! Reads one `[[check]]` of a contract file, and points at every value that is not what it should be.
use std::ops::Range;

use lockflight_sdk::{Problem, Problems, did_you_mean};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::literal::Literal;

/// A value and where it stands in the file.
#[derive(Clone, Debug)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file.
    pub span: Range<usize>,
}

/// The contract file being read.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// The name of the input.
    pub input: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// A table of the file whose keys are being read.
pub struct Entry<'a> {
    file: File<'a>,
    table: &'a DeTable<'a>,
    span: Range<usize>,
    asked: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl<'a> Entry<'a> {
    /// Starts to read a table.
    pub fn new(file: File<'a>, table: &'a DeTable<'a>, span: Range<usize>) -> Entry<'a> {
        Entry {
            file,
            table,
            span,
            asked: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Adds a problem with the bytes of `span`.
    pub fn problem(&mut self, span: Range<usize>, message: impl Into<String>) -> &mut Problem {
        let problem = Problem::file(self.file.input, span, message);
        self.problems.push(problem);
        self.problems.last_mut().expect("just pushed")
    }

    /// Adds the problem that a key is missing.
    pub fn missing(&mut self, keys: &str) {
        self.problem(self.span.clone(), format!("{keys} is missing"));
    }

    /// The text of a value, as it is written in the file.
    pub fn source(&self, span: &Range<usize>) -> &'a str {
        &self.file.text[span.clone()]
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.push(key);
        let mut pairs = self.table.iter();
        pairs
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    /// A value that `read` takes; `wanted` names its kind.
    fn read<T>(
        &mut self,
        key: &'static str,
        wanted: &str,
        read: impl Fn(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<At<T>> {
        let found = self.get(key)?;
        self.convert(key, found, wanted, &read)
    }

    fn convert<T>(
        &mut self,
        key: &str,
        found: &'a Spanned<DeValue<'a>>,
        wanted: &str,
        read: &impl Fn(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<At<T>> {
        let span = found.span();
        match read(found.get_ref()) {
            Some(value) => Some(At { value, span }),
            None => {
                let is = found.get_ref().type_str();
                self.problem(span, format!("{key} wants {wanted}, not {is}"));
                None
            }
        }
    }

    /// One value, or every value of a list.
    fn read_list<T>(
        &mut self,
        key: &'static str,
        wanted: &str,
        read: impl Fn(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<Vec<At<T>>> {
        let found = self.get(key)?;
        let Some(list) = found.get_ref().as_array() else {
            return self
                .convert(key, found, wanted, &read)
                .map(|value| vec![value]);
        };
        if list.is_empty() {
            self.problem(found.span(), format!("{key} is empty"));
        }
        let values = list
            .iter()
            .filter_map(|value| self.convert(key, value, wanted, &read));
        Some(values.collect())
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<At<&'a str>> {
        self.read(key, "a text", DeValue::as_str)
    }

    /// A text or a list of texts.
    pub fn texts(&mut self, key: &'static str) -> Option<Vec<At<&'a str>>> {
        self.read_list(key, "a text or a list of texts", DeValue::as_str)
    }

    /// A truth value; false if the key is not there.
    pub fn flag(&mut self, key: &'static str) -> bool {
        let flag = self.read(key, "true or false", DeValue::as_bool);
        flag.is_some_and(|flag| flag.value)
    }

    /// A number, a date or a time.
    pub fn bound(&mut self, key: &'static str) -> Option<At<Literal>> {
        self.read(key, "a number, a date or a time", |value| {
            Literal::read(value)
                .filter(|literal| !matches!(literal, Literal::Text(_) | Literal::Bool(_)))
        })
    }

    /// A list of plain values.
    pub fn literals(&mut self, key: &'static str) -> Option<Vec<At<Literal>>> {
        self.read_list(key, "a list of plain values", Literal::read)
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, key: &'static str) -> Option<u64> {
        let count =
            self.read(
                key,
                "a whole number that is not negative",
                |value| match Literal::read(value)? {
                    Literal::Int(value) => u64::try_from(value).ok(),
                    _ => None,
                },
            );
        count.map(|count| count.value)
    }

    /// A share from 0 to 1.
    pub fn share(&mut self, key: &'static str) -> Option<f64> {
        let share = self.read(key, "a share from 0 to 1", |value| {
            let share = Literal::read(value)?.float()?;
            (0.0..=1.0).contains(&share).then_some(share)
        });
        share.map(|share| share.value)
    }

    /// All problems, keys that nobody asked for among them.
    pub fn finish(mut self) -> Problems {
        let table = self.table;
        for name in table.keys() {
            let key = name.get_ref().as_ref();
            if !self.asked.contains(&key) {
                let known = self.asked.join(", ");
                let guess = did_you_mean(key, self.asked.iter().copied());
                let help = match guess {
                    Some(guess) => format!("did you mean {guess:?}?"),
                    None => format!("known are {known}"),
                };
                self.problem(name.span(), format!("there is no key {key:?} here"))
                    .help = Some(help);
            }
        }
        Problems(self.problems)
    }
}
