//! Tables as texts, so that tests can be read.
#![allow(dead_code)]
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{DataType, Field, Schema};
use lockflight_prepare::{Config, Prepare};
use lockflight_sdk::Place;
use lockflight_sdk::prelude::*;

pub type Columns = Vec<(&'static str, ArrayRef)>;

pub fn ints(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

pub fn floats(values: &[Option<f64>]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

pub fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

pub fn dates(values: &[i32]) -> ArrayRef {
    Arc::new(Date32Array::from(values.to_vec()))
}

/// A table whose columns may all be null.
pub fn table(columns: Columns) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

/// A job whose tables come in batches of `size` rows.
pub fn job_of(config: &str, tables: &[(&str, &RecordBatch)], size: usize) -> Job<Config> {
    let mut job = Job::in_memory(config).unwrap_or_else(|problems| panic!("{problems}"));
    for (name, table) in tables {
        let starts = (0..table.num_rows()).step_by(size);
        let batches = starts.map(|start| table.slice(start, size.min(table.num_rows() - start)));
        job = job.with_table(name, table.schema(), batches.collect());
    }
    job
}

/// The outputs by name, each a line of names and a line per row.
pub fn outputs(job: &Job<Config>) -> Result<Vec<(String, String)>, Failure> {
    let ports = Prepare::check(job).unwrap_or_else(|problems| panic!("{problems}"));
    let outputs = Prepare::run(job)?;
    assert_eq!(ports.len(), outputs.len());
    let shown = ports.iter().zip(outputs).map(|(port, output)| {
        assert_eq!(port.name, output.name);
        let Content::Table(writer) = output.content else {
            panic!("a blob")
        };
        assert_eq!(
            port.schema.as_ref(),
            Some(writer.schema()),
            "run keeps what check promised"
        );
        (output.name, shown(writer.schema(), writer.written()))
    });
    Ok(shown.collect())
}

/// The only output.
pub fn only(job: &Job<Config>) -> String {
    let mut outputs = outputs(job).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!(outputs.len(), 1);
    outputs.remove(0).1
}

pub fn shown(schema: &Schema, batches: &[RecordBatch]) -> String {
    let names: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let mut lines = vec![names.join(" ")];
    for batch in batches {
        for row in 0..batch.num_rows() {
            let values: Vec<_> = batch
                .columns()
                .iter()
                .map(|column| value(column, row))
                .collect();
            lines.push(values.join(" "));
        }
    }
    lines.join("\n")
}

fn value(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return "-".to_owned();
    }
    match column.data_type() {
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Date32 => column
            .as_primitive::<Date32Type>()
            .value_as_date(row)
            .unwrap()
            .to_string(),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        other => panic!("{other}"),
    }
}

/// Where each problem is, what is wrong, and the help.
pub fn problems(job: &Job<Config>) -> Vec<(String, String, String)> {
    let problems = Prepare::check(job).unwrap_err().0.into_iter();
    problems
        .map(|problem| {
            let place = match problem.place {
                Place::Config(pointer) => pointer,
                Place::Stage => "stage".to_owned(),
                other => panic!("{other:?}"),
            };
            (place, problem.message, problem.help.unwrap_or_default())
        })
        .collect()
}
