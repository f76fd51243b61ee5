//! A table's schema: only what this version accepts can be in one.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

use super::format::{self, Format, UnknownFormat};
use crate::enforcement::{Point, stands};

/// One node of a schema tree; mirrors `field` of `lockflight:data/types`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldNode {
    /// The column's name; unique among its siblings, never empty at the top level.
    pub name: String,
    /// The Arrow C data interface format string.
    pub format: String,
    /// Whether the column may hold nulls.
    pub nullable: bool,
    /// How many of the following nodes are children of this one (0, or 1 for `+w:N`).
    pub children: u32,
    /// Key-value pairs; sorted by key once they are in a schema.
    pub metadata: Vec<(String, String)>,
}

/// Why a schema is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A table without columns.
    #[error("a table needs at least one column")]
    Empty,
    /// A column without a name.
    #[error("column {0} (counted from 1) has no name")]
    Unnamed(usize),
    /// Two columns of one name.
    #[error("two columns are named \"{0}\"")]
    Twice(String),
    /// A type that is not accepted.
    #[error("column \"{column}\": {source}")]
    Format {
        /// The top-level column.
        column: String,
        /// What is wrong.
        source: UnknownFormat,
    },
    /// The children do not fit the format.
    #[error("column \"{column}\": {problem}")]
    Children {
        /// The top-level column.
        column: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A metadata key that occurs twice.
    #[error("{place} has the metadata key \"{key}\" twice")]
    MetadataTwice {
        /// The column, or the table.
        place: String,
        /// The key.
        key: String,
    },
}

/// Why rows are not of a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Another number of columns.
    #[error("the rows have {found} columns, the table has {expected}")]
    Count {
        /// The schema's columns.
        expected: usize,
        /// The rows' columns.
        found: usize,
    },
    /// Another type.
    #[error("column \"{column}\" is of type {found}, the table has {expected}")]
    Type {
        /// The column.
        column: String,
        /// The schema's type.
        expected: DataType,
        /// The rows' type.
        found: DataType,
    },
    /// A null where none may be.
    #[error(
        "column \"{column}\" is declared not nullable and holds a null in row {row} of the batch (counted from 0)"
    )]
    Null {
        /// The column.
        column: String,
        /// The first such row.
        row: usize,
    },
    /// Arrow refuses the rows.
    #[error("the rows are not valid: {0}")]
    Arrow(String),
}

/// A table's schema: at least one column, names that are unique and not empty, accepted types only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SchemaDoc", into = "SchemaDoc")]
pub struct TableSchema(SchemaRef);

/// A schema as JSON: its nodes in pre-order and its metadata, sorted by key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemaDoc {
    fields: Vec<FieldNode>,
    metadata: Vec<(String, String)>,
}

impl TryFrom<SchemaDoc> for TableSchema {
    type Error = SchemaError;

    fn try_from(doc: SchemaDoc) -> Result<TableSchema, SchemaError> {
        TableSchema::from_nodes(doc.fields, doc.metadata)
    }
}

impl From<TableSchema> for SchemaDoc {
    fn from(schema: TableSchema) -> SchemaDoc {
        SchemaDoc {
            fields: schema.to_nodes(),
            metadata: schema.metadata(),
        }
    }
}

impl TableSchema {
    /// A schema from its nodes in pre-order and its metadata, as a guest passes them.
    pub fn from_nodes(
        nodes: Vec<FieldNode>,
        metadata: Vec<(String, String)>,
    ) -> Result<TableSchema, SchemaError> {
        let mut nodes = nodes.into_iter();
        let mut fields = Vec::new();
        while let Some(node) = nodes.next() {
            let column = node.name.clone();
            fields.push(field(&column, node, &mut nodes)?);
        }
        TableSchema::checked(Schema::new_with_metadata(
            fields,
            unique(metadata, || "the table".to_owned())?,
        ))
    }

    /// A schema from Arrow's; dictionaries stand for the type of their values.
    pub fn from_arrow(schema: &Schema) -> Result<TableSchema, SchemaError> {
        let fields = schema.fields().iter().map(|field| match field.data_type() {
            DataType::Dictionary(_, values) => Arc::new(
                field
                    .as_ref()
                    .clone()
                    .with_data_type(values.as_ref().clone()),
            ),
            _ => Arc::clone(field),
        });
        let schema =
            Schema::new_with_metadata(fields.collect::<Vec<FieldRef>>(), schema.metadata.clone());
        for field in schema.fields() {
            accept(field)?;
        }
        TableSchema::checked(schema)
    }

