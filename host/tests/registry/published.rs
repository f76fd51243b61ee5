//! What is published, and to whom it is sent.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

use lockflight::digest::Digest;

use crate::credentials::logged_in;
use crate::pipeline::{Pipeline, at};
use crate::shown::repository;
use crate::web::{Reply, Request, Server};

#[test]
fn what_is_published_has_the_layout_of_the_working_group() {
    let pipeline = Pipeline::new();
    let layout = pipeline.layout();
    let document = |digest: &str| -> serde_json::Value {
        serde_json::from_slice(&layout.blob(digest).unwrap()).unwrap()
    };
    let manifest = document(&layout.tagged());
    assert_eq!(
        manifest["mediaType"],
        "application/vnd.oci.image.manifest.v1+json"
    );
    assert_eq!(
        manifest["config"]["mediaType"],
        "application/vnd.wasm.config.v0+json"
    );
    assert_eq!(manifest["layers"].as_array().unwrap().len(), 1);
    assert_eq!(manifest["layers"][0]["mediaType"], "application/wasm");
    let annotations = &manifest["annotations"];
    assert_eq!(annotations["org.opencontainers.image.title"], "csv");
    assert_eq!(annotations["org.opencontainers.image.version"], "0.1.0");
    assert_eq!(
        layout.blob(&layout.component()).unwrap(),
        fs::read(built()).unwrap()
    );

    let config = document(manifest["config"]["digest"].as_str().unwrap());
    assert_eq!(config["created"], "1970-01-01T00:00:00Z");
    assert_eq!(
        (&config["architecture"], &config["os"]),
        (&"wasm".into(), &"wasip2".into())
    );
    assert_eq!(
        config["layerDigests"],
        serde_json::json!([layout.component()])
    );
    let target = config["component"]["target"].as_str().unwrap();
    assert!(
        target.starts_with("lockflight:") && target.contains("/ingest@"),
        "{target}"
    );
    for (what, interface) in [("exports", "/ingester@"), ("imports", "/tables@")] {
        let names = config["component"][what].to_string();
        assert!(names.contains(interface), "{what}: {names}");
    }
}

/// A registry that keeps what is sent to its repository `team/csv`.
#[derive(Default)]
struct Shelf {
    kept: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Shelf {
    /// The answer to a request; blobs are to be sent to `upload`.
    fn answer(&self, upload: &str, request: &Request) -> Reply {
        let mut kept = self.kept.lock().unwrap();
        let digest = Digest::of(&request.body).to_string();
        let rest = request.target.strip_prefix("/v2/team/csv/");
        let status = match (request.method.as_str(), rest) {
            ("POST", Some("blobs/uploads/")) => {
                return Reply::of("202 Accepted", &[&format!("Location: {upload}")], "");
            }
            ("PUT", None) if request.target == format!("/upload?state=x&digest={digest}") => {
                kept.insert(format!("blobs/{digest}"), request.body.clone());
                "201 Created"
            }
            ("PUT", Some(manifest)) if manifest.starts_with("manifests/") => {
                let is_typed = request
                    .header("content-type")
                    .is_some_and(|is| is.contains("vnd.oci.image"));
                assert!(is_typed, "{request:?}");
                for name in [manifest.to_owned(), format!("manifests/{digest}")] {
                    kept.insert(name, request.body.clone());
                }
                "201 Created"
            }
            ("GET" | "HEAD", Some(name)) if kept.contains_key(name) => {
                let body = kept[name].as_slice();
                let body = if request.method == "GET" { body } else { b"" };
                return Reply::of("200 OK", &[], body);
            }
            _ => "404 Not Found",
        };
        Reply::of(status, &[], "")
    }
}

/// A component that is built.
fn built() -> String {
    let built = repository().join("plugins/csv/dist/ingest.wasm");
    built.to_str().unwrap().to_owned()
}

#[test]
fn what_is_published_is_there_for_others() {
    let pipeline = Pipeline::new();
    let shelf = Arc::new(Shelf::default());
    let serves = Arc::clone(&shelf);
    let server = Server::start(move |request| serves.answer("/upload?state=x", request));
    pipeline.allow(&[server.url("")]);
    let publish = |component: &str, more: &[&str]| {
        let reference = at(&server);
        let command = [&["plugin", "publish", component, &reference], more].concat();
        pipeline.run(&command)
    };
    let first = publish(&built(), &[]);
    first.says(0, &[]);
    let tagged = pipeline.layout().tagged();
    assert!(
        first.out.contains(&tagged),
        "in both places it is the same: {}",
        first.out
    );
    pipeline.plugin(&at(&server), "");
    pipeline
        .run(&["run"])
        .says(0, &["fetched the plugin `csv`"]);
    // What is there is not sent again.
    let sent = || {
        server
            .asked()
            .iter()
            .filter(|request| request.method == "PUT")
            .count()
    };
    assert_eq!(sent(), 3, "component, config and manifest");
    let again = publish(&built(), &[]);
    assert!(again.out.starts_with("there already"), "{}", again.out);
    assert_eq!(sent(), 3);
    // Another component under the same tag.
    let other = [fs::read(built()).unwrap(), b"\0\x02\x01x".to_vec()].concat();
    fs::write(pipeline.path().join("other.wasm"), other).unwrap();
    publish("other.wasm", &[]).says(2, &["is there already, as sha256:", "--force"]);
    assert_eq!(sent(), 3);
    publish("other.wasm", &["--force"]).says(0, &[]);
    let kept = shelf.kept.lock().unwrap();
    assert_ne!(Digest::of(&kept["manifests/0.1.0"]).to_string(), tagged);
    assert!(kept.contains_key(&format!("manifests/{tagged}")));
}

#[test]
fn nobody_but_the_registry_is_sent_a_plugin() {
    let elsewhere = Server::start(|_| Reply::of("201 Created", &[], ""));
    let pipeline = Pipeline::new();
    let shelf = Shelf::default();
    let upload = elsewhere.url("/upload?state=x");
    let server = Server::start(move |request| match request.header("authorization") {
        Some(_) => shelf.answer(&upload, request),
        None => Reply::of("401 Unauthorized", &["WWW-Authenticate: Basic"], ""),
    });
    pipeline.allow(&[server.url(""), elsewhere.url("")]);
    logged_in(&pipeline, &server);
    let publish = ["plugin", "publish", &built(), &at(&server)];
    pipeline
        .run(&publish)
        .says(3, &["does not say where on itself the blob is to be sent"]);
    assert!(elsewhere.asked().is_empty());
    // Who may read may not always write.
    let shelf = Shelf::default();
    let server = Server::start(move |request| match request.method.as_str() {
        "GET" | "HEAD" => shelf.answer("/upload?state=x", request),
        _ => Reply::of("403 Forbidden", &[], ""),
    });
    pipeline.allow(&[server.url("")]);
    let publish = ["plugin", "publish", &built(), &at(&server)];
    pipeline
        .run(&publish)
        .says(2, &["lets nobody in without credentials"]);
}
