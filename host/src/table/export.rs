//! Exporting a stored table to a file that other tools read.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::doc::TableDoc;
use super::scan::Scan;
use super::show;
use crate::new_file;
use crate::store::{Store, StoreError};

/// Why a table could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file's name does not say which format.
    #[error("{} ends in none of .csv, .parquet and .arrow: the file's ending chooses the format", .0.display())]
    UnknownEnding(PathBuf),
    /// The file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The table cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The format cannot hold the table, or writing it failed.
    #[error("cannot write {}: {source}", path.display())]
    Arrow {
        /// The file.
        path: PathBuf,
        /// What arrow said.
        source: ArrowError,
    },
    /// As above, from parquet.
    #[error("cannot write {}: {source}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What parquet said.
        source: ParquetError,
    },
}

/// A file format, chosen by a file's ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma-separated text with a header line (RFC 4180). A null is an empty field, as an empty text is; bytes are hexadecimal,
    /// vectors are `[1.0, 2.0]`, times of named zones are in UTC.
    Csv,
    /// Apache Parquet, compressed with snappy.
    Parquet,
    /// An Arrow IPC file (Feather version 2), not compressed.
    Arrow,
}

impl FileFormat {
    /// The format of a file by its ending, in any case.
    pub fn of(path: &Path) -> Result<FileFormat, ExportError> {
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv") => Ok(FileFormat::Csv),
            Some("parquet") => Ok(FileFormat::Parquet),
            Some("arrow") => Ok(FileFormat::Arrow),
            _ => Err(ExportError::UnknownEnding(path.to_owned())),
        }
    }
}

/// Writes a table to a file, block by block. The file has its name only once it is whole; one that is there is replaced.
pub fn export(store: &Store, table: &TableDoc, to: &Path) -> Result<(), ExportError> {
    let format = FileFormat::of(to)?;
    let io = |source| ExportError::Io {
        path: to.to_owned(),
        source,
    };
    let mut file = new_file::begin(to).map_err(io)?;
    match format {
        FileFormat::Csv => csv(store, table, file.as_file_mut(), to)?,
        FileFormat::Parquet => parquet(store, table, file.as_file_mut(), to)?,
        FileFormat::Arrow => arrow(store, table, file.as_file_mut(), to)?,
    }
    file.persist(to).map_err(|error| io(error.error)).map(drop)
}

fn csv(store: &Store, table: &TableDoc, file: &mut File, to: &Path) -> Result<(), ExportError> {
    let arrow = |source| ExportError::Arrow {
        path: to.to_owned(),
        source,
    };
    let mut writer = arrow_csv::WriterBuilder::new()
        .with_header(true)
        .build(BufWriter::new(file));
    // Without this a table without rows would lack its header.
    let empty = RecordBatch::new_empty(Arc::clone(table.schema().arrow()));
    writer.write(&flat(&empty).map_err(arrow)?).map_err(arrow)?;
    for rows in Scan::new(store, table) {
        writer.write(&flat(&rows?).map_err(arrow)?).map_err(arrow)?;
    }
    let flushed = writer.into_inner().into_inner();
    flushed.map(drop).map_err(|error| ExportError::Io {
        path: to.to_owned(),
        source: error.into_error(),
    })
}

/// The rows with nothing in them that CSV has no text for.
fn flat(rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = rows.schema();
    let columns = schema
        .fields()
        .iter()
        .zip(rows.columns())
        .map(|(field, column)| {
            let column: ArrayRef = match column.data_type() {
                DataType::FixedSizeList(..) => Arc::new(StringArray::from(show::texts(column)?)),
                _ => show::readable(column),
            };
            Ok((field.name(), column))
        });
    RecordBatch::try_from_iter(columns.collect::<Result<Vec<_>, ArrowError>>()?)
}

fn parquet(store: &Store, table: &TableDoc, file: &mut File, to: &Path) -> Result<(), ExportError> {
    let parquet = |source| ExportError::Parquet {
        path: to.to_owned(),
        source,
    };
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let schema = Arc::clone(table.schema().arrow());
    let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(parquet)?;
    for rows in Scan::new(store, table) {
        writer.write(&rows?).map_err(parquet)?;
    }
    writer.close().map(drop).map_err(parquet)
}

fn arrow(store: &Store, table: &TableDoc, file: &mut File, to: &Path) -> Result<(), ExportError> {
    let arrow = |source| ExportError::Arrow {
        path: to.to_owned(),
        source,
    };
    let mut writer =
        FileWriter::try_new(BufWriter::new(file), table.schema().arrow()).map_err(arrow)?;
    for rows in Scan::new(store, table) {
        writer.write(&rows?).map_err(arrow)?;
    }
    writer.finish().map_err(arrow)
}

#[cfg(test)]
mod tests;