    fn checked(schema: Schema) -> Result<TableSchema, SchemaError> {
        if schema.fields().is_empty() {
            return Err(SchemaError::Empty);
        }
        let mut names = HashSet::new();
        for (index, field) in schema.fields().iter().enumerate() {
            if field.name().is_empty() {
                return Err(SchemaError::Unnamed(index + 1));
            }
            if !names.insert(field.name()) && stands(Point::ColumnTwice) {
                return Err(SchemaError::Twice(field.name().clone()));
            }
        }
        Ok(TableSchema(Arc::new(schema)))
    }

    /// The nodes in pre-order; their metadata is sorted by key.
    pub fn to_nodes(&self) -> Vec<FieldNode> {
        let mut nodes = Vec::with_capacity(self.0.fields().len());
        for field in self.0.fields() {
            nodes.push(node(field, child(field).is_some()));
            nodes.extend(child(field).map(|child| node(child, false)));
        }
        nodes
    }

    /// The table's metadata, sorted by key.
    pub fn metadata(&self) -> Vec<(String, String)> {
        sorted(self.0.metadata())
    }

    /// The schema as Arrow has it.
    pub fn arrow(&self) -> &SchemaRef {
        &self.0
    }

    /// The top-level columns.
    pub fn fields(&self) -> &[FieldRef] {
        self.0.fields()
    }

    /// The place of a top-level column.
    pub fn index_of(&self, column: &str) -> Option<usize> {
        self.0
            .fields()
            .iter()
            .position(|field| field.name() == column)
    }

    /// The schema of some of the columns, by place and in the given order. None for an unknown place, a column taken twice, or
    /// no column at all.
    pub fn project(&self, columns: &[usize]) -> Option<TableSchema> {
        TableSchema::checked(self.0.project(columns).ok()?).ok()
    }

    /// The same types under the names `0`, `1`, …, nullable and without metadata: what a stored block knows of a table, so that
    /// tables which differ in names alone share their blocks.
    pub(super) fn positional(&self) -> TableSchema {
        let fields = self.0.fields().iter().enumerate().map(|(index, field)| {
            let data_type = match field.data_type() {
                DataType::FixedSizeList(item, size) => {
                    let item = Field::new("item", item.data_type().clone(), true);
                    DataType::FixedSizeList(Arc::new(item), *size)
                }
                other => other.clone(),
            };
            Field::new(index.to_string(), data_type, true)
        });
        TableSchema(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
    }

    /// Puts rows under this schema: types have to agree by place (dictionaries are decoded), names and metadata are the schema's.
    pub fn conform(&self, batch: &RecordBatch) -> Result<RecordBatch, Misfit> {
        self.conform_columns(batch.columns(), batch.num_rows())
    }

    /// As [`conform`](TableSchema::conform), for columns of so many rows.
    ///
    /// # Errors
    /// As there, and when a column has another number of rows.
    pub fn conform_columns<'a, I>(&self, columns: I, rows: usize) -> Result<RecordBatch, Misfit>
    where
        I: IntoIterator<Item = &'a ArrayRef, IntoIter: ExactSizeIterator>,
    {
        let (fields, columns) = (self.0.fields(), columns.into_iter());
        if columns.len() != fields.len() {
            return Err(Misfit::Count {
                expected: fields.len(),
                found: columns.len(),
            });
        }
        let columns = fields
            .iter()
            .zip(columns)
            .map(|(field, column)| conform(field, column));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.0), columns, &options)
            .map_err(|error| Misfit::Arrow(error.to_string()))
    }
}

/// The child of a `+w:N`.
pub(super) fn child(field: &Field) -> Option<&FieldRef> {
    match field.data_type() {
        DataType::FixedSizeList(child, _) => Some(child),
        _ => None,
    }
}

