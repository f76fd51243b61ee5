//! A small run, and a receiver on this machine that behaves as a test asks.

#![allow(dead_code, clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use lockflight_openlineage::data::*;
use uuid::Uuid;

/// A run of three stages, one of them from the cache, of which the last failed.
pub fn run() -> Run {
    let table = Dataset {
        namespace: "file".into(),
        name: "data/hours.csv".into(),
        version: digest('a'),
        schema: vec![field("hr", "int64"), field("temp", "float64")],
        rows: Some(17379),
        bytes: Some(1_156_736),
        assertions: vec![
            assertion("not_null", Some("hr"), true),
            assertion("row_count_between", None, false),
        ],
    };
    let model = Dataset {
        namespace: "lockflight://bikes".into(),
        name: "demand/model".into(),
        version: digest('b'),
        schema: Vec::new(),
        rows: None,
        bytes: Some(4096),
        assertions: Vec::new(),
    };
    let plain = Dataset {
        assertions: Vec::new(),
        ..table.clone()
    };
    let failed = "temp: 3 values are above 1\nsee the report";
    Run {
        id: id(1),
        namespace: "lockflight://bikes".into(),
        pipeline: "demand".into(),
        started: time(0),
        finished: time(9),
        outcome: Outcome::Failed("stage `check` failed".into()),
        versions: Versions {
            engine: "48.0.0".into(),
            lockflight: "0.1.0".into(),
        },
        commit: Some(Commit {
            id: "4148bb8000000000000000000000000000000000".into(),
            dirty: true,
        }),
        stages: vec![
            StageRun {
                cached: true,
                outputs: vec![plain.clone()],
                ..stage(2, "load", "ingest", (0, 1))
            },
            StageRun {
                inputs: vec![plain],
                outputs: vec![model],
                ..stage(3, "train", "train", (1, 8))
            },
            StageRun {
                outcome: Outcome::Failed(failed.into()),
                inputs: vec![table],
                ..stage(4, "check", "validate", (1, 3))
            },
        ],
    }
}

/// A stage that completed, without datasets.
pub fn stage(number: u128, name: &str, world: &str, seconds: (i64, i64)) -> StageRun {
    StageRun {
        id: id(number),
        name: name.into(),
        world: world.into(),
        plugin: Plugin {
            name: format!("{name}-plugin"),
            version: "1.2.0".into(),
            digest: digest('c'),
        },
        started: time(seconds.0),
        finished: time(seconds.1),
        outcome: Outcome::Completed,
        cached: false,
        key: digest('d'),
        inputs: Vec::new(),
        outputs: Vec::new(),
    }
}

pub fn field(name: &str, r#type: &str) -> Field {
    Field {
        name: name.into(),
        r#type: r#type.into(),
    }
}

pub fn assertion(assertion: &str, column: Option<&str>, success: bool) -> Assertion {
    Assertion {
        assertion: assertion.into(),
        column: column.map(Into::into),
        success,
    }
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x019a_b000_0000_7000_8000_0000_0000_0000 + number)
}

fn time(seconds: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_795_420_800 + seconds).unwrap()
}

fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

/// What a receiver does with a request.
#[derive(Clone, Debug)]
pub enum Manner {
    /// It takes it.
    Accept,
    /// It reads it and answers with the status, more headers, and a body.
    Answer(u16, String, String),
    /// It reads it and never answers.
    Silent,
    /// It takes it after a while.
    Slow(Duration),
    /// It closes the connection amidst the request.
    Reset,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub head: String,
    pub body: String,
    pub accepted: bool,
}

/// A receiver on a port of its own. It ends when it's dropped.
pub struct Receiver {
    pub url: String,
    port: u16,
    manner: Arc<Mutex<Manner>>,
    requests: Arc<Mutex<Vec<Request>>>,
    over: Arc<AtomicBool>,
}

impl Receiver {
    pub fn new(manner: Manner) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), manner)
    }

    pub fn on(listener: TcpListener, manner: Manner) -> Self {
        let port = listener.local_addr().unwrap().port();
        let receiver = Self {
            url: format!("http://127.0.0.1:{port}"),
            port,
            manner: Arc::new(Mutex::new(manner)),
            requests: Arc::default(),
            over: Arc::default(),
        };
        let (manner, requests) = (receiver.manner.clone(), receiver.requests.clone());
        let over = receiver.over.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (manner, requests) = (manner.clone(), requests.clone());
                thread::spawn(move || serve(&stream.unwrap(), &manner, &requests));
            }
        });
        receiver
    }

    pub fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The bodies of the requests that it took.
    pub fn accepted(&self) -> Vec<String> {
        let requests = self.requests();
        let taken = requests.into_iter().filter(|request| request.accepted);
        taken.map(|request| request.body).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(stream: &TcpStream, manner: &Mutex<Manner>, requests: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream);
    while let Some((head, length)) = read_head(&mut reader) {
        let manner = manner.lock().unwrap().clone();
        if matches!(manner, Manner::Reset) {
            // Bytes that were not read make the close a reset.
            return;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        requests.lock().unwrap().push(Request {
            head,
            body: String::from_utf8(body).unwrap(),
            accepted: matches!(manner, Manner::Accept | Manner::Slow(_)),
        });
        let (status, headers, text) = match manner {
            Manner::Accept => (201, String::new(), String::new()),
            Manner::Slow(time) => {
                thread::sleep(time);
                (201, String::new(), String::new())
            }
            Manner::Answer(status, headers, text) => (status, headers, text),
            Manner::Silent | Manner::Reset => {
                // Until the client gives up.
                let _ = reader.read(&mut [0]);
                return;
            }
        };
        let answer = format!(
            "HTTP/1.1 {status} So\r\n{headers}content-length: {}\r\n\r\n{text}",
            text.len()
        );
        let mut stream = stream;
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn read_head(reader: &mut impl BufRead) -> Option<(String, usize)> {
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            return Some((head, length));
        }
        head.push_str(&line);
    }
}
