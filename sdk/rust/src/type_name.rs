//! The names that configs, contracts and messages use for column types.
use arrow_schema::{DataType, TimeUnit};

/// Every name that [`type_from_name`] knows, for messages.
pub const TYPE_NAMES: [&str; 18] = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "text",
    "bytes",
    "date",
    "timestamp[s]",
    "timestamp[ms]",
    "timestamp[us]",
    "timestamp[ns]",
];

/// The type of a name of [`TYPE_NAMES`], or of a timestamp with a zone such as `timestamp[us, UTC]`.
pub fn type_from_name(name: &str) -> Option<DataType> {
    Some(match name {
        "bool" => DataType::Boolean,
        "int8" => DataType::Int8,
        "int16" => DataType::Int16,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "uint8" => DataType::UInt8,
        "uint16" => DataType::UInt16,
        "uint32" => DataType::UInt32,
        "uint64" => DataType::UInt64,
        "float32" => DataType::Float32,
        "float64" => DataType::Float64,
        "text" => DataType::Utf8,
        "bytes" => DataType::Binary,
        "date" => DataType::Date32,
        _ => {
            let inner = name.strip_prefix("timestamp[")?.strip_suffix(']')?;
            let (unit, zone) = match inner.split_once(',') {
                Some((unit, zone)) => (unit.trim(), Some(zone.trim().into())),
                None => (inner, None),
            };
            let unit = match unit {
                "s" => TimeUnit::Second,
                "ms" => TimeUnit::Millisecond,
                "us" => TimeUnit::Microsecond,
                "ns" => TimeUnit::Nanosecond,
                _ => return None,
            };
            DataType::Timestamp(unit, zone)
        }
    })
}

/// The name of a type; for vectors such as `float32[768]`, and Arrow's own name for types that a table cannot hold.
pub fn type_name(data_type: &DataType) -> String {
    let plain = match data_type {
        DataType::Boolean => "bool",
        DataType::Int8 => "int8",
        DataType::Int16 => "int16",
        DataType::Int32 => "int32",
        DataType::Int64 => "int64",
        DataType::UInt8 => "uint8",
        DataType::UInt16 => "uint16",
        DataType::UInt32 => "uint32",
        DataType::UInt64 => "uint64",
        DataType::Float32 => "float32",
        DataType::Float64 => "float64",
        DataType::Utf8 => "text",
        DataType::Binary => "bytes",
        DataType::Date32 => "date",
        DataType::Timestamp(unit, zone) => {
            let unit = match unit {
                TimeUnit::Second => "s",
                TimeUnit::Millisecond => "ms",
                TimeUnit::Microsecond => "us",
                TimeUnit::Nanosecond => "ns",
            };
            return match zone {
                Some(zone) => format!("timestamp[{unit}, {zone}]"),
                None => format!("timestamp[{unit}]"),
            };
        }
        DataType::FixedSizeList(child, size) => {
            return format!("{}[{size}]", type_name(child.data_type()));
        }
        other => return other.to_string(),
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for name in TYPE_NAMES
            .into_iter()
            .chain(["timestamp[us, UTC]", "timestamp[s, +02:00]"])
        {
            assert_eq!(
                type_from_name(name).map(|t| type_name(&t)).as_deref(),
                Some(name)
            );
        }
        assert_eq!(type_from_name("string"), None);
        assert_eq!(type_from_name("timestamp[h]"), None);
    }
}
