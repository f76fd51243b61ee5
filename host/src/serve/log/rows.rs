//! Predictions as rows of the log: what they look like, and how they wait.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow_select::concat::concat_batches;

use super::Noted;

/// The columns that the log adds, in front of those of the model.
pub const COLUMNS: [&str; 5] = [
    "prediction_time",
    "prediction_id",
    "prediction_row",
    "request_id",
    "model_version",
];
/// Requests that were answered together.
pub struct Predictions {
    pub endpoint: Arc<str>,
    pub version: u64,
    /// Each with how many rows it has.
    pub requests: Vec<(Noted, usize)>,
    /// What was sent.
    pub rows: RecordBatch,
    /// What was answered, a row for a row.
    pub answers: RecordBatch,
}

/// What a version of an endpoint answered and waits to be written.
#[derive(Default)]
pub struct Waiting {
    /// What came since the queue was last looked into.
    fresh: Vec<Predictions>,
    /// What came before, as rows of the log: much smaller than tables of a few rows each.
    pub tables: Vec<RecordBatch>,
    /// How many rows.
    pub rows: usize,
    /// Of how many requests.
    pub requests: u64,
    /// The times of the first and the last one, in microseconds since 1970.
    pub span: Option<(i64, i64)>,
}

impl Waiting {
    /// Adds what came.
    pub fn add(&mut self, predictions: Predictions) {
        self.rows += predictions.rows.num_rows();
        self.requests += predictions.requests.len() as u64;
        for (noted, _) in &predictions.requests {
            let (first, last) = self.span.unwrap_or((noted.time, noted.time));
            self.span = Some((first.min(noted.time), last.max(noted.time)));
        }
        self.fresh.push(predictions);
    }

    /// Makes rows of the log of what came: of all at once, since columns of a few rows each cost more than what is in them.
    pub fn settle(&mut self, version: u64) -> Result<(), ArrowError> {
        let fresh = std::mem::take(&mut self.fresh);
        if !fresh.is_empty() {
            self.tables.push(rows(version, &fresh)?);
        }
        Ok(())
    }
}

/// Predictions of one version, of which there is at least one, as rows of the log.
fn rows(version: u64, predictions: &[Predictions]) -> Result<RecordBatch, ArrowError> {
    let [first, ..] = predictions else {
        return Err(ArrowError::InvalidArgumentError("no predictions".into()));
    };
    let (sent, answered) = (first.rows.schema(), first.answers.schema());
    let rows = concat_batches(&sent, predictions.iter().map(|answered| &answered.rows))?;
    let answers = concat_batches(
        &answered,
        predictions.iter().map(|answered| &answered.answers),
    )?;
    let each = || {
        let requests = predictions.iter().flat_map(|answered| &answered.requests);
        requests.flat_map(|(noted, rows)| (0..*rows).map(move |row| (noted, row as u32)))
    };
    let times = TimestampMicrosecondArray::from_iter_values(each().map(|(noted, _)| noted.time));
    let ids = each().map(|(noted, _)| noted.id.as_str());
    let requests = each().map(|(noted, _)| noted.request.as_deref());
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(times.with_timezone("UTC")),
        Arc::new(StringArray::from_iter_values(ids)),
        Arc::new(UInt32Array::from_iter_values(each().map(|(_, row)| row))),
        Arc::new(requests.collect::<StringArray>()),
        Arc::new(UInt64Array::from_value(version, rows.num_rows())),
    ];
    columns.extend(rows.columns().iter().chain(answers.columns()).cloned());
    RecordBatch::try_new(schema(&sent, &answered), columns)
}

/// The log's columns, then those of the request, then those of the answer.
fn schema(rows: &Schema, answer: &Schema) -> SchemaRef {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let types = [
        time,
        DataType::Utf8,
        DataType::UInt32,
        DataType::Utf8,
        DataType::UInt64,
    ];
    let own = COLUMNS.iter().zip(types);
    let own = own.map(|(name, data_type)| {
        let nullable = *name == "request_id";
        Arc::new(Field::new(*name, data_type, nullable))
    });
    let theirs = rows.fields().iter().chain(answer.fields()).cloned();
    Arc::new(Schema::new(own.chain(theirs).collect::<Vec<_>>()))
}

/// A column that stands twice in the log of a model with these columns, if there is one: then it cannot be logged.
pub fn clash(takes: &Schema, gives: &Schema) -> Option<String> {
    let schema = schema(takes, gives);
    let fields = schema.fields();
    let twice = (1..fields.len()).find(|place| {
        let name = fields[*place].name();
        fields[..*place].iter().any(|other| other.name() == name)
    });
    twice.map(|place| fields[place].name().clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_column_of_the_log_s_own_clashes() {
        let schema = |name: &str| Schema::new(vec![Field::new(name, DataType::Float64, true)]);
        assert_eq!(clash(&schema("x"), &schema("y")), None);
        let twice = clash(&schema("model_version"), &schema("y"));
        assert_eq!(twice.as_deref(), Some("model_version"));
        assert_eq!(clash(&schema("x"), &schema("x")).as_deref(), Some("x"));
    }
}
