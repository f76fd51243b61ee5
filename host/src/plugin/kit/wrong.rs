//! Configs and bytes that are wrong, made of ones that are right.

use serde_json::{Value, json};

/// A name that no column has.
pub const NO_COLUMN: &str = "no such column";

/// The config with the first text that is the name of a column replaced, and that name.
pub fn unknown_column(config: &Value, columns: &[String]) -> Option<(Value, String)> {
    let mut changed = config.clone();
    let column = replace(&mut changed, columns)?;
    Some((changed, column))
}

fn replace(value: &mut Value, columns: &[String]) -> Option<String> {
    match value {
        Value::String(text) if columns.contains(text) => {
            Some(std::mem::replace(text, NO_COLUMN.to_owned()))
        }
        Value::Array(items) => items.iter_mut().find_map(|item| replace(item, columns)),
        Value::Object(members) => members.values_mut().find_map(|item| replace(item, columns)),
        _ => None,
    }
}

/// Configs that the schema does not allow, each with what is wrong with it: a value of a wrong type for each property whose type it
/// tells, each required property left out, and a property that it does not know.
pub fn configs(schema: &Value, right: &Value) -> Vec<(Value, String)> {
    let mut configs = Vec::new();
    let mut add = |key: &str, value: Option<Value>, how: String| {
        let mut config = right.clone();
        if let Some(members) = config.as_object_mut() {
            match value {
                Some(value) => drop(members.insert(key.to_owned(), value)),
                None => drop(members.remove(key)),
            }
            configs.push((config, how));
        }
    };
    for (key, property) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = of_another_type(&property["type"]) {
            let how = format!("whose `{key}` is {value}");
            add(key, Some(value), how);
        }
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        if let Some(key) = key.as_str() {
            add(key, None, format!("without `{key}`"));
        }
    }
    if schema["additionalProperties"] == json!(false) {
        add(
            "no-such-key",
            Some(json!(1)),
            "with the unknown key `no-such-key`".into(),
        );
    }
    configs
}

/// A value that is of none of the types that a schema names; none if it names no type, or all.
fn of_another_type(types: &Value) -> Option<Value> {
    let allowed: Vec<&str> = match types {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let others = [
        ("object", json!({"no-such-key": 1})),
        ("array", json!([[]])),
        ("boolean", json!(true)),
        ("string", json!("x")),
    ];
    let other = others.into_iter().find(|(name, _)| !allowed.contains(name));
    other.map(|(_, value)| value)
}

/// Bytes that are empty, cut off and nonsense, each with the word for it; none that are the right ones.
pub fn bytes(right: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let nonsense = (0..=u8::MAX).cycle().take(1000);
    let mut bytes = vec![
        ("empty", Vec::new()),
        ("cut off in the middle", right[..right.len() / 2].to_vec()),
        ("nonsense", nonsense.collect()),
    ];
    bytes.retain(|(_, wrong)| wrong != right);
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_first_column_is_replaced_wherever_it_is() {
        let config = json!({"a": 1, "b": [{"column": "x"}, {"column": "y"}]});
        let (changed, column) = unknown_column(&config, &["y".into(), "x".into()]).unwrap();
        assert_eq!(column, "x");
        assert_eq!(
            changed,
            json!({"a": 1, "b": [{"column": NO_COLUMN}, {"column": "y"}]})
        );
        assert_eq!(unknown_column(&config, &["z".into()]), None);
    }

    #[test]
    fn each_property_is_wrong_once() {
        let schema = json!({
            "properties": {"n": {"type": "integer"}, "any": {}, "o": {"type": ["object", "null"]}},
            "required": ["n"],
            "additionalProperties": false,
        });
        let configs: Vec<_> = configs(&schema, &json!({"n": 1}))
            .into_iter()
            .map(|(config, _)| config)
            .collect();
        assert_eq!(
            configs,
            [
                json!({"n": {"no-such-key": 1}}),
                json!({"n": 1, "o": [[]]}),
                json!({}),
                json!({"n": 1, "no-such-key": 1}),
            ]
        );
    }

    #[test]
    fn wrong_bytes_are_not_the_right_ones() {
        let words = |right: &[u8]| {
            bytes(right)
                .into_iter()
                .map(|(word, _)| word)
                .collect::<Vec<_>>()
        };
        assert_eq!(words(b"ab"), ["empty", "cut off in the middle", "nonsense"]);
        assert_eq!(words(b""), ["nonsense"]);
    }
}
