//! Compares two made-up tables of 336,776 rows and 19 columns that share no block, and prints time and peak memory.
//!
//! `measure [MEBIBYTES [EVERY]]`: memory for the join (default 1024), and one row of how many is changed (default 100).

use std::sync::Arc;
use std::time::Instant;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use lockflight_tablediff::{Block, Options, Version, diff, text};

const ROWS: usize = 336_776;
const BLOCK: usize = 65_536;
const COLUMNS: usize = 19;

/// A table that is made while it is read.
struct Made {
    version: u8,
    /// One row of how many is changed.
    every: usize,
    schema: SchemaRef,
}

impl Made {
    fn new(version: u8, every: usize) -> Made {
        let field = |column| Field::new(format!("c{column}"), data_type(column), true);
        Made {
            version,
            every,
            schema: Arc::new(Schema::new((0..COLUMNS).map(field).collect::<Vec<_>>())),
        }
    }

    fn column(&self, column: usize, rows: std::ops::Range<usize>) -> ArrayRef {
        let changed =
            |row: usize| self.version == 1 && column == 5 && row.is_multiple_of(self.every);
        let mixed = |row: usize| row.wrapping_mul(2_654_435_761).wrapping_add(column * 97) % 5_000;
        match data_type(column) {
            DataType::Int64 if column == 0 => {
                Arc::new(Int64Array::from_iter_values(rows.map(|row| row as i64)))
            }
            DataType::Int64 => {
                let value = |row: usize| (!row.is_multiple_of(50)).then(|| mixed(row) as i64);
                Arc::new(rows.map(value).collect::<Int64Array>())
            }
            DataType::Float64 => {
                let value = |row| mixed(row) as f64 / 8.0 + if changed(row) { 1.0 } else { 0.0 };
                Arc::new(Float64Array::from_iter_values(rows.map(value)))
            }
            _ => Arc::new(StringArray::from_iter_values(
                rows.map(|row| format!("N{}", mixed(row))),
            )),
        }
    }
}

/// 10 columns of whole numbers, 5 of floats and 4 of texts.
fn data_type(column: usize) -> DataType {
    match column {
        1..=4 => DataType::Utf8,
        5..=9 => DataType::Float64,
        _ => DataType::Int64,
    }
}

impl Version for Made {
    type Error = ArrowError;

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn blocks(&self) -> Vec<Block> {
        let block = |first: usize| Block {
            digest: [self.version; 32],
            rows: BLOCK.min(ROWS - first) as u64,
        };
        (0..ROWS).step_by(BLOCK).map(block).collect()
    }

    fn read(&self, block: usize) -> Result<RecordBatch, ArrowError> {
        let rows = block * BLOCK..((block + 1) * BLOCK).min(ROWS);
        let columns = (0..COLUMNS).map(|column| self.column(column, rows.clone()));
        RecordBatch::try_new(self.schema.clone(), columns.collect())
    }
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.unwrap_or("VmHWM: unknown").to_owned()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let memory: usize = arguments.next().map_or(Ok(1024), |text| text.parse())?;
    let every: usize = arguments.next().map_or(Ok(100), |text| text.parse())?;
    let (old, new) = (Made::new(0, every), Made::new(1, every));
    let options = Options {
        key: vec!["c0".to_owned()],
        memory: memory << 20,
        scratch: std::env::temp_dir(),
        samples: 3,
    };
    let start = Instant::now();
    for version in [&old, &new] {
        for block in 0..version.blocks().len() {
            version.read(block)?;
        }
    }
    println!("making the tables: {:?}", start.elapsed());
    let start = Instant::now();
    let found = diff(&old, &new, &options)?;
    println!("making and comparing them: {:?}", start.elapsed());
    println!("{}\n\n{}", peak_memory(), text::render(&found, 100));
    Ok(())
}
