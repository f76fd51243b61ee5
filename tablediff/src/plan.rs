//! Which columns are compared, and in which type.

use std::collections::HashSet;

use arrow_row::{RowConverter, SortField};
use arrow_schema::{DataType, Schema};

use crate::error::{DiffError, Side};
use crate::result::SchemaDiff;
use crate::schema::{self, Common};

/// What is compared.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The columns by which rows are joined (all of them without a key), then those that are compared.
    pub columns: Vec<Column>,
    /// How many of them rows are joined by; at least one.
    pub joined: usize,
    /// Whether there is a key.
    pub keyed: bool,
    /// What differs in the columns.
    pub schema: SchemaDiff,
    /// Whether both versions have the same names and types in the same order.
    pub same: bool,
}

/// A column that is compared.
#[derive(Debug)]
pub(crate) struct Column {
    pub name: String,
    /// Its positions.
    pub at: Common,
    /// The type in which it is compared.
    pub data_type: DataType,
}

impl Column {
    /// Its position in this version.
    pub fn position(&self, side: Side) -> usize {
        match side {
            Side::Old => self.at.old,
            Side::New => self.at.new,
        }
    }
}

impl Plan {
    /// Checks the key against both versions and finds the columns to compare.
    pub fn new(old: &Schema, new: &Schema, key: &[String]) -> Result<Plan, DiffError> {
        unique_names(old, Side::Old)?;
        unique_names(new, Side::New)?;
        let common = schema::common(old, new);
        let schema = schema::compare(old, new, &common);
        let keys = key_columns(old, new, &common, key)?;
        let mut columns = keys.clone();
        columns.extend(common.iter().filter(|both| !keys.contains(both)));
        let columns = comparable(old, new, &columns)?;
        if columns.is_empty() {
            return Err(DiffError::NothingToCompare);
        }
        Ok(Plan {
            joined: if keys.is_empty() {
                columns.len()
            } else {
                keys.len()
            },
            keyed: !keys.is_empty(),
            columns,
            same: schema.is_empty(),
            schema,
        })
    }

    /// The columns of the key, none if there is none.
    pub fn key(&self) -> &[Column] {
        if self.keyed {
            &self.columns[..self.joined]
        } else {
            &[]
        }
    }
}

fn unique_names(schema: &Schema, side: Side) -> Result<(), DiffError> {
    let mut seen = HashSet::new();
    let repeated = schema
        .fields()
        .iter()
        .find(|field| !seen.insert(field.name()));
    match repeated {
        Some(field) => Err(DiffError::RepeatedName {
            column: field.name().clone(),
            side,
        }),
        None => Ok(()),
    }
}

/// The key's columns in the order of the key; a name given twice counts once.
fn key_columns(
    old: &Schema,
    new: &Schema,
    common: &[Common],
    key: &[String],
) -> Result<Vec<Common>, DiffError> {
    let mut columns: Vec<Common> = Vec::with_capacity(key.len());
    for name in key {
        let column = Common {
            old: position(old, Side::Old, name)?,
            new: position(new, Side::New, name)?,
        };
        let (was, is) = types(old, new, column);
        if was != is {
            return Err(DiffError::KeyType {
                column: name.clone(),
                old: was.to_string(),
                new: is.to_string(),
                columns: common
                    .iter()
                    .filter(|both| types(old, new, **both).0 == types(old, new, **both).1)
                    .map(|both| new.field(both.new).name().clone())
                    .collect(),
            });
        }
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    Ok(columns)
}

fn position(schema: &Schema, side: Side, name: &str) -> Result<usize, DiffError> {
    schema.index_of(name).map_err(|_| DiffError::MissingKey {
        column: name.to_owned(),
        side,
        columns: schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect(),
    })
}

fn types<'a>(old: &'a Schema, new: &'a Schema, both: Common) -> (&'a DataType, &'a DataType) {
    (
        old.field(both.old).data_type(),
        new.field(both.new).data_type(),
    )
}

/// Those columns that have a type in which they can be compared.
fn comparable(old: &Schema, new: &Schema, columns: &[Common]) -> Result<Vec<Column>, DiffError> {
    let mut comparable = Vec::with_capacity(columns.len());
    for both in columns {
        let (was, is) = types(old, new, *both);
        let Some(data_type) = schema::common_type(was, is) else {
            continue;
        };
        let name = new.field(both.new).name().clone();
        if !RowConverter::supports_fields(&[SortField::new(data_type.clone())]) {
            return Err(DiffError::Unsupported {
                column: name,
                data_type: data_type.to_string(),
            });
        }
        comparable.push(Column {
            name,
            at: *both,
            data_type,
        });
    }
    Ok(comparable)
}
