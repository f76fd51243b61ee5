//! The stage's config.
use std::collections::BTreeMap;
use std::fmt;

use arrow_schema::DataType;
use lockflight_sdk::{TYPE_NAMES, did_you_mean, type_from_name};
use schemars::JsonSchema;
use serde::de::{Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};

/// How the text is cut into fields, what the columns are, and what becomes of rows that do not fit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What separates fields: one ASCII character.
    #[schemars(with = "String")]
    pub delimiter: Mark,
    /// What encloses a field that holds delimiters or line ends; empty for none.
    #[schemars(with = "String")]
    pub quote: MaybeMark,
    /// What makes a quote within quotes plain, e.g. a backslash; empty for none.
    #[schemars(with = "String")]
    pub escape: MaybeMark,
    /// Whether two quotes within quotes mean one.
    pub double_quote: bool,
    /// What a line starts with that is left out; empty for none.
    #[schemars(with = "String")]
    pub comment: MaybeMark,
    /// Whether the first row holds the names of the columns.
    pub header: bool,
    /// The names of all columns in order, instead of those in the file.
    pub names: Option<Vec<String>>,
    /// How many lines to leave out before anything else.
    pub skip_rows: u64,
    /// Whether to drop spaces and tabs around every field.
    pub trim: bool,
    /// The texts that mean "no value".
    pub nulls: Vec<String>,
    /// The decimal mark of floats: `.` or `,`.
    #[schemars(with = "String")]
    pub decimal: Decimal,
    /// Types by column name. Columns that are not named have their type inferred.
    #[schemars(with = "BTreeMap<String, ColumnSchema>")]
    pub columns: BTreeMap<String, Column>,
    /// Whether every column of the file has to be under `columns`.
    pub strict_columns: bool,
    /// From how many rows to infer types.
    pub infer_rows: u64,
    /// What becomes of a row that does not fit.
    pub bad_rows: BadRows,
    /// With `bad-rows = "reject"`: how many rejects are too many; any number will do without it.
    pub max_rejects: Option<u64>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            delimiter: Mark(b','),
            quote: MaybeMark(Some(b'"')),
            escape: MaybeMark(None),
            double_quote: true,
            comment: MaybeMark(None),
            header: true,
            names: None,
            skip_rows: 0,
            trim: false,
            nulls: vec![String::new()],
            decimal: Decimal::Point,
            columns: BTreeMap::new(),
            strict_columns: false,
            infer_rows: 10_000,
            bad_rows: BadRows::Fail,
            max_rejects: None,
        }
    }
}

/// What becomes of a row with too few or too many fields, or with a value that is not of its column's type.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum BadRows {
    /// The stage fails at the first.
    Fail,
    /// They go to the output `rejects`.
    Reject,
}

/// A character that the dialect gives a meaning: one byte of ASCII, no line end.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Mark(pub u8);

impl TryFrom<String> for Mark {
    type Error = String;

    fn try_from(text: String) -> Result<Mark, String> {
        match text.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => Ok(Mark(*byte)),
            _ => Err(format!("{text:?} is not one ASCII character")),
        }
    }
}

/// A [`Mark`] that may be absent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct MaybeMark(pub Option<u8>);

impl TryFrom<String> for MaybeMark {
    type Error = String;

    fn try_from(text: String) -> Result<MaybeMark, String> {
        if text.is_empty() {
            return Ok(MaybeMark(None));
        }
        Ok(MaybeMark(Some(Mark::try_from(text)?.0)))
    }
}

/// The decimal mark.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub enum Decimal {
    /// `1.5`
    #[serde(rename = ".")]
    Point,
    /// `1,5`
    #[serde(rename = ",")]
    Comma,
}

/// What is known of a column: the name of a type, or a table with more.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its type.
    pub data_type: DataType,
    /// How dates and times are written, in strftime's letters; ISO 8601 without it.
    pub format: Option<String>,
    /// The zone of times that are written without an offset: `UTC` or an offset such as `+02:00`.
    pub zone: Option<String>,
    /// Whether the column may hold nulls.
    pub nullable: bool,
}

/// The two ways to write a column, for the JSON Schema.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum ColumnSchema {
    Type(String),
    Table(ColumnTable),
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ColumnTable {
    /// The type, e.g. `int32`, `text`, `timestamp[s]`.
    #[schemars(with = "String")]
    r#type: Type,
    /// How dates and times are written, in strftime's letters; ISO 8601 without it.
    format: Option<String>,
    /// The zone of times that are written without an offset: `UTC` or an offset such as `+02:00`.
    zone: Option<String>,
    /// Whether the column may hold nulls.
    #[serde(default = "yes")]
    nullable: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Type(DataType);

impl TryFrom<String> for Type {
    type Error = String;

    fn try_from(name: String) -> Result<Type, String> {
        match type_from_name(&name) {
            Some(DataType::Binary) => Err("a text file has no columns of type bytes".to_owned()),
            Some(data_type) => Ok(Type(data_type)),
            None => Err(match did_you_mean(&name, TYPE_NAMES) {
                Some(guess) => format!("there is no type {name:?}; did you mean {guess:?}?"),
                None => format!(
                    "there is no type {name:?}; known are {}",
                    TYPE_NAMES.join(", ")
                ),
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Column, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Column;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a type, or a table with `type`")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Column, E> {
                let Type(data_type) = Type::try_from(name.to_owned()).map_err(E::custom)?;
                Ok(Column {
                    data_type,
                    format: None,
                    zone: None,
                    nullable: true,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Column, A::Error> {
                let table = ColumnTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Column {
                    data_type: table.r#type.0,
                    format: table.format,
                    zone: table.zone,
                    nullable: table.nullable,
                })
            }
        }

        deserializer.deserialize_any(Either)
    }
}
