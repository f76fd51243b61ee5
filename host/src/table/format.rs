//! The column formats this version accepts, as Arrow C data interface strings.
//! Source: <https://arrow.apache.org/docs/format/CDataInterface.html#data-type-description-format-strings>

use arrow_schema::{DataType, TimeUnit};

/// The most values a `+w:N` may hold per row.
pub const MAX_VECTOR: i32 = 1 << 20;

/// What a format string stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// A column without children.
    Leaf(DataType),
    /// `+w:N`: a list of exactly N values, with one child of 32 or 64 bit floats.
    Vector(i32),
}

/// The format is not one of those that are accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the type {0} is not accepted (accepted are booleans `b`, integers `c C s S i I l L`, floats `f g`, text `u`, bytes `z`, \
     dates `tdD`, timestamps `tss: tsm: tsu: tsn:` with a time zone or none, and vectors `+w:N` of floats)"
)]
pub struct UnknownFormat(pub String);

/// Reads a format string.
pub fn parse(format: &str) -> Result<Format, UnknownFormat> {
    let unknown = || UnknownFormat(format!("\"{}\"", format.escape_debug()));
    let data_type = match format {
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
                return vector(size).ok_or_else(unknown);
            }
            timestamp(format).ok_or_else(unknown)?
        }
    };
    Ok(Format::Leaf(data_type))
}

fn vector(size: &str) -> Option<Format> {
    let n: i32 = size.parse().ok()?;
    // One text per size: no sign, no leading zero.
    ((1..=MAX_VECTOR).contains(&n) && n.to_string() == size).then_some(Format::Vector(n))
}

fn timestamp(format: &str) -> Option<DataType> {
    let (unit, zone) = format.strip_prefix("ts")?.split_once(':')?;
    let unit = match unit {
        "s" => TimeUnit::Second,
        "m" => TimeUnit::Millisecond,
        "u" => TimeUnit::Microsecond,
        "n" => TimeUnit::Nanosecond,
        _ => return None,
    };
    let zone = match zone {
        "" => None,
        zone if is_zone(zone) => Some(zone.into()),
        _ => return None,
    };
    Some(DataType::Timestamp(unit, zone))
}

/// Whether the text looks like a zone: an IANA name or an offset such as `+02:00`.
fn is_zone(zone: &str) -> bool {
    zone.len() <= 64
        && zone
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/_+-:".contains(&byte))
}

/// The format string of an Arrow type.
pub fn of(data_type: &DataType) -> Result<String, UnknownFormat> {
    let format = match data_type {
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
                TimeUnit::Second => 's',
                TimeUnit::Millisecond => 'm',
                TimeUnit::Microsecond => 'u',
                TimeUnit::Nanosecond => 'n',
            };
            let zone = zone.as_deref().unwrap_or_default();
            return accepted(format!("ts{unit}:{zone}"));
        }
        DataType::FixedSizeList(_, size) => return accepted(format!("+w:{size}")),
        other => return Err(UnknownFormat(other.to_string())),
    };
    Ok(format.to_owned())
}

fn accepted(format: String) -> Result<String, UnknownFormat> {
    parse(&format)?;
    Ok(format)
}

/// The bytes of a value of a leaf of fixed width; none for booleans, text and bytes.
pub(super) fn width(data_type: &DataType) -> Option<usize> {
    data_type.primitive_width()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn accepted_formats_come_back() {
        let formats =
            "b c C s S i I l L f g u z tdD tss: tsm: tsu:UTC tsn:Europe/Berlin tsn:+02:00";
        for format in formats.split(' ') {
            let Format::Leaf(data_type) = parse(format).unwrap() else {
                panic!("{format}")
            };
            assert_eq!(of(&data_type).unwrap(), format);
        }
        assert_eq!(parse("+w:768"), Ok(Format::Vector(768)));
    }

    #[test]
    fn others_are_refused_by_name() {
        for format in [
            "",
            "U",
            "Z",
            "n",
            "e",
            "d:19,10",
            "w:16",
            "tdm",
            "tts",
            "tss",
            "tsx:",
            "tsu:a b",
            "+l",
            "+s",
            "+w:0",
            "+w:-1",
            "+w:+1",
            "+w:01",
            "+w:2000000",
            "vu",
            "gg",
            "g ",
            "tsu:\u{1}",
        ] {
            let error = parse(format).unwrap_err().to_string();
            assert!(
                error.contains(&format.escape_debug().to_string()),
                "{error}"
            );
        }
        for data_type in [
            DataType::LargeUtf8,
            DataType::Float16,
            DataType::Decimal128(5, 2),
            DataType::Date64,
        ] {
            assert!(
                of(&data_type)
                    .unwrap_err()
                    .to_string()
                    .contains("is not accepted")
            );
        }
    }
}
