//! Sources on the web, from outside: the real program against a server on this machine that answers as the test wants.
#![allow(clippy::unwrap_used)]

#[path = "../../tests/harness/shown.rs"]
mod shown;
#[path = "../../tests/harness/web.rs"]
mod web;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use shown::{Shown, lockflight, repository, shown};
use tempfile::TempDir;
use web::{Piece, Reply, Server};

/// The data that servers send.
const RIDES: &str = "day,rides\n1,10\n2,20\n";
/// The secret. It has characters that are escaped differently in different places.
const TOKEN: &str = "t0k3n/of+the=warehouse&<1234>";

/// A folder with a pipeline that reads the source `rides`.
struct Pipeline {
    dir: TempDir,
}

impl Pipeline {
    /// With these lines below `[source.rides]`, and a policy that allows nothing.
    fn new(source: &str) -> Pipeline {
        let dir = tempfile::tempdir().unwrap();
        let pipeline = Pipeline { dir };
        pipeline.write("policy.toml", "");
        pipeline.source("", source);
        pipeline
    }

    /// With an address at a server that the policy allows.
    fn allowed(server: &Server, url: &str, more: &str) -> Pipeline {
        let pipeline = Pipeline::new(&format!("url = \"{url}\"\n{more}"));
        pipeline.allow(server, "");
        pipeline
    }

    /// Allows a server under both of its names, and more.
    fn allow(&self, server: &Server, more: &str) {
        let [one, two] = [server.url(""), server.at("localhost", "")];
        let policy =
            format!("[sources]\nhosts = [{one:?}, {two:?}]\nprivate = [\"127.0.0.1\"]\n{more}");
        self.write("policy.toml", &policy);
    }

    fn source(&self, pipeline: &str, source: &str) {
        let plugin = repository().join("plugins/csv");
        let manifest = format!(
            "[pipeline]\nname = \"rides\"\n{pipeline}\n[plugins]\ncsv = {{ path = {plugin:?} }}\n\n\
             [source.rides]\n{source}\n\n[ingest.raw]\nplugin = \"csv\"\ninputs = {{ file = \"rides\" }}\n"
        );
        self.write("lockflight.toml", &manifest);
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = lockflight(self.path(), arguments);
        command.env("WAREHOUSE_TOKEN", TOKEN);
        command
    }

    fn run(&self, arguments: &[&str]) -> Shown {
        shown(self.command(arguments).output().unwrap())
    }

    /// Runs what has to end well; what it prints on standard output.
    fn done(&self, arguments: &[&str]) -> String {
        let shown = self.run(arguments);
        shown.says(0, &[]);
        shown.out
    }

    /// The files below a folder of the store.
    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.path().join(".lockflight").join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.push(path),
                }
            }
        }
        files
    }

    /// The blobs that are a source or begin like one.
    fn sources(&self) -> Vec<PathBuf> {
        let is_source = |file: &PathBuf| {
            let bytes = fs::read(file).unwrap();
            bytes.starts_with(b"day") || bytes.starts_with(b"xxx")
        };
        self.files("blobs").into_iter().filter(is_source).collect()
    }

    /// Nothing of a source is in the store, not even in pieces.
    fn has_nothing(&self) {
        assert_eq!(
            [self.files("tmp"), self.sources()].concat(),
            Vec::<PathBuf>::new()
        );
    }
}

/// `secret = "warehouse"` may be sent to this server's number, not to its name.
fn with_secret(server: &Server) -> String {
    format!(
        "\n[secrets.warehouse]\nenv = \"WAREHOUSE_TOKEN\"\nhosts = [{:?}]\n",
        server.url("")
    )
}

fn digest(text: &str) -> String {
    lockflight::digest::Digest::of(text.as_bytes()).hex()
}

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

