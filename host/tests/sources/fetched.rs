//! What is fetched, and when it is fetched again.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::pipeline::{Pipeline, RIDES, digest};
use crate::shown::shown;
use crate::web::{Piece, Reply, Server};

#[test]
fn a_source_is_fetched_once_and_is_seen_everywhere() {
    let server = Server::start(|request| match request.header("if-none-match") {
        Some("\"v1\"") => Reply::of("304 Not Modified", &["ETag: \"v1\""], ""),
        _ => Reply::of("200 OK", &["ETag: \"v1\""], RIDES),
    });
    let url = server.url("/rides.csv?year=2026");
    let pipeline = Pipeline::allowed(&server, &url, "headers = { Accept = \"text/csv\" }");
    let run = pipeline.run(&["run", "--events", "events.ndjson"]);
    run.says(0, &["fetched the source `rides`", &url]);
    let locked = pipeline.read("lockflight.lock");
    let wanted = format!(
        "[data.rides]\nurl = \"{url}\"\ndigest = \"sha256:{}\"",
        digest(RIDES)
    );
    assert!(locked.contains(&wanted), "{locked}");
    for command in [
        &["show"][..],
        &["data", "log", "rides"],
        &["data", "log", &url],
        &["data", "log", "rides", "--json"],
        &["lineage", &url],
        &["lineage", "source:rides", "--json"],
        &["show", "--json"],
    ] {
        let shown = pipeline.done(command);
        assert!(shown.contains(&url), "{command:?}: {shown}");
    }
    pipeline.done(&["report", "--html", "report.html"]);
    assert!(
        pipeline
            .read("report.html")
            .contains("/rides.csv?year=2026")
    );
    let events = pipeline.read("events.ndjson");
    for part in [
        format!("\"namespace\":\"{}\"", server.url("")),
        "\"name\":\"/rides.csv?year=2026\"".to_owned(),
    ] {
        assert!(events.contains(&part), "{part}: {events}");
    }

    // Nothing is sent again, and nothing runs.
    let again = pipeline.run(&["run"]);
    again.says(0, &[]);
    assert!(!again.err.contains("fetched"), "{}", again.err);
    let asked = server.asked();
    assert!(asked.iter().all(|request| request.method == "GET"));
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert_eq!(asked[0].header("accept"), Some("text/csv"));
    assert_eq!(asked[0].header("accept-encoding"), Some("identity"));
    assert_eq!(asked[0].header("authorization"), None);
    assert_eq!(asked[1].header("if-none-match"), Some("\"v1\""));
    // A store without the bytes has no use for that answer.
    let blob = digest(RIDES);
    let blob = format!("blobs/{}/{}", &blob[..2], &blob[2..]);
    fs::remove_file(pipeline.path().join(".lockflight").join(blob)).unwrap();
    pipeline.run(&["lock"]).says(0, &["fetched the source"]);
    assert_eq!(server.asked()[2].header("if-none-match"), None);
    pipeline.done(&["store", "check"]);
    pipeline.done(&["verify"]);
}

#[test]
fn what_changed_is_fetched_again_and_said() {
    let server = Server::start(|request| {
        let head = [
            "Date: Sun, 06 Nov 1994 08:49:37 GMT",
            match request.number {
                0 | 1 => "Last-Modified: Sun, 06 Nov 1994 08:00:00 GMT",
                _ => "Last-Modified: Sun, 06 Nov 1994 08:40:00 GMT",
            },
        ];
        match request.number {
            0 => Reply::of("200 OK", &head, RIDES),
            1 => Reply::of("304 Not Modified", &head, ""),
            _ => Reply::of("200 OK", &head, "day,rides\n1,11\n"),
        }
    });
    let pipeline = Pipeline::allowed(&server, &server.url("/rides.csv"), "");
    pipeline.done(&["run"]);
    pipeline.done(&["run"]);
    let since = "Sun, 06 Nov 1994 08:00:00 GMT";
    assert_eq!(server.asked()[1].header("if-modified-since"), Some(since));
    let plan = pipeline.done(&["plan"]);
    assert!(plan.contains("rides"), "{plan}");
    let diff = pipeline.run(&["diff"]);
    assert!(diff.out.contains("rides"), "{}{}", diff.out, diff.err);
    // The lock file names bytes that are here: nobody is asked.
    let asked = server.asked().len();
    pipeline.done(&["run", "--frozen"]);
    assert_eq!(server.asked().len(), asked);
    pipeline.done(&["run", "--locked"]);
    pipeline.run(&["lock", "--check"]).says(1, &[]);
    pipeline
        .run(&["run"])
        .says(0, &["source rides:", "was", "brought up to date"]);
    let log = pipeline.done(&["data", "log", "rides"]);
    assert_eq!(log.matches(&server.url("/rides.csv")).count(), 2, "{log}");
}

