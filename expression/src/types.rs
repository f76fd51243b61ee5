//! The types that expressions compute with, and what they make of the types of columns.
use std::fmt;
use std::sync::Arc;

use arrow_schema::{DataType, TimeUnit};

/// The type of a part of an expression.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Type {
    /// Of `null` alone: fits everywhere.
    Null,
    /// `bool`
    Bool,
    /// `int64`, and all narrower and unsigned whole numbers.
    Int,
    /// `float64`, and `float32`.
    Float,
    /// `text`
    Text,
    /// `date`
    Date,
    /// `timestamp[unit, zone]`
    Timestamp(TimeUnit, Option<Arc<str>>),
    /// What nothing is computed with: bytes, vectors. It may be null or not.
    Opaque(DataType),
}

impl Type {
    /// What a column of this type is within an expression.
    pub fn of(data_type: &DataType) -> Type {
        match data_type {
            DataType::Null => Type::Null,
            DataType::Boolean => Type::Bool,
            DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
            | DataType::UInt64 => Type::Int,
            DataType::Float32 | DataType::Float64 => Type::Float,
            DataType::Utf8 => Type::Text,
            DataType::Date32 => Type::Date,
            DataType::Timestamp(unit, zone) => Type::Timestamp(*unit, zone.clone()),
            other => Type::Opaque(other.clone()),
        }
    }

    /// The type of a column that holds the values.
    pub fn data_type(&self) -> DataType {
        match self {
            Type::Null => DataType::Null,
            Type::Bool => DataType::Boolean,
            Type::Int => DataType::Int64,
            Type::Float => DataType::Float64,
            Type::Text => DataType::Utf8,
            Type::Date => DataType::Date32,
            Type::Timestamp(unit, zone) => DataType::Timestamp(*unit, zone.clone()),
            Type::Opaque(data_type) => data_type.clone(),
        }
    }

    /// Whether it is a number, or null.
    pub fn is_number(&self) -> bool {
        matches!(self, Type::Null | Type::Int | Type::Float)
    }

    /// The type that values of both have after [`cast`](crate::value::cast); none if they have nothing in common.
    pub fn common(&self, other: &Type) -> Option<Type> {
        match (self, other) {
            (Type::Null, one) | (one, Type::Null) => Some(one.clone()),
            (Type::Int, Type::Float) | (Type::Float, Type::Int) => Some(Type::Float),
            (Type::Date, time @ Type::Timestamp(..)) | (time @ Type::Timestamp(..), Type::Date) => {
                Some(time.clone())
            }
            (Type::Timestamp(a, zone), Type::Timestamp(b, other_zone)) if zone == other_zone => {
                Some(Type::Timestamp(finer(*a, *b), zone.clone()))
            }
            (a, b) => (a == b).then(|| a.clone()),
        }
    }
}

impl Type {
    /// The types that both become to be compared; none if they have nothing in common.
    ///
    /// Timestamps are compared exactly, whatever their units; so a date beside one need not fit its unit.
    pub fn compared(&self, other: &Type) -> Option<(Type, Type)> {
        let midnight = |zone: &Option<Arc<str>>| Type::Timestamp(TimeUnit::Second, zone.clone());
        match (self, other) {
            (Type::Opaque(_), _) | (_, Type::Opaque(_)) => None,
            (Type::Timestamp(_, a), Type::Timestamp(_, b)) => {
                (a.is_some() == b.is_some()).then(|| (self.clone(), other.clone()))
            }
            (Type::Timestamp(_, zone), Type::Date) => Some((self.clone(), midnight(zone))),
            (Type::Date, Type::Timestamp(_, zone)) => Some((midnight(zone), other.clone())),
            (a, b) => a.common(b).map(|common| (common.clone(), common)),
        }
    }
}

fn finer(a: TimeUnit, b: TimeUnit) -> TimeUnit {
    if per_second(a) >= per_second(b) { a } else { b }
}

/// How many of the unit make a second.
pub fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

/// As configs and contracts name the types.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Type::Null => "null",
            Type::Bool => "bool",
            Type::Int => "int64",
            Type::Float => "float64",
            Type::Text => "text",
            Type::Date => "date",
            Type::Opaque(DataType::Binary) => "bytes",
            Type::Timestamp(unit, zone) => {
                let unit = match unit {
                    TimeUnit::Second => "s",
                    TimeUnit::Millisecond => "ms",
                    TimeUnit::Microsecond => "us",
                    TimeUnit::Nanosecond => "ns",
                };
                return match zone {
                    Some(zone) => write!(f, "timestamp[{unit}, {zone}]"),
                    None => write!(f, "timestamp[{unit}]"),
                };
            }
            Type::Opaque(DataType::FixedSizeList(child, size)) => {
                return match child.data_type() {
                    DataType::Float32 => write!(f, "float32[{size}]"),
                    _ => write!(f, "float64[{size}]"),
                };
            }
            Type::Opaque(other) => return other.fmt(f),
        };
        f.write_str(name)
    }
}
