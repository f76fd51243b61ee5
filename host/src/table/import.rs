//! Importing a file that other tools wrote into the store, as a table: the counterpart of `export`, for rows to be scored.
//!
//! The caller says which columns it knows the types of; those are read or widened to these types. All others come along as the file has
//! them: of a CSV as texts.

mod infer;

pub use infer::inferred;

use std::{
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow_array::{Array, ArrayRef, RecordBatch, cast::AsArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_ipc::reader::FileReader;
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use parquet::{arrow::arrow_reader::ParquetRecordBatchReaderBuilder, errors::ParquetError};
use regex::Regex;

use super::{
    export::FileFormat,
    schema::{Misfit, SchemaError, TableSchema},
    show::type_name,
    writer::{TableWriter, WriteError, Written},
};
use crate::store::{Publication, StoreError};

/// How many rows are held at a time.
const ROWS: usize = 8192;

/// Why a file could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file's name does not say which format.
    #[error("{} ends in none of .csv, .parquet and .arrow: the file's ending chooses the format", .0.display())]
    UnknownEnding(PathBuf),
    /// The file cannot be opened or read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not of its format, or a value is not of its column's type.
    #[error("{}: {message}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong, and as far as it is known where.
        message: String,
    },
    /// A value of a CSV is not of its column's type.
    #[error("{}: row {row} has {found:?} in the column {column:?}, which is {wanted}; a text that stands for null is named by --null", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The row below the header, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// Its type.
        wanted: String,
        /// What the file has.
        found: String,
    },
    /// The file has columns that tables cannot have.
    #[error("{}: {source}", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// What is wrong with them.
        source: SchemaError,
    },
    /// A column has another type than is wanted, and no wider one would hold all its values.
    #[error("{}: the column {column:?} is {found}, and {wanted} is wanted", path.display())]
    Type {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// What the caller knows it as.
        wanted: String,
    },
    /// The rows are none of the table.
    #[error("{}: {source}", path.display())]
    Misfit {
        /// The file.
        path: PathBuf,
        /// What is wrong with them.
        source: Misfit,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads a `.csv`, `.parquet` or `.arrow` file, a batch at a time, into a table that is in the store once the publication is
/// committed. An empty field of a CSV is null, and so is one that equals an entry of `nulls`.
///
/// # Errors
/// When the file is not of its format, or has a column that does not fit.
pub fn import(
    path: &Path,
    known: &[FieldRef],
    nulls: &[String],
    publication: &mut Publication,
) -> Result<Written, ImportError> {
    let rows = match format_of(path)? {
        FileFormat::Csv => csv(path, known, nulls)?,
        FileFormat::Parquet => parquet(path)?,
        FileFormat::Arrow => arrow(path)?,
    };
    let schema = columns(path, &rows.schema, known)?;
    let mut writer = TableWriter::new(schema.clone());
    for batch in rows.batches {
        let batch = widened(path, &schema, &batch?)?;
        writer
            .write(&batch, publication)
            .map_err(|source| unwritten(path, source))?;
    }
    writer
        .finish(publication)
        .map_err(|source| unwritten(path, source))
}

fn unwritten(path: &Path, error: WriteError) -> ImportError {
    match error {
        WriteError::Misfit(source) => ImportError::Misfit {
            path: path.to_owned(),
            source,
        },
        WriteError::Store(error) => ImportError::Store(error),
    }
}

fn format_of(path: &Path) -> Result<FileFormat, ImportError> {
    FileFormat::of(path).map_err(|_| ImportError::UnknownEnding(path.to_owned()))
}

/// The rows of a file, as they come.
struct Rows {
    schema: SchemaRef,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, ImportError>>>,
}

impl Rows {
    fn new<E: ToString + 'static>(
        path: &Path,
        schema: SchemaRef,
        batches: impl Iterator<Item = Result<RecordBatch, E>> + 'static,
    ) -> Rows {
        let path = path.to_owned();
        let batches = batches.map(move |batch| batch.map_err(|error| malformed(&path, &error)));
        Rows {
            schema,
            batches: Box::new(batches),
        }
    }
}

fn open(path: &Path) -> Result<File, ImportError> {
    File::open(path).map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: io::Error) -> ImportError {
    ImportError::Io {
        path: path.to_owned(),
        source,
    }
}

fn malformed(path: &Path, error: &impl ToString) -> ImportError {
    ImportError::Format {
        path: path.to_owned(),
        message: error.to_string(),
    }
}

fn csv(path: &Path, known: &[FieldRef], nulls: &[String]) -> Result<Rows, ImportError> {
    let csv = Csv::open(path, known, nulls)?;
    let reader = csv.reader(&csv.schema)?;
    let schema = Arc::clone(&csv.schema);
    let batches = reader.map(move |batch| batch.map_err(|error| csv.explain(&error)));
    Ok(Rows {
        schema,
        batches: Box::new(batches),
    })
}

/// A file of delimited text.
struct Csv {
    path: PathBuf,
    null: Regex,
    schema: SchemaRef,
}

impl Csv {
    fn open(path: &Path, known: &[FieldRef], nulls: &[String]) -> Result<Csv, ImportError> {
        // No row is looked at: only the names are taken from the file.
        let header = arrow_csv::reader::Format::default().with_header(true);
        let (names, _) = header
            .infer_schema(BufReader::new(open(path)?), Some(0))
            .map_err(|error| malformed(path, &error))?;
        let fields = names
            .fields()
            .iter()
            .map(|field| match named(known, field.name()) {
                Some(field) => Arc::clone(field),
                None => Arc::new(Field::new(field.name(), DataType::Utf8, true)),
            });
        let null: String = nulls
            .iter()
            .map(|text| format!("|{}", regex::escape(text)))
            .collect();
        Ok(Csv {
            path: path.to_owned(),
            null: Regex::new(&format!("^(?:{null})$")).map_err(|error| malformed(path, &error))?,
            schema: Arc::new(Schema::new(fields.collect::<Vec<FieldRef>>())),
        })
    }

