//! Schemas: between Arrow's types and the format strings of the contract.
//!
//! Source of the strings: <https://arrow.apache.org/docs/format/CDataInterface.html>.
use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Metadata, Schema, TimeUnit};

use crate::bindings::types;

/// The Arrow type that a format string means. `+w:N` needs the field of its child.
pub fn from_format(format: &str, child: Option<FieldRef>) -> Option<DataType> {
    let plain = match format {
        "b" => DataType::Boolean,
        "c" => DataType::Int8,
        "C" => DataType::UInt8,
        "s" => DataType::Int16,
        "S" => DataType::UInt16,
        "i" => DataType::Int32,
        "I" => DataType::UInt32,
        "l" => DataType::Int64,
        "L" => DataType::UInt64,
        "f" => DataType::Float32,
        "g" => DataType::Float64,
        "u" => DataType::Utf8,
        "z" => DataType::Binary,
        "tdD" => DataType::Date32,
        _ => {
            if let Some(size) = format.strip_prefix("+w:") {
                return Some(DataType::FixedSizeList(child?, size.parse().ok()?));
            }
            let (unit, zone) = format.strip_prefix("ts")?.split_once(':')?;
            let unit = match unit {
                "s" => TimeUnit::Second,
                "m" => TimeUnit::Millisecond,
                "u" => TimeUnit::Microsecond,
                "n" => TimeUnit::Nanosecond,
                _ => return None,
            };
            DataType::Timestamp(unit, (!zone.is_empty()).then(|| zone.into()))
        }
    };
    Some(plain)
}

/// The format string of an Arrow type; none for a type that lockflight does not carry.
pub fn to_format(data_type: &DataType) -> Option<String> {
    let plain = match data_type {
        DataType::Boolean => "b",
        DataType::Int8 => "c",
        DataType::UInt8 => "C",
        DataType::Int16 => "s",
        DataType::UInt16 => "S",
        DataType::Int32 => "i",
        DataType::UInt32 => "I",
        DataType::Int64 => "l",
        DataType::UInt64 => "L",
        DataType::Float32 => "f",
        DataType::Float64 => "g",
        DataType::Utf8 => "u",
        DataType::Binary => "z",
        DataType::Date32 => "tdD",
        DataType::Timestamp(unit, zone) => {
            let unit = match unit {
                TimeUnit::Second => "s",
                TimeUnit::Millisecond => "m",
                TimeUnit::Microsecond => "u",
                TimeUnit::Nanosecond => "n",
            };
            return Some(format!("ts{unit}:{}", zone.as_deref().unwrap_or("")));
        }
        DataType::FixedSizeList(child, size)
            if matches!(child.data_type(), DataType::Float32 | DataType::Float64) =>
        {
            return Some(format!("+w:{size}"));
        }
        _ => return None,
    };
    Some(plain.to_owned())
}

/// A schema as the host gave it. The host only gives formats of the contract.
pub(crate) fn adopt_schema(schema: &types::Schema) -> Schema {
    try_adopt_schema(schema).unwrap_or_else(|error| panic!("the host gave a schema: {error}"))
}

/// A schema in the contract's form.
///
/// # Errors
/// Names the first format that is not of the contract.
pub(crate) fn try_adopt_schema(schema: &types::Schema) -> Result<Schema, String> {
    let mut fields = schema.fields.iter();
    let mut top = Vec::new();
    while let Some(field) = adopt_field(&mut fields)? {
        top.push(field);
    }
    let metadata = adopt_metadata(&schema.metadata);
    Ok(Schema::new_with_metadata(top, metadata))
}

fn adopt_field<'a>(
    fields: &mut impl Iterator<Item = &'a types::Field>,
) -> Result<Option<FieldRef>, String> {
    let Some(field) = fields.next() else {
        return Ok(None);
    };
    // No format has more than one child.
    let child = match field.children {
        0 => None,
        _ => adopt_field(fields)?,
    };
    let data_type = from_format(&field.format, child)
        .ok_or_else(|| format!("column {:?} has no format {:?}", field.name, field.format))?;
    let adopted = Field::new(&field.name, data_type, field.nullable)
        .with_metadata(adopt_metadata(&field.metadata));
    Ok(Some(Arc::new(adopted)))
}

fn adopt_metadata(pairs: &[(String, String)]) -> Metadata {
    pairs.iter().cloned().collect()
}

/// A schema as the host wants it.
///
/// # Errors
/// Names the first column whose type lockflight does not carry.
pub(crate) fn lend_schema(schema: &Schema) -> Result<types::Schema, String> {
    let mut fields = Vec::new();
    for field in schema.fields() {
        lend_field(field, &mut fields)?;
    }
    Ok(types::Schema {
        fields,
        metadata: pairs(schema.metadata()),
    })
}

fn lend_field(field: &Field, into: &mut Vec<types::Field>) -> Result<(), String> {
    let format = to_format(field.data_type()).ok_or_else(|| {
        format!(
            "column {:?} has the type {}, which a table cannot hold; cast it first",
            field.name(),
            field.data_type()
        )
    })?;
    let child = match field.data_type() {
        DataType::FixedSizeList(child, _) => Some(child),
        _ => None,
    };
    into.push(types::Field {
        name: field.name().clone(),
        format,
        nullable: field.is_nullable(),
        children: child.is_some().into(),
        metadata: pairs(field.metadata()),
    });
    child.map_or(Ok(()), |child| lend_field(child, into))
}

/// Sorted by key, as arrow keeps them.
fn pairs(metadata: &Metadata) -> Vec<(String, String)> {
    metadata
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_format_comes_back() {
        let vector = Arc::new(Field::new("item", DataType::Float32, false));
        let formats = [
            "b",
            "c",
            "C",
            "s",
            "S",
            "i",
            "I",
            "l",
            "L",
            "f",
            "g",
            "u",
            "z",
            "tdD",
            "tss:",
            "tsm:UTC",
            "tsu:+02:00",
            "tsn:Europe/Paris",
            "+w:768",
        ];
        for format in formats {
            let data_type = from_format(format, Some(vector.clone())).unwrap();
            assert_eq!(to_format(&data_type).as_deref(), Some(format));
        }
        assert_eq!(from_format("U", None), None);
        assert_eq!(to_format(&DataType::LargeUtf8), None);
    }

    #[test]
    fn a_nested_schema_comes_back() {
        let vector =
            DataType::FixedSizeList(Arc::new(Field::new("item", DataType::Float64, true)), 3);
        let schema = Schema::new_with_metadata(
            vec![
                Field::new("id", DataType::Int64, false),
                Field::new("embedding", vector, true).with_metadata([("unit", "none")]),
                Field::new("name", DataType::Utf8, true),
            ],
            [("source", "test")],
        );
        assert_eq!(adopt_schema(&lend_schema(&schema).unwrap()), schema);
    }

    #[test]
    fn an_unknown_type_is_refused_by_name() {
        let schema = Schema::new(vec![Field::new("long", DataType::LargeUtf8, true)]);
        assert!(lend_schema(&schema).unwrap_err().contains("\"long\""));
    }
}
