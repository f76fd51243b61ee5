//! Ingest plugin `csv`: delimited text of any dialect becomes a table.
//!
//! [`Layout::of`] looks at the beginning of a file and says what its columns are; [`parse()`] reads all of it. Both work on
//! any reader, so the same code runs, and is measured, outside the plugin too.

mod column;
pub mod config;
mod infer;
pub mod layout;
mod nulls;
pub mod parse;
mod plain;
mod rows;
mod tokens;
mod value;

use std::io::{self, Read};

use arrow_array::RecordBatch;
use lockflight_sdk::prelude::*;
use lockflight_sdk::{PortKind, progress};

pub use config::{BadRows, Config};
pub use layout::Layout;
pub use parse::{Sink, Summary, parse, rejects_schema};

/// The plugin.
#[derive(Debug)]
pub struct Csv;

impl Ingest for Csv {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        let input = job.only(PortKind::Blob)?;
        let name = &input.port.name;
        let layout = if input.available {
            Some(Layout::of(job.blob(name)?.reader(), &job.config, name)?)
        } else {
            Layout::without_file(&job.config)?
        };
        let mut ports = vec![match layout {
            Some(layout) => Port::table("table", layout.schema()),
            None => Port::open_table("table"),
        }];
        if job.config.bad_rows == BadRows::Reject {
            ports.push(Port::table("rejects", rejects_schema()));
        }
        Ok(ports)
    }

    fn run(job: &Job<Config>) -> Result<Vec<Output>, Failure> {
        let name = &job.only(PortKind::Blob)?.port.name;
        let blob = job.blob(name)?;
        let layout = Layout::of(blob.reader(), &job.config, name)?;
        let mut tables = Tables {
            table: TableWriter::new(layout.schema())?,
            rejects: match job.config.bad_rows {
                BadRows::Fail => None,
                BadRows::Reject => Some(TableWriter::new(rejects_schema())?),
            },
        };
        let reader = Watched {
            reader: blob.reader(),
            read: 0,
            total: blob.size(),
        };
        let summary = parse(reader, &job.config, &layout, name, &mut tables)?;
        Metric::new("rows", summary.rows as f64).record();
        let mut outputs = vec![Output::table("table", tables.table)];
        if let Some(rejects) = tables.rejects {
            Metric::new("rejected_rows", summary.rejected as f64).record();
            if summary.rejected > 0 {
                warn!(
                    "{} rows do not fit and are in the output rejects",
                    summary.rejected
                );
            }
            outputs.push(Output::table("rejects", rejects));
        }
        Ok(outputs)
    }
}

/// The outputs being written.
struct Tables {
    table: TableWriter,
    rejects: Option<TableWriter>,
}

impl Sink for Tables {
    fn rows(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.table.write(batch)
    }

    fn rejects(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.rejects
            .as_mut()
            .map_or(Ok(()), |rejects| rejects.write(batch))
    }
}

/// Shows how far the file is read.
struct Watched<R> {
    reader: R,
    read: u64,
    total: u64,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(into)?;
        self.read += count as u64;
        progress(self.read, self.total);
        Ok(count)
    }
}

lockflight_sdk::export!(Csv: ingest);
