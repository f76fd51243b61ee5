//! The number of the category.
use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array};
use serde::{Deserialize, Serialize};

use super::Fact;
use super::one_hot::{codes, learn};
use crate::categories::{Categories, Code};
use crate::config::Unknown;
use crate::value::Key;

/// The categories, numbered.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Ordinal {
    /// In the order of their numbers.
    pub categories: Categories,
    /// What becomes of others.
    pub unknown: Unknown,
}

impl Ordinal {
    /// Learns the categories, or takes those that are given.
    pub fn fit(
        chunks: &[ArrayRef],
        given: Option<&[Key]>,
        unknown: Unknown,
    ) -> Result<(Ordinal, Vec<Fact>), String> {
        let (categories, rows) = learn(chunks, given)?;
        let numbers = rows.iter().zip(0_u32..).map(|(fact, number)| Fact {
            parameter: "number",
            value: number.into(),
            ..fact.clone()
        });
        let facts = numbers.zip(&rows);
        let facts = facts.flat_map(|(number, rows)| [number, rows.clone()]);
        let facts = facts.collect();
        let ordinal = Ordinal {
            categories,
            unknown,
        };
        Ok((ordinal, facts))
    }

    /// The numbers.
    ///
    /// # Errors
    /// A value is no category, and such rows are refused.
    pub fn apply(&self, column: &ArrayRef) -> Result<ArrayRef, String> {
        let codes = codes(&self.categories, self.unknown, column.as_ref())?.into_iter();
        let numbers = codes.map(|code| match code {
            Code::Known(code) => i32::try_from(code).ok(),
            Code::Missing | Code::Unknown => None,
        });
        Ok(Arc::new(numbers.collect::<Int32Array>()))
    }
}
