//! Servers that send too much, too slowly, not all of it or nothing yet.

use std::time::{Duration, Instant};

use crate::pipeline::{Pipeline, RIDES, digest};
use crate::web::{Piece, Reply, Server};

#[test]
fn no_more_is_read_than_the_limit() {
    let server = Server::start(|request| match request.target.as_str() {
        "/said" => Reply::data(&"x".repeat(1001)),
        "/chunked" => Reply::chunked(&"x".repeat(1001), 100, true),
        "/lies" => Reply::raw(
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nday,rides\nand more that was never announced",
        ),
        "/endless" => Reply::chunked(&"x".repeat(1_000_000), 1000, false),
        _ => Reply::data(&"x".repeat(1000)),
    });
    for (target, part) in [
        (
            "/said",
            "sends 1001 bytes, more than 1kB, the limit `limits.size` of the source",
        ),
        ("/chunked", "sends more and more, more than 1kB"),
        ("/endless", "sends more and more, more than 1kB"),
    ] {
        let url = server.url(target);
        let pipeline = Pipeline::allowed(&server, &url, "limits = { size = \"1000B\" }");
        pipeline
            .run(&["lock"])
            .says(2, &["source rides:", &url, part, "raise the limit"]);
        pipeline.has_nothing();
    }
    let more = format!(
        "limits = {{ size = \"1000B\" }}\nsha256 = \"{}\"",
        digest("day,rides\n")
    );
    Pipeline::allowed(&server, &server.url("/lies"), &more).done(&["lock"]);
}

#[test]
fn no_longer_is_waited_than_the_limit() {
    let server = Server::start(|request| match request.target.as_str() {
        "/silent" => Reply::raw("").then(Piece::Wait(Duration::from_secs(20))),
        "/drips" => {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
            (0..200).fold(Reply::raw(head), |reply, _| {
                reply
                    .then(Piece::Wait(Duration::from_millis(100)))
                    .then(Piece::Send(b"x".to_vec()))
            })
        }
        // Each of them alone is quick.
        _ => Reply::raw("")
            .then(Piece::Wait(Duration::from_millis(600)))
            .then(Piece::Send(
                b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /again\r\n\r\n".to_vec(),
            )),
    });
    for target in ["/silent", "/drips", "/again"] {
        let url = server.url(target);
        let pipeline = Pipeline::allowed(&server, &url, "limits = { time = \"1s\" }");
        let begun = Instant::now();
        let part = "took longer than 1s, the limit `limits.time` of the source";
        pipeline.run(&["lock"]).says(3, &["source rides:", part]);
        assert!(begun.elapsed() < Duration::from_secs(10), "{target}");
        pipeline.has_nothing();
    }
}

#[test]
fn what_is_cut_off_leaves_nothing() {
    let server = Server::start(|request| match request.target.as_str() {
        "/length" => Reply::raw(format!(
            "HTTP/1.1 200 OK\r\nETag: \"v\"\r\nContent-Length: 100000\r\n\r\n{RIDES}"
        )),
        "/chunked" => Reply::chunked(RIDES, 5, false),
        "/head" => Reply::raw("HTTP/1.1 200 OK\r\nContent-Le"),
        "/nonsense" => Reply::raw("220 mail.example.com ESMTP\r\n\r\n"),
        "/close" => Reply::raw(format!("HTTP/1.1 200 OK\r\n\r\n{RIDES}")),
        "/lengths" => Reply::raw(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{RIDES}"
        )),
        "/gzip" => Reply::of("200 OK", &["Content-Encoding: gzip"], RIDES),
        "/partial" => Reply::of("206 Partial Content", &[], RIDES),
        "/304" => Reply::of("304 Not Modified", &[], ""),
        _ => Reply::data(RIDES),
    });
    for (target, part) in [
        ("/length", "was cut off after 20 bytes"),
        ("/chunked", "was cut off after 20 bytes"),
        ("/head", "source rides:"),
        ("/nonsense", "answers with what is no HTTP"),
        ("/close", "does not say how long it is"),
        ("/lengths", "source rides:"),
        ("/gzip", "sends it encoded (gzip)"),
        ("/partial", "answers 206"),
        ("/304", "304"),
    ] {
        let pipeline = Pipeline::allowed(&server, &server.url(target), "");
        pipeline.run(&["run"]).says(3, &["source rides:", part]);
        pipeline.has_nothing();
        assert!(!pipeline.path().join("lockflight.lock").exists());
        // Nothing of it is remembered either.
        pipeline.source("", &format!("url = {:?}", server.url("/whole")));
        pipeline.done(&["lock"]);
        assert_eq!(server.asked().last().unwrap().header("if-none-match"), None);
    }
    let close = format!("sha256 = \"{}\"", digest(RIDES));
    Pipeline::allowed(&server, &server.url("/close"), &close).done(&["lock"]);
}

#[test]
fn what_may_pass_is_tried_again() {
    let server = Server::start(|request| match (request.target.as_str(), request.number) {
        ("/later", 0) => Reply::of("429 Too Many Requests", &["Retry-After: 2"], ""),
        ("/later", 1) => Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nday"),
        ("/broken", _) => Reply::of("503 Service Unavailable", &[], "down\nfor now"),
        ("/much-later", _) => Reply::of("429 Too Many Requests", &["Retry-After: 3600"], ""),
        ("/missing", _) => Reply::of("404 Not Found", &[], "<h1>no\tsuch page</h1>"),
        _ => Reply::data(RIDES),
    });
    let pipeline = Pipeline::allowed(&server, &server.url("/later"), "");
    let again = |target: &str, retry: &str| {
        pipeline.source(
            &format!("retry = {retry}\n"),
            &format!("url = {:?}", server.url(target)),
        );
        let begun = Instant::now();
        let before = server.asked().len();
        let shown = pipeline.run(&["lock"]);
        (shown, server.asked().len() - before, begun.elapsed())
    };
    let (shown, asked, took) = again("/later", "2");
    shown.says(
        0,
        &[
            "answers 429; trying again (1 of 2) after 2 s",
            "cut off after 3 bytes",
            "(2 of 2) after 2 s",
        ],
    );
    assert_eq!(asked, 3);
    assert!(took >= Duration::from_secs(4), "{took:?}");
    let (shown, asked, _) = again("/broken", "1");
    shown.says(3, &["answers 503: down for now; trying again (1 of 1)"]);
    assert_eq!(asked, 2);
    let (shown, asked, _) = again("/much-later", "5");
    shown.says(3, &["answers 429", "left alone for 3600 s"]);
    assert_eq!(asked, 1);
    let (shown, asked, _) = again("/missing", "5");
    shown.says(3, &["answers 404: <h1>no such page</h1>"]);
    assert_eq!(asked, 1);
    // Nobody is there.
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    pipeline.source("retry = 1", &format!("url = \"http://{gone}/x\""));
    pipeline.write(
        "policy.toml",
        &format!("[sources]\nhosts = [\"http://{gone}\"]\nprivate = [\"127.0.0.1\"]\n"),
    );
    pipeline.run(&["lock"]).says(
        3,
        &[
            "cannot be reached: Connection refused",
            "trying again (1 of 1)",
        ],
    );
}
