//! The flights as something to learn from: what is known at departure, and whether the flight arrived late.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow_array::{
    Array, ArrayRef, Float64Array, RecordBatch,
    cast::AsArray,
    types::{Float64Type, Int64Type},
};
use arrow_cast::cast;
use arrow_schema::DataType;
use lockflight_csv::Sink;
use lockflight_sdk::Failure;

use super::ingest;

/// The target: arrival more than 15 minutes late.
pub const TARGET: &str = "late";

/// The columns that are taken as they are.
const PLAIN: [&str; 10] = [
    "month",
    "day",
    "hour",
    "minute",
    "sched_dep_time",
    "dep_time",
    "dep_delay",
    "sched_arr_time",
    "distance",
    "flight",
];

/// The last month that is learnt from.
const LAST: f64 = 9.0;

/// Features and target as float64.
pub struct Flights {
    /// January to September.
    pub train: RecordBatch,
    /// October to December.
    pub test: RecordBatch,
}

impl Flights {
    /// Reads the flights of which the arrival is known.
    pub fn read(path: &PathBuf) -> Flights {
        let mut known = Known::default();
        ingest::rows(path, &mut known);
        let (months, count) = (&known.columns[0], known.columns[0].len());
        let (train, test): (Vec<_>, Vec<_>) = (0..count).partition(|row| months[*row] <= LAST);
        Flights {
            train: known.table(&train),
            test: known.table(&test),
        }
    }

    /// Writes both as raw columns, for programs that read no tables.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let names = names().collect::<Vec<_>>().join("\n");
        fs::write(folder.join("names"), names)?;
        for (name, table) in [("train", &self.train), ("test", &self.test)] {
            let columns = table.columns().iter();
            let bytes = columns.flat_map(|column| {
                let values = column.as_primitive::<Float64Type>().values();
                values.inner().as_slice().to_vec()
            });
            fs::write(folder.join(name), bytes.collect::<Vec<u8>>())?;
        }
        Ok(())
    }
}

/// The features, then the target.
pub fn names() -> impl Iterator<Item = &'static str> {
    PLAIN.into_iter().chain(["weekday", "origin", TARGET])
}

/// The columns of [`names`] of the flights whose arrival is known.
#[derive(Default)]
struct Known {
    columns: [Vec<f64>; PLAIN.len() + 3],
}

impl Known {
    fn table(&self, rows: &[usize]) -> RecordBatch {
        let pick = |column: &Vec<f64>| -> ArrayRef {
            let values = rows.iter().map(|row| column[*row]);
            Arc::new(Float64Array::from_iter_values(values))
        };
        let columns = names().zip(self.columns.iter().map(pick));
        RecordBatch::try_from_iter(columns).expect("columns of one length")
    }
}

impl Sink for Known {
    fn rows(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        let column = |name: &str| batch.column_by_name(name).expect("the flights have it");
        let plain = PLAIN.map(|name| cast(column(name), &DataType::Float64).expect("a number"));
        let delay = cast(column("arr_delay"), &DataType::Float64).expect("a number");
        let delay = delay.as_primitive::<Float64Type>();
        let origin = column("origin").as_string::<i32>();
        let date = ["year", "month", "day"].map(|name| column(name).as_primitive::<Int64Type>());
        for row in (0..batch.num_rows()).filter(|row| delay.is_valid(*row)) {
            let [year, month, day] = date.map(|part| part.value(row));
            let date = jiff::civil::date(year as i16, month as i8, day as i8);
            let airports = ["EWR", "JFK", "LGA"];
            let origin = airports
                .iter()
                .position(|airport| *airport == origin.value(row));
            let (columns, [weekday, from, late]) = self.columns.split_at_mut(PLAIN.len()) else {
                unreachable!("three columns follow");
            };
            for (into, column) in columns.iter_mut().zip(&plain) {
                let column = column.as_primitive::<Float64Type>();
                into.push(if column.is_valid(row) {
                    column.value(row)
                } else {
                    f64::NAN
                });
            }
            weekday.push(f64::from(date.weekday().to_monday_zero_offset()));
            from.push(origin.expect("one of the three airports") as f64);
            late.push(f64::from(u8::from(delay.value(row) > 15.0)));
        }
        Ok(())
    }

    fn rejects(&mut self, _: &RecordBatch) -> Result<(), Failure> {
        unreachable!("the flights are parsed without rejects")
    }
}
