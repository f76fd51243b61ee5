//! The server from outside: what it answers to whom, that it scores as a run does, and that nothing of one request reaches the next.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{Sandbox, folder, root};

/// A server of a sandbox's endpoints.
pub struct Server {
    child: Child,
    address: String,
    said: BufReader<std::process::ChildStdout>,
}

impl Server {
    pub fn start(sandbox: &Sandbox, arguments: &[&str]) -> Server {
        let mut command = sandbox.command("lockflight");
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().to_owned();
        Server {
            child,
            address,
            said,
        }
    }

    /// Sends bytes, and gives the status and the body of the answer.
    fn raw(&self, request: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        // A server that refuses a request may close before it has read all of it.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status.unwrap_or(0), body.to_owned())
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let (status, body) = self.raw(request.as_bytes());
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, "")
    }

    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.ask("POST", path, &body.to_string())
    }

    /// Ends it as a service manager does; what it said last.
    pub fn stop(mut self) -> String {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
        rest.lines().last().unwrap_or_default().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wild() -> Sandbox {
    let from = root().join("tests/pipelines/wild");
    let sandbox = Sandbox::new(&from, "tests/pipelines/wild");
    let sandbox = sandbox.expect("plugins in Rust can be built everywhere");
    sandbox.lockflight(&["run", "--quiet"]);
    sandbox
}

#[test]
fn a_scorer_that_goes_wrong_costs_one_request() {
    let sandbox = wild();
    let options = ["--deadline", "2s", "--memory", "64MiB", "--sandboxes", "1"];
    let server = Server::start(&sandbox, &options);
    let well = || {
        let (status, answer) = server.post("/predict/birds", &json!([{"mass": 4000.0}]));
        assert_eq!(status, 200, "{answer}");
        answer["predictions"][0]["mass_off"].as_f64().unwrap()
    };
    let before = well();
    for (value, status, says) in [
        (666.0, 500, "step 1 of the model was ended"),
        (777.0, 504, "the model took more than 2"),
        (888.0, 400, "0 values for 1 rows"),
        (999.0, 500, "memory"),
    ] {
        let (found, answer) = server.post("/predict/birds", &json!([{"mass": value}]));
        let error = answer["error"].as_str().unwrap_or_default();
        assert_eq!(found, status, "{answer}");
        assert!(error.contains(says), "{error}");
        assert_eq!(well().to_bits(), before.to_bits(), "after {value}");
    }
    let last = server.stop();
    assert!(last.contains("5 rows logged, 0 requests dropped"), "{last}");
}

#[test]
fn requests_that_are_wrong_get_the_right_status() {
    let sandbox = wild();
    let server = Server::start(&sandbox, &["--body", "64KiB", "--rows", "100"]);
    let infer = |body: &Value| server.post("/v2/models/birds/infer", body);
    let tensor = |shape: Value, datatype: &str, data: Value| json!({"id": "mine", "inputs": [{"name": "mass", "shape": shape, "datatype": datatype, "data": data}]});
    let (status, answer) = infer(&tensor(json!([2]), "FP64", json!([4000.0, null])));
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        (
            &answer["model_name"],
            &answer["model_version"],
            &answer["id"]
        ),
        (&json!("birds"), &json!("1"), &json!("mine"))
    );
    assert_eq!(answer["outputs"][0]["shape"], json!([2]));
    assert_eq!(answer["outputs"][0]["data"][1], Value::Null);
    let wrong = [
        (tensor(json!([3]), "FP64", json!([1.0])), 400),
        (tensor(json!([1]), "BYTES", json!(["x"])), 400),
        (tensor(json!([1]), "FP64", json!(["x"])), 400),
        (tensor(json!([101]), "FP64", json!(vec![1.0; 101])), 413),
        (tensor(json!([1]), "FP64", json!([vec![1.0; 20_000]])), 413),
        (json!({"inputs": []}), 400),
        (json!([]), 400),
    ];
    for (body, status) in wrong {
        let (found, answer) = infer(&body);
        assert_eq!(found, status, "{answer}");
        assert!(answer["error"].is_string(), "{answer}");
    }
    let deep = format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000));
    let texts: [&str; 4] = ["", "{", "\u{feff}[]", &deep];
    for text in texts {
        assert_eq!(
            server.ask("POST", "/predict/birds", text).0,
            400,
            "{:.20}",
            text
        );
    }
    for (path, status) in [
        ("/v2/models/other", 404),
        ("/v2/models/birds/versions/2", 404),
        ("/v2/models/birds/versions/1/ready", 200),
        ("/v2/health/live", 200),
        ("/v2/health/ready", 200),
        ("/v2", 200),
        ("/elsewhere", 404),
        ("/predict/birds", 405),
    ] {
        assert_eq!(server.get(path).0, status, "{path}");
    }
    // What is no HTTP at all, and what says less than it has, costs its own connection.
    server.raw(b"\x00\x01\x02\r\n\r\n");
    server.raw(b"POST /predict/birds HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\nconnection: close\r\n\r\n[{\"mass\"");
    server.raw(b"POST /predict/birds HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\nconnection: close\r\n\r\n");
    assert_eq!(server.post("/predict/birds", &json!({"mass": 1.5})).0, 200);
    server.stop();
}

