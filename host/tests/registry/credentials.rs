//! Who is told a password, and what of it is seen.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::pipeline::{Layout, Pipeline, served};
use crate::shown::{Shown, shown};
use crate::web::{Reply, Request, Server};

/// The password of docker's config. It has characters that are escaped differently in different places.
const PASSWORD: &str = "p4ss/of+the=registry&<1234>";
const TOKEN: &str = "t0k3n-that-the-registry-takes";

/// What docker's config has for a server's port.
pub fn logged_in(pipeline: &Pipeline, server: &Server) {
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
