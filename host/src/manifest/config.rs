//! A stage's `config`: TOML becomes JSON, and every value keeps its place in the manifest.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::fields::Reader;
use crate::diagnostic::Span;

/// A config as JSON together with the places of its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// An object; `{}` where the manifest has no `config`. Dates and times are texts; integers and floats stay distinct.
    pub value: Value,
    /// JSON pointer (RFC 6901) to the place of the value. The place of a table with a header of its own is the header.
    spans: BTreeMap<String, Span>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            value: Value::Object(Map::new()),
            spans: BTreeMap::new(),
        }
    }
}

impl Config {
    /// Reads the table under the key `config`, which stands at `key`. Values that JSON does not know are noted and left out.
    pub(super) fn read(reader: &mut Reader, key: Span, table: &DeTable<'_>) -> Config {
        let mut spans = BTreeMap::from([(String::new(), key)]);
        let value = object(reader, &mut spans, "", table);
        Config { value, spans }
    }

    /// The place of the value at `pointer`, or else of its nearest parent; none if the manifest has no `config`.
    pub fn span(&self, pointer: &str) -> Option<Span> {
        let mut pointer = pointer;
        loop {
            if let Some(span) = self.spans.get(pointer) {
                return Some(span.clone());
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }
}

type Spans = BTreeMap<String, Span>;

fn object(reader: &mut Reader, spans: &mut Spans, pointer: &str, table: &DeTable<'_>) -> Value {
    let mut map = Map::new();
    for (key, value) in table.iter() {
        let pointer = format!(
            "{pointer}/{}",
            key.get_ref().replace('~', "~0").replace('/', "~1")
        );
        if let Some(json) = json(reader, spans, pointer, value) {
            map.insert(key.get_ref().to_string(), json);
        }
    }
    Value::Object(map)
}

fn json(
    reader: &mut Reader,
    spans: &mut Spans,
    pointer: String,
    value: &Spanned<DeValue<'_>>,
) -> Option<Value> {
    let json = match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(boolean) => Value::Bool(*boolean),
        DeValue::Datetime(datetime) => Value::String(datetime.to_string()),
        DeValue::Integer(number) => integer(reader, value.span(), number)?,
        DeValue::Float(number) => float(reader, value.span(), number.as_str())?,
        DeValue::Array(items) => {
            let items = items.iter().enumerate();
            Value::Array(
                items
                    .filter_map(|(i, item)| json(reader, spans, format!("{pointer}/{i}"), item))
                    .collect(),
            )
        }
        DeValue::Table(table) => object(reader, spans, &pointer, table),
    };
    spans.insert(pointer, value.span());
    Some(json)
}

fn integer(reader: &mut Reader, span: Span, number: &DeInteger<'_>) -> Option<Value> {
    let (digits, radix) = (number.as_str(), number.radix());
    let signed = i64::from_str_radix(digits, radix).map(Number::from);
    let parsed = signed.or_else(|_| u64::from_str_radix(digits, radix).map(Number::from));
    if parsed.is_err() {
        reader
            .error(
                span,
                "invalid-value",
                "this integer does not fit into 64 bits",
            )
            .help = Some(
            "write it as a text in quotes, or with a decimal point if it need not be exact"
                .to_owned(),
        );
    }
    parsed.ok().map(Value::Number)
}

fn float(reader: &mut Reader, span: Span, digits: &str) -> Option<Value> {
    let number = digits.parse().ok().and_then(Number::from_f64);
    if number.is_none() {
        let message = "a config cannot hold NaN, infinity, or a number beyond 64-bit floats: JSON has none of them";
        reader.error(span, "invalid-value", message).help =
            Some("leave the key out, or write a text in quotes".to_owned());
    }
    number.map(Value::Number)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::diagnostic::text;
    use serde_json::json;

    fn read(content: &str) -> (Config, Vec<String>) {
        let table = DeTable::parse(content).unwrap();
        let mut reader = Reader {
            text: text("t", content),
            problems: Vec::new(),
        };
        let config = Config::read(&mut reader, 0..0, table.get_ref());
        (
            config,
            reader.problems.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn values_become_json() {
        let (config, problems) = read(
            "a = 1\nb = 1.0\nc = 18446744073709551615\nd = 2024-02-29\ne = [0x1F, {f = true}]\n'g/h' = ''\n[i]\nj = -0.5",
        );
        let expected = json!({
            "a": 1, "b": 1.0, "c": u64::MAX, "d": "2024-02-29", "e": [31, {"f": true}], "g/h": "", "i": {"j": -0.5},
        });
        assert_eq!(config.value, expected);
        assert!(config.value["a"].is_i64() && config.value["b"].is_f64());
        assert_eq!(problems, [""; 0]);
    }

    #[test]
    fn what_json_lacks_is_refused_where_it_stands() {
        let (_, problems) = read("a = nan\nb = [1, -inf]\nc = 1e999\nd = 99999999999999999999");
        let places: Vec<_> = problems.iter().map(|problem| &problem[..6]).collect();
        assert_eq!(places, ["t:1:5:", "t:2:9:", "t:3:5:", "t:4:5:"]);
    }

    #[test]
    fn spans_fall_back_to_the_parent() {
        let content = "columns = [{type = 'int'}]\n'a/b' = {'~' = 3}\n[sub]\nx = 1";
        let (config, _) = read(content);
        let at = |pointer: &str| &content[config.span(pointer).unwrap()];
        assert_eq!(at("/columns/0/type"), "'int'");
        assert_eq!(at("/columns/0/name"), "{type = 'int'}");
        assert_eq!(at("/columns/7/name/x"), "[{type = 'int'}]");
        assert_eq!(at("/a~1b/~0"), "3");
        assert_eq!(at("/sub/y"), "[sub]");
        assert_eq!(config.span("/nothing"), Some(0..0));
        assert_eq!(config.span("no pointer"), None);
        assert_eq!(Config::default().span("/x"), None);
    }
}
