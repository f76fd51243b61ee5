//! The log of predictions: what was sent, what was answered, by which version and when, as tables of the store. It is written by a
//! thread of its own; a request waits for nothing. What comes faster than it can be written is dropped, counted and said.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use arrow_array::{
    ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    digest::Digest,
    store::{RefName, Store, StoreError},
    table::{
        schema::{SchemaError, TableSchema},
        writer::{TableWriter, WriteError},
    },
};

/// The columns that the log adds, in front of those of the model.
pub const COLUMNS: [&str; 5] = [
    "prediction_time",
    "prediction_id",
    "prediction_row",
    "request_id",
    "model_version",
];
/// How many requests may wait to be written.
const QUEUE: usize = 16_384;
/// How many rows are written at the latest.
const SEGMENT_ROWS: usize = 65_536;
/// How long rows wait at the most.
const SEGMENT_TIME: Duration = Duration::from_secs(5);

/// A request that was answered.
pub struct Prediction {
    /// The endpoint.
    pub endpoint: Arc<str>,
    /// The prediction's id, which the answer names.
    pub id: String,
    /// The id that the request came with, if it did.
    pub request: Option<String>,
    /// The version that answered.
    pub version: u64,
    /// When, in microseconds since 1970 in UTC.
    pub time: i64,
    /// What was sent.
    pub rows: RecordBatch,
    /// What was answered, a row for a row.
    pub answer: RecordBatch,
}

/// A stretch of the log: a table of the store. `logs/ENDPOINT` points at the latest one, and its history at those before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// The endpoint.
    pub endpoint: String,
    /// The rows.
    pub table: Digest,
    /// How many.
    pub rows: u64,
    /// The time of the first one, RFC 3339 in UTC.
    pub from: String,
    /// The time of the last one.
    pub to: String,
    /// How many requests were dropped meanwhile, since they came faster than they could be written.
    pub dropped: u64,
}

