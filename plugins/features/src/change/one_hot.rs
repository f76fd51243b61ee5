//! A column of zeros and ones for each category.
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, UInt8Array};
use serde::{Deserialize, Serialize};

use super::{ALL_MISSING, Fact};
use crate::categories::{Categories, Code, Counts};
use crate::config::Unknown;
use crate::value::Key;

/// The categories, a column each.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct OneHot {
    /// In the order of their columns.
    pub categories: Categories,
    /// What becomes of others.
    pub unknown: Unknown,
}

impl OneHot {
    /// Learns the categories, or takes those that are given.
    pub fn fit(
        chunks: &[ArrayRef],
        given: Option<&[Key]>,
        unknown: Unknown,
        max: u32,
    ) -> Result<(OneHot, Vec<Fact>), String> {
        let (categories, facts) = learn(chunks, given)?;
        if categories.len() > max as usize {
            return Err(format!(
                "there are {} categories, and each would become a column; use ordinal or target-mean, or raise max-categories, \
                 which is {max}",
                categories.len()
            ));
        }
        let one_hot = OneHot {
            categories,
            unknown,
        };
        Ok((one_hot, facts))
    }

    /// A column for each category.
    ///
    /// # Errors
    /// A value is no category, and such rows are refused.
    pub fn apply(&self, column: &ArrayRef) -> Result<Vec<ArrayRef>, String> {
        let codes = codes(&self.categories, self.unknown, column.as_ref())?;
        let mut columns = vec![vec![0_u8; codes.len()]; self.categories.len()];
        for (row, code) in codes.into_iter().enumerate() {
            if let Code::Known(code) = code {
                columns[code as usize][row] = 1;
            }
        }
        let arrays = columns.into_iter();
        Ok(arrays
            .map(|values| Arc::new(UInt8Array::from(values)) as ArrayRef)
            .collect())
    }
}

/// The categories of a column with the rows of each; `given` ones stay as they are.
pub fn learn(
    chunks: &[ArrayRef],
    given: Option<&[Key]>,
) -> Result<(Categories, Vec<Fact>), String> {
    let counts = Counts::of(chunks).into_sorted();
    let data_type = chunks.first().ok_or(ALL_MISSING)?.data_type();
    let rows_of = |key: &Key| {
        let found = counts.binary_search_by(|(other, _)| other.cmp(key));
        found.map_or(0, |at| counts[at].1)
    };
    let keys = match given {
        Some(given) => given.to_vec(),
        None if counts.is_empty() => return Err(ALL_MISSING.to_owned()),
        None => counts.iter().map(|(key, _)| key.clone()).collect(),
    };
    let facts = keys
        .iter()
        .map(|key| Fact::of(key.show(data_type), "rows", rows_of(key) as f64));
    let facts = facts.collect();
    Ok((keys.into(), facts))
}

/// The category of every row; unknown ones are refused if they have to be.
pub fn codes(
    categories: &Categories,
    unknown: Unknown,
    column: &dyn Array,
) -> Result<Vec<Code>, String> {
    match unknown {
        Unknown::Missing => Ok(categories.codes(column)),
        Unknown::Error => categories.known_codes(column),
    }
}
