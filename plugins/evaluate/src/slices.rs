//! Slices: for every column of `slices`, the rows of each of its values.
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use lockflight_sdk::{Failure, Problem};

use crate::columns::column;
use crate::config::Config;

/// The value that a slice's rows have in common; they are reported in this order.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Value {
    /// A truth value.
    Flag(bool),
    /// A whole number.
    Whole(i128),
    /// A text.
    Text(String),
    /// No value.
    Null,
}

impl Value {
    /// The slice in words: `season = winter`.
    pub fn label(&self, column: &str) -> String {
        match self {
            Value::Flag(flag) => format!("{column} = {flag}"),
            Value::Whole(number) => format!("{column} = {number}"),
            Value::Text(text) => format!("{column} = {text}"),
            Value::Null => format!("{column} is null"),
        }
    }
}

/// The slices met so far. Each is a group of rows with a number; group 0 is all rows.
#[derive(Debug)]
pub struct Slices {
    names: Vec<String>,
    /// The groups by value, for each column.
    columns: Vec<BTreeMap<Value, u32>>,
    most: usize,
    groups: u32,
}

impl Slices {
    /// No slices yet.
    pub fn new(config: &Config) -> Slices {
        Slices {
            names: config.slices.clone(),
            columns: vec![BTreeMap::new(); config.slices.len()],
            most: config.max_slices,
            groups: 1,
        }
    }

    /// How many groups there are, with that of all rows.
    pub fn groups(&self) -> usize {
        self.groups as usize
    }

    /// The slices of each column, in order of their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &BTreeMap<Value, u32>)> {
        self.names.iter().map(String::as_str).zip(&self.columns)
    }

    /// The groups of every row of a batch, row after row; each row has [`Slices::per_row`].
    ///
    /// # Errors
    /// A problem of the config when a column has too many values.
    pub fn of(&mut self, batch: &RecordBatch) -> Result<Vec<u32>, Failure> {
        let per_row = self.per_row();
        let mut groups = vec![0; batch.num_rows() * per_row];
        for index in 0..self.names.len() {
            let column = column(batch, &self.names[index]);
            let mut last: Option<(Value, u32)> = None;
            for row in 0..batch.num_rows() {
                let value = value(column, row);
                let group = match &last {
                    Some((same, group)) if *same == value => *group,
                    _ => {
                        let group = self.group(index, &value)?;
                        last = Some((value, group));
                        group
                    }
                };
                groups[row * per_row + 1 + index] = group;
            }
        }
        Ok(groups)
    }

    /// How many groups a row is in.
    pub fn per_row(&self) -> usize {
        1 + self.names.len()
    }

    fn group(&mut self, index: usize, value: &Value) -> Result<u32, Failure> {
        let (values, most) = (&mut self.columns[index], self.most);
        let full = values.len() >= most;
        match values.entry(value.clone()) {
            Entry::Occupied(group) => Ok(*group.get()),
            Entry::Vacant(_) if full => {
                let name = &self.names[index];
                let message =
                    format!("column {name:?} has more than {most} values, too many for slices");
                let problem = Problem::config(format!("/slices/{index}"), message);
                Err(problem.help("leave it out, or raise max-slices").into())
            }
            Entry::Vacant(place) => {
                self.groups += 1;
                Ok(*place.insert(self.groups - 1))
            }
        }
    }
}

fn value(column: &dyn Array, row: usize) -> Value {
    use arrow_array::types as arrow;
    macro_rules! whole {
        ($type:ty) => {
            Value::Whole(column.as_primitive::<$type>().value(row).into())
        };
    }
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Boolean => Value::Flag(column.as_boolean().value(row)),
        DataType::Utf8 => Value::Text(column.as_string::<i32>().value(row).to_owned()),
        DataType::Int8 => whole!(arrow::Int8Type),
        DataType::Int16 => whole!(arrow::Int16Type),
        DataType::Int32 => whole!(arrow::Int32Type),
        DataType::Int64 => whole!(arrow::Int64Type),
        DataType::UInt8 => whole!(arrow::UInt8Type),
        DataType::UInt16 => whole!(arrow::UInt16Type),
        DataType::UInt32 => whole!(arrow::UInt32Type),
        DataType::UInt64 => whole!(arrow::UInt64Type),
        other => unreachable!("{other} makes no slices"),
    }
}
