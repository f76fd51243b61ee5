//! The canonical form of tables and its digest, against SHA-256 alone.

use arrow_array::{Array, RecordBatch};
use criterion::Criterion;
use lockflight::{
    digest::Digest,
    table::{TableSchema, canonical::Canonical},
};
use lockflight_csv::Sink;
use lockflight_sdk::Failure;

use super::{
    boundary,
    figure::{Bound, Figure, Figures, timed},
    ingest,
};

/// Enough for a measurement.
const BATCHES: usize = 5;

/// Measures a table of floats, and the flights.
pub fn measure(criterion: &mut Criterion, figures: &mut Figures) {
    let floats = (0..BATCHES).map(boundary::floats).collect();
    table(
        criterion,
        figures,
        "digest-floats",
        "8 float64 columns",
        floats,
    );
    if let Some(path) = ingest::flights() {
        let mut first = First(Vec::new());
        ingest::rows(&path, &mut first);
        let what = "the flights: text, times, floats and integers with nulls";
        table(criterion, figures, "digest-flights", what, first.0);
    }
}

fn table(
    criterion: &mut Criterion,
    figures: &mut Figures,
    name: &'static str,
    what: &str,
    batches: Vec<RecordBatch>,
) {
    let schema = TableSchema::from_arrow(&batches[0].schema()).expect("a schema");
    let canonical =
        |batch: &RecordBatch| Canonical::of(&schema, batch).expect("rows of the schema");
    let plain: Vec<Vec<u8>> = batches
        .iter()
        .map(|batch| bytes(&canonical(batch).batch()))
        .collect();
    let count = |batch| canonical(batch).bytes();
    figures.measure(
        criterion,
        Figure {
            name,
            what: format!("{what}, made canonical and hashed"),
            reference: "SHA-256 of the same bytes",
            seconds: 2,
            bytes: Some(batches.iter().map(count).sum()),
            bound: Bound::OfReference(0.6),
        },
        || {
            timed(|| {
                plain
                    .iter()
                    .map(|bytes| Digest::of(bytes))
                    .collect::<Vec<_>>()
            })
        },
        || {
            timed(|| {
                batches
                    .iter()
                    .map(|batch| canonical(batch).digest())
                    .collect::<Vec<_>>()
            })
        },
    );
}

/// All buffers, one behind the other.
fn bytes(batch: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    for column in batch.columns() {
        let data = column.to_data();
        if let Some(nulls) = data.nulls() {
            bytes.extend_from_slice(nulls.validity());
        }
        for buffer in data.buffers() {
            bytes.extend_from_slice(buffer);
        }
    }
    bytes
}

/// Keeps the first batches.
struct First(Vec<RecordBatch>);

impl Sink for First {
    fn rows(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        if self.0.len() < BATCHES {
            self.0.push(batch.clone());
        }
        Ok(())
    }

    fn rejects(&mut self, _: &RecordBatch) -> Result<(), Failure> {
        unreachable!("the flights are parsed without rejects")
    }
}
