//! Joins with another input on equal keys.
use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{BooleanArray, RecordBatch, UInt32Array};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Schema, SchemaRef};
use arrow_select::filter::filter_record_batch;
use arrow_select::take::take;
use lockflight_sdk::{Failure, Problem, type_name};

use crate::columns::schema_like;
use crate::config::{How, On};
use crate::flow::{Flow, Open, Step, batch, collected, map, scan};
use crate::keys::{Encoder, common_type};
use crate::problem::At;

/// A join with an input, which is read into memory; the rows stream past it.
#[derive(Debug)]
pub struct Join {
    input: String,
    how: How,
    left_keys: Vec<usize>,
    right_keys: Vec<usize>,
    types: Vec<DataType>,
    /// The other input's columns that come out.
    right_columns: Vec<usize>,
    right: SchemaRef,
    schema: SchemaRef,
}

/// What a join is asked for.
pub struct Asked<'a> {
    /// The other input and its columns.
    pub input: &'a str,
    /// Its schema.
    pub right: &'a SchemaRef,
    /// The keys.
    pub on: &'a On,
    /// Which rows come out.
    pub how: How,
    /// For names that are taken.
    pub suffix: Option<&'a str>,
}

impl Join {
    /// Finds the keys and names the columns.
    pub fn new(schema: &Schema, asked: &Asked<'_>, step: &At) -> Result<Join, Vec<Problem>> {
        let (left_keys, right_keys, types) = keys(schema, asked, &step.below("on"))?;
        let right_columns: Vec<usize> = match asked.how {
            How::Semi | How::Anti => Vec::new(),
            _ => (0..asked.right.fields().len())
                .filter(|column| !right_keys.contains(column))
                .collect(),
        };
        let mut fields = schema.fields().to_vec();
        let mut problems = Vec::new();
        for column in &right_columns {
            let mut field = asked.right.field(*column).clone();
            let taken = |name: &str| fields.iter().any(|field| field.name() == name);
            if taken(field.name()) {
                let name = field.name().clone();
                let renamed = asked.suffix.map(|suffix| format!("{name}{suffix}"));
                match renamed {
                    Some(renamed) if !taken(&renamed) => field = field.with_name(renamed),
                    Some(renamed) => problems.push(step.below("suffix").problem(format!(
                        "both {name:?} and {renamed:?} are names of columns already"
                    ))),
                    None => problems.push(
                        step.below("join")
                            .problem(format!("both have a column {name:?}"))
                            .help("name it in on, drop or rename it before, or give a suffix for the other input's"),
                    ),
                }
            }
            let nullable = field.is_nullable() || asked.how == How::Left;
            fields.push(Arc::new(field.with_nullable(nullable)));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Join {
            input: asked.input.to_owned(),
            how: asked.how,
            left_keys,
            right_keys,
            types,
            right_columns,
            right: asked.right.clone(),
            schema: schema_like(schema, fields),
        })
    }

    fn right(&self, open: Open<'_>) -> Result<Right, Failure> {
        let rows = collected(scan(&open(&self.input)?), &self.right)?;
        let encoder = Encoder::of_types(self.right_keys.clone(), self.types.clone())?;
        let keys = encoder.encode(&rows)?;
        let mut matches: HashMap<Vec<u8>, Vec<u32>> = HashMap::new();
        for row in 0..rows.num_rows() {
            if !encoder.has_null(&rows, row) {
                let key = keys.row(row).as_ref().to_vec();
                matches.entry(key).or_default().push(row as u32);
            }
        }
        Ok(Right { rows, matches })
    }
}

/// The other input in memory.
struct Right {
    rows: RecordBatch,
    /// Ascending rows by key; only looked up, so that its order is nowhere seen.
    matches: HashMap<Vec<u8>, Vec<u32>>,
}

type Keys = (Vec<usize>, Vec<usize>, Vec<DataType>);

fn keys(schema: &Schema, asked: &Asked<'_>, at: &At) -> Result<Keys, Vec<Problem>> {
    let On(pairs) = asked.on;
    let mut keys = Keys::default();
    let mut problems = Vec::new();
    if pairs.is_empty() {
        problems.push(at.problem("a join needs a column to be equal"));
    }
    for (left, right) in pairs {
        let right_column = at.column(asked.right, right).map_err(|mut problem| {
            problem.message = format!("input {:?} has no column {right:?}", asked.input);
            problem
        });
        match (at.column(schema, left), right_column) {
            (Ok(left_column), Ok(right_column)) => {
                let (a, b) = (schema.field(left_column), asked.right.field(right_column));
                let common = common_type(a.data_type(), b.data_type());
                match common.filter(|common| !matches!(common, DataType::FixedSizeList(..))) {
                    Some(common) => {
                        keys.0.push(left_column);
                        keys.1.push(right_column);
                        keys.2.push(common);
                    }
                    None => problems.push(at.problem(format!(
                        "column {left:?} is {} and {right:?} of the input {:?} is {}: they cannot be compared",
                        type_name(a.data_type()),
                        asked.input,
                        type_name(b.data_type()),
                    ))),
                }
            }
            (left, right) => problems.extend(left.err().into_iter().chain(right.err())),
        }
    }
    if problems.is_empty() {
        Ok(keys)
    } else {
        Err(problems)
    }
}

impl Step for Join {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn apply<'a>(&'a self, rows: Flow<'a>, open: Open<'a>) -> Result<Flow<'a>, Failure> {
        let right = self.right(open)?;
        let encoder = Encoder::of_types(self.left_keys.clone(), self.types.clone())?;
        Ok(map(rows, move |left| {
            let keys = encoder.encode(&left)?;
            let matches = |row: usize| match encoder.has_null(&left, row) {
                true => None,
                false => right.matches.get(keys.row(row).as_ref()),
            };
            match self.how {
                How::Semi | How::Anti => {
                    let wanted = self.how == How::Semi;
                    let keep = BooleanBuffer::collect_bool(left.num_rows(), |row| {
                        matches(row).is_some() == wanted
                    });
                    Ok(filter_record_batch(&left, &BooleanArray::new(keep, None))?)
                }
                How::Inner | How::Left => self.paired(&left, &right.rows, matches),
            }
        }))
    }
}

impl Join {
    /// Every pair of rows, by the order of the left, then of the right.
    fn paired<'m>(
        &self,
        left: &RecordBatch,
        right: &RecordBatch,
        matches: impl Fn(usize) -> Option<&'m Vec<u32>>,
    ) -> Result<RecordBatch, Failure> {
        let mut left_rows = Vec::new();
        let mut right_rows = Vec::new();
        for row in 0..left.num_rows() {
            match matches(row) {
                Some(found) => {
                    left_rows.extend(found.iter().map(|_| row as u32));
                    right_rows.extend(found.iter().map(|found| Some(*found)));
                }
                None if self.how == How::Left => {
                    left_rows.push(row as u32);
                    right_rows.push(None);
                }
                None => {}
            }
        }
        let (left_rows, right_rows) = (UInt32Array::from(left_rows), UInt32Array::from(right_rows));
        let mut columns = Vec::new();
        for column in left.columns() {
            columns.push(take(column, &left_rows, None)?);
        }
        for column in &self.right_columns {
            columns.push(take(right.column(*column), &right_rows, None)?);
        }
        batch(&self.schema, columns, left_rows.len())
    }
}
