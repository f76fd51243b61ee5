//! Reads a text file with a number on each line into a table of one column. Lines with nothing on them are skipped.

use std::sync::Arc;

use arrow_array::{Float64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::{PortKind, prelude::*};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// What to call the column.
    column: String,
}

struct Plugin;

fn schema(config: &Config) -> SchemaRef {
    let column = Field::new(&config.column, DataType::Float64, true);
    Arc::new(Schema::new(vec![column]))
}

impl Ingest for Plugin {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        job.only(PortKind::Blob)?;
        Ok(vec![Port::table("table", schema(&job.config))])
    }

    fn run(job: &Job<Config>) -> Result<Vec<Output>, Failure> {
        let file = &job.only(PortKind::Blob)?.port.name;
        let text = job.blob(file)?.read_text()?;
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let values = lines.map(|(at, line)| {
            let number = line.trim().parse::<f64>();
            number.map_err(|_| Failure::data(format!("line {at}: {line:?} is no number")))
        });
        let values: Float64Array = values.collect::<Result<Vec<_>, _>>()?.into();
        let schema = schema(&job.config);
        let mut table = TableWriter::new(schema.clone())?;
        table.write(&RecordBatch::try_new(schema, vec![Arc::new(values)])?)?;
        Ok(vec![Output::table("table", table)])
    }
}

lockflight_sdk::export!(Plugin: ingest);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<f64>, Failure> {
        let job = Job::in_memory(r#"{"column": "mass"}"#)?.with_blob("file", text.as_bytes());
        let outputs = Plugin::run(&job)?;
        let Content::Table(table) = &outputs[0].content else {
            panic!("it is a table");
        };
        let batches = table.written().iter();
        Ok(batches.flat_map(|batch| batch.f64("mass").unwrap().values.to_vec()).collect())
    }

    #[test]
    fn every_line_with_a_number_is_a_row() {
        assert_eq!(read("1.5\n\n-2\n").unwrap(), [1.5, -2.0]);
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_number_is_told_with_its_line() {
        let failure = read("1\nmuch\n").unwrap_err();
        assert!(matches!(failure, Failure::Data(message) if message.contains("line 2")));
    }
}