    fn reader(&self, schema: &SchemaRef) -> Result<arrow_csv::Reader<File>, ImportError> {
        arrow_csv::ReaderBuilder::new(Arc::clone(schema))
            .with_header(true)
            .with_batch_size(ROWS)
            .with_null_regex(self.null.clone())
            .build(open(&self.path)?)
            .map_err(|error| malformed(&self.path, &error))
    }

    /// What is wrong in words of this file: it is read once more, as text, up to the first value that is not of its column's type.
    fn explain(&self, error: &ArrowError) -> ImportError {
        self.wrong_value()
            .unwrap_or_else(|| malformed(&self.path, error))
    }

    fn wrong_value(&self) -> Option<ImportError> {
        let fields = self.schema.fields().iter();
        let texts = fields.map(|field| Field::new(field.name(), DataType::Utf8, true));
        let texts = Arc::new(Schema::new(texts.collect::<Vec<_>>()));
        let mut before = 0;
        for batch in self.reader(&texts).ok()? {
            let batch = batch.ok()?;
            let firsts = batch
                .columns()
                .iter()
                .zip(self.schema.fields())
                .filter_map(|(texts, field)| Some((first_wrong(texts, field)?, texts, field)));
            if let Some((row, texts, field)) = firsts.min_by_key(|(row, ..)| *row) {
                return Some(ImportError::Value {
                    path: self.path.clone(),
                    row: before + row as u64 + 1,
                    column: field.name().clone(),
                    wanted: type_name(field.data_type()),
                    found: texts.as_string::<i32>().value(row).to_owned(),
                });
            }
            before += batch.num_rows() as u64;
        }
        None
    }
}

/// The first of these texts that is no value of the field's type.
fn first_wrong(texts: &ArrayRef, field: &Field) -> Option<usize> {
    let values = cast_with_options(texts, field.data_type(), &CastOptions::default()).ok()?;
    (0..texts.len()).find(|&row| texts.is_valid(row) && values.is_null(row))
}

fn parquet(path: &Path) -> Result<Rows, ImportError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(open(path)?)
        .map_err(|error: ParquetError| malformed(path, &error))?;
    let reader = reader
        .with_batch_size(ROWS)
        .build()
        .map_err(|error| malformed(path, &error))?;
    let schema = arrow_array::RecordBatchReader::schema(&reader);
    Ok(Rows::new(path, schema, reader))
}

fn arrow(path: &Path) -> Result<Rows, ImportError> {
    let reader = FileReader::try_new(BufReader::new(open(path)?), None)
        .map_err(|error| malformed(path, &error))?;
    Ok(Rows::new(path, reader.schema(), reader))
}

fn named<'a>(known: &'a [FieldRef], column: &str) -> Option<&'a FieldRef> {
    known.iter().find(|field| field.name() == column)
}

/// The columns of the table that a file becomes.
fn columns(path: &Path, found: &Schema, known: &[FieldRef]) -> Result<TableSchema, ImportError> {
    let mut fields = Vec::with_capacity(found.fields().len());
    for field in found.fields() {
        let plain = plain(field.data_type());
        fields.push(match named(known, field.name()) {
            Some(wanted) => {
                if !holds(wanted.data_type(), &plain) {
                    return Err(ImportError::Type {
                        path: path.to_owned(),
                        column: field.name().clone(),
                        found: type_name(field.data_type()),
                        wanted: type_name(wanted.data_type()),
                    });
                }
                Arc::clone(wanted)
            }
            // What a file says of itself beside names and types, such as pandas' index, means nothing here.
            None => Arc::new(Field::new(field.name(), plain, true)),
        });
    }
    TableSchema::from_arrow(&Schema::new(fields)).map_err(|source| ImportError::Schema {
        path: path.to_owned(),
        source,
    })
}

/// The rows of a file as rows of its table.
fn widened(
    path: &Path,
    schema: &TableSchema,
    rows: &RecordBatch,
) -> Result<RecordBatch, ImportError> {
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    let columns = rows.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| {
        let name = field.name();
        let cast = cast_with_options(column, field.data_type(), &options)
            .map_err(|error| malformed(path, &format!("the column {name:?}: {error}")))?;
        match (cast.null_count(), field.is_nullable()) {
            (1.., false) => {
                let message = format!("the column {name:?} has nulls, and a value is wanted");
                Err(malformed(path, &message))
            }
            _ => Ok(cast),
        }
    });
    let columns = columns.collect::<Result<Vec<_>, ImportError>>()?;
    RecordBatch::try_new(Arc::clone(schema.arrow()), columns)
        .map_err(|error| malformed(path, &error))
}

/// The type behind an encoding of it.
fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::Dictionary(_, values) => plain(values),
        DataType::RunEndEncoded(_, values) => plain(values.data_type()),
        other => other.clone(),
    }
}

/// Whether every value of a type can be had as the other. Whole numbers are held to their range value by value, and above 2^53 they
/// are rounded as a float64.
fn holds(wanted: &DataType, found: &DataType) -> bool {
    wanted == found
        || found.is_null()
        || (found.is_integer() && (wanted.is_integer() || wanted.is_floating()))
        || (*found == DataType::Float32 && *wanted == DataType::Float64)
}

#[cfg(test)]
mod tests;
