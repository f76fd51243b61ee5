//! What serving and scoring in bulk cost: `cargo xtask bench --load`.
//!
//! One row a request under `wrk`, beside a bare handler that reads the same JSON and answers as much; and three million rows through
//! `lockflight predict`, beside the same steps outside of WebAssembly over rows in memory. In turns, and each by its best: what
//! disturbs a measurement only ever slows it.

use std::{
    env, fmt, fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use axum::{Router, body::Bytes, routing::post};
use lockflight::{
    job::OutputRecord,
    model::{Flow, FlowError, Keeps, Link, ModelDoc, Models},
    run::History,
    store::Store,
    table::{Scan, TableSchema},
};
use lockflight_features::Features;
use lockflight_gbdt::Step;
use lockflight_sdk::{Score, testing};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::TempDir;

use super::bed::{binary, root};

/// The load generator, when this is asked for.
const WRK: &str = "LOCKFLIGHT_WRK";
const TURNS: usize = 3;
const CONNECTIONS: &str = "16";
const SECONDS: &str = "4";
/// How often the rows of the flights are repeated for the bulk.
const REPEATED: usize = 10;
/// How many rows the native steps get at a time, as the sealed child gives them.
const BATCH: usize = 8192;

/// A row as a client sends it.
const ROW: &str = r#"[{"dteday":"2012-11-05","season":"winter","hr":"6am","holiday":"No","weekday":"Mon","workingday":"Yes","weathersit":"Mist","temp":6.1,"atemp":3.0,"hum":49.0,"windspeed":19.0}]"#;

/// Whether this run is to be this, and nothing else.
pub fn asked() -> bool {
    env::var_os(WRK).is_some()
}

/// What was measured.
#[derive(Debug)]
pub struct Load {
    served: Rate,
    bare: Rate,
    ready: Duration,
    bulk: Bulk,
}

/// The best of all turns under load.
#[derive(Debug, Clone, Copy)]
struct Rate {
    per_second: f64,
    p99: Duration,
}

#[derive(Debug)]
struct Bulk {
    rows: u64,
    scored: Duration,
    command: Duration,
    native: Duration,
}

/// Measures everything.
pub fn measure() -> Load {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let bikes = folder.path().join("bikes");
    lockflight(&bikes, &["-C", "examples/bike-demand", "run", "-q"]);
    let script = folder.path().join("row.lua");
    fs::write(&script, lua()).expect("room on the disk");
    let (mut served, mut bare) = (None, None);
    let mut ready = Duration::MAX;
    for _ in 0..TURNS {
        let server = Server::start(&bikes);
        ready = ready.min(server.ready);
        let rate = wrk(&script, server.address, "/predict/bikes");
        drop(server);
        served = Some(better(served, rate));
        let handler = Bare::start();
        let rate = wrk(&script, handler.address, "/predict/bikes");
        drop(handler);
        bare = Some(better(bare, rate));
    }
    Load {
        served: served.expect("there is a turn"),
        bare: bare.expect("there is a turn"),
        ready,
        bulk: bulk(folder.path()),
    }
}

fn better(known: Option<Rate>, new: Rate) -> Rate {
    known.map_or(new, |known| Rate {
        per_second: known.per_second.max(new.per_second),
        p99: known.p99.min(new.p99),
    })
}

fn lua() -> String {
    format!(
        "wrk.method = \"POST\"\nwrk.body = [==[{ROW}]==]\nwrk.headers[\"content-type\"] = \"application/json\"\n"
    )
}

fn lockflight(store: &Path, arguments: &[&str]) -> String {
    let output = Command::new(binary())
        .current_dir(root())
        .arg("--store")
        .arg(store)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .expect("the binary starts");
    assert!(output.status.success(), "lockflight {arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Runs the load, and reads what it came to.
fn wrk(script: &Path, address: SocketAddr, path: &str) -> Rate {
    let output = Command::new(env::var_os(WRK).expect("asked for"))
        .args(["-t1", "-c", CONNECTIONS, "-d", SECONDS, "--latency", "-s"])
        .arg(script)
        .arg(format!("http://{address}{path}"))
        .output()
        .expect("wrk starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("Non-2xx"), "{text}");
    let after = |key: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(key));
        let word = line.and_then(|line| line.split_whitespace().last());
        word.unwrap_or_else(|| panic!("wrk says nothing of {key}: {text}"))
            .to_owned()
    };
    Rate {
        per_second: after("Requests/sec:").parse().expect("a number"),
        p99: time(&after("99%")),
    }
}

/// A time as wrk writes it, e.g. `1.37ms`.
fn time(text: &str) -> Duration {
    let digits = text.trim_end_matches(char::is_alphabetic);
    let number: f64 = digits.parse().expect("a number");
    let unit = match &text[digits.len()..] {
        "us" => 1e-6,
        "ms" => 1e-3,
        _ => 1.0,
    };
    Duration::from_secs_f64(number * unit)
}

/// `lockflight serve`.
struct Server {
    child: Child,
    address: SocketAddr,
    ready: Duration,
}

impl Server {
    fn start(store: &Path) -> Server {
        let start = Instant::now();
        let mut child = Command::new(binary())
            .current_dir(root().join("examples/bike-demand"))
            .arg("--store")
            .arg(store)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut said = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        said.read_line(&mut line).expect("it says its address");
        let ready = start.elapsed();
        std::thread::spawn(move || said.read_to_string(&mut String::new()));
        let address = line.trim().rsplit("http://").next().expect("an address");
        Server {
            child,
            address: address.parse().expect("an address"),
            ready,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        // It writes its log before it is gone, which the next turn is not to feel.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

/// A handler that does nothing but read the row and answer.
struct Bare {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Hour {
    dteday: String,
    season: String,
    hr: String,
    holiday: String,
    weekday: String,
    workingday: String,
    weathersit: Option<String>,
    temp: f64,
    atemp: f64,
    hum: f64,
    windspeed: f64,
}

#[derive(Serialize)]
struct Answer {
    model: &'static str,
    version: &'static str,
    package: String,
    id: &'static str,
    predictions: Vec<Prediction>,
}

#[derive(Serialize)]
struct Prediction {
    prediction: f64,
}

impl Bare {
    fn start() -> Bare {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("threads");
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/predict/bikes", post(answer));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Bare {
            address,
            _runtime: runtime,
        }
    }
}

async fn answer(body: Bytes) -> ([(&'static str, &'static str); 1], Vec<u8>) {
    let rows: Vec<Hour> = serde_json::from_slice(&body).expect("the rows");
    let predictions = rows.iter().map(|row| Prediction {
        prediction: row.temp + row.hum,
    });
    let answer = Answer {
        model: "bikes",
        version: "1",
        package: format!("sha256:{}", "0".repeat(64)),
        id: "0123456789ab-123456",
        predictions: predictions.collect(),
    };
    let body = serde_json::to_vec(&answer).expect("JSON");
    ([("content-type", "application/json")], body)
}

/// The flights, repeated, through the model of examples/flights.
fn bulk(folder: &Path) -> Bulk {
    let place = folder.join("flights");
    lockflight(&place, &["-C", "examples/flights", "run", "-q"]);
    let store = Store::open(&place).expect("the store");
    let (_, model) = Models::new(&store).find("late").expect("the model");
    let rows = flights(&store);
    let input = folder.join("flights.arrow");
    write(&rows, &input);
    let output = folder.join("scored.arrow");
    let (mut scored, mut command, mut native) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for turn in 0..TURNS {
        let start = Instant::now();
        // Every turn is to be another job: what was scored before is not scored again.
        let place = folder.join(format!("bulk-{turn}"));
        copy(&store, &place);
        let said = lockflight(&place, &predict(&input, &output));
        command = command.min(start.elapsed());
        let said: Value = serde_json::from_str(&said).expect("one JSON document");
        let seconds = said["telemetry"]["wall_seconds"]
            .as_f64()
            .expect("it scored");
        scored = scored.min(Duration::from_secs_f64(seconds));
        fs::remove_dir_all(&place).expect("the copy");
        native = native.min(steps(&store, &model, &rows));
    }
    Bulk {
        rows: rows.iter().map(|rows| rows.num_rows() as u64).sum(),
        scored,
        command,
        native,
    }
}

fn predict<'a>(input: &'a Path, output: &'a Path) -> [&'a str; 10] {
    let (input, output) = (
        input.to_str().expect("text"),
        output.to_str().expect("text"),
    );
    [
        "predict", "--model", "late", "--input", input, "--to", output, "--json", "--output",
        "16GiB",
    ]
}

/// A store with the models of another, and nothing scored.
fn copy(store: &Store, to: &Path) {
    let status = Command::new("cp")
        .arg("-r")
        .arg(store.path())
        .arg(to)
        .status()
        .expect("cp starts");
    assert!(status.success());
}

/// Both parts of the split, repeated.
fn flights(store: &Store) -> Vec<RecordBatch> {
    let run = History::new(store).find("latest").expect("a run");
    let split = run.stage("split").expect("the stage");
    let once: Vec<RecordBatch> = ["train", "test"]
        .iter()
        .flat_map(|output| {
            let OutputRecord::Table { digest, .. } = &split.outputs[*output] else {
                panic!("{output} is no table");
            };
            let table = store.table(digest).expect("the table");
            Scan::new(store, &table)
                .map(|rows| rows.expect("rows"))
                .collect::<Vec<_>>()
        })
        .collect();
    (0..REPEATED).flat_map(|_| once.clone()).collect()
}

fn write(rows: &[RecordBatch], path: &PathBuf) {
    let file = fs::File::create(path).expect("room on the disk");
    let mut writer = FileWriter::try_new(file, &rows[0].schema()).expect("a file");
    for rows in rows {
        writer.write(rows).expect("room on the disk");
    }
    writer.finish().expect("room on the disk");
}

/// The same steps outside of WebAssembly, over rows in memory, on one thread.
fn steps(store: &Store, model: &ModelDoc, rows: &[RecordBatch]) -> Duration {
    let state = |step: usize| store.blob(&model.steps[step].state).expect("a state");
    let features: Features = testing::load(&state(0), 1 << 20).expect("the features");
    let trees: Step = testing::load(&state(1), 1 << 20).expect("the trees");
    let links: Vec<Link<'_>> = model.steps.iter().map(|step| step.link()).collect();
    let table = TableSchema::from_arrow(&rows[0].schema()).expect("the table's columns");
    let flow = Flow::new(&table, &links, Keeps::All).expect("the model fits");
    let start = Instant::now();
    for rows in rows {
        for from in (0..rows.num_rows()).step_by(BATCH) {
            let part = rows.slice(from, BATCH.min(rows.num_rows() - from));
            let scored = flow.apply(&part, |step, taken| {
                let columns = match step {
                    0 => features.score(taken),
                    _ => trees.score(taken),
                };
                let schema = Arc::clone(model.steps[step].gives.arrow());
                let columns = columns.expect("the step scores");
                Ok::<_, FlowError>(RecordBatch::try_new(schema, columns).expect("what it gives"))
            });
            std::hint::black_box(scored.expect("the rows fit"));
        }
    }
    start.elapsed()
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = |is: bool| if is { "met" } else { "MISSED" };
        let ratio = self.served.per_second / self.bare.per_second;
        let p99 = self.served.p99.as_secs_f64() * 1e3;
        let ready = self.ready.as_secs_f64() * 1e3;
        let bulk = &self.bulk;
        let of_native = bulk.native.as_secs_f64() / bulk.scored.as_secs_f64();
        let rate = |time: Duration| bulk.rows as f64 / time.as_secs_f64();
        writeln!(f, "| figure | bound | | measured | reference |")?;
        writeln!(f, "|---|---|---|---:|---:|")?;
        writeln!(
            f,
            "| `serve`: one row a request, {CONNECTIONS} connections | ≥ 0.5 of the reference | {} | {:.0} requests/s, {ratio:.2} of it | a bare handler that reads and answers the same JSON: {:.0} requests/s |",
            met(ratio >= 0.5),
            self.served.per_second,
            self.bare.per_second
        )?;
        writeln!(
            f,
            "| `serve-p99`: likewise, the 99th percentile of the time to the answer | < 4 ms | {} | {p99:.2} ms | {:.2} ms |",
            met(p99 < 4.0),
            self.bare.p99.as_secs_f64() * 1e3
        )?;
        writeln!(
            f,
            "| `serve-ready`: from starting the process to its address, code compiled before | < 150 ms | {} | {ready:.0} ms | |",
            met(ready < 150.0)
        )?;
        writeln!(
            f,
            "| `predict`: {} flights through features and gbdt in the sealed child, from table to table | ≥ 0.6 of the reference | {} | {:.0} rows/s, {of_native:.2} of it | the same steps native over rows in memory, one thread: {:.0} rows/s |",
            bulk.rows,
            met(of_native >= 0.6),
            rate(bulk.scored),
            rate(bulk.native)
        )?;
        writeln!(
            f,
            "| `predict-rows`: likewise | ≥ 400,000 rows/s | {} | {:.0} rows/s | |",
            met(rate(bulk.scored) >= 400_000.0),
            rate(bulk.scored)
        )?;
        write!(
            f,
            "| `predict-command`: likewise with reading the Arrow file into the store and writing the answer to another | – | | {:.0} rows/s | |",
            rate(bulk.command)
        )
    }
}
