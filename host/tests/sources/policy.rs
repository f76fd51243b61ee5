//! What the policy lets be fetched, and from where.

use crate::pipeline::{Pipeline, RIDES};
use crate::web::{Reply, Server};

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