fn node(field: &Field, has_child: bool) -> FieldNode {
    FieldNode {
        name: field.name().clone(),
        format: format::of(field.data_type()).expect("a schema holds accepted types only"),
        nullable: field.is_nullable(),
        children: has_child.into(),
        metadata: sorted(field.metadata()),
    }
}

fn sorted<'a>(
    metadata: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Vec<(String, String)> {
    let sorted: BTreeMap<_, _> = metadata.into_iter().collect();
    sorted
        .into_iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn unique(
    pairs: Vec<(String, String)>,
    place: impl Fn() -> String,
) -> Result<BTreeMap<String, String>, SchemaError> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        if map.insert(key.clone(), value).is_some() {
            return Err(SchemaError::MetadataTwice {
                place: place(),
                key,
            });
        }
    }
    Ok(map)
}

/// The field of a node, taking its children from the nodes that follow.
fn field(
    column: &str,
    node: FieldNode,
    rest: &mut std::vec::IntoIter<FieldNode>,
) -> Result<Field, SchemaError> {
    let children = |problem| SchemaError::Children {
        column: column.to_owned(),
        problem,
    };
    let format = format::parse(&node.format).map_err(|source| SchemaError::Format {
        column: column.to_owned(),
        source,
    })?;
    let data_type = match (format, node.children) {
        (Format::Leaf(data_type), 0) => data_type,
        (Format::Leaf(_), _) => return Err(children("only `+w:N` has children")),
        (Format::Vector(size), 1) => {
            let item = rest
                .next()
                .ok_or_else(|| children("the child of `+w:N` is missing"))?;
            let item = field(column, item, rest)?;
            let list = DataType::FixedSizeList(Arc::new(item), size);
            check_vector(column, &list)?;
            list
        }
        (Format::Vector(_), _) => return Err(children("`+w:N` has exactly one child")),
    };
    let metadata = unique(node.metadata, || format!("column \"{column}\""))?;
    Ok(Field::new(node.name, data_type, node.nullable).with_metadata(metadata))
}

fn accept(field: &Field) -> Result<(), SchemaError> {
    let column = field.name();
    format::of(field.data_type()).map_err(|source| SchemaError::Format {
        column: column.clone(),
        source,
    })?;
    check_vector(column, field.data_type())
}

fn check_vector(column: &str, data_type: &DataType) -> Result<(), SchemaError> {
    match data_type {
        DataType::FixedSizeList(item, _)
            if !matches!(item.data_type(), DataType::Float32 | DataType::Float64) =>
        {
            let problem = "the child of `+w:N` has to be `f` or `g`";
            Err(SchemaError::Children {
                column: column.to_owned(),
                problem,
            })
        }
        _ => Ok(()),
    }
}

fn conform(field: &Field, column: &ArrayRef) -> Result<ArrayRef, Misfit> {
    let expected = field.data_type();
    let column = match column.data_type() {
        DataType::Dictionary(_, values) if values.as_ref() == expected => {
            arrow_cast::cast(column, expected).map_err(|error| Misfit::Arrow(error.to_string()))?
        }
        found if found == expected => Arc::clone(column),
        found if same_vector(found, expected) => relabel(column, expected)?,
        found => {
            return Err(Misfit::Type {
                column: field.name().clone(),
                expected: expected.clone(),
                found: found.clone(),
            });
        }
    };
    match column.nulls() {
        Some(nulls) if !field.is_nullable() && nulls.null_count() > 0 => Err(Misfit::Null {
            column: field.name().clone(),
            row: nulls.iter().position(|valid| !valid).unwrap_or_default(),
        }),
        _ => Ok(column),
    }
}

/// Whether two types are lists of the same size and item type, whatever the item's name, metadata and nullability.
fn same_vector(a: &DataType, b: &DataType) -> bool {
    match (a, b) {
        (DataType::FixedSizeList(a, m), DataType::FixedSizeList(b, n)) => {
            m == n && a.data_type() == b.data_type()
        }
        _ => false,
    }
}

fn relabel(column: &ArrayRef, expected: &DataType) -> Result<ArrayRef, Misfit> {
    let data = column.to_data().into_builder().data_type(expected.clone());
    let data = data
        .build()
        .map_err(|error| Misfit::Arrow(error.to_string()))?;
    Ok(arrow_array::make_array(data))
}

#[cfg(test)]
mod tests;
