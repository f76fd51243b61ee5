//! The log of predictions: what was sent, what was answered, by which version and when, as tables of the store. It is written by a
//! thread of its own; a request waits for nothing. What comes faster than it can be written is dropped, counted and said.

mod rows;

pub use rows::{COLUMNS, clash};

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, TryRecvError},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::rows::{Predictions, Waiting};
use crate::{
    digest::Digest,
    store::{RefName, Store, StoreError},
    table::{
        schema::{SchemaError, TableSchema},
        writer::{TableWriter, WriteError},
    },
};

/// How many requests may wait to be written.
const QUEUE: usize = 16_384;
/// How often the queue is looked into.
const PAUSE: Duration = Duration::from_millis(20);
/// How many rows are written at the latest.
const SEGMENT_ROWS: usize = 65_536;
/// How long rows wait at the most.
const SEGMENT_TIME: Duration = Duration::from_secs(5);

/// What is said of a request beside its rows.
#[derive(Debug, Clone)]
pub struct Noted {
    /// The prediction's id, which the answer names.
    pub id: String,
    /// The id that the request came with, if it did.
    pub request: Option<String>,
    /// When it came, in microseconds since 1970 in UTC.
    pub time: i64,
}

/// Notes what a version of a model answers.
#[derive(Clone)]
pub struct Logger {
    sender: mpsc::SyncSender<Predictions>,
    counts: Arc<Counts>,
    endpoint: Arc<str>,
    version: u64,
}

impl Logger {
    /// Notes answers, or drops them when the log is too far behind.
    pub fn note(&self, requests: Vec<(Noted, usize)>, rows: RecordBatch, answers: RecordBatch) {
        let count = requests.len() as u64;
        let predictions = Predictions {
            endpoint: Arc::clone(&self.endpoint),
            version: self.version,
            requests,
            rows,
            answers,
        };
        if self.sender.try_send(predictions).is_err() {
            self.counts.dropped.fetch_add(count, Ordering::Relaxed);
        }
    }
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
    Arrow(#[from] ArrowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The log of a server.
pub struct Log {
    sender: mpsc::SyncSender<Predictions>,
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

    /// Notes what this version of an endpoint's model answers.
    pub fn logger(&self, endpoint: &str, version: u64) -> Logger {
        Logger {
            sender: self.sender.clone(),
            counts: Arc::clone(&self.counts),
            endpoint: endpoint.into(),
            version,
        }
    }

    /// Writes what is left and ends, once all loggers are gone; gives rows that were written, and requests that were dropped.
    pub fn close(self) -> (u64, u64) {
        drop(self.sender);
        // A thread that panicked has written what it could.
        let _ = self.thread.join();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (count(&self.counts.written), count(&self.counts.dropped))
    }
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

    /// Looks into the queue now and then: a thread that waits in it would have to be woken by every request.
    fn run(mut self, queue: &mpsc::Receiver<Predictions>) {
        loop {
            std::thread::sleep(PAUSE);
            loop {
                match queue.try_recv() {
                    Ok(predictions) => self.take(predictions),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => {
                        self.settle();
                        return self.write_all();
                    }
                }
            }
            self.settle();
            let mut waiting = self.waiting.values();
            let full = waiting.any(|waiting| waiting.rows >= SEGMENT_ROWS);
            if full || Instant::now() >= self.due {
                self.write_all();
            }
        }
    }

    fn take(&mut self, predictions: Predictions) {
        let key = (Arc::clone(&predictions.endpoint), predictions.version);
        self.waiting.entry(key).or_default().add(predictions);
    }

    fn settle(&mut self) {
        let counts = &self.counts;
        self.waiting.retain(|(_, version), waiting| {
            let settled = waiting.settle(*version);
            settled
                .map_err(|error| lost(counts, waiting, &error.into()))
                .is_ok()
        });
    }

    fn write_all(&mut self) {
        self.due = Instant::now() + SEGMENT_TIME;
        for ((endpoint, _), waiting) in std::mem::take(&mut self.waiting) {
            match self.write(&endpoint, &waiting) {
                Ok(()) => {
                    let rows = waiting.rows as u64;
                    self.counts.written.fetch_add(rows, Ordering::Relaxed);
                }
                Err(error) => lost(&self.counts, &waiting, &error),
            }
        }
    }

    fn write(&mut self, endpoint: &str, waiting: &Waiting) -> Result<(), LogError> {
        let ([table, ..], Some((first, last))) = (waiting.tables.as_slice(), waiting.span) else {
            return Ok(());
        };
        // Held for this stretch alone, so that the store can be tidied beside a server.
        let _in_use = self.store.clone().in_use()?;
        let dropped = self.counts.dropped.load(Ordering::Relaxed);
        let mut publication = self.store.begin();
        let mut writer = TableWriter::new(TableSchema::from_arrow(&table.schema())?);
        for table in &waiting.tables {
            writer.write(table, &mut publication)?;
        }
        let written = writer.finish(&mut publication)?;
        let at = |time| Timestamp::from_microsecond(time).unwrap_or_default();
        let segment = publication.document(&Segment {
            endpoint: endpoint.to_owned(),
            table: written.digest,
            rows: written.rows,
            from: at(first).to_string(),
            to: at(last).to_string(),
            dropped: dropped - self.told,
        })?;
        publication.commit()?;
        let name = ref_name(endpoint);
        self.store.set_refs(vec![(name, segment)], at(last))?;
        self.told = dropped;
        Ok(())
    }
}

fn lost(counts: &Counts, waiting: &Waiting, error: &LogError) {
    counts
        .dropped
        .fetch_add(waiting.requests, Ordering::Relaxed);
    tracing::error!(%error, "predictions were not logged");
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
    use arrow_array::{ArrayRef, Float64Array};

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
            let logger = log.logger("demand", 1);
            for request in 0..3 {
                let noted = Noted {
                    id: format!("{server}-{request}"),
                    request: None,
                    time: server * 1_000_000 + request,
                };
                let rows = batch("x", vec![Some(1.0), None]);
                let answers = batch("prediction", vec![Some(2.0), Some(3.0)]);
                logger.note(vec![(noted, 2)], rows, answers);
            }
            drop(logger);
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
