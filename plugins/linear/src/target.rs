//! Reading the target.

use std::collections::BTreeSet;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use lockflight_sdk::{Failure, Table};

use crate::config::{Config, Task};
use crate::faults::Faults;
use crate::values::numbers;

/// How many other classes a message names.
const NAMED: usize = 5;

/// What stands in a message for what to do about faulty rows.
const LEAVE_OUT: &str = "leave such rows out in a stage before this one";

/// The target of every row: the number, or 1 for the positive class and 0 for the other.
///
/// # Errors
/// When there is nothing to learn: no rows, values that are none, one value or class alone, more than two classes.
pub(crate) fn targets(table: &Table, config: &Config, task: Task) -> Result<Vec<f64>, Failure> {
    if table.rows() == 0 {
        return Err(Failure::data("table: it has no rows to learn from"));
    }
    let mut values = Vec::new();
    let mut others = BTreeSet::new();
    let mut faults = Faults::default();
    for batch in table.scan_columns(&[&config.target]) {
        let column = batch.column(0);
        let start = values.len();
        match &config.positive {
            Some(positive) if *column.data_type() == DataType::Utf8 => {
                classes(column, positive, &mut values, &mut others);
            }
            _ => values.extend(numbers(column)),
        }
        for (row, value) in values.iter().enumerate().skip(start) {
            if column.is_null(row - start) {
                faults.note(row, "is null");
            } else if !value.is_finite() {
                faults.note(row, "is NaN or infinite");
            } else if task == Task::Binary && *value != 0.0 && *value != 1.0 {
                faults.note(row, "is neither 0 nor 1");
            }
        }
    }
    faults.refuse(&config.target, table.rows(), LEAVE_OUT)?;
    hold_two_classes(config, &values, &others)?;
    if values.iter().all(|value| *value == values[0]) {
        let is_bool = table.schema().field_with_name(&config.target);
        let is_bool = is_bool.is_ok_and(|field| *field.data_type() == DataType::Boolean);
        let value = match (&config.positive, values[0]) {
            (Some(positive), 1.0) => format!("{positive:?}"),
            (_, value) if is_bool => (value == 1.0).to_string(),
            (_, value) => value.to_string(),
        };
        return Err(Failure::data(format!(
            "table: column {:?} is {value} in every row: there is nothing to learn",
            config.target
        )));
    }
    Ok(values)
}

/// Appends 1 for the positive class and 0 for others, and collects those.
fn classes(
    column: &ArrayRef,
    positive: &str,
    values: &mut Vec<f64>,
    others: &mut BTreeSet<String>,
) {
    let text = column.as_string::<i32>();
    for row in 0..text.len() {
        let is_positive = text.is_valid(row) && text.value(row) == positive;
        values.push(f64::from(u8::from(is_positive)));
        if text.is_valid(row) && !is_positive && !others.contains(text.value(row)) {
            others.insert(text.value(row).to_owned());
        }
    }
}

fn hold_two_classes(
    config: &Config,
    values: &[f64],
    others: &BTreeSet<String>,
) -> Result<(), Failure> {
    let Some(positive) = &config.positive else {
        return Ok(());
    };
    let name = &config.target;
    let listed = others.iter().take(NAMED).map(|class| format!("{class:?}"));
    let listed = listed.collect::<Vec<_>>().join(", ");
    if !values.contains(&1.0) {
        return Err(Failure::data(format!(
            "table: column {name:?} never is {positive:?}, the positive class; it has {listed}"
        )));
    }
    if others.len() > 1 {
        return Err(Failure::data(format!(
            "table: column {name:?} has {} classes beside {positive:?}, such as {listed}; two classes can be told apart",
            others.len()
        )));
    }
    Ok(())
}