#[test]
fn the_bytes_are_what_the_manifest_says() {
    let server = Server::start(|_| Reply::chunked(RIDES, 7, true));
    let url = server.url("/rides.csv");
    let pipeline = Pipeline::allowed(&server, &url, &format!("sha256 = \"{}\"", digest("other")));
    let found = format!(
        "has other bytes than `sha256` says: sha256:{}",
        digest(RIDES)
    );
    pipeline
        .run(&["lock"])
        .says(2, &[&found, "nothing was stored"]);
    pipeline.has_nothing();
    let right = format!(
        "url = {url:?}\nsha256 = \"sha256:{}\"",
        digest(RIDES).to_uppercase()
    );
    pipeline.source("", &right);
    pipeline.done(&["run"]);
    assert_eq!(server.asked().len(), 2);
    assert_eq!(pipeline.sources().len(), 1);
    // Once they are here, nobody is asked, and nothing has to be allowed.
    pipeline.write("policy.toml", "");
    pipeline.done(&["run"]);
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn several_sources_are_fetched_at_a_time() {
    let server = Server::start(|request| match request.target.as_str() {
        "/broken" => Reply::of("500 Internal Server Error", &[], ""),
        "/refused" => Reply::to("https://other.example.com/"),
        target => Reply::raw("")
            .then(Piece::Wait(Duration::from_secs(1)))
            .then(Piece::Send(
                format!(
                    "HTTP/1.1 200 OK\r\nETag: \"v\"\r\nContent-Length: {}\r\n\r\n{target}",
                    target.len()
                )
                .into_bytes(),
            )),
    });
    let pipeline = Pipeline::allowed(&server, &server.url("/0"), "");
    let more = |targets: &[&str]| {
        let source = |(number, target): (usize, &&str)| {
            format!("\n[source.s{number}]\nurl = {:?}\n", server.url(target))
        };
        let sources: String = targets.iter().enumerate().map(source).collect();
        pipeline.source("", &format!("url = {:?}\n{sources}", server.url("/0")));
    };
    more(&["/1", "/2", "/3", "/4", "/5"]);
    let begun = Instant::now();
    pipeline.done(&["lock"]);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "one after the other"
    );
    let locked = pipeline.read("lockflight.lock");
    for target in ["/0", "/1", "/2", "/3", "/4", "/5"] {
        assert!(
            locked.contains(&format!("sha256:{}", digest(target))),
            "{locked}"
        );
    }
    // All of them are remembered.
    pipeline.done(&["lock"]);
    let asked = server.asked();
    assert!(
        asked[6..]
            .iter()
            .all(|request| request.header("if-none-match").is_some())
    );
    // What is wrong with one is said beside what is wrong with another.
    more(&["/broken", "/refused"]);
    pipeline.run(&["lock"]).says(
        3,
        &[
            "source s0:",
            "answers 500",
            "source s1:",
            "other.example.com",
            "2 problems",
        ],
    );
}

#[test]
fn without_a_network_the_lock_file_goes_on() {
    let server = Server::start(|request| match request.number {
        0 => Reply::data(RIDES),
        _ => Reply::of("503 Service Unavailable", &[], ""),
    });
    let url = server.url("/rides.csv");
    let pipeline = Pipeline::allowed(&server, &url, "");
    pipeline.done(&["run"]);
    pipeline.run(&["run"]).says(
        3,
        &[
            "answers 503",
            "`lockflight run --frozen` goes on with those",
        ],
    );
    pipeline
        .run(&["run", "--locked"])
        .says(3, &["answers 503", "--frozen"]);
    let asked = server.asked().len();
    pipeline.done(&["run", "--frozen"]);
    // Neither a server nor a policy is needed.
    pipeline.write("policy.toml", "");
    pipeline.done(&["run", "--frozen"]);
    assert_eq!(server.asked().len(), asked);
    // Another address is not what was locked.
    pipeline.source("", &format!("url = {:?}", server.url("/other.csv")));
    pipeline.run(&["run", "--frozen"]).says(
        2,
        &["--frozen: the source rides is", &url, "in lockflight.lock"],
    );
    pipeline.allow(&server, "");
    let shown = pipeline.run(&["run"]);
    shown.says(3, &["answers 503"]);
    assert!(!shown.err.contains("--frozen"), "{}", shown.err);
    // What the store lost is asked for.
    pipeline.source("", &format!("url = {url:?}"));
    fs::remove_dir_all(pipeline.path().join(".lockflight")).unwrap();
    pipeline.run(&["run", "--frozen"]).says(3, &["answers 503"]);
    fs::remove_file(pipeline.path().join("lockflight.lock")).unwrap();
    pipeline
        .run(&["run", "--frozen"])
        .says(2, &["there is no lockflight.lock"]);
    pipeline
        .run(&["run"])
        .says(3, &["source rides:", "answers 503"]);
}

#[test]
fn a_fetch_can_be_cancelled() {
    let server = Server::start(|_| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{RIDES}");
        Reply::raw(head).then(Piece::Wait(Duration::from_secs(60)))
    });
    let pipeline = Pipeline::allowed(&server, &server.url("/rides.csv"), "");
    let child = pipeline
        .command(&["run"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while server.asked().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(200));
    let begun = Instant::now();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    shown(child.wait_with_output().unwrap()).says(130, &["cancelled before anything was run"]);
    assert!(begun.elapsed() < Duration::from_secs(5));
    pipeline.has_nothing();
}
