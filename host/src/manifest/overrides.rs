//! Values set from outside for one run: `-S train.demand.config.rounds=200`. They are written into the text before it is read, so
//! that they are checked, shown and recorded like everything that stands there.

use std::str::FromStr;

use toml_edit::{DocumentMut, Item, TableLike, Value};

use crate::diagnostic::{Problem, did_you_mean};

/// A value for one key: `KEY.KEY.KEY=VALUE`.
#[derive(Debug, Clone)]
pub struct Override {
    /// As it was written.
    text: String,
    keys: Vec<String>,
    value: Value,
}

/// Why a text is no override.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOverride {
    /// There is no value.
    #[error("write it as KEY=VALUE, e.g. train.demand.config.rounds=200")]
    NoValue,
    /// The key is not one.
    #[error(
        "{0:?} is no key: write the names of tables and the key with dots between them, e.g. train.demand.config.rounds"
    )]
    Key(String),
}

impl FromStr for Override {
    type Err = InvalidOverride;

    /// The value is TOML (`200`, `0.5`, `true`, `["a", "b"]`); what is none is a text, so that words need no quotes.
    fn from_str(text: &str) -> Result<Self, InvalidOverride> {
        let (key, value) = text.split_once('=').ok_or(InvalidOverride::NoValue)?;
        let keys = toml_edit::Key::parse(key.trim())
            .map_err(|_| InvalidOverride::Key(key.trim().to_owned()))?;
        let value = value.trim();
        Ok(Override {
            text: text.to_owned(),
            keys: keys.iter().map(|key| key.get().to_owned()).collect(),
            value: value.parse().unwrap_or_else(|_| Value::from(value)),
        })
    }
}

/// The text with these values in it, everything else as it was.
///
/// # Errors
/// When a key leads into no table of the text. A text that is no TOML comes back as it is: reading it says what is wrong.
pub fn apply(content: String, overrides: &[Override]) -> Result<String, Box<Problem>> {
    if overrides.is_empty() {
        return Ok(content);
    }
    let Ok(mut document) = content.parse::<DocumentMut>() else {
        return Ok(content);
    };
    for set in overrides {
        set.write(document.as_table_mut())?;
    }
    Ok(document.to_string())
}

/// How many names of a key have to be there already: a stage or table. What is below it may be new.
const GIVEN: usize = 2;

impl Override {
    fn write(&self, root: &mut dyn TableLike) -> Result<(), Box<Problem>> {
        let (last, path) = self.keys.split_last().expect("a key has a name");
        let mut table = root;
        for (depth, name) in path.iter().enumerate() {
            if depth < GIVEN && !table.contains_key(name) {
                return Err(self.unknown(table, name).into());
            }
            let item = table
                .entry(name)
                .or_insert_with(|| Item::Value(Value::InlineTable(Default::default())));
            table = item
                .as_table_like_mut()
                .ok_or_else(|| Box::new(self.problem(format!("`{name}` is no table"))))?;
        }
        match table.get_mut(last) {
            // What stands around the value, a comment say, stays.
            Some(Item::Value(old)) => {
                let mut value = self.value.clone();
                *value.decor_mut() = old.decor().clone();
                *old = value;
            }
            _ => drop(table.insert(last, Item::Value(self.value.clone()))),
        }
        Ok(())
    }

    fn unknown(&self, table: &dyn TableLike, name: &str) -> Problem {
        let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
        self.problem(format!("the manifest has no `{name}` there"))
            .maybe_help(did_you_mean(name, &names))
    }

    fn problem(&self, what: String) -> Problem {
        Problem::error("override", format!("-S {}: {what}", self.text))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = "# rides\n[train.demand]\nplugin = \"gbdt\"\nconfig = { rounds = 300 } # enough\n\n[train.demand.limits]\nwall = \"1m\"\n";

    fn set(overrides: &[&str]) -> Result<String, String> {
        let overrides: Vec<_> = overrides.iter().map(|text| text.parse().unwrap()).collect();
        apply(TEXT.into(), &overrides).map_err(|problem| problem.message)
    }

    #[test]
    fn a_value_is_set_and_the_rest_stays() {
        assert_eq!(
            set(&["train.demand.config.rounds=200"]).unwrap(),
            TEXT.replace("300", "200")
        );
        assert_eq!(set(&[]).unwrap(), TEXT);
    }

    #[test]
    fn a_key_may_be_new_and_a_word_needs_no_quotes() {
        let text = set(&[
            "train.demand.config.deep.loss=logistic",
            "train.demand.limits.wall=2m",
        ]);
        let text = text.unwrap();
        assert!(text.contains("deep = { loss = \"logistic\" }"), "{text}");
        assert!(text.contains("wall = \"2m\""), "{text}");
    }

    #[test]
    fn a_stage_has_to_be_there() {
        let message = set(&["train.demnad.config.rounds=1"]).unwrap_err();
        assert!(message.contains("no `demnad`"), "{message}");
        let message = set(&["train.demand.plugin.x=1"]).unwrap_err();
        assert!(message.contains("`plugin` is no table"), "{message}");
    }

    #[test]
    fn what_is_no_override() {
        assert_eq!(
            "rounds".parse::<Override>().unwrap_err(),
            InvalidOverride::NoValue
        );
        assert!(matches!(
            "a..b=1".parse::<Override>(),
            Err(InvalidOverride::Key(_))
        ));
    }
}
