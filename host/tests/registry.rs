//! Plugins from registries, from outside: the real program against a registry of the test's own, which serves what was published into
//! a folder, however wrongly. `cargo xtask interop` does the same with the registry that people use.
#![allow(clippy::unwrap_used)]

#[path = "../../tests/harness/shown.rs"]
mod shown;
#[path = "../../tests/harness/web.rs"]
mod web;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use lockflight::digest::Digest;
use shown::{Shown, lockflight, repository, shown};
use tempfile::TempDir;
use web::{Reply, Request, Server};

/// The password of docker's config. It has characters that are escaped differently in different places.
const PASSWORD: &str = "p4ss/of+the=registry&<1234>";
const TOKEN: &str = "t0k3n-that-the-registry-takes";

/// A folder with a pipeline that reads rows with a plugin from a registry, and with an image layout that has the plugin.
struct Pipeline {
    dir: TempDir,
}

impl Pipeline {
    fn new() -> Pipeline {
        let pipeline = Pipeline {
            dir: tempfile::tempdir().unwrap(),
        };
        pipeline.write("policy.toml", "");
        pipeline.write("rides.csv", "day,rides\n1,10\n2,20\n");
        let csv = repository().join("plugins/csv");
        let built = pipeline.run(&["plugin", "build", csv.to_str().unwrap()]);
        built.says(0, &[]);
        let published = ["plugin", "publish", csv.to_str().unwrap(), "./layout"];
        pipeline.run(&published).says(0, &[]);
        pipeline
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Takes the plugin from there, with more lines in `[pipeline]`.
    fn plugin(&self, reference: &str, more: &str) {
        let manifest = format!(
            "[pipeline]\nname = \"rides\"\n{more}\n[plugins]\ncsv = {{ oci = \"{reference}\" }}\n\n\
             [source.rides]\nfile = \"rides.csv\"\n\n[ingest.raw]\nplugin = \"csv\"\ninputs = {{ file = \"rides\" }}\n"
        );
        self.write("lockflight.toml", &manifest);
    }

    /// Allows these hosts on this machine.
    fn allow(&self, hosts: &[String]) {
        let policy = format!("[sources]\nhosts = {hosts:?}\nprivate = [\"127.0.0.1\"]\n");
        self.write("policy.toml", &policy);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = lockflight(self.path(), arguments);
        command.env("DOCKER_CONFIG", self.path().join("docker"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Shown {
        shown(self.command(arguments).output().unwrap())
    }

    fn layout(&self) -> Layout {
        Layout {
            folder: self.path().join("layout"),
        }
    }

    /// There is no component in the store, not even a piece of one.
    fn has_nothing(&self) {
        let mut folders = vec![
            self.path().join(".lockflight/blobs"),
            self.path().join(".lockflight/tmp"),
        ];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => assert!(!fs::read(&path).unwrap().starts_with(b"\0asm"), "{path:?}"),
                }
            }
        }
    }
}

/// An image layout, as a registry would serve it.
struct Layout {
    folder: PathBuf,
}

impl Layout {
    fn blob(&self, digest: &str) -> Option<Vec<u8>> {
        let hex = digest.strip_prefix("sha256:")?;
        fs::read(self.folder.join("blobs/sha256").join(hex)).ok()
    }

    /// The digest of what has the tag.
    fn tagged(&self) -> String {
        let index = fs::read(self.folder.join("index.json")).unwrap();
        let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
        let digest = index["manifests"][0]["digest"].as_str().unwrap();
        digest.to_owned()
    }

    /// The digest of the component.
    fn component(&self) -> String {
        let manifest = self.blob(&self.tagged()).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        manifest["layers"][0]["digest"].as_str().unwrap().to_owned()
    }

