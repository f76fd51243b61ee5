#![allow(clippy::unwrap_used)]

mod requests;
mod tensors;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int8Type, Int32Type, TimestampMillisecondType};
use arrow_array::{ArrayRef, Float32Array, Float64Array, Int8Array, StringArray};
use arrow_schema::{Field, TimeUnit};
use serde_json::json;

use super::*;
use crate::fault::ErrorKind;

const LIMITS: Limits = Limits {
    rows: 5,
    text_bytes: 50,
};

fn columns<const N: usize>(fields: [(&str, DataType, bool); N]) -> Columns {
    let fields = fields.map(|(name, data_type, nullable)| Field::new(name, data_type, nullable));
    Columns::new(Arc::new(Schema::new(fields.to_vec()))).unwrap()
}

fn list(nullable: bool) -> DataType {
    DataType::FixedSizeList(Arc::new(Field::new("item", DataType::Float32, nullable)), 2)
}

fn one(data_type: DataType, nullable: bool, tensor: &str) -> Result<ArrayRef, RequestError> {
    let takes = columns([("x", data_type, nullable)]);
    let body = format!("{{\"inputs\": [{{\"name\": \"x\", {tensor}}}]}}");
    let request = Request::read(body.as_bytes(), &takes, &LIMITS)?;
    Ok(Arc::clone(request.rows.column(0)))
}

fn refused(data_type: DataType, tensor: &str) -> String {
    one(data_type, false, tensor).unwrap_err().to_string()
}

fn invalid(takes: &Columns, body: &str) -> String {
    let error = Request::read(body.as_bytes(), takes, &LIMITS).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    error.to_string()
}