#[test]
fn redirects_are_followed_as_far_as_the_policy_goes() {
    let other = Server::start(|_| Reply::data(RIDES));
    let (to_other, port) = (
        other.url("/rides.csv?signature=s1gned"),
        other.address.port(),
    );
    let server = Server::start(move |request| match request.target.as_str() {
        "/a/relative" => Reply::to("../b?x=1#part"),
        "/b?x=1" => Reply::to("/c"),
        "/five/0" => Reply::to("5"),
        "/loop" => Reply::to("/loop"),
        "/other" => Reply::to(&to_other),
        "/private" => Reply::to(&format!("http://127.0.0.2:{port}/")),
        "/nowhere" => Reply::of("302 Found", &[], ""),
        "/password" => Reply::to("http://user:pass@127.0.0.1/"),
        "/file" => Reply::to("file:///etc/passwd"),
        target => match target
            .strip_prefix("/five/")
            .and_then(|n| n.parse::<u32>().ok())
        {
            Some(1) | None => Reply::data(RIDES),
            Some(n) => Reply::to(&format!("/five/{}", n - 1)),
        },
    });
    for target in ["/a/relative", "/five/0"] {
        Pipeline::allowed(&server, &server.url(target), "").done(&["lock"]);
    }
    for (target, code, parts) in [
        ("/five/6", 0, vec![]),
        ("/five/7", 3, vec!["redirects again after 5 redirects"]),
        ("/loop", 3, vec!["redirects again after 5 redirects"]),
        ("/nowhere", 3, vec!["redirects without saying where to"]),
        (
            "/password",
            2,
            vec!["redirects to what is no address", "user or password"],
        ),
        ("/file", 2, vec!["redirects to what is no address"]),
        (
            "/other",
            2,
            vec![
                "/rides.csv: the policy does not let data be fetched from",
                "hosts = [\"http://127.0.0.1:",
            ],
        ),
    ] {
        let pipeline = Pipeline::allowed(&server, &server.url(target), "");
        let shown = pipeline.run(&["lock"]);
        shown.says(code, &parts);
        assert!(
            !shown.err.contains("s1gned") && !shown.err.contains("user:pass"),
            "{}",
            shown.err
        );
        if code != 0 {
            pipeline.has_nothing();
        }
    }
    assert_eq!(other.asked().len(), 0);
    // The host is allowed, its address is not.
    let pipeline = Pipeline::allowed(&server, &server.url("/private"), "");
    let policy = pipeline.read("policy.toml");
    pipeline.write(
        "policy.toml",
        &policy.replace(
            "hosts = [",
            &format!("hosts = [\"http://127.0.0.2:{port}\", "),
        ),
    );
    pipeline.run(&["lock"]).says(
        2,
        &[
            "127.0.0.2, which is this machine",
            "private = [\"127.0.0.2\"]",
            "`private` in line 3",
        ],
    );
    assert_eq!(other.asked().len(), 0);
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
fn what_the_policy_does_not_say_is_not_asked() {
    let server = Server::start(|_| Reply::data(RIDES));
    let url = server.url("/rides.csv");
    let rule = format!("hosts = [{:?}]", server.url(""));
    let pipeline = Pipeline::new(&format!("url = {url:?}\nsecret = \"warehouse\""));
    let refused = |policy: &str, parts: &[&str]| {
        pipeline.write("policy.toml", policy);
        pipeline.run(&["check"]).says(2, parts);
        assert_eq!(server.asked().len(), 0);
    };
    refused(
        "",
        &[
            "the policy does not let data be fetched from",
            "policy.toml would have to say",
            &rule,
            "[lockflight.toml:8:",
        ],
    );
    refused(
        "# none\n[sources]\nhosts = [\"127.0.0.1\"]\n",
        &[&rule, "`hosts` in line 3 does not"],
    );
    let hosts = format!("[sources]\n{rule}\n");
    refused(
        &hosts,
        &[
            "the policy has no secret `warehouse`",
            "[secrets.warehouse]",
            "env = \"WAREHOUSE\"",
            "[lockflight.toml:9:",
        ],
    );
    let secret =
        "[secrets.warehouse]\nenv = \"WAREHOUSE_TOKEN\"\nhosts = [\"other.example.com\"]\n";
    refused(
        &format!("{hosts}{secret}"),
        &[
            "does not let the secret `warehouse` be sent to",
            "`hosts` in line 5",
            &rule,
        ],
    );
    let secret = format!("[secrets.warehouse]\nenv = \"NO_SUCH_TOKEN\"\n{rule}\n");
    refused(
        &format!("{hosts}{secret}"),
        &["NO_SUCH_TOKEN: it is not set", "line 3 of policy.toml"],
    );
    let secret = secret.replace("NO_SUCH_TOKEN", "WAREHOUSE_TOKEN");
    refused(
        &format!("{hosts}{secret}"),
        &[
            "127.0.0.1, which is this machine",
            "private = [\"127.0.0.1\"]",
        ],
    );
    refused(
        "[sources]\nhost = []\n",
        &["[sources] has no key `host`", "policy.toml:2"],
    );
    // However the address is written.
    for host in ["localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"] {
        let url = server.at(host, "/rides.csv");
        pipeline.source("", &format!("url = {url:?}"));
        let policy = format!("[sources]\nhosts = [{:?}]\n", server.at(host, ""));
        refused(
            &policy,
            &["which is this machine: such addresses are refused"],
        );
    }
    // Files need no policy, not even one that can be read.
    pipeline.write("rides.csv", RIDES);
    pipeline.source("", "file = \"rides.csv\"");
    pipeline.done(&["check"]);
}

#[test]
fn secrets_go_where_the_policy_sends_them_and_nowhere_else() {
    let asked_first = Server::start(|_| Reply::data(RIDES));
    let back = asked_first.url("/back");
    let server = Server::start(move |request| match request.target.as_str() {
        "/moved" => Reply::to("/here"),
        // The same machine under its name, which the secret's line does not list.
        "/away" => Reply::to(&format!(
            "http://localhost:{}/there",
            request.header("host").unwrap().rsplit(':').next().unwrap()
        )),
        "/there" => Reply::to(&back),
        _ => Reply::data(RIDES),
    });
    let headers = "secret = \"warehouse\"\nheaders = { X-Api-Key = { secret = \"warehouse\" }, X-Plain = \"text\" }";
    let pipeline = Pipeline::allowed(&server, &server.url("/moved"), headers);
    let [one, two] = [server.url(""), asked_first.url("")];
    let hosts = format!(
        "[sources]\nhosts = [{one:?}, {:?}, {two:?}]\nprivate = [\"127.0.0.1\"]\n",
        server.at("localhost", "")
    );
    let secret =
        format!("[secrets.warehouse]\nenv = \"WAREHOUSE_TOKEN\"\nhosts = [{one:?}, {two:?}]\n");
    pipeline.write("policy.toml", &format!("{hosts}{secret}"));
    pipeline.done(&["lock"]);
    let bearer = format!("Bearer {TOKEN}");
    for request in server.asked() {
        assert_eq!(request.header("authorization"), Some(bearer.as_str()));
        assert_eq!(request.header("x-api-key"), Some(TOKEN));
        assert_eq!(request.header("x-plain"), Some("text"));
    }
    pipeline.source("", &format!("url = {:?}\n{headers}", server.url("/away")));
    pipeline.done(&["lock"]);
    let there = server.asked().pop().unwrap();
    assert_eq!(there.target, "/there");
    // On the way there and from there on, also where it might be sent.
    for request in [there, asked_first.asked().pop().unwrap()] {
        assert_eq!(request.header("authorization"), None, "{request:?}");
        assert_eq!(request.header("x-api-key"), None);
        assert_eq!(request.header("x-plain"), Some("text"));
    }
    // From a file, without the end of its line.
    pipeline.write("token", &format!("{TOKEN}\n"));
    let from_file = secret.replace(
        "env = \"WAREHOUSE_TOKEN\"",
        &format!("file = {:?}", pipeline.path().join("token")),
    );
    pipeline.write("policy.toml", &format!("{hosts}{from_file}"));
    pipeline.source("", &format!("url = {:?}\n{headers}", server.url("/file")));
    pipeline.done(&["lock"]);
    assert_eq!(
        server.asked().pop().unwrap().header("authorization"),
        Some(bearer.as_str())
    );
}

/// A server that says the secret wherever it can. Its words are in no text that leaves the program.
#[test]
fn no_text_has_the_secret() {
    let percent: String = TOKEN.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02X}").unwrap();
        text
    });
    let echo = percent.clone();
    let server = Server::start(move |request| {
        let bearer = request
            .header("authorization")
            .unwrap_or_default()
            .to_owned();
        let token = bearer.trim_start_matches("Bearer ");
        let tag = format!("ETag: \"{token}\"");
        match request.target.as_str() {
            "/error" => {
                let json =
                    format!("{{\"error\": {token:?}, \"header\": {bearer:?}, \"url\": {echo:?}}}");
                Reply::of(
                    &format!("500 {token}"),
                    &[&tag, &format!("Retry-After: {token}")],
                    &json,
                )
            }
            "/redirect" => Reply::to(&format!("https://{token}@127.0.0.1/")),
            "/path" => Reply::to(&format!("https://127.0.0.1/{echo}?t={token}")),
            "/garbage" => Reply::raw(format!("{token}\r\n\r\n")),
            "/encoding" => Reply::of("200 OK", &[&format!("Content-Encoding: {token}")], RIDES),
            "/chunk" => Reply::raw(format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{token}\r\n"
            )),
            _ => Reply::of("200 OK", &[&tag, &format!("X-Token: {token}")], RIDES),
        }
    });
    let pipeline = Pipeline::new("");
    let secret = with_secret(&server);
    pipeline.allow(&server, &secret);
    let mut texts = String::new();
    let options = [
        "--events",
        "events.ndjson",
        "--junit",
        "junit.xml",
        "--metrics",
        "metrics.txt",
        "--ci",
    ];
    for target in [
        "/error",
        "/redirect",
        "/path",
        "/garbage",
        "/encoding",
        "/chunk",
        "/data",
    ] {
        let source = format!("url = {:?}\nsecret = \"warehouse\"", server.url(target));
        pipeline.source("retry = 1", &source);
        for command in [
            &["run", "--json"][..],
            &["run"],
            &["check", "--json"],
            &["plan"],
        ] {
            let mut command = pipeline.command(command);
            if command.get_args().any(|argument| argument == "run") {
                command.args(options);
            }
            let output = command
                .env("LOCKFLIGHT_LOG", "trace")
                .env("GITHUB_STEP_SUMMARY", "summary.md")
                .output()
                .unwrap();
            let shown = shown(output);
            assert_eq!(
                shown.code == Some(0),
                target == "/data",
                "{target}: {}",
                shown.err
            );
            texts.push_str(&shown.out);
            texts.push_str(&shown.err);
        }
    }
    assert!(
        texts.contains("[secret]"),
        "it was said, and hidden: {texts}"
    );
    let sent = server.asked();
    assert!(
        sent.iter()
            .all(|request| request.header("authorization").unwrap().contains(TOKEN))
    );
    // The manifest may not have it either.
    let source = format!(
        "url = \"{}\"\nsecret = \"warehouse\"",
        server.url(&format!("/?t={percent}"))
    );
    pipeline.source("", &source);
    let shown = pipeline.run(&["run"]);
    shown.says(2, &["has the value of the secret `warehouse` in it"]);
    texts.push_str(&shown.err);
    pipeline.source(
        "",
        &format!("url = {:?}\nsecret = \"warehouse\"", server.url("/data")),
    );
    texts.push_str(&pipeline.done(&["show"]));
    texts.push_str(&pipeline.done(&["show", "--json"]));
    pipeline.done(&["report", "--html", "report.html"]);
    for name in [
        "report.html",
        "events.ndjson",
        "junit.xml",
        "metrics.txt",
        "summary.md",
        "lockflight.lock",
    ] {
        texts.push_str(&pipeline.read(name));
    }
    for file in pipeline.files("") {
        texts.push_str(&file.display().to_string());
        texts.push_str(&String::from_utf8_lossy(&fs::read(file).unwrap()));
    }
    let upper = percent.to_lowercase();
    for form in [
        TOKEN,
        &percent,
        &upper,
        &format!("{TOKEN:?}"),
        "t0k3n",
        "dDBrM24vb2Yrd",
        "1234>",
        "1234&gt;",
    ] {
        let at = texts.find(form);
        let near = at.map(|at| texts.get(at.saturating_sub(200)..at + 100));
        assert!(at.is_none(), "{form} in {near:?}");
    }
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