    /// The answer of an honest registry with the one repository `team/csv`.
    fn answer(&self, request: &Request) -> Reply {
        let rest = request.target.strip_prefix("/v2/team/csv/");
        let found = match rest.and_then(|rest| rest.split_once('/')) {
            Some(("manifests", "0.1.0")) => self.blob(&self.tagged()),
            Some(("manifests" | "blobs", digest)) => self.blob(digest),
            _ => None,
        };
        match found {
            Some(bytes) => Reply::of("200 OK", &[], bytes),
            None => Reply::of("404 Not Found", &[], ""),
        }
    }
}

/// The reference to the plugin at a server.
fn at(server: &Server) -> String {
    format!("127.0.0.1:{}/team/csv:0.1.0", server.address.port())
}

/// Serves a pipeline's layout, and lets the pipeline take its plugin from there.
fn served(
    answer: impl Fn(&Layout, &Request) -> Reply + Send + Sync + 'static,
) -> (Pipeline, Server) {
    let pipeline = Pipeline::new();
    let layout = pipeline.layout();
    let server = Server::start(move |request| answer(&layout, request));
    pipeline.plugin(&at(&server), "");
    pipeline.allow(&[server.url("")]);
    (pipeline, server)
}

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

/// What docker's config has for a server's port.
fn logged_in(pipeline: &Pipeline, server: &Server) {
    // `user:` and the password, as `docker login` writes them.
    let auth = base64(&format!("user:{PASSWORD}"));
    let host = format!("127.0.0.1:{}", server.address.port());
    let config = format!(r#"{{"auths":{{"{host}":{{"auth":"{auth}"}}}}}}"#);
    pipeline.write("docker/config.json", &config);
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// No secret is in what was shown or is kept.
fn shows_no_secret(pipeline: &Pipeline, shown: &Shown) {
    let mut texts = vec![shown.out.clone(), shown.err.clone()];
    for name in [".lockflight", "lockflight.lock"] {
        let mut paths = vec![pipeline.path().join(name)];
        while let Some(path) = paths.pop() {
            match fs::read_dir(&path) {
                Ok(entries) => paths.extend(entries.map(|entry| entry.unwrap().path())),
                Err(_) => {
                    texts.extend(fs::read(&path).map(|b| String::from_utf8_lossy(&b).into_owned()))
                }
            }
        }
    }
    for text in texts {
        for secret in [PASSWORD, TOKEN, &base64(&format!("user:{PASSWORD}"))] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn a_password_is_shown_to_the_registry_that_asks_for_it() {
    let answer = |layout: &Layout, request: &Request| {
        let basic = format!("Basic {}", base64(&format!("user:{PASSWORD}")));
        match request.header("authorization") {
            Some(shown) if shown == basic => layout.answer(request),
            shown => Reply::of(
                "401 Unauthorized",
                &["WWW-Authenticate: Basic realm=\"r\""],
                format!("not {shown:?}"),
            ),
        }
    };
    let (pipeline, server) = served(answer);
    pipeline.run(&["check"]).says(
        2,
        &[
            "lets nobody in without credentials",
            "`docker login 127.0.0.1:",
        ],
    );
    logged_in(&pipeline, &server);
    let mut command = pipeline.command(&["run"]);
    let run = shown(command.env("LOCKFLIGHT_LOG", "trace").output().unwrap());
    run.says(0, &[]);
    shows_no_secret(&pipeline, &run);
    // Another one, which a registry sends back in what it says.
    let (pipeline, server) = served(|_, request| {
        let shown = request
            .header("authorization")
            .unwrap_or_default()
            .to_owned();
        match shown.is_empty() {
            true => Reply::of("401 Unauthorized", &["WWW-Authenticate: Basic"], ""),
            false => Reply::of("418 I'm a teapot", &[], shown),
        }
    });
    logged_in(&pipeline, &server);
    let run = pipeline.run(&["check"]);
    run.says(3, &["answers 418: Basic"]);
    shows_no_secret(&pipeline, &run);
    let (pipeline, server) =
        served(|_, _| Reply::of("401 Unauthorized", &["WWW-Authenticate: Basic"], ""));
    logged_in(&pipeline, &server);
    pipeline
        .run(&["check"])
        .says(2, &["with the credentials that docker's config has for it"]);
}

/// What a registry says for which a server gives tokens.
fn challenge(tokens: &Server) -> String {
    let realm = tokens.url("/token");
    format!(
        "WWW-Authenticate: Bearer realm=\"{realm}\",service=\"the registry\",scope=\"repository:team/csv:pull\""
    )
}

#[test]
fn an_identity_token_is_changed_for_another() {
    let identity = "1dent1ty-t0ken-of-a-user";
    let tokens = Server::start(move |request| {
        let form = String::from_utf8(request.body.clone()).unwrap();
        let parts = [
            "grant_type=refresh_token",
            &format!("refresh_token={identity}"),
        ];
        match request.method == "POST" && parts.iter().all(|part| form.contains(part)) {
            true => Reply::data(&format!(r#"{{"access_token":"{TOKEN}"}}"#)),
            false => Reply::of("403 Forbidden", &[], form),
        }
    });
    let challenge = challenge(&tokens);
    let (pipeline, server) = served(move |layout, request| {
        let bearer = format!("Bearer {TOKEN}");
        match request.header("authorization") == Some(&bearer) {
            true => layout.answer(request),
            false => Reply::of("401 Unauthorized", &[&challenge], ""),
        }
    });
    pipeline.allow(&[server.url(""), tokens.url("")]);
    let host = format!("127.0.0.1:{}", server.address.port());
    let config = format!(r#"{{"auths":{{"{host}":{{"identitytoken":"{identity}"}}}}}}"#);
    pipeline.write("docker/config.json", &config);
    pipeline.run(&["check"]).says(0, &[]);
}

#[test]
fn a_token_is_got_from_where_the_registry_says() {
    let tokens = Server::start(|request| {
        let basic = format!("Basic {}", base64(&format!("user:{PASSWORD}")));
        let asked = "/token?service=the%20registry&scope=repository:team/csv:pull";
        let plain = request
            .target
            .replace("%3A", ":")
            .replace("%2F", "/")
            .replace('+', "%20");
        match (plain == asked, request.header("authorization")) {
            (true, Some(shown)) if shown == basic => {
                Reply::data(&format!(r#"{{"token":"{TOKEN}"}}"#))
            }
            other => Reply::of("403 Forbidden", &[], format!("{other:?} {plain}")),
        }
    });
    let challenge = challenge(&tokens);
    // Blobs lie elsewhere, where nobody is told anything.
    let blobs = Pipeline::new();
    let layout = blobs.layout();
    let elsewhere = Server::start(move |request| match request.header("authorization") {
        None => layout.answer(request),
        Some(_) => Reply::of("500 Told", &[], ""),
    });
    let to = elsewhere.at("localhost", "");
    let (pipeline, server) = served(move |layout, request| {
        let bearer = format!("Bearer {TOKEN}");
        match request.header("authorization") {
            Some(shown) if shown == bearer && request.target.contains("/blobs/") => {
                Reply::to(&format!("{to}{}", request.target))
            }
            Some(shown) if shown == bearer => layout.answer(request),
            _ => Reply::of("401 Unauthorized", &[&challenge], ""),
        }
    });
    logged_in(&pipeline, &server);
    // Each host has to be listed by itself.
    let hosts = [
        server.url(""),
        tokens.url(""),
        elsewhere.at("localhost", ""),
    ];
    pipeline
        .run(&["check"])
        .says(2, &["does not let", hosts[1].trim_end_matches('/')]);
    assert!(tokens.asked().is_empty());
    pipeline.allow(&hosts[..2]);
    pipeline
        .run(&["check"])
        .says(2, &["redirects to http://", "localhost:", "does not let"]);
    assert!(elsewhere.asked().is_empty());
    pipeline.allow(&hosts);
    let mut command = pipeline.command(&["run"]);
    let run = shown(command.env("LOCKFLIGHT_LOG", "trace").output().unwrap());
    run.says(0, &[]);
    shows_no_secret(&pipeline, &run);
    assert_eq!(elsewhere.asked().len(), 1);
    // With the wrong password the giver of tokens refuses.
    pipeline.write("docker/config.json", "{}");
    fs::remove_dir_all(pipeline.path().join(".lockflight")).unwrap();
    pipeline
        .run(&["run"])
        .says(2, &["lets nobody in without credentials"]);
}

#[test]
fn a_helper_program_is_asked_for_credentials() {
    let (pipeline, server) = served(|layout, request| {
        let basic = format!("Basic {}", base64(&format!("helped:{PASSWORD}")));
        match request.header("authorization") {
            Some(shown) if shown == basic => layout.answer(request),
            _ => Reply::of("401 Unauthorized", &["WWW-Authenticate: Basic"], ""),
        }
    });
    let host = format!("127.0.0.1:{}", server.address.port());
    let config = format!(r#"{{"credHelpers":{{"{host}":"lockflight-test"}}}}"#);
    pipeline.write("docker/config.json", &config);
    let helper = |script: &str| {
        let name = "bin/docker-credential-lockflight-test";
        pipeline.write(name, &format!("#!/bin/sh\n{script}\n"));
        let path = pipeline.path().join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        let path = std::env::var("PATH").unwrap();
        let bin = pipeline.path().join("bin");
        let mut command = pipeline.command(&["check"]);
        command.env("PATH", format!("{}:{path}", bin.display()));
        shown(command.output().unwrap())
    };
    helper(&format!(
        r#"[ "$1" = get ] && [ "$(cat)" = "{host}" ] && echo '{{"Username":"helped","Secret":"{PASSWORD}"}}'"#
    ))
    .says(0, &[]);
    fs::remove_dir_all(pipeline.path().join(".lockflight")).unwrap();
    // A helper reads what it is asked before it ends: writing to one that is gone fails otherwise.
    helper("cat >/dev/null; echo locked >&2; exit 1").says(
        2,
        &[
            "credentials for 127.0.0.1:",
            "lockflight-test failed: locked",
        ],
    );
    // That it knows nothing of a registry is no fault.
    helper("cat >/dev/null; echo 'credentials not found in native keychain'; exit 1")
        .says(2, &["lets nobody in without credentials"]);
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

#[test]
fn a_command_that_is_cancelled_asks_no_longer() {
    let (pipeline, server) = served(|_, _| {
        Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            .then(web::Piece::Wait(std::time::Duration::from_secs(60)))
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
