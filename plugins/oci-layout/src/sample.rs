//! The sample as JSON lines: a row as a client would send it, with what the model answered.
use arrow_array::{ArrayRef, RecordBatch, make_array};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use lockflight_sdk::Table;
use lockflight_sdk::prelude::*;

/// The rows, one JSON object a line.
pub fn lines(table: &Table) -> Result<String, Failure> {
    let mut writer = arrow_json::WriterBuilder::new()
        .with_explicit_nulls(true)
        .build::<_, arrow_json::writer::LineDelimited>(Vec::new());
    for batch in table.scan() {
        writer.write(&as_sent(&batch)?)?;
    }
    writer.finish()?;
    String::from_utf8(writer.into_inner()).map_err(|error| Failure::internal(error.to_string()))
}

/// The same rows with all moments in UTC: the names of other zones mean nothing without a database of zones.
fn as_sent(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = batch
        .columns()
        .iter()
        .map(in_utc)
        .collect::<Result<_, _>>()?;
    let fields: Vec<Field> = batch
        .schema()
        .fields()
        .iter()
        .zip(&columns)
        .map(|(field, column)| {
            field
                .as_ref()
                .clone()
                .with_data_type(column.data_type().clone())
        })
        .collect();
    RecordBatch::try_new(Schema::new(fields).into(), columns)
}

fn in_utc(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let DataType::Timestamp(unit, Some(_)) = column.data_type() else {
        return Ok(column.clone());
    };
    let utc = DataType::Timestamp(*unit, Some("+00:00".into()));
    let data = column.to_data().into_builder().data_type(utc).build()?;
    Ok(make_array(data))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, TimestampSecondArray};

    use super::*;

    #[test]
    fn moments_of_every_zone_are_written_in_utc() {
        let moments = |zone: Option<&str>| -> ArrayRef {
            Arc::new(
                TimestampSecondArray::from(vec![Some(1_304_208_000), None]).with_timezone_opt(zone),
            )
        };
        let batch = RecordBatch::try_from_iter([
            ("utc", moments(Some("UTC"))),
            ("berlin", moments(Some("Europe/Berlin"))),
            ("local", moments(None)),
            ("count", Arc::new(Int64Array::from(vec![1, 2]))),
        ])
        .expect("columns of one length");
        let mut writer = arrow_json::LineDelimitedWriter::new(Vec::new());
        writer
            .write(&as_sent(&batch).expect("the same rows"))
            .expect("JSON");
        let text = String::from_utf8(writer.into_inner()).expect("text");
        let first = r#"{"utc":"2011-05-01T00:00:00Z","berlin":"2011-05-01T00:00:00Z","local":"2011-05-01T00:00:00","count":1}"#;
        assert_eq!(text.lines().next(), Some(first));
    }
}
