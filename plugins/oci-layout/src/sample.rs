//! The sample as JSON lines: a row as a client would send it, with what the model answered.
use lockflight_sdk::Table;
use lockflight_sdk::prelude::*;

/// The rows, one JSON object a line.
pub fn lines(table: &Table) -> Result<String, Failure> {
    let mut writer = arrow_json::WriterBuilder::new()
        .with_explicit_nulls(true)
        .build::<_, arrow_json::writer::LineDelimited>(Vec::new());
    for batch in table.scan() {
        writer.write(&batch)?;
    }
    writer.finish()?;
    String::from_utf8(writer.into_inner()).map_err(|error| Failure::internal(error.to_string()))
}
