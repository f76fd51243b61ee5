//! `gbdt` beside the libraries of its kind, from PyPI, on the flights: `cargo xtask bench --peers`.
//!
//! One after the other, three times over, and each by its best: what disturbs a measurement only ever slows it.

use std::{
    env, fmt,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use arrow_array::{RecordBatch, cast::AsArray, types::Float64Type};
use lockflight::{
    engine::{CodeKind, engine},
    job::{Fitted, InputDigest, JobDocument},
    world::{World, score::Scorer},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use wasmtime::{Store, component::Component};

use super::{
    bed::{Bed, ORDER, root},
    flights::{Flights, TARGET},
    ingest,
};

/// The Python with the libraries, when they are asked for.
const PYTHON: &str = "LOCKFLIGHT_PEERS_PYTHON";

/// The native trainer, built with the flags of plugins.
const NATIVE: &str = "LOCKFLIGHT_PEERS_NATIVE";

const TURNS: usize = 3;

/// How many rows are scored at once.
const BATCH: usize = 1_000;

/// Whether this run is to be the comparison, and nothing else.
pub fn asked() -> bool {
    env::var_os(PYTHON).is_some()
}

/// What the script says of a library.
#[derive(Clone, Debug, Deserialize)]
struct Library {
    version: String,
    train_seconds: f64,
    rows_per_second: f64,
    auc: f64,
}

#[derive(Clone, Debug, Deserialize)]
struct Libraries {
    lightgbm: Library,
    xgboost: Library,
}

/// The best of all turns.
#[derive(Debug)]
pub struct Comparison {
    rows: usize,
    features: usize,
    sealed_seconds: f64,
    native_seconds: f64,
    rows_per_second: f64,
    auc: f64,
    libraries: Libraries,
}

/// As in the script for the libraries.
fn config() -> Value {
    json!({"target": TARGET, "task": "binary", "rounds": 100, "depth": 6, "learning-rate": 0.1})
}

/// Measures everything.
pub fn measure() -> Comparison {
    let path = ingest::flights().expect("the flights");
    let flights = Flights::read(&path);
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    flights.write(folder.path()).expect("room on the disk");
    let bed = Bed::new();
    let table = bed.table([flights.train.clone()]);
    let job = bed.job(
        "plugins/gbdt",
        World::Train,
        config(),
        ("table", InputDigest::Table(table)),
    );
    let fitted = fit(&bed, &job);
    let state = bed.store.blob(&fitted.state).expect("the state");
    let mut scoring = Scoring::new(&fitted, &state);
    let mut all: Option<Comparison> = None;
    for _ in 0..TURNS {
        let libraries = libraries(folder.path());
        let native_seconds = native(folder.path(), &state);
        let launched = bed
            .launcher
            .repeat(&job, &ORDER, None, &|_| {})
            .expect("the stage runs");
        let (rows_per_second, scores) = scoring.score(&flights.test);
        let turn = Comparison {
            rows: flights.train.num_rows(),
            features: flights.train.num_columns() - 1,
            sealed_seconds: launched.telemetry.wall_seconds,
            native_seconds,
            rows_per_second,
            auc: auc(&flights.test, &scores),
            libraries,
        };
        all = Some(match all {
            None => turn,
            Some(before) => before.best(turn),
        });
    }
    all.expect("there are turns")
}

/// Trains once to a published result.
fn fit(bed: &Bed, job: &JobDocument) -> Fitted {
    let (key, _) = job.key().expect("a config that JSON can hold");
    let launched = bed
        .launcher
        .run(&key, job, &ORDER, &|_| {})
        .expect("the stage runs");
    launched.result.fitted.expect("a train stage fits a step")
}

fn libraries(folder: &Path) -> Libraries {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/figures/peers.py");
    let mut python = Command::new(env::var_os(PYTHON).expect("asked for"));
    python.arg(script).arg(folder).env("OMP_NUM_THREADS", "1");
    serde_json::from_str(&output(&mut python)).expect("what the script writes")
}

/// Trains outside WebAssembly, to the same state.
fn native(folder: &Path, sealed: &[u8]) -> f64 {
    let program = env::var_os(NATIVE).map(PathBuf::from);
    let mut native = Command::new(program.expect("`cargo xtask bench --peers` names it"));
    let seconds = output(native.arg(folder).arg(config().to_string()));
    let state = std::fs::read(folder.join("native.state")).expect("the program wrote it");
    assert!(state == sealed, "native and sealed training differ");
    seconds.trim().parse().expect("seconds")
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

/// The scorer in the sandbox, as the stage `score` calls it.
struct Scoring {
    store: Store<()>,
    scorer: Scorer,
    takes: Vec<String>,
}

impl Scoring {
    fn new(fitted: &Fitted, state: &[u8]) -> Scoring {
        let engine = engine(CodeKind::Usual).expect("an engine");
        let path = root().join("plugins/gbdt/dist/score.wasm");
        let component =
            Component::from_file(&engine, &path).expect("`cargo xtask bench` builds it");
        let mut store = Store::new(&engine, ());
        let scorer = Scorer::new(&mut store, &component, fitted.gives.clone()).expect("a scorer");
        scorer.load(&mut store, state, 0).expect("its state");
        let takes = fitted
            .takes
            .fields()
            .iter()
            .map(|field| field.name().clone());
        Scoring {
            store,
            scorer,
            takes: takes.collect(),
        }
    }

    /// Scores a table in batches: rows per second, and the scores.
    fn score(&mut self, table: &RecordBatch) -> (f64, Vec<f64>) {
        let columns = self.takes.iter().map(|name| {
            (
                name,
                table
                    .column_by_name(name)
                    .expect("the same columns")
                    .clone(),
            )
        });
        let rows = RecordBatch::try_from_iter(columns).expect("columns of one length");
        let batches = (0..rows.num_rows()).step_by(BATCH);
        let batches: Vec<_> = batches
            .map(|start| rows.slice(start, BATCH.min(rows.num_rows() - start)))
            .collect();
        let start = Instant::now();
        let mut scores = Vec::with_capacity(rows.num_rows());
        for batch in &batches {
            let scored = self.scorer.score(&mut self.store, batch).expect("scores");
            scores.extend_from_slice(scored.column(0).as_primitive::<Float64Type>().values());
        }
        (
            rows.num_rows() as f64 / start.elapsed().as_secs_f64(),
            scores,
        )
    }
}

/// The share of pairs of a late and a punctual flight that are in the right order, ties counting half.
fn auc(table: &RecordBatch, scores: &[f64]) -> f64 {
    let late = table
        .column_by_name(TARGET)
        .expect("the target")
        .as_primitive::<Float64Type>();
    let mut ranked: Vec<_> = scores.iter().zip(late.values()).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(b.0));
    let (mut pairs, mut punctual) = (0.0, 0.0);
    for equal in ranked.chunk_by(|a, b| a.0 == b.0) {
        let late = equal.iter().filter(|(_, late)| **late == 1.0).count() as f64;
        let others = equal.len() as f64 - late;
        pairs += late * (punctual + others / 2.0);
        punctual += others;
    }
    pairs / (punctual * (ranked.len() as f64 - punctual))
}

impl Library {
    fn best(self, other: Library) -> Library {
        Library {
            train_seconds: self.train_seconds.min(other.train_seconds),
            rows_per_second: self.rows_per_second.max(other.rows_per_second),
            ..self
        }
    }
}

impl Comparison {
    fn best(self, other: Comparison) -> Comparison {
        Comparison {
            sealed_seconds: self.sealed_seconds.min(other.sealed_seconds),
            native_seconds: self.native_seconds.min(other.native_seconds),
            rows_per_second: self.rows_per_second.max(other.rows_per_second),
            libraries: Libraries {
                lightgbm: self.libraries.lightgbm.best(other.libraries.lightgbm),
                xgboost: self.libraries.xgboost.best(other.libraries.xgboost),
            },
            ..self
        }
    }
}

impl fmt::Display for Comparison {
    /// A table in Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Libraries { lightgbm, xgboost } = &self.libraries;
        writeln!(
            f,
            "{} rows of {} features, 100 rounds of depth 6, one thread; best of {TURNS} turns\n",
            self.rows, self.features
        )?;
        writeln!(f, "| | training | scoring in batches of {BATCH} | AUC |")?;
        writeln!(f, "|---|---:|---:|---:|")?;
        let mut line = |name: &str, seconds: f64, speed: Option<f64>, auc: f64| {
            let speed = speed.map_or("–".to_owned(), |speed| {
                format!("{:.2} M rows/s", speed / 1e6)
            });
            writeln!(f, "| {name} | {seconds:.2} s | {speed} | {auc:.4} |")
        };
        line(
            "gbdt, sealed",
            self.sealed_seconds,
            Some(self.rows_per_second),
            self.auc,
        )?;
        line("gbdt, native", self.native_seconds, None, self.auc)?;
        for (name, library) in [("LightGBM", lightgbm), ("XGBoost", xgboost)] {
            let name = format!("{name} {}", library.version);
            line(
                &name,
                library.train_seconds,
                Some(library.rows_per_second),
                library.auc,
            )?;
        }
        writeln!(f, "\n| figure | bound | | measured |\n|---|---|---|---:|")?;
        let native = self.sealed_seconds / self.native_seconds;
        let light = self.sealed_seconds / lightgbm.train_seconds;
        let speed = self.rows_per_second / xgboost.rows_per_second;
        for (what, bound, is_met, value) in [
            (
                "training, against native",
                "≤ 1.35 times as long",
                native <= 1.35,
                format!("{native:.2}"),
            ),
            (
                "training, against LightGBM",
                "≤ 2 times as long",
                light <= 2.0,
                format!("{light:.2}"),
            ),
            (
                "scoring, against XGBoost",
                "≥ 1.5 times as fast",
                speed >= 1.5,
                format!("{speed:.2}"),
            ),
            (
                "AUC on months 10 to 12",
                "≥ 0.860",
                self.auc >= 0.860,
                format!("{:.4}", self.auc),
            ),
        ] {
            let met = if is_met { "met" } else { "**missed**" };
            writeln!(f, "| {what} | {bound} | {met} | {value} |")?;
        }
        Ok(())
    }
}
