//! What `lockflight plugin new` makes, as its author would go on with it: made, built, inspected, held against its cases and the conformance
//! kit, and tested by its own unit tests where their interpreter is there. That is every world in every language, but for what takes
//! longest: of the worlds in Python, a component of which takes ten times as long as any other, two are built and the others run their
//! unit tests alone; of those in Rust, which compile Arrow for this machine, those of `train` alone are run.
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
    // What it answers is all one: some shells know no `--version`.
    Command::new(program).arg("--version").output().is_ok()
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

/// Makes a plugin and holds its component against its world, its cases and the kit.
fn holds(language: &str, world: &str) {
    let dir = tempfile::tempdir().unwrap();
    if !makes("birds", language, world, dir.path()) {
        return;
    }
    let folder = dir.path().join("birds");
    let component = format!("dist/{world}.wasm");
    let shown = done(lockflight(&["plugin", "inspect", &component], &folder));
    assert!(shown.contains(&format!("fits world  {world}")), "{shown}");
    let tested = done(lockflight(&["plugin", "test", "."], &folder));
    for case in fs::read_dir(folder.join("tests")).into_iter().flatten() {
        let path = case.unwrap().path();
        let case = path.file_name().unwrap().to_string_lossy();
        let of = match case.starts_with("score-") {
            true => "score",
            false => world,
        };
        let holds = tested.contains(&format!("test {of}::case {case} ... ok"));
        let has_no_rules = tested.contains(&format!("no rules for the world {of}"));
        assert!(!path.is_dir() || holds || has_no_rules, "{case}: {tested}");
    }
}

/// Makes a plugin and runs its unit tests, if the program for that is there.
fn passes(language: &str, world: &str, test: &[&str]) {
    let (program, arguments) = test.split_first().unwrap();
    if !is_there(program) {
        eprintln!("skipped: there is no {program}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let made = [
        "plugin", "new", "birds", "--lang", language, "--world", world,
    ];
    done(lockflight(&made, dir.path()));
    done(run(program, arguments, &dir.path().join("birds")));
}

#[test]
fn plugins_in_rust() {
    WORLDS.iter().for_each(|world| holds("rust", world));
}

#[test]
fn unit_tests_in_rust() {
    passes("rust", "train", &["cargo", "test"]);
}

#[test]
fn plugins_in_python() {
    for world in WORLDS {
        passes("python", world, &["python3", "-m", "unittest"]);
    }
    ["ingest", "train"]
        .iter()
        .for_each(|world| holds("python", world));
}

#[test]
fn plugins_in_javascript() {
    for world in WORLDS {
        holds("javascript", world);
        passes("javascript", world, &["node", "--test"]);
    }
}

#[test]
fn plugins_in_typescript() {
    for world in WORLDS {
        holds("typescript", world);
        passes("typescript", world, &["node", "--test"]);
    }
}

#[test]
fn plugins_in_c() {
    for world in WORLDS {
        holds("c", world);
        passes("c", world, &["sh", "sdk/test.sh"]);
    }
}

#[test]
fn plugins_in_go() {
    for world in WORLDS {
        holds("go", world);
        passes("go", world, &["go", "test"]);
    }
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
