//! A schema within a state: `#[serde(with = "lockflight_sdk::state::schema")] takes: SchemaRef`.
use std::sync::Arc;

use arrow_schema::SchemaRef;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bindings::types;
use crate::format::{lend_schema, try_adopt_schema};

type Pairs = Vec<(String, String)>;
/// Name, format, nullable, children, metadata: as in the contract.
type Node = (String, String, bool, u32, Pairs);

/// Writes a schema.
///
/// # Errors
/// When a column has a type that a table cannot hold.
pub fn serialize<S: Serializer>(schema: &SchemaRef, serializer: S) -> Result<S::Ok, S::Error> {
    let lent = lend_schema(schema).map_err(S::Error::custom)?;
    let nodes = lent.fields.into_iter().map(|field| -> Node {
        (
            field.name,
            field.format,
            field.nullable,
            field.children,
            field.metadata,
        )
    });
    (nodes.collect::<Vec<_>>(), lent.metadata).serialize(serializer)
}

/// Reads a schema.
///
/// # Errors
/// When it names a type that a table cannot hold.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SchemaRef, D::Error> {
    let (nodes, metadata) = <(Vec<Node>, Pairs)>::deserialize(deserializer)?;
    let fields = nodes
        .into_iter()
        .map(
            |(name, format, nullable, children, metadata)| types::Field {
                name,
                format,
                nullable,
                children,
                metadata,
            },
        )
        .collect();
    let schema = try_adopt_schema(&types::Schema { fields, metadata });
    schema.map(Arc::new).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use arrow_schema::{DataType, Field, Schema};

    use super::*;
    use crate::state::{from_bytes, to_bytes};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct State {
        #[serde(with = "super")]
        takes: SchemaRef,
    }

    #[test]
    fn a_schema_comes_back() {
        let vector = Field::new("item", DataType::Float32, false);
        let fields = vec![
            Field::new("id", DataType::Int64, false).with_metadata([("unit", "none")]),
            Field::new("vector", DataType::FixedSizeList(Arc::new(vector), 3), true),
            Field::new("name", DataType::Utf8, true),
        ];
        let takes = Arc::new(Schema::new_with_metadata(fields, [("source", "test")]));
        let state = State { takes };
        assert_eq!(from_bytes::<State>(&to_bytes(&state)).unwrap(), state);
    }

    #[test]
    fn an_unknown_format_is_an_error() {
        let node: Node = ("x".into(), "U".into(), true, 0, vec![]);
        let message = from_bytes::<State>(&to_bytes(&(vec![node], Pairs::new()))).unwrap_err();
        assert!(message.contains("cannot be read"), "{message}");
    }
}
