//! Where secrets go, and where they are never seen.

use std::fmt::Write as _;
use std::fs;

use crate::pipeline::{Pipeline, RIDES, TOKEN, with_secret};
use crate::shown::shown;
use crate::web::{Reply, Server};

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
