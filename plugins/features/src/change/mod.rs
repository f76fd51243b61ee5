//! What a step does to one column, once it is fitted. Every step but `derive` is a list of these, one for each of its columns.
pub mod bin;
pub mod fill;
pub mod one_hot;
pub mod ordinal;
pub mod scale;
pub mod target_mean;

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, UInt8Array};
use serde::{Deserialize, Serialize};

use crate::column::floats;
use crate::shape::Shape;

use bin::Bin;
use fill::Fill;
use one_hot::OneHot;
use ordinal::Ordinal;
use scale::Scale;
use target_mean::TargetMean;

/// A fitted change of a column. A state holds these: the order of the variants is part of its format.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub enum Change {
    /// Adds a column that is 1 where the value is missing.
    Flag,
    /// Puts a value where there is none.
    Fill(Fill),
    /// Becomes a column for each category.
    OneHot(OneHot),
    /// Becomes the number of the category.
    Ordinal(Ordinal),
    /// Becomes the mean of the target in the category.
    TargetMean(TargetMean),
    /// Is shifted and stretched.
    Scale(Scale),
    /// Becomes the number of the range.
    Bin(Bin),
    /// Goes.
    Drop,
}

impl Change {
    /// What becomes of the columns.
    pub fn shape(&self) -> Shape<'_> {
        match self {
            Change::Flag => Shape::Flag,
            Change::Fill(fill) => Shape::Fill {
                float: fill.makes_floats(),
            },
            Change::OneHot(one_hot) => Shape::OneHot(Some(one_hot.categories.keys())),
            Change::Ordinal(ordinal) => Shape::Ordinal(ordinal.unknown),
            Change::TargetMean(means) => Shape::TargetMean(means.unknown),
            Change::Scale(_) => Shape::Scale,
            Change::Bin(_) => Shape::Bin,
            Change::Drop => Shape::Drop,
        }
    }

    /// Whether the numbers fit together, of a state that was read.
    pub fn is_whole(&self) -> bool {
        match self {
            Change::TargetMean(means) => means.is_whole(),
            _ => true,
        }
    }

    /// The columns that come of the column, as the shape says. `raw` are the rows as the model took them.
    ///
    /// # Errors
    /// A sentence without the name of the column.
    pub fn apply(&self, column: &ArrayRef, raw: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
        let one = match self {
            Change::Flag => flag(column),
            Change::Fill(fill) => fill.apply(column)?,
            Change::OneHot(one_hot) => return one_hot.apply(column),
            Change::Ordinal(ordinal) => ordinal.apply(column)?,
            Change::TargetMean(means) => means.apply(column, raw)?,
            Change::Scale(scale) => scale.apply(column),
            Change::Bin(bin) => bin.apply(column),
            Change::Drop => return Ok(Vec::new()),
        };
        Ok(vec![one])
    }
}

fn flag(column: &ArrayRef) -> ArrayRef {
    let flags: UInt8Array = missing(column.as_ref()).map(u8::from).map(Some).collect();
    Arc::new(flags)
}

/// Whether each row holds nothing: a null, or a NaN.
fn missing(column: &dyn Array) -> Box<dyn Iterator<Item = bool> + '_> {
    if column.data_type().is_floating() {
        Box::new(floats(column).map(|value| value.is_none()))
    } else {
        Box::new((0..column.len()).map(|row| column.is_null(row)))
    }
}

/// Something that was learned: a row of the output `fitted`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What it is, e.g. `mean`.
    pub parameter: &'static str,
    /// The category or value that it is about.
    pub category: Option<String>,
    /// The figure.
    pub value: f64,
}

impl Fact {
    /// Of the column as a whole.
    pub fn new(parameter: &'static str, value: f64) -> Fact {
        Fact {
            parameter,
            category: None,
            value,
        }
    }

    /// Of one category.
    pub fn of(category: String, parameter: &'static str, value: f64) -> Fact {
        Fact {
            parameter,
            category: Some(category),
            value,
        }
    }
}

/// The finite numbers of a column of the training table.
///
/// # Errors
/// A sentence, when there are none or one is infinite.
fn finite(chunks: &[ArrayRef]) -> Result<Vec<f64>, String> {
    let mut values = Vec::new();
    let mut infinite = None;
    for (row, value) in crate::column::all_floats(chunks).enumerate() {
        match value {
            Some(value) if value.is_infinite() => {
                let (count, _) = infinite.get_or_insert((0_u64, row));
                *count += 1;
            }
            Some(value) => values.push(value),
            None => {}
        }
    }
    if let Some((count, row)) = infinite {
        return Err(format!(
            "{count} values are infinite, the first in row {row}; turn them into nulls in a step before"
        ));
    }
    if values.is_empty() {
        return Err(ALL_MISSING.to_owned());
    }
    Ok(values)
}

/// Nothing can be learned of such a column.
const ALL_MISSING: &str = "every value is missing; drop the column, or impute a constant";
