//! What the values of a table are like, column by column: what a first contract is drafted from.

use std::collections::BTreeSet;

use arrow_array::{Array, RecordBatch, cast::AsArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;

use crate::{
    store::{Store, StoreError},
    table::{doc::TableDoc, scan::Scan},
};

/// The most values that a column of categories has.
const MAX_CATEGORIES: usize = 24;
/// How often a category has to occur on average for the column to be one of categories.
const ROWS_PER_CATEGORY: u64 = 3;

/// What the values of a table are like.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// How many rows it has.
    pub rows: u64,
    /// Its columns, in order.
    pub columns: Vec<Column>,
}

/// What the values of a column are like.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// How many rows have no value.
    pub nulls: u64,
    /// The least and the greatest value of a number, date or time, as TOML writes them; none without a finite value.
    pub range: Option<(String, String)>,
    /// The values of a text column that has few, each of them often.
    pub categories: Option<Vec<String>>,
}

impl Profile {
    /// Reads a table once.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of(store: &Store, table: &TableDoc) -> Result<Self, StoreError> {
        let fields = table.schema().fields();
        let mut seen: Vec<Seen> = fields.iter().map(|_| Seen::default()).collect();
        for batch in Scan::new(store, table) {
            let batch: RecordBatch = batch?;
            for (seen, column) in seen.iter_mut().zip(batch.columns()) {
                seen.look(column.as_ref());
            }
        }
        let columns = fields.iter().zip(seen).map(|(field, seen)| Column {
            name: field.name().clone(),
            data_type: field.data_type().clone(),
            nulls: seen.nulls,
            categories: seen.categories(table.rows()),
            range: seen.range.map(|range| (range.least.1, range.greatest.1)),
        });
        Ok(Profile {
            rows: table.rows(),
            columns: columns.collect(),
        })
    }
}

#[derive(Default)]
struct Seen {
    nulls: u64,
    range: Option<Range>,
    texts: BTreeSet<String>,
    too_many: bool,
}

/// Ends of a range: what they are compared by, and how they are written.
struct Range {
    least: (f64, String),
    greatest: (f64, String),
}

impl Seen {
    fn look(&mut self, column: &dyn Array) {
        self.nulls += column.null_count() as u64;
        if column.data_type() == &DataType::Utf8 {
            self.look_at_texts(column);
        } else {
            self.look_at_numbers(column);
        }
    }

    fn look_at_texts(&mut self, column: &dyn Array) {
        for text in column.as_string::<i32>().iter().flatten() {
            if self.too_many {
                return;
            }
            if !self.texts.contains(text) {
                self.texts.insert(text.to_owned());
            }
            self.too_many = self.texts.len() > MAX_CATEGORIES;
        }
    }

    /// The ends are found by their value as a float; that is exact enough, since the draft rounds nothing and both ends are written
    /// as they are in the data.
    fn look_at_numbers(&mut self, column: &dyn Array) {
        let ordered = matches!(
            column.data_type(),
            DataType::Date32 | DataType::Timestamp(..)
        ) || column.data_type().is_numeric();
        if !ordered {
            return;
        }
        let options = FormatOptions::default();
        let (Ok(values), Ok(texts)) =
            (as_floats(column), ArrayFormatter::try_new(column, &options))
        else {
            return;
        };
        for (row, value) in values.iter().enumerate() {
            let Some(value) = value.filter(|value| value.is_finite()) else {
                continue;
            };
            let written = || (value, texts.value(row).to_string());
            match &mut self.range {
                None => {
                    self.range = Some(Range {
                        least: written(),
                        greatest: written(),
                    });
                }
                Some(range) if value < range.least.0 => range.least = written(),
                Some(range) if value > range.greatest.0 => range.greatest = written(),
                Some(_) => {}
            }
        }
    }

    fn categories(&self, rows: u64) -> Option<Vec<String>> {
        let often = self.texts.len() as u64 * ROWS_PER_CATEGORY <= rows;
        let few = !self.too_many && !self.texts.is_empty() && often;
        few.then(|| self.texts.iter().cloned().collect())
    }
}

fn as_floats(column: &dyn Array) -> Result<arrow_array::Float64Array, arrow_schema::ArrowError> {
    let whole = match column.data_type() {
        DataType::Date32 => arrow_cast::cast(column, &DataType::Int32)?,
        DataType::Timestamp(..) => arrow_cast::cast(column, &DataType::Int64)?,
        _ => arrow_array::make_array(column.to_data()),
    };
    let floats = arrow_cast::cast(&whole, &DataType::Float64)?;
    Ok(floats.as_primitive().clone())
}
