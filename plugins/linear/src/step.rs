//! The step: what is learnt, and how it is applied.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::{Score, state};
use serde::{Deserialize, Serialize};

use crate::config::{Missing, Task};
use crate::logistic::probability;
use crate::values::{is_number, numbers};

/// A fitted line: a weighted sum of the features, and for two classes the probability that it stands for.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Linear {
    pub(crate) task: Task,
    pub(crate) missing: Missing,
    pub(crate) prediction: String,
    #[serde(with = "state::schema")]
    pub(crate) takes: SchemaRef,
    /// The sum where every feature has its mean.
    pub(crate) base: f64,
    /// One for each column of `takes`.
    pub(crate) terms: Vec<Term>,
}

/// What a feature adds to the sum: its distance from the mean times the coefficient.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Term {
    pub(crate) mean: f64,
    /// For one unit of the feature.
    pub(crate) coefficient: f64,
}

/// The schema of the answer: the column of predictions alone.
pub(crate) fn gives(prediction: &str) -> SchemaRef {
    let field = Field::new(prediction, DataType::Float64, false);
    Arc::new(Schema::new(vec![field]))
}

impl Linear {
    /// The weighted sums: the prediction of a regression, log-odds for two classes.
    ///
    /// # Errors
    /// A value that cannot be used.
    pub(crate) fn sums(&self, rows: &RecordBatch) -> Result<Vec<f64>, String> {
        let mut sums = vec![self.base; rows.num_rows()];
        let fields = self.takes.fields().iter();
        for ((column, term), field) in rows.columns().iter().zip(&self.terms).zip(fields) {
            self.add(column, *term, field.name(), &mut sums)?;
        }
        if sums.iter().all(|sum| sum.is_finite()) {
            Ok(sums)
        } else {
            Err("the values of a row are too large to compute with".to_owned())
        }
    }

    fn add(
        &self,
        column: &ArrayRef,
        term: Term,
        name: &str,
        sums: &mut [f64],
    ) -> Result<(), String> {
        if self.missing == Missing::Error && column.null_count() > 0 {
            return Err(format!(
                "column {name:?} is null in {} of {} rows, and the step was trained with `missing = \"error\"`",
                column.null_count(),
                column.len()
            ));
        }
        for (row, (value, sum)) in numbers(column).into_iter().zip(sums).enumerate() {
            // The mean stands in for null, and adds nothing.
            if column.is_valid(row) {
                if !value.is_finite() {
                    return Err(format!(
                        "column {name:?} is {value} in a row; linear predicts from finite numbers, and null for one that is not known"
                    ));
                }
                *sum += (value - term.mean) * term.coefficient;
            }
        }
        Ok(())
    }
}

impl Score for Linear {
    const VERSION: u32 = 1;
    const KIND: &'static str = "linear";

    fn takes(&self) -> SchemaRef {
        self.takes.clone()
    }

    fn gives(&self) -> SchemaRef {
        gives(&self.prediction)
    }

    fn save(&self) -> Vec<u8> {
        state::to_bytes(self)
    }

    fn load(payload: &[u8]) -> Result<Linear, String> {
        let step: Linear = state::from_bytes(payload)?;
        let fields = step.takes.fields();
        if fields.len() != step.terms.len() {
            let (terms, columns) = (step.terms.len(), fields.len());
            return Err(format!(
                "the state has {terms} coefficients for {columns} columns"
            ));
        }
        match fields.iter().find(|field| !is_number(field.data_type())) {
            None => Ok(step),
            Some(field) => Err(format!(
                "the state has a coefficient for {:?}, which is no number",
                field.name()
            )),
        }
    }

    fn score(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
        let mut sums = self.sums(rows)?;
        if self.task == Task::Binary {
            for sum in &mut sums {
                *sum = probability(*sum);
            }
        }
        Ok(vec![Arc::new(Float64Array::from(sums))])
    }
}
