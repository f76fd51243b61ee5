//! The flights as CSV, ten times over: the csv plugin against its own parser outside WebAssembly.

use std::{env, fs::File, path::PathBuf, time::Duration};

use arrow_array::RecordBatch;
use criterion::Criterion;
use lockflight::{job::InputDigest, world::World};
use lockflight_csv::{Config, Layout, Sink, parse};
use lockflight_sdk::Failure;
use serde_json::json;

use super::{
    bed::{Bed, ORDER},
    figure::{Bound, Figure, Figures, timed},
};

/// How the flights are written.
fn config() -> serde_json::Value {
    json!({"nulls": ["", "NA"]})
}

/// Measures both.
pub fn measure(criterion: &mut Criterion, figures: &mut Figures) {
    let Some(path) = flights() else {
        println!("left out: the flights, since LOCKFLIGHT_FLIGHTS does not name their file");
        return;
    };
    let bed = Bed::new();
    let mut file = File::open(&path).expect("the flights");
    let (blob, bytes) = bed
        .store
        .put_blob_file(&mut file)
        .expect("room on the disk");
    let job = bed.job(
        "plugins/csv",
        World::Ingest,
        config(),
        ("file", InputDigest::Blob(blob)),
    );
    figures.measure(
        criterion,
        Figure {
            name: "csv",
            what: format!(
                "the flights x 10 ({} MB of CSV), from the start of the stage to its table",
                bytes / 1_000_000
            ),
            reference: "the same parser, native, its rows dropped",
            seconds: 60,
            bytes: Some(bytes),
            bound: Bound::OfReference(0.5),
        },
        || timed(|| rows(&path, &mut Dropped)),
        || {
            let launched = bed
                .launcher
                .repeat(&job, &ORDER, None, &|_| {})
                .expect("the stage runs");
            Duration::from_secs_f64(launched.telemetry.wall_seconds)
        },
    );
}

/// The file that `cargo xtask bench` fetches.
pub fn flights() -> Option<PathBuf> {
    env::var_os("LOCKFLIGHT_FLIGHTS").map(PathBuf::from)
}

/// Parses the flights.
pub fn rows(path: &PathBuf, sink: &mut dyn Sink) {
    let config: Config = serde_json::from_value(config()).expect("a config");
    let open = || File::open(path).expect("the flights");
    let layout = Layout::of(open(), &config, "flights").expect("a header");
    parse(open(), &config, &layout, "flights", sink).expect("rows that fit");
}

struct Dropped;

impl Sink for Dropped {
    fn rows(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        std::hint::black_box(batch);
        Ok(())
    }

    fn rejects(&mut self, _: &RecordBatch) -> Result<(), Failure> {
        unreachable!("the flights are parsed without rejects")
    }
}
