//! Float64 columns on their way from the store into guests in five languages.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use criterion::Criterion;
use lockflight::{
    job::{InputDigest, JobDocument},
    launcher::Event,
    world::World,
};
use serde_json::json;

use super::{
    bed::{Bed, ORDER, root},
    figure::{Bound, Figure, Figures, timed},
};

const COLUMNS: usize = 8;
const BATCHES: usize = 64;
const BATCH_ROWS: usize = 65_536;
const BATCH_BYTES: usize = COLUMNS * BATCH_ROWS * size_of::<f64>();

/// The guests: the figure's name, the language, the plugin and the bound in GB/s. A million values in 6 ms are 1.33 GB/s, in 20 ms 0.4.
/// Compiled guests add all values up; for an interpreter that alone would take longer, so it reads the last one of each column.
const GUESTS: [(&str, &str, &str, f64); 5] = [
    ("boundary", "Rust", "tests/plugins/sum", 3.0),
    ("boundary-c", "C", "tests/plugins/sum-c", 1.33),
    ("boundary-go", "Go", "tests/plugins/sum-go", 1.33),
    ("boundary-python", "Python", "tests/plugins/pull-py", 0.4),
    (
        "boundary-typescript",
        "TypeScript",
        "tests/plugins/pull-ts",
        0.4,
    ),
];

/// Measures the scan loop of each guest that can be built here against memcpy.
pub fn measure(criterion: &mut Criterion, figures: &mut Figures) {
    let bed = Bed::new();
    let table = InputDigest::Table(bed.table((0..BATCHES).map(floats)));
    let source = vec![1_u8; BATCHES * BATCH_BYTES];
    let mut target = vec![0_u8; BATCH_BYTES];
    for (name, language, plugin, bound) in GUESTS {
        if language != "Rust" && !root().join(plugin).join("dist/validate.wasm").exists() {
            continue;
        }
        let job = bed.job(plugin, World::Validate, json!({}), ("table", table));
        figures.measure(
            criterion,
            Figure {
                name,
                what: format!(
                    "{COLUMNS} float64 columns x {} rows, scanned by a guest in {language} in batches of {BATCH_ROWS} rows",
                    BATCHES * BATCH_ROWS
                ),
                reference: "memcpy of as many bytes, batch by batch",
                seconds: 5,
                bytes: Some((BATCHES * BATCH_BYTES) as u64),
                bound: Bound::GigabytesPerSecond(bound),
            },
            || {
                timed(|| {
                    for batch in source.chunks_exact(BATCH_BYTES) {
                        target.copy_from_slice(batch);
                        std::hint::black_box(&mut target);
                    }
                })
            },
            || scan(&bed, &job),
        );
    }
}

/// Rows that no two batches share: a store keeps equal blocks once.
pub fn floats(batch: usize) -> RecordBatch {
    let column = |column: usize| -> (String, ArrayRef) {
        let start = (batch * COLUMNS + column) * BATCH_ROWS;
        let values = (start..start + BATCH_ROWS).map(|value| value as f64 * 0.5);
        (
            format!("c{column}"),
            Arc::new(Float64Array::from_iter_values(values)),
        )
    };
    RecordBatch::try_from_iter((0..COLUMNS).map(column)).expect("columns of one length")
}

/// The time between the plugin's first and last report, which stand around its loop.
fn scan(bed: &Bed, job: &JobDocument) -> Duration {
    let reports = Mutex::new(Vec::new());
    let launched = bed
        .launcher
        .repeat(job, &ORDER, None, &|event| {
            if let Event::Progress { .. } = event {
                let mut reports = reports.lock().expect("no report panics");
                reports.push(Instant::now());
            }
        })
        .expect("the stage runs");
    assert_eq!(
        launched.result.findings[0].rows,
        (BATCHES * BATCH_ROWS) as u64
    );
    let reports = reports.into_inner().expect("no report panics");
    reports[1] - reports[0]
}
