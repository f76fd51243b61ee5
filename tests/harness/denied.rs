//! Every command that starts a component, times everything that a policy refuses. A command that is in neither list below fails a test:
//! whoever adds one says whether it starts components, and if so it is asked here.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use super::harness::{Sandbox, folder};
use super::serving::Server;

/// The commands that start components, each as it would do so in the sandbox below; `KEY` is a job whose result is not there.
const STARTS: &[(&str, &str)] = &[
    ("check", "check"),
    ("ci compare", "ci compare --base latest"),
    ("diff", "diff"),
    (
        "init",
        "-C fresh init birds.csv --plugins ../../../../plugins",
    ),
    ("lock", "lock"),
    (
        "monitor replay",
        "monitor replay accuracy --input later.csv --time seen",
    ),
    ("monitor run", "monitor run drift"),
    ("plan", "plan"),
    (
        "plugin bench",
        "plugin bench ../../../plugins/csv --input birds.csv --rows 9",
    ),
    ("plugin check", "plugin check ../../../plugins/csv"),
    ("plugin replay", "plugin replay latest raw"),
    (
        "plugin run",
        "plugin run ../../../plugins/csv --input birds.csv",
    ),
    ("plugin test", "plugin test ../../../plugins/linear"),
    (
        "predict",
        "predict --model weight --input later.csv --to out.csv",
    ),
    ("run", "run --force"),
    ("serve", "serve --listen 127.0.0.1:0"),
    ("stage run", "stage run KEY"),
    ("verify", "verify"),
];

/// The commands that start none.
const STARTS_NONE: &[&str] = &[
    "completion",
    "data diff",
    "data export",
    "data log",
    "data show",
    "doctor",
    "endpoint list",
    "endpoint show",
    "gc",
    "lineage",
    "logs",
    "man",
    "model list",
    "model show",
    "monitor show",
    "package export",
    "package list",
    "package show",
    // Compilers are started, and no component: SECURITY.md says who is trusted while a plugin is built.
    "plugin build",
    "plugin inspect",
    "plugin new",
    "plugin publish",
    "policy check",
    "policy show",
    "pull",
    "push",
    "report",
    "runs",
    "runs pin",
    "runs unpin",
    "show",
    "store check",
    "store du",
    "store reindex",
    "version",
];

/// A policy, and what it refuses.
struct Denial {
    name: &'static str,
    text: String,
    /// What every refusal says.
    says: &'static str,
    /// The commands that it does not refuse.
    spares: &'static [&'static str],
    /// What a command is given to ask for what is refused.
    asks: fn(&str) -> &'static str,
}

fn denials(walls: &[String]) -> Vec<Denial> {
    let asks_nothing = |_: &str| "";
    let denial = |name, text: &str, says| Denial {
        name,
        text: text.to_owned(),
        says,
        spares: &[],
        asks: asks_nothing,
    };
    let mut denials = vec![
        denial(
            "no plugin is allowed",
            "[plugins]\nallow = []\n",
            "policy.toml:2 says `allow = []`",
        ),
        denial(
            "every name is denied",
            "[plugins]\ndeny = [{ name = \"*\" }]\n",
            "policy.toml:2 says `deny = [{ name = \"*\" }]`",
        ),
        Denial {
            asks: |command| match command {
                "plugin bench" | "plugin check" | "plugin run" | "plugin test" | "predict"
                | "serve" | "stage run" => " --memory 300MiB",
                // `[pipeline]` asks for as much.
                _ => "",
            },
            // What was recorded is not asked for now, and is lowered; a drafted manifest asks for nothing.
            spares: &[
                "verify",
                "monitor replay",
                "monitor run",
                "plugin replay",
                "init",
            ],
            ..denial(
                "more memory than allowed",
                "[limits]\nmemory = \"256MiB\"\n",
                "policy.toml:2 says `memory = \"256MiB\"`",
            )
        },
        denial("a wrong policy", "[plugin]\n", "did you mean \"plugins\"?"),
        denial("a policy for all to write", "", "chmod go-w"),
    ];
    // Whichever wall this machine does not build; in a server only one stands.
    let absent = ["seccomp", "landlock"].map(str::to_owned);
    let absent = absent.iter().find(|wall| !walls.contains(wall));
    let (wall, spares): (&str, &[&str]) = match absent {
        Some(wall) => (wall, &[]),
        None => ("process", NOT_SERVING),
    };
    denials.push(Denial {
        spares,
        ..denial(
            "a wall that does not stand",
            &format!("[walls]\nrequire = [\"{wall}\"]\n"),
            "policy.toml:2 says `require = [",
        )
    });
    denials
}

/// All of [`STARTS`] but `serve`.
const NOT_SERVING: &[&str] = &[
    "check",
    "ci compare",
    "diff",
    "init",
    "lock",
    "monitor replay",
    "monitor run",
    "plan",
    "plugin bench",
    "plugin check",
    "plugin replay",
    "plugin run",
    "plugin test",
    "predict",
    "run",
    "stage run",
    "verify",
];

