//! Trains outside WebAssembly, as the reference of a benchmark: `native FOLDER CONFIG`.
//!
//! FOLDER holds `names`, one feature a line, then the target; `train`, their values as float64 in this machine's byte order, column
//! by column. The state goes to `native.state` there, the seconds that training took to standard output.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use lockflight_gbdt::Trainer;
use lockflight_sdk::prelude::*;
use lockflight_sdk::state;

/// As many rows as the host hands over at once.
const ROWS: usize = 65_536;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().collect();
    let [_, folder, config] = arguments.as_slice() else {
        return Err("usage: native FOLDER CONFIG".into());
    };
    let folder = Path::new(folder);
    let table = read(folder)?;
    let batches = (0..table.num_rows()).step_by(ROWS);
    let batches = batches.map(|start| table.slice(start, ROWS.min(table.num_rows() - start)));
    let job = Job::in_memory(config)?.with_table("table", table.schema(), batches.collect());
    let start = Instant::now();
    let fitted = Trainer::fit(&job).map_err(|failure| format!("{failure:?}"))?;
    let state = state::frame(&fitted.step);
    println!("{}", start.elapsed().as_secs_f64());
    fs::write(folder.join("native.state"), state)?;
    Ok(())
}

fn read(folder: &Path) -> Result<RecordBatch, Box<dyn Error>> {
    let names = fs::read_to_string(folder.join("names"))?;
    let names: Vec<_> = names.lines().collect();
    let bytes = fs::read(folder.join("train"))?;
    let values = bytes.as_chunks().0.iter().copied().map(f64::from_ne_bytes);
    let values: Vec<f64> = values.collect();
    let columns = values.chunks(values.len() / names.len());
    let columns = columns.map(|column| Arc::new(Float64Array::from(column.to_vec())) as ArrayRef);
    Ok(RecordBatch::try_from_iter(names.into_iter().zip(columns))?)
}