/// The scores of rows, by every way that there is.
#[test]
fn every_way_scores_alike() {
    let from = folder("../../examples/bike-demand");
    let sandbox = Sandbox::new(&from, "examples/served").expect("plugins in Rust can be built");
    sandbox.lockflight(&["run", "--quiet"]);
    let run: Value =
        serde_json::from_str(&sandbox.lockflight(&["show", "latest", "--json"])).unwrap();
    assert_eq!(run["outcome"], "done");
    // 10,194 rows as they were never seen in training, some of them with values missing.
    sandbox.lockflight(&["data", "export", "split.future", "--to", "future.arrow"]);
    sandbox.lockflight(&["data", "export", "accuracy.replay", "--to", "scored.csv"]);
    sandbox.lockflight(&[
        "predict",
        "--model",
        "demand",
        "--input",
        "future.arrow",
        "--to",
        "predicted.csv",
        "--quiet",
    ]);
    let read = |name: &str| fs::read_to_string(sandbox.folder.join(name)).unwrap();
    let scored = read("scored.csv");
    assert_eq!(scored, read("predicted.csv"));
    let mut lines = scored.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let answer = head.iter().position(|name| *name == "prediction").unwrap();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert!(rows.len() > 10_000 && rows.iter().flatten().any(|cell| cell.is_empty()));
    let number = |name: &str| ["temp", "atemp", "hum", "windspeed", "cnt"].contains(&name);
    let server = Server::start(&sandbox, &[]);
    for batch in rows.chunks(2_000) {
        let records = batch.iter().map(|row| {
            let cells = head
                .iter()
                .zip(row)
                .filter(|(name, _)| **name != "prediction");
            let cells = cells.map(|(name, cell)| {
                let value = match *cell {
                    "" => Value::Null,
                    text if number(name) => serde_json::from_str(text).unwrap(),
                    text => text.into(),
                };
                ((*name).to_owned(), value)
            });
            Value::Object(cells.collect())
        });
        let (status, got) = server.post("/predict/bikes", &Value::Array(records.collect()));
        assert_eq!(status, 200, "{got}");
        let predictions = got["predictions"].as_array().unwrap();
        assert_eq!(predictions.len(), batch.len());
        for (row, prediction) in batch.iter().zip(predictions) {
            let expected: f64 = row[answer].parse().unwrap();
            let found = prediction["prediction"].as_f64().unwrap();
            assert_eq!(found.to_bits(), expected.to_bits(), "{row:?}");
        }
    }
    let last = server.stop();
    assert!(
        last.contains(&format!("{} rows logged", rows.len())),
        "{last}"
    );
    // What was answered is what the monitor of the endpoint looks at.
    let shown = sandbox.lockflight(&["monitor", "run", "seasonal-drift", "--every", "10y"]);
    assert!(shown.contains("10,194"), "{shown}");
}
