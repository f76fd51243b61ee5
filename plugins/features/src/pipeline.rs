//! Fitted steps, bound to the columns they work on: what the scorer is.
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema, SchemaRef};
use lockflight_expression::{Checked, Expression};
use lockflight_sdk::type_name;

use crate::change::Change;
use crate::shape::{Layout, Misfit};

/// Steps from the columns that are taken to those that are given.
#[derive(Debug)]
pub struct Pipeline {
    takes: SchemaRef,
    layout: Layout,
    steps: Vec<Step>,
}

/// A step, bound.
#[derive(Debug)]
pub enum Step {
    /// Adds a column.
    Derive {
        /// Its name.
        name: String,
        /// What it is computed from.
        expression: Expression,
        /// The same, held against the columns before the step.
        checked: Checked,
        /// Where those stand that it is computed from.
        places: Vec<usize>,
        /// The schema of these: a table of all columns would cost more than most expressions.
        operands: SchemaRef,
    },
    /// Changes a column.
    Change {
        /// Its name.
        column: String,
        /// Where it stands before the step.
        at: usize,
        /// What becomes of it.
        change: Change,
    },
}

impl Pipeline {
    /// No step yet: what is taken is given.
    pub fn new(takes: SchemaRef) -> Pipeline {
        let fields = takes.fields().iter().map(|field| field.as_ref().clone());
        Pipeline {
            layout: Layout::new(fields),
            takes,
            steps: Vec::new(),
        }
    }

    /// The columns wanted, in order.
    pub fn takes(&self) -> &SchemaRef {
        &self.takes
    }

    /// The columns after the last step, in order.
    pub fn gives(&self) -> SchemaRef {
        Arc::new(Schema::new(self.layout.fields().to_vec()))
    }

    /// The steps, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Where a column stands after the last step.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.layout.position(column)
    }

    /// The type of a column after the last step.
    pub fn field(&self, at: usize) -> &Field {
        &self.layout.fields()[at]
    }

    /// Appends a step that adds a column.
    ///
    /// # Errors
    /// The expression does not fit the columns, or there is a column of that name.
    pub fn derive(&mut self, name: &str, expression: Expression) -> Result<(), Misfit> {
        let before = self.gives();
        let checked = expression
            .check(&before)
            .map_err(|fault| misfit_of(&fault, expression.source()))?;
        let places: Vec<usize> = (expression.columns().into_iter())
            .filter_map(|column| self.position(column))
            .collect();
        let operands = before.project(&places).expect("the places of columns");
        self.layout.add(checked.field(name))?;
        self.steps.push(Step::Derive {
            name: name.to_owned(),
            expression,
            checked,
            places,
            operands: Arc::new(operands),
        });
        Ok(())
    }

    /// Appends a step that changes a column.
    ///
    /// # Errors
    /// There is no such column, it is of a wrong type, or what becomes of it has the name of another.
    pub fn change(&mut self, column: &str, change: Change) -> Result<(), Misfit> {
        let at = self
            .position(column)
            .ok_or_else(|| Misfit::new(format!("there is no column {column:?}")))?;
        let outcome = change.shape().outcome(self.field(at))?;
        self.layout.put(at, outcome)?;
        self.steps.push(Step::Change {
            column: column.to_owned(),
            at,
            change,
        });
        Ok(())
    }

    /// The columns of `gives` for rows with the columns of `takes`.
    ///
    /// # Errors
    /// A sentence that names the column and what is wrong with it.
    pub fn apply(&self, raw: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
        self.accepts(raw)?;
        let mut columns = raw.columns().to_vec();
        for step in &self.steps {
            step.apply(&mut columns, raw)?;
        }
        Ok(columns)
    }

    fn accepts(&self, raw: &RecordBatch) -> Result<(), String> {
        let (fields, given) = (self.takes.fields(), raw.columns());
        if fields.len() != given.len() {
            let (is, wanted) = (given.len(), fields.len());
            return Err(format!("the rows have {is} columns instead of {wanted}"));
        }
        for (field, column) in fields.iter().zip(given) {
            let (name, is, wanted) = (field.name(), column.data_type(), field.data_type());
            if is != wanted {
                return Err(format!(
                    "column {name:?} is {}, and was {} in the training table",
                    type_name(is),
                    type_name(wanted)
                ));
            }
        }
        Ok(())
    }
}

impl Step {
    /// Takes the columns one step further.
    ///
    /// # Errors
    /// As [`Pipeline::apply`].
    pub fn apply(&self, columns: &mut Vec<ArrayRef>, raw: &RecordBatch) -> Result<(), String> {
        match self {
            Step::Derive {
                name,
                checked,
                places,
                operands,
                ..
            } => {
                let options = RecordBatchOptions::new().with_row_count(Some(raw.num_rows()));
                let values = places.iter().map(|&at| columns[at].clone()).collect();
                let batch = RecordBatch::try_new_with_options(operands.clone(), values, &options);
                let batch = batch.map_err(|error| error.to_string())?;
                let column = checked.evaluate(&batch);
                columns.push(column.map_err(|error| format!("column {name:?}: {error}"))?);
            }
            Step::Change { column, at, change } => {
                let made = change.apply(&columns[*at], raw);
                let made = made.map_err(|message| format!("column {column:?}: {message}"))?;
                if matches!(change, Change::Flag) {
                    columns.extend(made);
                } else {
                    columns.splice(*at..=*at, made);
                }
            }
        }
        Ok(())
    }
}

/// A fault of an expression, underlined in its text.
pub fn misfit_of(fault: &lockflight_expression::Fault, source: &str) -> Misfit {
    Misfit {
        message: fault.underlined(source),
        help: fault.help.clone(),
    }
}
