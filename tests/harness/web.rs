//! A server on this machine for tests of what is fetched: every request gets the answer that the test wants, however wrong that is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What was asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, say.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    /// What was sent along.
    pub body: Vec<u8>,
    /// How many requests came before.
    pub number: usize,
}

impl Request {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known == name)?;
        Some(&found.1)
    }
}

/// A piece of an answer.
pub enum Piece {
    /// These bytes.
    Send(Vec<u8>),
    /// Nothing, for a time.
    Wait(Duration),
}

/// An answer as it goes over the wire; the connection is closed behind it.
pub struct Reply(Vec<Piece>);

impl Reply {
    /// These bytes and no others.
    pub fn raw(text: impl AsRef<[u8]>) -> Reply {
        Reply(vec![Piece::Send(text.as_ref().to_vec())])
    }

    /// A whole answer with these lines in its head.
    pub fn of(status: &str, head: &[&str], body: impl AsRef<[u8]>) -> Reply {
        let body = body.as_ref();
        let mut text = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
        for line in head {
            text.push_str(line);
            text.push_str("\r\n");
        }
        text.push_str("\r\n");
        Reply::raw([text.as_bytes(), body].concat())
    }

    /// The data.
    pub fn data(body: &str) -> Reply {
        Reply::of("200 OK", &[], body)
    }

    /// The data in chunks of some bytes; `end` says whether the last one comes.
    pub fn chunked(body: &str, size: usize, end: bool) -> Reply {
        let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in body.as_bytes().chunks(size) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        if end {
            bytes.extend(b"0\r\n\r\n");
        }
        Reply::raw(bytes)
    }

    /// A redirect.
    pub fn to(location: &str) -> Reply {
        Reply::of("302 Found", &[&format!("Location: {location}")], "")
    }

    /// More behind it.
    pub fn then(mut self, piece: Piece) -> Reply {
        self.0.push(piece);
        self
    }
}

/// A server; it lives until the test's process ends.
pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts one at a port that is free.
    pub fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (answer, known) = (Arc::new(answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, known) = (Arc::clone(&answer), Arc::clone(&known));
                std::thread::spawn(move || serve(&stream, &*answer, &known));
            }
        });
        Server {
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            asked,
        }
    }

    /// An address on it, under a host's name.
    pub fn at(&self, host: &str, target: &str) -> String {
        format!("http://{host}:{}{target}", self.address.port())
    }

    /// As [`Server::at`], under its number.
    pub fn url(&self, target: &str) -> String {
        self.at("127.0.0.1", target)
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    stream: &TcpStream,
    answer: &(dyn Fn(&Request) -> Reply + Send + Sync),
    known: &Mutex<Vec<Request>>,
) {
    let Some(request) = read(stream, known) else {
        return;
    };
    let mut out = stream;
    for piece in answer(&request).0 {
        match piece {
            Piece::Wait(time) => std::thread::sleep(time),
            // Whoever asked may have had enough.
            Piece::Send(bytes) if out.write_all(&bytes).is_err() => return,
            Piece::Send(_) => {}
        }
    }
}

/// Reads a request and notes it.
fn read(stream: &TcpStream, known: &Mutex<Vec<Request>>) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut lines = reader.by_ref().lines().map_while(Result::ok);
    let first = lines.next()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let headers: Vec<(String, String)> = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect();
    let mut request = Request {
        method,
        target,
        headers,
        body: Vec::new(),
        number: 0,
    };
    let length = request.header("content-length").unwrap_or("0").parse();
    reader
        .take(length.unwrap())
        .read_to_end(&mut request.body)
        .ok()?;
    let mut known = known.lock().unwrap();
    request.number = known.len();
    known.push(request.clone());
    Some(request)
}