/// A pipeline of every kind of stage that was run, an endpoint that was asked, and a job whose result is gone: with its key.
fn ran() -> (Sandbox, String) {
    let sandbox = Sandbox::new(&folder("release"), "tests/scenarios/release");
    let sandbox = sandbox.expect("plugins in Rust can be built everywhere");
    let place = |name: &str| sandbox.folder.join(name);
    let manifest = fs::read_to_string(place("lockflight.toml")).unwrap();
    let asking = manifest.replacen(
        "[plugins]",
        "limits = { memory = \"300MiB\" }\n\n[plugins]",
        1,
    );
    fs::write(place("lockflight.toml"), asking).unwrap();
    sandbox.lockflight(&["run", "--quiet"]);
    let server = Server::start(&sandbox, &[]);
    let row = json!([{ "wing": 180, "male": true }]);
    assert_eq!(server.post("/predict/scales", &row).0, 200);
    server.stop();
    // Rows that no job has seen yet.
    let birds = fs::read_to_string(place("birds.csv")).unwrap();
    let later: Vec<_> = birds.lines().take(9).collect();
    fs::write(place("later.csv"), later.join("\n")).unwrap();
    fs::create_dir(place("fresh")).unwrap();
    fs::write(place("fresh/birds.csv"), birds).unwrap();
    let run: Value = serde_json::from_str(&sandbox.lockflight(&["show", "--json"])).unwrap();
    let stages = run["stages"].as_array().unwrap();
    let raw = stages.iter().find(|stage| stage["name"] == "raw").unwrap();
    let key = raw["key"].as_str().unwrap().to_owned();
    let hex = key.strip_prefix("sha256:").unwrap();
    let result = format!(".lockflight/results/{}/{}", &hex[..2], &hex[2..]);
    fs::remove_file(place(&result)).unwrap();
    (sandbox, key)
}

fn results(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| if path.is_dir() { results(&path) } else { 1 })
        .sum()
}

#[test]
fn nothing_that_a_policy_refuses_is_started_by_any_command() {
    let (sandbox, key) = ran();
    let version = sandbox.lockflight(&["version", "--json"]);
    let version: Value = serde_json::from_str(&version).unwrap();
    let walls: Vec<String> = serde_json::from_value(version["walls"].clone()).unwrap();
    let policy = sandbox.folder.join("policy.toml");
    let results = || results(&sandbox.folder.join(".lockflight/results"));
    let before = results();
    let mut wrong = Vec::new();
    for denial in denials(&walls) {
        fs::write(&policy, &denial.text).unwrap();
        let mode = if denial.says == "chmod go-w" {
            0o666
        } else {
            0o644
        };
        fs::set_permissions(&policy, fs::Permissions::from_mode(mode)).unwrap();
        for (command, call) in STARTS {
            if denial.spares.contains(command) {
                continue;
            }
            let call = call.replace("KEY", &key) + (denial.asks)(command);
            let (said, code) = sandbox.shell(&format!(
                "LOCKFLIGHT_POLICY={} timeout 20 lockflight {call}",
                policy.display()
            ));
            let flat = said.replace("\n  │ ", " ").replace("\n        ", " ");
            if code != 2 || !flat.contains(denial.says) || results() != before {
                wrong.push(format!(
                    "{}: `{call}` exits {code} with\n{said}",
                    denial.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // The same calls are fine otherwise: what was refused was refused by the policy.
    for (command, call) in STARTS.iter().filter(|(command, _)| *command != "serve") {
        let call = call.replace("KEY", &key);
        let (said, code) = sandbox.shell(&format!("timeout 50 lockflight {call}"));
        assert!(
            code == 0 || (code == 1 && command.starts_with("monitor")),
            "`{call}` exits {code} with\n{said}"
        );
    }
}

#[test]
fn what_was_recorded_is_lowered_to_what_is_allowed() {
    let (sandbox, _) = ran();
    let text = "[limits]\nwall = \"20s\"\nmemory = \"1MiB\"\n";
    fs::write(sandbox.folder.join("policy.toml"), text).unwrap();
    for (command, code) in [
        ("verify", 1),
        ("monitor replay accuracy --input later.csv --time seen", 3),
    ] {
        let (said, found) = sandbox.shell(&format!(
            "LOCKFLIGHT_POLICY=policy.toml lockflight {command}"
        ));
        assert_eq!(found, code, "{command}\n{said}");
        assert!(
            said.contains("more than 1MiB of memory"),
            "{command}\n{said}"
        );
    }
}

#[test]
fn every_command_is_known_to_start_components_or_not_to() {
    let sandbox = Sandbox::new(&folder("where-it-works"), "tests/scenarios/where-it-works");
    let sandbox = sandbox.expect("plugins in Rust can be built everywhere");
    let mut found = Vec::new();
    leaves(&sandbox, "", &mut found);
    found.sort();
    let starts = STARTS.iter().map(|(command, _)| *command);
    let mut listed: Vec<_> = starts.chain(STARTS_NONE.iter().copied()).collect();
    listed.sort_unstable();
    assert_eq!(found, listed);
}

/// The commands below one, by its help; one that does something by itself too is among them.
fn leaves(sandbox: &Sandbox, command: &str, found: &mut Vec<String>) {
    let mut words: Vec<_> = command.split_whitespace().collect();
    words.push("--help");
    let help = sandbox.lockflight(&words);
    let below: Vec<_> = match help.split_once("\nCommands:\n") {
        Some((_, rest)) => rest
            .lines()
            .take_while(|line| line.starts_with("  "))
            .filter(|line| !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help")
            .collect(),
        None => Vec::new(),
    };
    let usage = help.split_once("Usage: ").map_or("", |(_, rest)| rest);
    if !usage
        .lines()
        .next()
        .unwrap_or_default()
        .contains("<COMMAND>")
    {
        found.push(command.to_owned());
    }
    for name in below {
        leaves(sandbox, format!("{command} {name}").trim(), found);
    }
}
