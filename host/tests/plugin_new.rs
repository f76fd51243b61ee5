//! What `lockflight plugin new` makes, as its author would go on with it: built, inspected, and tested by its own tests.
//! The one in Rust is left out here, since a build of its own takes minutes; a unit test holds its files together.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

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

/// Makes a plugin and builds it; what its own tests say, if `test` is there.
fn makes(language: &str, test: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    done(lockflight(
        &["plugin", "new", "signs", "--lang", language],
        dir.path(),
    ));
    let folder = dir.path().join("signs");
    let built = lockflight(&["plugin", "build", "."], &folder);
    let said = String::from_utf8_lossy(&built.stderr);
    if !built.status.success() && said.contains("plugins needs") {
        eprintln!("skipped: {said}");
        return;
    }
    done(built);
    let shown = done(lockflight(
        &["plugin", "inspect", "dist/validate.wasm"],
        &folder,
    ));
    assert!(shown.contains("fits world  validate"), "{shown}");
    assert!(shown.contains("The column to look at."), "{shown}");
    let [program, arguments @ ..] = test else {
        return;
    };
    done(run(program, arguments, &folder));
}

#[test]
fn a_plugin_in_python() {
    makes("python", &["python3", "-m", "unittest"]);
}

#[test]
fn a_plugin_in_typescript() {
    makes("typescript", &[]);
}

#[test]
fn a_plugin_in_c() {
    makes("c", &["sh", "sdk/test.sh"]);
}

#[test]
fn a_plugin_in_go() {
    makes("go", &[]);
}

#[test]
fn a_world_without_a_template_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let refused = lockflight(
        &["plugin", "new", "a", "--lang", "c", "--world", "train"],
        dir.path(),
    );
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("no template for the world train"), "{said}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
