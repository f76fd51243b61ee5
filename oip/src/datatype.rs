//! The protocol's datatypes.

use std::fmt;

use arrow_schema::DataType;

/// What the protocol calls the type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // They are their names.
pub enum Datatype {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Fp16,
    Fp32,
    Fp64,
    /// Text; also dates, times and base64.
    Bytes,
}

impl Datatype {
    const ALL: [Datatype; 13] = [
        Datatype::Bool,
        Datatype::Int8,
        Datatype::Int16,
        Datatype::Int32,
        Datatype::Int64,
        Datatype::Uint8,
        Datatype::Uint16,
        Datatype::Uint32,
        Datatype::Uint64,
        Datatype::Fp16,
        Datatype::Fp32,
        Datatype::Fp64,
        Datatype::Bytes,
    ];

    /// The datatype of a column; none when the protocol, or this crate, cannot carry it.
    pub fn of(data_type: &DataType) -> Option<Datatype> {
        Some(match data_type {
            DataType::Boolean => Datatype::Bool,
            DataType::Int8 => Datatype::Int8,
            DataType::Int16 => Datatype::Int16,
            DataType::Int32 => Datatype::Int32,
            DataType::Int64 => Datatype::Int64,
            DataType::UInt8 => Datatype::Uint8,
            DataType::UInt16 => Datatype::Uint16,
            DataType::UInt32 => Datatype::Uint32,
            DataType::UInt64 => Datatype::Uint64,
            DataType::Float32 => Datatype::Fp32,
            DataType::Float64 => Datatype::Fp64,
            DataType::Utf8 | DataType::Binary | DataType::Date32 | DataType::Timestamp(..) => {
                Datatype::Bytes
            }
            DataType::FixedSizeList(item, size)
                if *size > 0 && item.data_type() == &DataType::Float32 =>
            {
                Datatype::Fp32
            }
            _ => return None,
        })
    }

    /// The datatype of a name, which is case-sensitive.
    pub fn named(name: &str) -> Option<Datatype> {
        Datatype::ALL
            .into_iter()
            .find(|datatype| datatype.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Datatype::Bool => "BOOL",
            Datatype::Int8 => "INT8",
            Datatype::Int16 => "INT16",
            Datatype::Int32 => "INT32",
            Datatype::Int64 => "INT64",
            Datatype::Uint8 => "UINT8",
            Datatype::Uint16 => "UINT16",
            Datatype::Uint32 => "UINT32",
            Datatype::Uint64 => "UINT64",
            Datatype::Fp16 => "FP16",
            Datatype::Fp32 => "FP32",
            Datatype::Fp64 => "FP64",
            Datatype::Bytes => "BYTES",
        }
    }

    pub(crate) fn is_number(self) -> bool {
        !matches!(self, Datatype::Bool | Datatype::Bytes)
    }

    /// The whole numbers that it holds, when it holds no others.
    pub(crate) fn whole(self) -> Option<(i128, i128)> {
        Some(match self {
            Datatype::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Datatype::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Datatype::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Datatype::Int64 => (i64::MIN.into(), i64::MAX.into()),
            Datatype::Uint8 => (0, u8::MAX.into()),
            Datatype::Uint16 => (0, u16::MAX.into()),
            Datatype::Uint32 => (0, u32::MAX.into()),
            Datatype::Uint64 => (0, u64::MAX.into()),
            _ => return None,
        })
    }

    /// Writes in words which whole numbers a datatype holds that holds no others.
    pub(crate) fn write_whole(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = self.whole().expect("a datatype of whole numbers");
        write!(f, "a whole number from {least} to {most}")
    }
}

impl fmt::Display for Datatype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for datatype in Datatype::ALL {
            assert_eq!(Datatype::named(datatype.name()), Some(datatype));
        }
        assert_eq!(Datatype::named("int8"), None);
    }
}
