//! The table as the fits see it: columns centred and scaled, in blocks of rows.

use arrow_array::{Array, ArrayRef};
use arrow_schema::Schema;
use lockflight_sdk::{Failure, Table};

use crate::config::Missing;
use crate::faults::Faults;
use crate::values::numbers;

/// How many rows are worked on at once: few enough that a pair of columns stays in the nearest cache.
const BLOCK: usize = 512;

/// What a column is centred and scaled by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Scale {
    /// The mean of its values; 0 if it has none.
    pub(crate) mean: f64,
    /// The standard deviation over all rows, with the mean where a value is missing. 0 if the column says nothing.
    pub(crate) deviation: f64,
    /// How many rows have a value.
    pub(crate) values: u64,
}

/// A table to learn from.
#[derive(Debug)]
pub(crate) struct Design<'a> {
    table: &'a Table,
    /// One for each feature.
    pub(crate) scales: Vec<Scale>,
    /// The features that vary, by number, ascending: the columns that the blocks have.
    pub(crate) varying: Vec<usize>,
    names: Vec<&'a str>,
    /// The target of every row.
    pub(crate) targets: &'a [f64],
}

/// Some rows.
pub(crate) struct Block<'a> {
    columns: &'a [Vec<f64>],
    /// The targets of these rows.
    pub(crate) targets: &'a [f64],
}

impl Block<'_> {
    /// A column, one value per row.
    pub(crate) fn column(&self, column: usize) -> &[f64] {
        &self.columns[column]
    }

    /// How many rows.
    pub(crate) fn rows(&self) -> usize {
        self.targets.len()
    }
}

impl<'a> Design<'a> {
    /// Reads means and deviations.
    ///
    /// # Errors
    /// When a feature has values that cannot be used.
    pub(crate) fn measure(
        table: &'a Table,
        takes: &'a Schema,
        targets: &'a [f64],
        missing: Missing,
    ) -> Result<Design<'a>, Failure> {
        let names: Vec<_> = takes
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        let mut scales = means(table, &names, missing)?;
        deviations(table, &names, &mut scales);
        for (scale, name) in scales.iter().zip(&names) {
            if !(scale.mean.is_finite() && scale.deviation.is_finite()) {
                let message =
                    format!("table: the values of column {name:?} are too large to compute with");
                return Err(Failure::data(message));
            }
        }
        let varies = |feature: &usize| scales[*feature].deviation > 0.0;
        let varying = (0..names.len()).filter(varies).collect();
        Ok(Design {
            table,
            scales,
            varying,
            names,
            targets,
        })
    }

    /// The name of a column of the blocks.
    pub(crate) fn name(&self, column: usize) -> &'a str {
        self.names[self.varying[column]]
    }

    /// Shows all rows in order, block by block: a value less its column's mean, by its deviation; 0 where it is missing. A block begins
    /// where the one before it ended and not with a batch of the table, so that sums over blocks do not depend on how rows are cut.
    pub(crate) fn each_block(&self, mut see: impl FnMut(&Block<'_>)) {
        let varying = self.varying.iter();
        let names: Vec<_> = varying.map(|feature| self.names[*feature]).collect();
        let mut columns = vec![Vec::with_capacity(BLOCK); names.len()];
        let (mut shown, mut read) = (0, 0);
        let mut show = |columns: &mut Vec<Vec<f64>>, to: usize| {
            see(&Block {
                columns,
                targets: &self.targets[shown..to],
            });
            columns.iter_mut().for_each(Vec::clear);
            shown = to;
        };
        for batch in self.table.scan_columns(&names) {
            let mut from = 0;
            while from < batch.num_rows() {
                let rows = (BLOCK - read % BLOCK).min(batch.num_rows() - from);
                let part = batch.slice(from, rows);
                let parts = part.columns().iter().zip(&self.varying);
                for (values, (part, feature)) in columns.iter_mut().zip(parts) {
                    values.extend(standard(part, self.scales[*feature]));
                }
                from += rows;
                read += rows;
                if read % BLOCK == 0 {
                    show(&mut columns, read);
                }
            }
        }
        if read % BLOCK != 0 {
            show(&mut columns, read);
        }
    }
}

fn standard(column: &ArrayRef, scale: Scale) -> Vec<f64> {
    let mut values = numbers(column);
    for (row, value) in values.iter_mut().enumerate() {
        *value = if column.is_valid(row) {
            (*value - scale.mean) / scale.deviation
        } else {
            0.0
        };
    }
    values
}

/// Means and counts of the values; refuses those that are no numbers.
fn means(table: &Table, names: &[&str], missing: Missing) -> Result<Vec<Scale>, Failure> {
    let mut scales = vec![Scale::default(); names.len()];
    let mut faults: Vec<Faults> = names.iter().map(|_| Faults::default()).collect();
    let mut done = 0;
    for batch in table.scan_columns(names) {
        for (index, column) in batch.columns().iter().enumerate() {
            let (scale, faults) = (&mut scales[index], &mut faults[index]);
            for (row, value) in numbers(column).into_iter().enumerate() {
                if column.is_null(row) {
                    if missing == Missing::Error {
                        faults.note(done + row, "is null");
                    }
                } else if !value.is_finite() {
                    faults.note(done + row, "is NaN or infinite");
                } else {
                    scale.mean += value;
                    scale.values += 1;
                }
            }
        }
        done += batch.num_rows();
    }
    let help = match missing {
        Missing::Mean => {
            "mend it in a stage before this one; null will do for a value that is not known"
        }
        Missing::Error => {
            "mend it in a stage before this one, or let the mean stand in for null: `missing = \"mean\"`"
        }
    };
    for (name, faults) in names.iter().zip(&faults) {
        faults.refuse(name, table.rows(), help)?;
    }
    for scale in &mut scales {
        scale.mean /= scale.values.max(1) as f64;
    }
    Ok(scales)
}

fn deviations(table: &Table, names: &[&str], scales: &mut [Scale]) {
    let mut squares = vec![0.0; names.len()];
    // By comparison, since the mean of equal values need not be that value.
    let mut first = vec![None; names.len()];
    let mut varies = vec![false; names.len()];
    for batch in table.scan_columns(names) {
        for (index, column) in batch.columns().iter().enumerate() {
            for (row, value) in numbers(column).into_iter().enumerate() {
                if column.is_valid(row) {
                    let from_mean = value - scales[index].mean;
                    squares[index] += from_mean * from_mean;
                    varies[index] |= *first[index].get_or_insert(value) != value;
                }
            }
        }
    }
    for (index, scale) in scales.iter_mut().enumerate() {
        if varies[index] {
            scale.deviation = (squares[index] / table.rows() as f64).sqrt();
        }
    }
}
