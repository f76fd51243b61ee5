#![allow(missing_docs, clippy::all)]
use axum::{Router, body::Bytes, routing::post};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
fn main() {
    let bare = Bare::start();
    println!("{}", bare.address);
    std::thread::sleep(std::time::Duration::from_secs(
        std::env::args().nth(1).unwrap().parse().unwrap(),
    ));
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
