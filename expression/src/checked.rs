//! An expression that fits a schema.
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Field};
use std::sync::Arc;

use crate::evaluate::evaluate;
use crate::node::{Node, Step};
use crate::types::Type;

/// An expression whose columns, functions and types are right for a schema.
#[derive(Clone, Debug)]
pub struct Checked {
    pub(crate) root: Node,
}

/// The batch is not of the schema that the expression was checked against. Values are never the reason.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EvaluateError {
    /// A column is missing.
    #[error("the batch has no column {0:?}, which the expression was checked with")]
    NoColumn(String),
    /// A column has another type.
    #[error("column {name:?} is {found}, and was {checked} when the expression was checked")]
    ColumnType {
        /// The column.
        name: String,
        /// Its type when the expression was checked.
        checked: DataType,
        /// Its type now.
        found: DataType,
    },
}

impl Checked {
    /// The type of the column that comes out: one of `Boolean`, `Int64`, `Float64`, `Utf8`, `Date32` and `Timestamp`; that of the
    /// column if the expression is the name of a column alone.
    pub fn data_type(&self) -> DataType {
        match &self.root.step {
            Step::Column { stored, .. } => stored.clone(),
            _ => self.root.of.data_type(),
        }
    }

    /// Whether the column that comes out may hold nulls.
    pub fn nullable(&self) -> bool {
        self.root.nullable
    }

    /// The field of the column that comes out, under a name.
    pub fn field(&self, name: impl Into<String>) -> Field {
        Field::new(name, self.data_type(), self.nullable())
    }

    /// Computes the column: as many values as the batch has rows, each of its own row alone.
    ///
    /// # Errors
    /// When the batch is not of the schema that the expression was checked against; columns may be in another order, and there may
    /// be more of them.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<ArrayRef, EvaluateError> {
        if let Step::Column { name, stored } = &self.root.step {
            return column(batch, name, stored).cloned();
        }
        let array = evaluate(&self.root, batch)?.expanded(batch.num_rows());
        Ok(match self.root.of {
            Type::Float => one_nan(array),
            _ => array,
        })
    }

    /// The rows for which a condition is true, neither false nor null.
    ///
    /// # Errors
    /// As [`evaluate`](Checked::evaluate).
    ///
    /// # Panics
    /// When the expression is no condition; [`check_condition`](crate::Expression::check_condition) made sure that it is.
    pub fn holds(&self, batch: &RecordBatch) -> Result<BooleanBuffer, EvaluateError> {
        let answers = self.evaluate(batch)?;
        let answers = answers.as_boolean();
        Ok(match answers.nulls() {
            None => answers.values().clone(),
            Some(nulls) => answers.values() & nulls.inner(),
        })
    }
}

/// The column, if it is what it was.
pub fn column<'a>(
    batch: &'a RecordBatch,
    name: &str,
    stored: &DataType,
) -> Result<&'a ArrayRef, EvaluateError> {
    let found = batch.column_by_name(name);
    let found = found.ok_or_else(|| EvaluateError::NoColumn(name.to_owned()))?;
    if found.data_type() == stored {
        Ok(found)
    } else {
        Err(EvaluateError::ColumnType {
            name: name.to_owned(),
            checked: stored.clone(),
            found: found.data_type().clone(),
        })
    }
}

/// Processors disagree about the bits of a NaN that they compute.
fn one_nan(array: ArrayRef) -> ArrayRef {
    let floats = array.as_primitive::<Float64Type>();
    if !floats.values().iter().any(|value| value.is_nan()) {
        return array;
    }
    let one = |value: f64| if value.is_nan() { f64::NAN } else { value };
    Arc::new(floats.unary::<_, Float64Type>(one))
}
