//! Reads a config and turns what serde says into problems that point at a value.
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::{Problem, Problems, did_you_mean};

/// Reads the config. Keys that nobody knows are all reported; of other faults the first.
///
/// # Errors
/// Problems of place `config`, each with a JSON pointer.
pub(crate) fn read<C: DeserializeOwned>(json: &str) -> Result<C, Problems> {
    let mut value: Value = serde_json::from_str(json)
        .map_err(|error| Problem::stage(format!("the config is not JSON: {error}")))?;
    let mut problems = Problems::new();
    loop {
        let error = match serde_path_to_error::deserialize::<_, C>(value.clone()) {
            Ok(config) => return problems.or(config),
            Err(error) => error,
        };
        let message = error.inner().to_string();
        let mut path = steps(error.path());
        let Some(key) = between(&message, "unknown field `", "`") else {
            problems.push(Problem::config(pointer(&path), sentence(&message)));
            return Err(problems);
        };
        if path.last().is_none_or(|last| *last != key) {
            path.push(key.to_owned());
        }
        let pointer = pointer(&path);
        problems.push(unknown_key(&pointer, key, &message));
        if !remove(&mut value, &path) {
            return Err(problems);
        }
    }
}

fn steps(path: &serde_path_to_error::Path) -> Vec<String> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// RFC 6901.
fn pointer(steps: &[String]) -> String {
    steps
        .iter()
        .map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")))
        .collect()
}

fn unknown_key(pointer: &str, key: &str, message: &str) -> Problem {
    let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
    let problem = Problem::config(pointer, format!("there is no key {key:?}"));
    if let Some(guess) = did_you_mean(key, known.iter().copied()) {
        problem.help(format!("did you mean {guess:?}?"))
    } else if known.is_empty() {
        problem.help("there are no keys here")
    } else {
        problem.help(format!("known are {}", known.join(", ")))
    }
}

fn remove(value: &mut Value, path: &[String]) -> bool {
    let Some((last, parents)) = path.split_last() else {
        return false;
    };
    let parent = value.pointer_mut(&pointer(parents));
    let map = parent.and_then(Value::as_object_mut);
    map.is_some_and(|map| map.remove(last).is_some())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.split(after).next()
}

/// Serde's message without its backticks, as the manifest quotes words.
fn sentence(message: &str) -> String {
    message.replace('`', "\"")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::Place;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Config {
        name: String,
        #[serde(default)]
        columns: BTreeMap<String, Column>,
        #[serde(default)]
        list: Vec<Column>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Column {
        #[serde(rename = "type")]
        of: Kind,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        Text,
        Int,
    }

    fn problems(json: &str) -> Vec<(String, String, String)> {
        let problems = read::<Config>(json).unwrap_err().0.into_iter();
        problems
            .map(|problem| {
                let Place::Config(pointer) = problem.place else {
                    panic!("{problem:?}");
                };
                (pointer, problem.message, problem.help.unwrap_or_default())
            })
            .collect()
    }

    #[test]
    fn a_good_config_is_read() {
        let config: Config =
            read(r#"{"name":"x","columns":{"a":{"type":"text"}},"list":[{"type":"int"}]}"#)
                .unwrap();
        assert_eq!(config.name, "x");
        assert!(matches!(config.columns["a"].of, Kind::Text));
        assert!(matches!(config.list[0].of, Kind::Int));
    }

    #[test]
    fn every_unknown_key_is_reported_with_its_place() {
        let found = problems(r#"{"name":"x","nmae":1,"columns":{"a/b":{"type":"int","typ":2}}}"#);
        assert_eq!(found.len(), 2);
        for (pointer, help) in [("/nmae", "\"name\""), ("/columns/a~1b/typ", "\"type\"")] {
            let problem = found.iter().find(|(at, ..)| at == pointer).unwrap();
            assert!(problem.2.contains(help), "{problem:?}");
        }
    }

    #[test]
    fn wrong_types_missing_keys_and_unknown_words_have_a_place() {
        let wrong = &problems(r#"{"name":"x","list":[{"type":"text"},{"type":5}]}"#)[0];
        assert_eq!(wrong.0, "/list/1/type");
        let missing = &problems(r#"{"list":[]}"#)[0];
        assert_eq!(
            (missing.0.as_str(), missing.1.as_str()),
            ("", "missing field \"name\"")
        );
        let word = &problems(r#"{"name":"x","list":[{"type":"txt"}]}"#)[0];
        assert!(
            word.1
                .contains("unknown variant \"txt\", expected \"text\" or \"int\""),
            "{word:?}"
        );
        let whole = &problems(r#"{"name":3}"#)[0];
        assert_eq!(whole.0, "/name");
    }
}
