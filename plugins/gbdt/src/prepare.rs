//! Tables become bins: column by column, so that one column of numbers is in memory at a time.

use arrow_array::cast::AsArray;
use arrow_schema::{Field, Schema};
use lockflight_sdk::{Failure, Table};

use crate::binned::Binned;
use crate::config::{Config, Unknown};
use crate::cuts::Cuts;
use crate::objective::Target;
use crate::step::unknown_category;
use crate::values::{Categories, Ordering, numbers};

/// A table to learn from, in bins.
#[derive(Debug)]
pub struct Prepared {
    /// Its bins.
    pub table: Binned,
    /// For each feature that is text: its categories.
    pub categories: Vec<Option<Categories>>,
}

/// Learns the order of categories and where to cut, and cuts.
pub fn training(
    table: &Table,
    takes: &Schema,
    config: &Config,
    target: &Target<'_>,
) -> Result<Prepared, Failure> {
    let mut prepared = Prepared {
        table: Binned::new(target.values.len()),
        categories: Vec::new(),
    };
    let mut values = vec![0.0; target.values.len()];
    let mut sorted = Vec::new();
    for field in takes.fields() {
        let categories = match field.data_type() {
            arrow_schema::DataType::Utf8 => Some(order(table, field, target)),
            _ => None,
        };
        read(
            table,
            field,
            categories.as_ref(),
            Unknown::Missing,
            &mut values,
        )?;
        sorted.clone_from(&values);
        let cuts = Cuts::of(&mut sorted, config.max_bins as usize);
        prepared.table.push(&values, cuts);
        prepared.categories.push(categories);
    }
    Ok(prepared)
}

/// Cuts another table as the one that was learnt from.
///
/// # Errors
/// When it has a category that was not there, and the config says that this is one.
pub fn validation(
    table: &Table,
    takes: &Schema,
    config: &Config,
    training: &Prepared,
) -> Result<Binned, Failure> {
    let mut values = vec![0.0; table.rows() as usize];
    let mut binned = Binned::new(values.len());
    let features = takes.fields().iter().zip(&training.categories);
    for ((field, categories), cuts) in features.zip(training.table.cuts()) {
        read(
            table,
            field,
            categories.as_ref(),
            config.unknown,
            &mut values,
        )?;
        binned.push(&values, cuts.clone());
    }
    Ok(binned)
}

fn order(table: &Table, field: &Field, target: &Target<'_>) -> Categories {
    let mut ordering = Ordering::default();
    let mut start = 0;
    for batch in table.scan_columns(&[field.name()]) {
        let rows = start..start + batch.num_rows();
        ordering.add(batch.column(0).as_string(), &target.values[rows], |row| {
            target.weight(start + row)
        });
        start += batch.num_rows();
    }
    ordering.finish(target.mean())
}

/// Reads a feature of all rows.
fn read(
    table: &Table,
    field: &Field,
    categories: Option<&Categories>,
    unknown: Unknown,
    values: &mut [f64],
) -> Result<(), Failure> {
    let mut rest = values;
    for batch in table.scan_columns(&[field.name()]) {
        let count = batch.num_rows();
        let (into, behind) = rest.split_at_mut(count);
        rest = behind;
        let Some(categories) = categories else {
            numbers(batch.column(0), 0..count, into);
            continue;
        };
        let found = categories.numbers(batch.column(0).as_string(), 0..count, into);
        if let (Some(category), Unknown::Error) = (found, unknown) {
            let message = unknown_category(field.name(), category);
            return Err(Failure::data(format!("validation: {message}")));
        }
    }
    Ok(())
}
