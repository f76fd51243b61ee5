//! Which servers are believed to be who they say.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::pipeline::{Pipeline, RIDES};
use crate::shown::repository;
use crate::web::{Reply, Server};

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
