//! Reading the target and the weights.

use std::collections::BTreeSet;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use lockflight_sdk::{Failure, Table};

use crate::config::{Config, Task};
use crate::objective::Target;
use crate::values::numbers;

/// How many other classes are kept for a message.
const NAMED: usize = 5;

/// Target and weights of all rows of a table.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    values: Vec<f64>,
    weights: Option<Vec<f64>>,
    /// Of a target of type text: the classes beside the positive one.
    others: BTreeSet<String>,
}

/// Rows with the same fault.
#[derive(Debug)]
struct Fault {
    what: &'static str,
    rows: u64,
    first: u64,
}

impl Labels {
    /// Reads a table to learn from.
    ///
    /// # Errors
    /// When there is nothing to learn: no rows, no values or values that are none, one value or class alone.
    pub fn of_training(
        table: &Table,
        input: &str,
        config: &Config,
        task: Task,
    ) -> Result<Labels, Failure> {
        let labels = Labels::read(table, input, config, task)?;
        labels.holds_something(input, config)?;
        Ok(labels)
    }

    /// Reads a validation table.
    ///
    /// # Errors
    /// As for [`of_training`](Labels::of_training), but one value alone will do, and a class has to be one of those in training.
    pub fn of_validation(
        table: &Table,
        input: &str,
        config: &Config,
        task: Task,
        training: &Labels,
    ) -> Result<Labels, Failure> {
        let labels = Labels::read(table, input, config, task)?;
        match labels.others.difference(&training.others).next() {
            None => Ok(labels),
            Some(class) => Err(Failure::data(format!(
                "{input}: column {:?} has the class {class:?}, which was never seen in training",
                config.target
            ))),
        }
    }

    /// What is learnt from.
    pub fn target(&self) -> Target<'_> {
        Target {
            values: &self.values,
            weights: self.weights.as_deref(),
        }
    }

    fn read(table: &Table, input: &str, config: &Config, task: Task) -> Result<Labels, Failure> {
        if table.rows() == 0 {
            return Err(Failure::data(format!("{input}: the table has no rows")));
        }
        if table.rows() > u64::from(u32::MAX) {
            let message = format!("{input}: {} rows are more than {}", table.rows(), u32::MAX);
            return Err(Failure::data(message));
        }
        let mut labels = Labels::default();
        let mut faults = Vec::new();
        let mut names = vec![config.target.as_str()];
        if let Some(weight) = &config.weight {
            names.push(weight);
            labels.weights = Some(Vec::new());
        }
        for batch in table.scan_columns(&names) {
            labels.add_target(&batch, config, task, &mut faults);
        }
        refuse(input, &config.target, &faults, table.rows())?;
        if let (Some(weights), Some(name)) = (&mut labels.weights, &config.weight) {
            let mut faults = Vec::new();
            for batch in table.scan_columns(&[name]) {
                let start = weights.len();
                extend(weights, batch.column(0));
                for (row, weight) in weights.iter().enumerate().skip(start) {
                    let is_fine = weight.is_finite() && *weight >= 0.0;
                    note(&mut faults, row, "is no number from 0 on", !is_fine);
                }
            }
            refuse(input, name, &faults, table.rows())?;
        }
        Ok(labels)
    }

    /// Adds the targets of some rows.
    fn add_target(
        &mut self,
        batch: &RecordBatch,
        config: &Config,
        task: Task,
        faults: &mut Vec<Fault>,
    ) {
        let column = batch.column(0);
        let start = self.values.len();
        if *column.data_type() == DataType::Utf8 {
            let text = column.as_string::<i32>();
            for row in 0..text.len() {
                let class = text.is_valid(row).then(|| text.value(row));
                let is_positive = class == config.positive.as_deref();
                self.values.push(f64::from(u8::from(is_positive)));
                if let Some(class) = class
                    && !is_positive
                    && !self.others.contains(class)
                {
                    self.others.insert(class.to_owned());
                }
            }
        } else {
            extend(&mut self.values, column);
        }
        for row in 0..column.len() {
            let value = self.values[start + row];
            let is_null = column.is_null(row);
            note(faults, start + row, "is null", is_null);
            if !is_null {
                note(
                    faults,
                    start + row,
                    "is NaN or infinite",
                    !value.is_finite(),
                );
                let is_class =
                    task == Task::Regression || value == 0.0 || value == 1.0 || !value.is_finite();
                note(faults, start + row, "is neither 0 nor 1", !is_class);
            }
        }
    }

    /// Holds the rows to having something that can be learnt.
    fn holds_something(&self, input: &str, config: &Config) -> Result<(), Failure> {
        let name = &config.target;
        if let Some(positive) = &config.positive {
            let others: Vec<_> = self
                .others
                .iter()
                .take(NAMED)
                .map(|class| format!("{class:?}"))
                .collect();
            let listed = others.join(", ");
            if !self.values.contains(&1.0) {
                let message = format!(
                    "{input}: column {name:?} never is {positive:?}, the positive class; it has {listed}"
                );
                return Err(Failure::data(message));
            }
            if self.others.len() > 1 {
                let message = format!(
                    "{input}: column {name:?} has {} classes beside {positive:?}, such as {listed}; two classes can be told apart",
                    self.others.len()
                );
                return Err(Failure::data(message));
            }
        }
        let weight = |row: usize| self.weights.as_ref().map_or(1.0, |weights| weights[row]);
        let mut that_count = (0..self.values.len()).filter(|row| weight(*row) > 0.0);
        let Some(first) = that_count.next() else {
            return Err(Failure::data(format!("{input}: every row has weight 0")));
        };
        if that_count.any(|row| self.values[row] != self.values[first]) {
            return Ok(());
        }
        let value = match (&config.positive, self.values[first]) {
            (Some(positive), 1.0) => format!("{positive:?}"),
            (Some(_), _) => format!("{:?}", self.others.first().map_or("", String::as_str)),
            (None, value) => value.to_string(),
        };
        Err(Failure::data(format!(
            "{input}: column {name:?} is {value} in every row that counts: there is nothing to learn"
        )))
    }
}

/// Appends a column of numbers.
fn extend(values: &mut Vec<f64>, column: &dyn Array) {
    let start = values.len();
    values.resize(start + column.len(), 0.0);
    numbers(column, 0..column.len(), &mut values[start..]);
}

/// Counts a row to a fault, if it has it.
fn note(faults: &mut Vec<Fault>, row: usize, what: &'static str, has: bool) {
    if !has {
        return;
    }
    match faults.iter_mut().find(|fault| fault.what == what) {
        Some(fault) => fault.rows += 1,
        None => faults.push(Fault {
            what,
            rows: 1,
            first: row as u64,
        }),
    }
}

fn refuse(input: &str, column: &str, faults: &[Fault], rows: u64) -> Result<(), Failure> {
    if faults.is_empty() {
        return Ok(());
    }
    let faults = faults.iter().map(|fault| {
        let Fault {
            what,
            rows: count,
            first,
        } = fault;
        if *count == rows {
            format!("{what} in every row")
        } else {
            format!("{what} in {count} of {rows} rows, the first is row {first} (from 0)")
        }
    });
    let faults: Vec<_> = faults.collect();
    Err(Failure::data(format!(
        "{input}: column {column:?} {}; leave such rows out in a stage before this one",
        faults.join(", and ")
    )))
}
