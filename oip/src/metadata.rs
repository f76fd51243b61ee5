//! What a model says of itself.

use arrow_schema::{DataType, Field};
use serde_json::{Map, Value, json};

use crate::columns::{Columns, known, width};

/// The protocol's metadata of a model: its columns as tensors of any number of rows.
///
/// Columns that may be null carry the parameter `nullable`; dates, times and base64, which are texts to the protocol, carry
/// `content_type`.
pub fn metadata<V: AsRef<str>>(
    model: &str,
    versions: &[V],
    takes: &Columns,
    gives: &Columns,
) -> Value {
    let versions: Vec<&str> = versions.iter().map(AsRef::as_ref).collect();
    json!({
        "name": model,
        "versions": versions,
        "platform": "lockflight_wasm",
        "inputs": tensors(takes),
        "outputs": tensors(gives),
    })
}

fn tensors(columns: &Columns) -> Vec<Value> {
    let fields = columns.schema().fields().iter();
    fields.map(|field| tensor(field)).collect()
}

fn tensor(field: &Field) -> Value {
    let datatype = known(field).expect("`Columns` takes no other types");
    let shape = match field.data_type() {
        list @ DataType::FixedSizeList(..) => json!([-1, width(list)]),
        _ => json!([-1]),
    };
    let mut tensor = json!({"name": field.name(), "datatype": datatype.name(), "shape": shape});
    let parameters = parameters(field);
    if !parameters.is_empty() {
        tensor["parameters"] = parameters.into();
    }
    tensor
}

fn parameters(field: &Field) -> Map<String, Value> {
    let mut parameters = Map::new();
    if field.is_nullable() {
        parameters.insert("nullable".to_owned(), true.into());
    }
    let content = match field.data_type() {
        DataType::Date32 | DataType::Timestamp(..) => Some("datetime"),
        DataType::Binary => Some("base64"),
        _ => None,
    };
    if let Some(content) = content {
        parameters.insert("content_type".to_owned(), content.into());
    }
    parameters
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use arrow_schema::{Schema, TimeUnit};

    use super::*;

    #[test]
    fn columns_are_tensors() {
        let item = Arc::new(Field::new("item", DataType::Float32, true));
        let takes = Schema::new(vec![
            Field::new("hr", DataType::Int8, false),
            Field::new("at", DataType::Timestamp(TimeUnit::Second, None), true),
            Field::new("v", DataType::FixedSizeList(item, 4), false),
        ]);
        let gives = Schema::new(vec![Field::new("cnt", DataType::Float64, true)]);
        let [takes, gives] = [takes, gives].map(|schema| Columns::new(Arc::new(schema)).unwrap());
        assert_eq!(
            metadata("rides", &["1", "2"], &takes, &gives),
            json!({
                "name": "rides",
                "versions": ["1", "2"],
                "platform": "lockflight_wasm",
                "inputs": [
                    {"name": "hr", "datatype": "INT8", "shape": [-1]},
                    {
                        "name": "at",
                        "datatype": "BYTES",
                        "shape": [-1],
                        "parameters": {"nullable": true, "content_type": "datetime"},
                    },
                    {"name": "v", "datatype": "FP32", "shape": [-1, 4]},
                ],
                "outputs": [
                    {"name": "cnt", "datatype": "FP64", "shape": [-1], "parameters": {"nullable": true}},
                ],
            })
        );
    }
}
