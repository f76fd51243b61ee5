//! Rows from buffers that nobody vouches for: what a guest passed, what lies in a file. No input makes this panic.

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeListArray, RecordBatch, RecordBatchOptions, make_array};
use arrow_buffer::{Buffer, NullBuffer, bit_util};
use arrow_data::ArrayData;
use arrow_schema::{DataType, Field};

use super::buffers::Buffers;
use super::format::width;
use super::schema::{TableSchema, child};
use crate::enforcement::{Point, stands};

/// Why buffers are not rows of a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Another number of columns than the schema has nodes.
    #[error("{found} columns were passed, the schema has {expected} (a `+w:N` counts as two)")]
    Count {
        /// The schema's nodes.
        expected: usize,
        /// The columns.
        found: usize,
    },
    /// More values than can be counted in 32 bits.
    #[error("column \"{0}\": {1} rows of {2} values are too many for one batch")]
    TooMany(String, usize, usize),
    /// A column's buffers do not fit.
    #[error("column \"{column}\": {problem}")]
    Column {
        /// The column's name (the parent's for a child).
        column: String,
        /// What is wrong.
        problem: Problem,
    },
}

/// What is wrong with a column's buffers. Rows are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages are the documentation")]
pub enum Problem {
    #[error("it holds {found} values where {expected} are due")]
    Length { expected: usize, found: usize },
    #[error("its {buffer} buffer has {found} bytes and needs {needed}")]
    Short {
        buffer: &'static str,
        needed: usize,
        found: usize,
    },
    #[error("its format needs offsets")]
    NoOffsets,
    #[error("its format has no {0} buffer")]
    Unwanted(&'static str),
    #[error("the offsets of row {row} run from {start} to {end} in {len} bytes")]
    Offsets {
        row: usize,
        start: i32,
        end: i32,
        len: usize,
    },
    #[error("row {row} is not UTF-8")]
    NotUtf8 { row: usize },
    #[error("it is declared not nullable and holds a null in row {row}")]
    Null { row: usize },
    #[error("{0}")]
    Arrow(String),
}

/// Rows from one `Buffers` per schema node, in pre-order. What stands under nulls may be anything; buffers may be longer than
/// they need be; values are copied only if they are not aligned.
pub(super) fn build(
    schema: &TableSchema,
    rows: usize,
    nodes: Vec<Buffers>,
) -> Result<RecordBatch, ShapeError> {
    let expected = schema
        .fields()
        .iter()
        .map(|field| 1 + usize::from(child(field).is_some()))
        .sum();
    if nodes.len() != expected {
        return Err(ShapeError::Count {
            expected,
            found: nodes.len(),
        });
    }
    let mut nodes = nodes.into_iter();
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let own = nodes.next().expect("the nodes were counted");
        let item = child(field).map(|_| nodes.next().expect("the nodes were counted"));
        let column = match field.data_type() {
            DataType::FixedSizeList(_, size)
                if rows.saturating_mul(*size as usize) > u32::MAX as usize =>
            {
                return Err(ShapeError::TooMany(
                    field.name().clone(),
                    rows,
                    *size as usize,
                ));
            }
            _ => column(field, rows, own, item),
        };
        columns.push(column.map_err(|problem| ShapeError::Column {
            column: field.name().clone(),
            problem,
        })?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema.arrow()), columns, &options).map_err(
        |error| ShapeError::Column {
            column: String::new(),
            problem: Problem::Arrow(error.to_string()),
        },
    )
}

fn column(
    field: &Field,
    rows: usize,
    own: Buffers,
    item: Option<Buffers>,
) -> Result<ArrayRef, Problem> {
    let nulls = nulls(&own, rows)?;
    if !field.is_nullable()
        && stands(Point::ColumnNulls)
        && let Some(row) = nulls.as_ref().and_then(first_null)
    {
        return Err(Problem::Null { row });
    }
    match (field.data_type(), item) {
        (DataType::FixedSizeList(item_field, size), Some(item)) => {
            if own.offsets.is_some() {
                return Err(Problem::Unwanted("offsets"));
            }
            if !own.values.is_empty() {
                return Err(Problem::Unwanted("values"));
            }
            let items = items(item_field, *size as usize, rows, item, nulls.as_ref())?;
            let list = FixedSizeListArray::try_new_with_length(
                Arc::clone(item_field),
                *size,
                items,
                nulls,
                rows,
            );
            Ok(Arc::new(
                list.map_err(|error| Problem::Arrow(error.to_string()))?,
            ))
        }
        (leaf_type, _) => leaf(leaf_type, rows, own, nulls),
    }
}

/// The child of a `+w:N`. A null in a child that is not nullable counts only where its parent is not null.
fn items(
    field: &Field,
    size: usize,
    rows: usize,
    item: Buffers,
    parents: Option<&NullBuffer>,
) -> Result<ArrayRef, Problem> {
    let mut nulls = nulls(&item, rows * size)?;
    if !field.is_nullable()
        && let Some(own) = nulls.take()
    {
        let under_null = |row: usize| parents.is_some_and(|parents| parents.is_null(row));
        let bad = own
            .iter()
            .enumerate()
            .find(|(index, valid)| !valid && !under_null(index / size));
        if let Some((index, _)) = bad {
            return Err(Problem::Null { row: index / size });
        }
    }
    leaf(field.data_type(), rows * size, item, nulls)
}

