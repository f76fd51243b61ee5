//! What `lockflight plugin new` makes, as its author would go on with it: every world in every language, built, inspected, held against its
//! cases and the conformance kit, and tested by its own unit tests where their interpreter is there. Those of Rust are left out but for
//! two worlds: they compile Arrow for this machine, which takes longer than all the rest.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const WORLDS: [&str; 6] = [
    "ingest",
    "validate",
    "train",
    "packaging",
    "deploy",
    "monitor",
];

fn run(program: &str, arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    command.output().unwrap()
}

fn lockflight(arguments: &[&str], folder: &Path) -> Output {
    run(env!("CARGO_BIN_EXE_lockflight"), arguments, folder)
}

/// What a command said, which must have come to a good end.
fn done(output: Output) -> String {
    let said = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy);
    assert!(output.status.success(), "{}{}", said[0], said[1]);
    said.concat()
}

/// Whether a program is there, for tests that lockflight does not bring the tools for.
fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").output();
    asked.is_ok_and(|answer| answer.status.success())
}

/// Makes a plugin in `folder/NAME` and builds it; false where this machine cannot hold the tools of the language.
fn makes(name: &str, language: &str, world: &str, folder: &Path) -> bool {
    done(lockflight(
        &["plugin", "new", name, "--lang", language, "--world", world],
        folder,
    ));
    let built = lockflight(&["plugin", "build", name], folder);
    let said = String::from_utf8_lossy(&built.stderr);
    if !built.status.success() && said.contains("plugins needs") {
        eprintln!("skipped: {said}");
        return false;
    }
    done(built);
    true
}

/// Makes a plugin for each of the worlds and tries it; `test` runs its unit tests, if it is not empty.
fn every_world(language: &str, worlds: &[&str], test: &[&str]) {
    for world in worlds {
        let dir = tempfile::tempdir().unwrap();
        if !makes("birds", language, world, dir.path()) {
            return;
        }
        let folder = dir.path().join("birds");
        let component = format!("dist/{world}.wasm");
        let shown = done(lockflight(&["plugin", "inspect", &component], &folder));
        assert!(shown.contains(&format!("fits world  {world}")), "{shown}");
        let tested = done(lockflight(&["plugin", "test", "."], &folder));
        for case in fs::read_dir(folder.join("tests")).unwrap() {
            let case = case.unwrap().file_name().into_string().unwrap();
            let is_tried = tested.contains(&format!("::case {case} ... ok"));
            let of = if case.starts_with("score-") {
                "score"
            } else {
                world
            };
            let no_rules = format!("no rules for the world {of}");
            let is_case = folder.join("tests").join(&case).is_dir() && case != "__pycache__";
            assert!(
                !is_case || is_tried || tested.contains(&no_rules),
                "{case}: {tested}"
            );
        }
        if let [program, arguments @ ..] = test
            && is_there(program)
        {
            done(run(program, arguments, &folder));
        }
    }
}

#[test]
fn plugins_in_rust() {
    every_world("rust", &["train", "monitor"], &["cargo", "test"]);
    every_world("rust", &["ingest", "validate", "packaging", "deploy"], &[]);
}

#[test]
fn plugins_in_python() {
    every_world("python", &WORLDS, &["python3", "-m", "unittest"]);
}

#[test]
fn plugins_in_typescript() {
    every_world("typescript", &WORLDS, &["node", "--test"]);
}

#[test]
fn plugins_in_c() {
    every_world("c", &WORLDS, &["sh", "sdk/test.sh"]);
}

#[test]
fn plugins_in_go() {
    every_world("go", &WORLDS, &["go", "test"]);
}

/// Those in C, which are quickest to build.
#[test]
fn new_plugins_run_in_a_pipeline() {
    let dir = tempfile::tempdir().unwrap();
    for world in ["ingest", "validate", "train"] {
        if !makes(&format!("new-{world}"), "c", world, dir.path()) {
            return;
        }
    }
    fs::write(dir.path().join("readings.txt"), "1.5\n4.5\n").unwrap();
    fs::write(dir.path().join("lockflight.toml"), MANIFEST).unwrap();
    done(lockflight(&["run"], dir.path()));
    let centred = done(lockflight(&["data", "show", "centred"], dir.path()));
    assert!(
        centred.contains("-1.5") && centred.contains("1.5"),
        "{centred}"
    );
}

const MANIFEST: &str = r#"
[pipeline]
name = "birds"

[plugins]
new-ingest = { path = "new-ingest" }
new-validate = { path = "new-validate" }
new-train = { path = "new-train" }

[source.readings]
file = "readings.txt"

[ingest.raw]
plugin = "new-ingest"
inputs = { file = "readings" }
config = { column = "mass" }

[validate.signs]
plugin = "new-validate"
inputs = { table = "raw" }
config = { column = "mass" }

[train.centre]
plugin = "new-train"
inputs = { table = "raw" }
config = { column = "mass" }

[score.centred]
model = "centre"
inputs = { table = "raw" }
"#;

#[test]
fn a_world_that_is_none_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let refused = lockflight(
        &["plugin", "new", "a", "--lang", "c", "--world", "tidy"],
        dir.path(),
    );
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("the worlds are ingest, validate"), "{said}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
