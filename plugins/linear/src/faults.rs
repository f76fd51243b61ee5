//! Rows that cannot be used, counted by what is wrong with them.

use lockflight_sdk::Failure;

/// Kinds of faults of a column, each with how many rows have it and the first of them.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

#[derive(Debug)]
struct Fault {
    what: &'static str,
    rows: u64,
    first: u64,
}

impl Faults {
    /// Counts a row, numbered from 0, to the fault `what`.
    pub(crate) fn note(&mut self, row: usize, what: &'static str) {
        match self.0.iter_mut().find(|fault| fault.what == what) {
            Some(fault) => fault.rows += 1,
            None => self.0.push(Fault {
                what,
                rows: 1,
                first: row as u64,
            }),
        }
    }

    /// Fails when there is any, with column, counts and first rows; `help` says what to do.
    pub(crate) fn refuse(&self, column: &str, rows: u64, help: &str) -> Result<(), Failure> {
        if self.0.is_empty() {
            return Ok(());
        }
        let faults = self.0.iter().map(|fault| {
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
        let faults = faults.collect::<Vec<_>>().join(", and ");
        Err(Failure::data(format!(
            "table: column {column:?} {faults}; {help}"
        )))
    }
}