fn nulls(node: &Buffers, expected: usize) -> Result<Option<NullBuffer>, Problem> {
    if node.length != expected && stands(Point::ColumnLength) {
        return Err(Problem::Length {
            expected,
            found: node.length,
        });
    }
    if let Some(validity) = &node.validity {
        at_least("validity", validity, bit_util::ceil(expected, 8))?;
    }
    Ok(node.nulls())
}

fn at_least(buffer: &'static str, bytes: &Buffer, needed: usize) -> Result<(), Problem> {
    match bytes.len() {
        found if found < needed => Err(Problem::Short {
            buffer,
            needed,
            found,
        }),
        _ => Ok(()),
    }
}

fn first_null(nulls: &NullBuffer) -> Option<usize> {
    nulls.iter().position(|valid| !valid)
}

fn leaf(
    data_type: &DataType,
    length: usize,
    node: Buffers,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, Problem> {
    if matches!(data_type, DataType::Utf8 | DataType::Binary) {
        return text(data_type, length, node, nulls);
    }
    if node.offsets.is_some() {
        return Err(Problem::Unwanted("offsets"));
    }
    // A boolean is a bit.
    let (needed, alignment) = match width(data_type) {
        Some(width) => (length * width, width),
        None => (bit_util::ceil(length, 8), 1),
    };
    at_least("values", &node.values, needed)?;
    let values = aligned(node.values.slice_with_length(0, needed), alignment);
    array(data_type, length, vec![values], nulls).map_err(Problem::Arrow)
}

fn array(
    data_type: &DataType,
    length: usize,
    buffers: Vec<Buffer>,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, String> {
    let data = ArrayData::builder(data_type.clone())
        .len(length)
        .buffers(buffers)
        .nulls(nulls);
    data.build()
        .map(make_array)
        .map_err(|error| error.to_string())
}

/// The buffer itself if it starts at a multiple of `alignment`, else a copy that does.
fn aligned(buffer: Buffer, alignment: usize) -> Buffer {
    match buffer.as_ptr().align_offset(alignment) {
        0 => buffer,
        _ => Buffer::from(buffer.as_slice()),
    }
}

fn text(
    data_type: &DataType,
    length: usize,
    node: Buffers,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, Problem> {
    let offsets = node.offsets.ok_or(Problem::NoOffsets)?;
    if length == 0 {
        return Ok(arrow_array::new_empty_array(data_type));
    }
    let needed = (length + 1) * 4;
    at_least("offsets", &offsets, needed)?;
    let offsets = aligned(offsets.slice_with_length(0, needed), 4);
    check_offsets(offsets.typed_data(), node.values.len())?;
    let buffers = vec![offsets.clone(), node.values.clone()];
    match array(data_type, length, buffers, nulls.clone()) {
        Ok(array) => Ok(array),
        // Either a value is not UTF-8, or only what stands under a null is not: then the nulls are emptied.
        Err(_) => {
            let buffers = empty_nulls(
                data_type,
                offsets.typed_data(),
                &node.values,
                nulls.as_ref(),
            )?;
            array(data_type, length, buffers, nulls).map_err(Problem::Arrow)
        }
    }
}

fn check_offsets(offsets: &[i32], len: usize) -> Result<(), Problem> {
    let fits = |pair: &[i32]| 0 <= pair[0] && pair[0] <= pair[1];
    let last = offsets.last().copied().unwrap_or_default();
    if offsets.windows(2).all(fits) && last as usize <= len {
        return Ok(());
    }
    let bad = offsets
        .windows(2)
        .position(|pair| !fits(pair) || pair[1] as usize > len)
        .unwrap_or_default();
    Err(Problem::Offsets {
        row: bad,
        start: offsets[bad],
        end: offsets[bad + 1],
        len,
    })
}

/// The same values with nothing under nulls; `offsets` have been checked.
fn empty_nulls(
    data_type: &DataType,
    offsets: &[i32],
    values: &[u8],
    nulls: Option<&NullBuffer>,
) -> Result<Vec<Buffer>, Problem> {
    let mut kept = Vec::with_capacity(values.len());
    let mut ends = Vec::with_capacity(offsets.len());
    ends.push(0_i32);
    for (row, pair) in offsets.windows(2).enumerate() {
        if !nulls.is_some_and(|nulls| nulls.is_null(row)) {
            let value = &values[pair[0] as usize..pair[1] as usize];
            if *data_type == DataType::Utf8 && std::str::from_utf8(value).is_err() {
                return Err(Problem::NotUtf8 { row });
            }
            kept.extend_from_slice(value);
        }
        ends.push(
            i32::try_from(kept.len()).expect("no longer than the offsets, which are of 32 bits"),
        );
    }
    Ok(vec![Buffer::from_vec(ends), Buffer::from_vec(kept)])
}