/// Why a stretch was not written.
#[derive(Debug, thiserror::Error)]
enum LogError {
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Schema(#[from] SchemaError),
    #[error(transparent)]
    Arrow(#[from] arrow_schema::ArrowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The log of a server.
pub struct Log {
    sender: mpsc::SyncSender<Prediction>,
    counts: Arc<Counts>,
    thread: JoinHandle<()>,
}

/// What became of the requests.
#[derive(Debug, Default)]
struct Counts {
    written: AtomicU64,
    dropped: AtomicU64,
}

impl Log {
    /// Begins a log in this store.
    pub fn new(store: Store) -> Log {
        let (sender, receiver) = mpsc::sync_channel(QUEUE);
        let counts = Arc::new(Counts::default());
        let writing = Arc::clone(&counts);
        let thread = std::thread::spawn(move || Writer::new(store, writing).run(&receiver));
        Log {
            sender,
            counts,
            thread,
        }
    }

    /// Notes a prediction, or drops it when the log is too far behind.
    pub fn note(&self, prediction: Prediction) {
        if self.sender.try_send(prediction).is_err() {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Rows that were written, and requests that were dropped, so far.
    pub fn counts(&self) -> (u64, u64) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (count(&self.counts.written), count(&self.counts.dropped))
    }

    /// Writes what is left and ends; gives the last counts.
    pub fn close(self) -> (u64, u64) {
        drop(self.sender);
        // A thread that panicked has written what it could.
        let _ = self.thread.join();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (count(&self.counts.written), count(&self.counts.dropped))
    }
}

/// The rows of an endpoint that wait to be written. Versions with other columns wait apart.
struct Waiting {
    endpoint: Arc<str>,
    rows: Vec<RecordBatch>,
    count: usize,
    first: i64,
    last: i64,
}

struct Writer {
    store: Store,
    counts: Arc<Counts>,
    told: u64,
    waiting: BTreeMap<(Arc<str>, u64), Waiting>,
    due: Instant,
}

impl Writer {
    fn new(store: Store, counts: Arc<Counts>) -> Writer {
        Writer {
            store,
            counts,
            told: 0,
            waiting: BTreeMap::new(),
            due: Instant::now() + SEGMENT_TIME,
        }
    }

    fn run(mut self, queue: &mpsc::Receiver<Prediction>) {
        loop {
            let left = self.due.saturating_duration_since(Instant::now());
            match queue.recv_timeout(left) {
                Ok(prediction) => self.take(prediction),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.write_all(),
            }
            let full = self.waiting.values().any(|w| w.count >= SEGMENT_ROWS);
            if full || Instant::now() >= self.due {
                self.write_all();
            }
        }
    }

    fn take(&mut self, prediction: Prediction) {
        let key = (Arc::clone(&prediction.endpoint), prediction.version);
        match rows(&prediction) {
            Ok(rows) => {
                let waiting = self.waiting.entry(key).or_insert_with(|| Waiting {
                    endpoint: prediction.endpoint,
                    rows: Vec::new(),
                    count: 0,
                    first: prediction.time,
                    last: prediction.time,
                });
                waiting.count += rows.num_rows();
                waiting.rows.push(rows);
                waiting.first = waiting.first.min(prediction.time);
                waiting.last = waiting.last.max(prediction.time);
            }
            Err(error) => {
                self.counts.dropped.fetch_add(1, Ordering::Relaxed);
                tracing::error!(%error, "a prediction cannot be logged");
            }
        }
    }

    fn write_all(&mut self) {
        self.due = Instant::now() + SEGMENT_TIME;
        for waiting in std::mem::take(&mut self.waiting).into_values() {
            match self.write(&waiting) {
                Ok(()) => {
                    let rows = waiting.count as u64;
                    self.counts.written.fetch_add(rows, Ordering::Relaxed);
                }
                Err(error) => {
                    let requests = waiting.rows.len() as u64;
                    self.counts.dropped.fetch_add(requests, Ordering::Relaxed);
                    tracing::error!(%error, "predictions were not logged");
                }
            }
        }
    }

    fn write(&mut self, waiting: &Waiting) -> Result<(), LogError> {
        let Some(first) = waiting.rows.first() else {
            return Ok(());
        };
        let dropped = self.counts.dropped.load(Ordering::Relaxed);
        let mut publication = self.store.begin();
        let schema = TableSchema::from_arrow(&first.schema())?;
        let mut writer = TableWriter::new(schema);
        // Many small batches would each cost as much as a large one.
        let rows = arrow_select::concat::concat_batches(&first.schema(), &waiting.rows)?;
        writer.write(&rows, &mut publication)?;
        let written = writer.finish(&mut publication)?;
        let at = |time| Timestamp::from_microsecond(time).unwrap_or_default();
        let segment = publication.document(&Segment {
            endpoint: waiting.endpoint.to_string(),
            table: written.digest,
            rows: written.rows,
            from: at(waiting.first).to_string(),
            to: at(waiting.last).to_string(),
            dropped: dropped - self.told,
        })?;
        publication.commit()?;
        let name = ref_name(&waiting.endpoint);
        self.store
            .set_refs(vec![(name, segment)], at(waiting.last))?;
        self.told = dropped;
        Ok(())
    }
}

/// A prediction as rows of the log.
fn rows(prediction: &Prediction) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let count = prediction.rows.num_rows();
    let time = TimestampMicrosecondArray::from_value(prediction.time, count).with_timezone("UTC");
    let request = prediction.request.as_deref();
    let ids = StringArray::from_iter_values(std::iter::repeat_n(&prediction.id, count));
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(time),
        Arc::new(ids),
        Arc::new(UInt32Array::from_iter_values(0..count as u32)),
        Arc::new(StringArray::from_iter(std::iter::repeat_n(request, count))),
        Arc::new(UInt64Array::from_value(prediction.version, count)),
    ];
    columns.extend(prediction.rows.columns().iter().cloned());
    columns.extend(prediction.answer.columns().iter().cloned());
    let schema = schema(&prediction.rows.schema(), &prediction.answer.schema());
    RecordBatch::try_new(schema, columns)
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

/// The stretches of an endpoint's log, oldest first.
///
/// # Errors
/// When the store fails.
pub fn segments(store: &Store, endpoint: &str) -> Result<Vec<Segment>, StoreError> {
    let mut moves = store.ref_history(&ref_name(endpoint))?;
    moves.reverse();
    let segments = moves
        .iter()
        .map(|moved| store.document(&moved.target, "a stretch of the log of predictions"));
    segments.collect()
}

fn ref_name(endpoint: &str) -> RefName {
    format!("logs/{endpoint}")
        .parse()
        .expect("names in manifests are names of refs too")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use arrow_array::Float64Array;

    use super::*;
    use crate::store::testing::store;

    fn batch(name: &str, values: Vec<Option<f64>>) -> RecordBatch {
        let column: ArrayRef = Arc::new(Float64Array::from(values));
        RecordBatch::try_from_iter_with_nullable([(name, column, true)]).unwrap()
    }

    #[test]
    fn predictions_become_tables_in_order() {
        let (_dir, store) = store();
        for server in 0..2 {
            let log = Log::new(store.clone());
            for request in 0..3 {
                log.note(Prediction {
                    endpoint: "demand".into(),
                    id: format!("{server}-{request}"),
                    request: None,
                    version: 1,
                    time: server * 1_000_000 + request,
                    rows: batch("x", vec![Some(1.0), None]),
                    answer: batch("prediction", vec![Some(2.0), Some(3.0)]),
                });
            }
            assert_eq!(log.close(), (6, 0));
        }
        let found = segments(&store, "demand").unwrap();
        assert_eq!(found.iter().map(|s| s.rows).collect::<Vec<_>>(), [6, 6]);
        assert_eq!(found[1].from, "1970-01-01T00:00:01Z");
        let table = store.table(&found[0].table).unwrap();
        let names: Vec<_> = table
            .schema()
            .fields()
            .iter()
            .map(|f| f.name().as_str())
            .collect();
        assert_eq!(&names[..5], COLUMNS);
        assert_eq!(&names[5..], ["x", "prediction"]);
        assert!(segments(&store, "other").unwrap().is_empty());
    }
}
