//! Which plugins are fetched, and from whom.

use std::fs;

use lockflight::digest::Digest;

use crate::pipeline::{Layout, at, served};
use crate::shown::shown;
use crate::web::{Piece, Reply, Request};

#[test]
fn a_plugin_is_fetched_once_and_then_nobody_is_asked() {
    let (pipeline, server) = served(Layout::answer);
    pipeline.run(&["run"]).says(
        0,
        &[
            "fetched the plugin `csv`",
            "from 127.0.0.1:",
            "/team/csv:0.1.0",
        ],
    );
    let asked = server.asked();
    let targets: Vec<_> = asked.iter().map(|request| request.target.clone()).collect();
    let component = pipeline.layout().component();
    assert_eq!(
        targets,
        [
            "/v2/team/csv/manifests/0.1.0".to_owned(),
            format!("/v2/team/csv/blobs/{component}"),
        ]
    );
    let accepts = asked[0].header("accept").unwrap();
    assert!(accepts.contains("image.manifest.v1+json") && accepts.contains("image.index.v1+json"));
    let lock = fs::read_to_string(pipeline.path().join("lockflight.lock")).unwrap();
    for part in [at(&server), pipeline.layout().tagged(), component] {
        assert!(lock.contains(&part), "{lock} lacks {part}");
    }
    for command in [
        &["check"][..],
        &["run"],
        &["run", "--force"],
        &["run", "--frozen"],
        &["lock"],
        &["verify"],
    ] {
        pipeline.run(command).says(0, &[]);
    }
    assert_eq!(server.asked().len(), 2, "nobody was asked again");
    // By digest it is the same plugin.
    let digest = pipeline.layout().tagged();
    pipeline.plugin(&at(&server).replace(":0.1.0", &format!("@{digest}")), "");
    pipeline.run(&["run"]).says(0, &[]);
    assert_eq!(server.asked().len(), 3, "the component is at hand");
}

#[test]
fn what_the_policy_does_not_say_is_not_asked() {
    let (pipeline, server) = served(Layout::answer);
    pipeline.write("policy.toml", "");
    let port = server.address.port();
    let host = format!("hosts = [\"http://127.0.0.1:{port}\"]");
    for command in [
        vec!["check".to_owned()],
        vec!["plugin".to_owned(), "inspect".to_owned(), at(&server)],
        ["plugin", "publish", "layout/blobs/sha256/X", &at(&server)]
            .map(|word| word.replace('X', &pipeline.layout().component()[7..]))
            .to_vec(),
    ] {
        let command: Vec<_> = command.iter().map(String::as_str).collect();
        pipeline.run(&command).says(2, &["does not let", &host]);
    }
    let policy = format!("[sources]\n{host}\n");
    pipeline.write("policy.toml", &policy);
    pipeline
        .run(&["check"])
        .says(2, &["127.0.0.1", "private = [\"127.0.0.1\"]"]);
    assert!(server.asked().is_empty());
}

#[test]
fn what_is_not_what_its_digest_says_is_not_taken() {
    // A byte more in one place of the component, with the right length.
    let (pipeline, _server) = served(|layout, request| match layout.component() {
        component if request.target.ends_with(&component) => {
            let mut bytes = layout.blob(&component).unwrap();
            let last = bytes.last_mut().unwrap();
            *last ^= 1;
            Reply::of("200 OK", &[], bytes)
        }
        _ => layout.answer(request),
    });
    pipeline
        .run(&["check"])
        .says(3, &["sends other bytes for sha256:", "nothing was stored"]);
    pipeline.has_nothing();
    // A manifest that is not the one that its digest names.
    let (pipeline, server) = served(
        |layout, request| match request.target.contains("manifests") {
            true => {
                let manifest = layout.blob(&layout.tagged()).unwrap();
                Reply::of("200 OK", &[], [&manifest[..], b"\n"].concat())
            }
            false => layout.answer(request),
        },
    );
    let digest = pipeline.layout().tagged();
    pipeline.plugin(&at(&server).replace(":0.1.0", &format!("@{digest}")), "");
    pipeline
        .run(&["check"])
        .says(3, &["sends other bytes for sha256:"]);
    // Nor one that the registry itself says to be another.
    let (pipeline, _server) = served(|layout, request| {
        let manifest = layout.blob(&layout.tagged()).unwrap();
        let other = format!("Docker-Content-Digest: {}", Digest::of(b"other"));
        match request.target.contains("manifests") {
            true => Reply::of("200 OK", &[&other], manifest),
            false => layout.answer(request),
        }
    });
    pipeline
        .run(&["check"])
        .says(3, &["sends other bytes for sha256:"]);
    pipeline.has_nothing();
}