/// A server with TLS, which openssl is; none where that is not installed.
struct Secure {
    child: Child,
    port: String,
}

impl Secure {
    fn start(folder: &Path) -> Option<Secure> {
        let tls = repository().join("tests/tls");
        let child = Command::new("openssl")
            .args(["s_server", "-HTTP", "-accept", "127.0.0.1:0", "-cert"])
            .arg(tls.join("server.pem"))
            .arg("-key")
            .arg(tls.join("server.key"))
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = child else {
            println!("skipped: openssl is not installed");
            return None;
        };
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let port = lines.find_map(|line| {
            line.strip_prefix("ACCEPT ")?
                .rsplit(':')
                .next()
                .map(str::to_owned)
        });
        // It stops when nobody reads what it says.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Secure {
            child,
            port: port.unwrap(),
        })
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn only_known_certificates_are_trusted() {
    let files = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(files.path().join(name), text).unwrap();
    let length = RIDES.len();
    write(
        "rides.csv",
        &format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{RIDES}"),
    );
    write(
        "down",
        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://localhost:1/\r\n\r\n",
    );
    let Some(server) = Secure::start(files.path()) else {
        return;
    };
    let port = &server.port;
    let pipeline = Pipeline::new(&format!("url = \"https://localhost:{port}/rides.csv\""));
    let policy = |ca: &str| {
        let hosts = format!("\"localhost:{port}\", \"127.0.0.1:{port}\", \"http://localhost:1\"");
        pipeline.write(
            "policy.toml",
            &format!("[sources]\nhosts = [{hosts}]\nprivate = [\"127.0.0.1\"]\n{ca}"),
        );
    };
    policy("");
    pipeline.run(&["lock"]).says(
        3,
        &[
            "cannot be trusted",
            "UnknownIssuer",
            "`ca = \"FILE\"` in [sources]",
        ],
    );
    pipeline.has_nothing();
    let authority = repository().join("tests/tls/authority.pem");
    let ca = format!("ca = {authority:?}\n");
    policy(&ca);
    pipeline.done(&["lock"]);
    // The certificate is for localhost alone.
    pipeline.source("", &format!("url = \"https://127.0.0.1:{port}/rides.csv\""));
    pipeline
        .run(&["lock"])
        .says(3, &["cannot be trusted", "certificate"]);
    pipeline.source("", &format!("url = \"https://localhost:{port}/down\""));
    pipeline.run(&["lock"]).says(
        2,
        &["redirects to http://localhost:1/", "from https to http"],
    );
    // No TLS at all, and no certificate at all.
    let plain = Server::start(|_| Reply::data(RIDES));
    let at = plain.address.port();
    pipeline.source("", &format!("url = \"https://localhost:{at}/\""));
    pipeline.write(
        "policy.toml",
        &format!("[sources]\nhosts = [\"localhost:{at}\"]\nprivate = [\"127.0.0.1\"]\n{ca}"),
    );
    pipeline
        .run(&["lock"])
        .says(3, &["source rides:", "cannot be reached"]);
    policy("ca = \"lockflight.toml\"\n");
    pipeline.source(
        "",
        &format!("url = \"https://localhost:{port}/rides.csv?again\""),
    );
    pipeline
        .run(&["lock"])
        .says(2, &["lockflight.toml: it has no certificate in PEM"]);
    policy("ca = \"none.pem\"\n");
    pipeline.run(&["lock"]).says(2, &["none.pem: No such file"]);
}
