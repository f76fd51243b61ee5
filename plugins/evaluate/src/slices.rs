//! Slices: for every column of `slices`, the rows of each of its values.
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use arrow_array::RecordBatch;
use lockflight_sdk::{Cell, Failure, Problem};

use crate::columns::column;
use crate::config::Config;

/// The slice in words: `season = winter`.
pub fn label(column: &str, value: &Cell) -> String {
    match value {
        Cell::Flag(flag) => format!("{column} = {flag}"),
        Cell::Whole(number) => format!("{column} = {number}"),
        Cell::Text(text) => format!("{column} = {text}"),
        Cell::Null => format!("{column} is null"),
    }
}

/// The slices met so far. Each is a group of rows with a number; group 0 is all rows.
#[derive(Debug)]
pub struct Slices {
    names: Vec<String>,
    /// The groups by value, for each column.
    columns: Vec<BTreeMap<Cell, u32>>,
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
    pub fn iter(&self) -> impl Iterator<Item = (&str, &BTreeMap<Cell, u32>)> {
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
            let mut last: Option<(Cell, u32)> = None;
            for row in 0..batch.num_rows() {
                let value = Cell::of(column, row).expect("a column that makes slices has cells");
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

    fn group(&mut self, index: usize, value: &Cell) -> Result<u32, Failure> {
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