#[test]
fn what_is_cut_off_or_too_long_is_not_taken() {
    for (cut, says) in [
        // As a server that dies, which may pass, and as one that lies.
        (0, "was cut off after 1000 bytes"),
        (1, "fewer bytes for sha256:"),
        (2, "more bytes for sha256:"),
    ] {
        let (pipeline, server) = served(move |layout, request| match layout.component() {
            component if request.target.ends_with(&component) => {
                let bytes = layout.blob(&component).unwrap();
                match cut {
                    0 => {
                        let head =
                            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len());
                        Reply::raw([head.as_bytes(), &bytes[..1000]].concat())
                    }
                    1 => Reply::of("200 OK", &[], &bytes[..1000]),
                    _ => Reply::of("200 OK", &[], [&bytes[..], &bytes[..]].concat()),
                }
            }
            _ => layout.answer(request),
        });
        pipeline.run(&["check"]).says(3, &[says]);
        pipeline.has_nothing();
        // `retry` of the pipeline is for what may pass.
        pipeline.plugin(&at(&server), "retry = 1");
        let before = server.asked().len();
        pipeline.run(&["check"]).says(3, &[says]);
        let tries = if cut == 0 { 3 } else { 2 };
        assert_eq!(server.asked().len() - before, tries, "{says}");
    }
}

#[test]
fn a_manifest_in_chunks_is_taken_if_it_ends() {
    let chunked = |end| {
        move |layout: &Layout, request: &Request| match request.target.contains("manifests") {
            true => {
                let manifest = String::from_utf8(layout.blob(&layout.tagged()).unwrap());
                Reply::chunked(&manifest.unwrap(), 100, end)
            }
            false => layout.answer(request),
        }
    };
    let (pipeline, _server) = served(chunked(true));
    pipeline.run(&["check"]).says(0, &[]);
    let (pipeline, _server) = served(chunked(false));
    pipeline.run(&["check"]).says(3, &["was cut off after"]);
}

#[test]
fn what_is_no_plugin_is_refused() {
    let image = r#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"D","size":2},"layers":[]}"#;
    let image = image.replace('D', &Digest::of(b"{}").to_string());
    let huge = "x".repeat(5 << 20);
    for (manifest, says) in [
        (
            image,
            "its config is of type application/vnd.oci.image.config.v1+json",
        ),
        ("<html>".to_owned(), "its manifest is none of OCI"),
        (huge, "a manifest of more than"),
    ] {
        let (pipeline, _server) = served(move |_, _| Reply::data(&manifest));
        pipeline.run(&["check"]).says(2, &[says]);
    }
    let (pipeline, server) = served(|_, _| Reply::of("404 Not Found", &[], ""));
    pipeline.run(&["check"]).says(2, &["has no version 0.1.0"]);
    let (pipeline_away, _server) =
        served(|_, _| Reply::of("503 Service Unavailable", &[], "later"));
    pipeline_away
        .run(&["check"])
        .says(3, &["answers 503: later"]);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_command_that_is_cancelled_asks_no_longer() {
    let (pipeline, server) = served(|_, _| {
        Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            .then(Piece::Wait(std::time::Duration::from_secs(60)))
    });
    let mut command = pipeline.command(&["run"]);
    let child = command
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while server.asked().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::thread::sleep(std::time::Duration::from_millis(200));
    let begun = std::time::Instant::now();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    shown(child.wait_with_output().unwrap()).says(130, &["cancelled"]);
    assert!(begun.elapsed() < std::time::Duration::from_secs(5));
    pipeline.has_nothing();
}
