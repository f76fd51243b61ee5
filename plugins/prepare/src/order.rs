//! Steps that compare rows with each other: sort and deduplicate.
use std::collections::HashSet;

use arrow_array::BooleanArray;
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};
use arrow_schema::{DataType, Schema, SchemaRef, SortOptions};
use arrow_select::filter::filter_record_batch;
use lockflight_sdk::{Failure, Problem, type_name};

use crate::config::Keep;
use crate::flow::{Flow, Open, Step, collected, map, picked};
use crate::keys::Encoder;
use crate::problem::At;

/// Rows in the order of some columns; rows that are equal in them stay in their order.
#[derive(Debug)]
pub struct Sort {
    keys: Vec<(usize, SortOptions)>,
    schema: SchemaRef,
}

impl Sort {
    /// The columns, with a minus sign before the names of those that descend.
    pub fn new(schema: &SchemaRef, names: &[String], at: &At) -> Result<Sort, Vec<Problem>> {
        let mut keys: Vec<(usize, SortOptions)> = Vec::new();
        let mut problems = Vec::new();
        if names.is_empty() {
            problems.push(at.problem("no column to sort by is named"));
        }
        for (position, name) in names.iter().enumerate() {
            let at = at.below(position);
            let (name, descending) = match name.strip_prefix('-') {
                Some(name_behind) if schema.index_of(name).is_err() => (name_behind, true),
                _ => (name.as_str(), false),
            };
            match key(schema, name, &at) {
                Ok(column) if keys.iter().any(|(other, _)| *other == column) => {
                    problems.push(at.problem(format!("{name:?} is listed twice")));
                }
                Ok(column) => keys.push((column, SortOptions::new(descending, false))),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Sort {
            keys,
            schema: schema.clone(),
        })
    }
}

/// The number of a column that can be compared.
pub fn key(schema: &Schema, name: &str, at: &At) -> Result<usize, Problem> {
    let column = at.column(schema, name)?;
    match schema.field(column).data_type() {
        DataType::FixedSizeList(..) => {
            let of = type_name(schema.field(column).data_type());
            Err(at.problem(format!("column {name:?} is {of}: vectors are not compared")))
        }
        _ => Ok(column),
    }
}

impl Step for Sort {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn apply<'a>(&'a self, rows: Flow<'a>, _: Open<'a>) -> Result<Flow<'a>, Failure> {
        let all = collected(rows, &self.schema)?;
        let keys = Encoder::ordered(&self.schema, &self.keys)?.encode(&all)?;
        let mut order: Vec<u32> = (0..all.num_rows() as u32).collect();
        order.sort_by(|a, b| keys.row(*a as usize).cmp(&keys.row(*b as usize)));
        Ok(picked(all, order))
    }
}

/// One row of those that are equal in some columns. Null is equal to null.
#[derive(Debug)]
pub struct Deduplicate {
    keys: Vec<usize>,
    keep: Keep,
    schema: SchemaRef,
}

impl Deduplicate {
    /// The columns; none are all.
    pub fn new(
        schema: &SchemaRef,
        names: &[String],
        keep: Keep,
        at: &At,
    ) -> Result<Deduplicate, Vec<Problem>> {
        let all: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        let names = if names.is_empty() { &all } else { names };
        let mut problems = Vec::new();
        let mut keys = Vec::new();
        for (position, name) in names.iter().enumerate() {
            let at = if names.len() == all.len() {
                at.clone()
            } else {
                at.below(position)
            };
            match key(schema, name, &at) {
                Ok(column) => keys.push(column),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Deduplicate {
            keys,
            keep,
            schema: schema.clone(),
        })
    }
}

impl Step for Deduplicate {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn apply<'a>(&'a self, rows: Flow<'a>, _: Open<'a>) -> Result<Flow<'a>, Failure> {
        let encoder = Encoder::new(&self.schema, &self.keys)?;
        let mut seen: HashSet<Vec<u8>> = HashSet::new();
        if self.keep == Keep::First {
            return Ok(map(rows, move |from| {
                let keys = encoder.encode(&from)?;
                let fresh = |row: usize| seen.insert(keys.row(row).as_ref().to_vec());
                let keep = BooleanBuffer::from_iter((0..from.num_rows()).map(fresh));
                Ok(filter_record_batch(&from, &BooleanArray::new(keep, None))?)
            }));
        }
        let all = collected(rows, &self.schema)?;
        let keys = encoder.encode(&all)?;
        let mut keep = BooleanBufferBuilder::new(all.num_rows());
        keep.append_n(all.num_rows(), false);
        for row in (0..all.num_rows()).rev() {
            if seen.insert(keys.row(row).as_ref().to_vec()) {
                keep.set_bit(row, true);
            }
        }
        let kept: Vec<u32> = keep.finish().set_indices().map(|row| row as u32).collect();
        Ok(picked(all, kept))
    }
}
