//! What a stage costs beside its work: from the start of its process to the published result, with its code compiled before.

use std::{fs, process::Command, sync::Arc, time::Duration};

use arrow_array::{Float64Array, RecordBatch};
use criterion::Criterion;
use lockflight::{
    digest::Digest,
    job::{InputDigest, JobDocument},
    store::Store,
    world::World,
};
use serde_json::json;

use super::{
    bed::{Bed, penguins, root},
    figure::{Bound, Figure, Figures, timed},
};

/// What times of processes are compared with.
pub const PROCESS: &str = "starting `true` and waiting for it";

/// How long it takes to start the smallest process and wait for it.
pub fn process() -> Duration {
    timed(|| Command::new("true").status().expect("there is a `true`"))
}

/// Measures a stage in each language.
pub fn measure(criterion: &mut Criterion, figures: &mut Figures) {
    let bed = Bed::new();
    let row = Arc::new(Float64Array::from(vec![1.0]));
    let table = RecordBatch::try_from_iter([("value", row as _)]).expect("one column");
    let table = InputDigest::Table(bed.table([table]));
    let sum = bed.job(
        "tests/plugins/sum",
        World::Validate,
        json!({}),
        ("table", table),
    );
    let what = "a trivial stage in Rust: one value is read, one finding is published";
    stage(criterion, figures, ("stage-rust", what, 12.0), || {
        wall(&bed, &sum)
    });
    let figure = Figure {
        name: "start-up",
        what: "from starting the sealed child to calling a guest in Rust".into(),
        reference: PROCESS,
        seconds: 3,
        bytes: None,
        bound: Bound::None,
    };
    figures.measure(criterion, figure, process, || {
        Duration::from_secs_f64(bed.run_and_forget(&sum).telemetry.startup_seconds)
    });

    let bed = Bed::new();
    let status = penguins(&bed.store, "run")
        .status()
        .expect("the binary starts");
    assert!(status.success(), "the penguins do not run: {status}");
    let what = "outliers (Python) over the 342 penguins";
    if let Some(job) = job_of(&bed.store, "plugins/outliers-py") {
        stage(criterion, figures, ("stage-python", what, 60.0), || {
            wall(&bed, &job)
        });
    }
    let what = "categories (JavaScript, QuickJS) over the 342 penguins";
    if let Some(job) = job_of(&bed.store, "plugins/categories-js") {
        stage(criterion, figures, ("stage-javascript", what, 60.0), || {
            wall(&bed, &job)
        });
    }
}

fn wall(bed: &Bed, job: &JobDocument) -> Duration {
    Duration::from_secs_f64(bed.run_and_forget(job).telemetry.wall_seconds)
}

fn stage(
    criterion: &mut Criterion,
    figures: &mut Figures,
    (name, what, bound): (&'static str, &str, f64),
    subject: impl FnMut() -> Duration,
) {
    let figure = Figure {
        name,
        what: format!("{what}; from the start of its process to the published result"),
        reference: PROCESS,
        seconds: 3,
        bytes: None,
        bound: Bound::MedianMilliseconds(bound),
    };
    figures.measure(criterion, figure, process, subject);
}

/// The job in a store that runs the plugin of this folder; none where the plugin could not be built.
fn job_of(store: &Store, plugin: &str) -> Option<JobDocument> {
    let component = fs::read(root().join(plugin).join("dist/validate.wasm")).ok()?;
    let component = Digest::of(&component);
    keys(store).find_map(|key| {
        // Answers of checks are kept under keys as well; their documents are others.
        let job: JobDocument = store.document(&key, "a job").ok()?;
        (job.component == Some(component)).then_some(job)
    })
}

/// The keys under which a store holds results.
fn keys(store: &Store) -> impl Iterator<Item = Digest> {
    let names = |folder| fs::read_dir(folder).into_iter().flatten().flatten();
    names(store.path().join("results")).flat_map(move |shard| {
        let first = shard.file_name().to_string_lossy().into_owned();
        names(shard.path()).filter_map(move |entry| {
            Digest::from_hex(&format!("{first}{}", entry.file_name().to_string_lossy()))
        })
    })
}
