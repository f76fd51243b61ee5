#![allow(clippy::unwrap_used)]
use std::collections::HashMap;

use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::*;

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Point,
    Circle(f64),
    Line(i8, i8),
    Box { w: u8, h: u8 },
}

#[test]
fn every_kind_of_value() {
    let value =
        json!({"b": [1, 1.0, -0.0, 1e300, null, true], "a": {"ü": "\u{1}\"\\/", "": {}}, "B": []});
    assert_eq!(
        to_string(&value).unwrap(),
        r#"{"B":[],"a":{"":{},"ü":"\u0001\"\\/"},"b":[1,1.0,-0.0,1e+300,null,true]}"#
    );
    let shapes = [
        Shape::Point,
        Shape::Circle(0.5),
        Shape::Line(1, -1),
        Shape::Box { w: 2, h: 1 },
    ];
    assert_eq!(
        to_string(&shapes).unwrap(),
        r#"["point",{"circle":0.5},{"line":[1,-1]},{"box":{"h":1,"w":2}}]"#
    );
    assert_eq!(
        to_string(&HashMap::from([(10, 'x'), (9, 'y')])).unwrap(),
        r#"{"10":"x","9":"y"}"#
    );
    assert_eq!(to_string(&u64::MAX).unwrap(), "18446744073709551615");
}

#[test]
fn what_is_not_finite_is_refused_with_its_place() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = to_string(&HashMap::from([("a/b", vec![1.0, value])])).unwrap_err();
        assert_eq!(error.at, "/a~1b/1");
        assert!(
            error
                .to_string()
                .ends_with("cannot be written as JSON (at /a~1b/1)"),
            "{error}"
        );
    }
    assert!(to_string(&f32::NAN).is_err());
}

#[test]
fn a_key_that_occurs_twice_is_refused() {
    struct Twice;
    impl Serialize for Twice {
        fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([("a", 1), ("a", 1)])
        }
    }
    assert_eq!(to_string(&Twice).unwrap_err().at, "/a");
    assert!(to_string(&HashMap::from([(vec![1], 1)])).is_err());
}

#[test]
fn the_two_zeros_are_two_values() {
    assert_eq!(to_string(&-0.0).unwrap(), "-0.0");
    assert_ne!(to_string(&-0.0).unwrap(), to_string(&0.0).unwrap());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|int| Value::from(f64::from(int) / 8.0)),
        any::<f64>()
            .prop_filter("JSON has finite floats only", |float| float.is_finite())
            .prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((".{0,4}", inner), 0..6)
                .prop_map(|pairs| Value::from(Map::from_iter(pairs))),
        ]
    })
}

/// Serialises an object's members backwards, and those of everything in it.
struct Backwards<'a>(&'a Value);

impl Serialize for Backwards<'_> {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) => {
                serializer.collect_map(map.iter().rev().map(|(key, value)| (key, Backwards(value))))
            }
            Value::Array(list) => serializer.collect_seq(list.iter().map(Backwards)),
            leaf => leaf.serialize(serializer),
        }
    }
}

proptest! {
    #[test]
    fn the_order_of_keys_does_not_matter_and_the_value_comes_back(value in any_json()) {
        let text = to_string(&value).unwrap();
        prop_assert_eq!(&to_string(&Backwards(&value)).unwrap(), &text);
        prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn other_values_have_other_texts(a in any_json(), b in any_json()) {
        // Not the other way round: 0.0 == -0.0, and yet a guest can tell them apart.
        prop_assert!(a == b || to_string(&a).unwrap() != to_string(&b).unwrap());
    }
}
