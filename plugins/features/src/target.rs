//! The column that is to be predicted, as numbers.
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema};
use lockflight_sdk::{Failure, Problem, did_you_mean, type_name};

use crate::column::floats;
use crate::config::Config;

/// How to read the target.
#[derive(Clone, Debug)]
pub struct Target {
    name: String,
    /// Of a target of text: what counts as 1.
    positive: Option<String>,
}

impl Target {
    /// The target of the config, held against the table.
    ///
    /// # Errors
    /// There is no such column, or it is none that means can be taken of.
    pub fn of(config: &Config, schema: &Schema) -> Result<Option<Target>, Problem> {
        let Some(name) = &config.target else {
            return Ok(None);
        };
        let names = || schema.fields().iter().map(|field| field.name().as_str());
        let Some((_, field)) = schema.fields().find(name) else {
            let problem = Problem::config("/target", format!("there is no column {name:?}"));
            return Err(match did_you_mean(name, names()) {
                Some(guess) => problem.help(format!("did you mean {guess:?}?")),
                None => problem.help(format!(
                    "the columns are {}",
                    names().collect::<Vec<_>>().join(", ")
                )),
            });
        };
        if config.positive.is_some() && *field.data_type() != DataType::Utf8 {
            let is = type_name(field.data_type());
            let message = format!("this is for a target of text, and {name:?} is {is}");
            return Err(Problem::config("/positive", message));
        }
        Ok(Some(Target {
            name: name.clone(),
            positive: config.positive.clone(),
        }))
    }

    /// The column.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether means can be taken of it.
    ///
    /// # Errors
    /// What is wrong, and what to do.
    pub fn has_means(&self, schema: &Schema) -> Result<(), Problem> {
        let Some((_, field)) = schema.fields().find(&self.name) else {
            return Ok(());
        };
        match field.data_type() {
            DataType::Boolean => Ok(()),
            number if number.is_integer() || number.is_floating() => Ok(()),
            DataType::Utf8 if self.positive.is_some() => Ok(()),
            other => {
                let message = format!(
                    "target-mean needs numbers, and {:?} is {}",
                    self.name,
                    type_name(other)
                );
                let problem = Problem::config("/target", message);
                Err(match other {
                    DataType::Utf8 => problem.help("say which text counts as 1 with `positive`"),
                    _ => problem,
                })
            }
        }
    }

    /// The target of every row, none where it is missing.
    ///
    /// # Errors
    /// A value is no finite number, all are missing, or all are the same.
    pub fn read(&self, batches: &[RecordBatch]) -> Result<Vec<Option<f64>>, Failure> {
        let mut values = Vec::new();
        let mut odd = Vec::new();
        for batch in batches {
            let column = batch.column_by_name(&self.name);
            let column = column.ok_or_else(|| self.fault("is not there"))?;
            self.append(column.as_ref(), &mut values, &mut odd);
        }
        if let Some(first) = odd.first() {
            let (count, rows) = (odd.len(), values.len());
            let message = format!(
                "is NaN or infinite in {count} of {rows} rows, the first of them row {first}"
            );
            return Err(self.fault(message));
        }
        let mut known = values.iter().flatten();
        let first = known.next().ok_or_else(|| self.fault("has no value"))?;
        if known.all(|value| value == first) {
            let message = format!("is {first} in every row, so that there is nothing to predict");
            return Err(self.fault(message));
        }
        Ok(values)
    }

    /// Appends the values of a batch, and the numbers of the rows where they are no finite numbers.
    fn append(&self, column: &dyn Array, values: &mut Vec<Option<f64>>, odd: &mut Vec<usize>) {
        if let Some(texts) = column.as_string_opt::<i32>() {
            let positive = self.positive.as_deref();
            let number = |text| f64::from(u8::from(Some(text) == positive));
            values.extend(texts.iter().map(|text| text.map(number)));
            return;
        }
        for (row, value) in floats(column).enumerate() {
            // `floats` takes a NaN for a missing value; in a target it is an error.
            if value.map_or(column.is_valid(row), f64::is_infinite) {
                odd.push(values.len());
            }
            values.push(value);
        }
    }

    fn fault(&self, message: impl std::fmt::Display) -> Failure {
        Failure::data(format!("the target {:?} {message}", self.name))
    }
}
