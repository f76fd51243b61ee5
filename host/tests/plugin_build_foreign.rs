//! Builds plugins in Python, JavaScript, TypeScript, C and Go, as `lockflight plugin build` does. The first run on a machine installs
//! the tools for it; a machine that can't hold them skips the test and says why.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use lockflight::plugin::build::installed::InstallError;
use lockflight::plugin::build::{BuildError, Outcome, build};
use lockflight::plugin::inspect::inspect;
use lockflight::world::World;
use tempfile::TempDir;

/// A plugin of this repository, copied, since a build writes into the plugin's folder.
fn plugin(name: &str) -> TempDir {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../plugins")
        .join(name);
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
    }
    // Away from the repository's SDK: the embedded one has to do.
    let spec = folder.path().join("plugin.toml");
    let text = fs::read_to_string(&spec).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("sources"));
    fs::write(&spec, lines.collect::<Vec<_>>().join("\n")).unwrap();
    folder
}

/// As [`plugin`], of a plugin whose SDK is part of lockflight: as it would be outside of this repository, without a path into it.
fn apart(name: &str) -> TempDir {
    let folder = plugin(name);
    for (file, marks) in [("plugin.toml", "sources"), ("go.mod", "replace")] {
        let path = folder.path().join(file);
        if let Ok(text) = fs::read_to_string(&path) {
            let kept = text.lines().filter(|line| !line.starts_with(marks));
            fs::write(
                path,
                kept.map(|line| format!("{line}\n")).collect::<String>(),
            )
            .unwrap();
        }
    }
    folder
}

/// Where the components are, or why there are none; none at all where the tools can't be installed.
fn components(folder: &Path) -> Option<Result<Vec<PathBuf>, String>> {
    match build(folder, false, &|_| {}) {
        Ok(Outcome::Built(components)) => {
            Some(Ok(components.into_values().map(|made| made.path).collect()))
        }
        Ok(Outcome::UpToDate(_)) => panic!("a fresh folder can't be up to date"),
        Err(BuildError::Install(error @ InstallError::Missing { .. })) => {
            eprintln!("skipped: {error}");
            None
        }
        Err(error) => Some(Err(error.to_string())),
    }
}

/// The component of world `validate`, or why there is none; none at all where the tools can't be installed.
fn component(folder: &Path) -> Option<Result<PathBuf, String>> {
    let made = components(folder)?;
    Some(made.map(|paths| paths.into_iter().next().unwrap()))
}

fn builds(folder: &Path, name: &str) {
    let Some(component) = component(folder) else {
        return;
    };
    let inspection = inspect(&component.unwrap()).unwrap();
    assert_eq!(inspection.worlds, [World::Validate]);
    let facts = inspection.facts.unwrap();
    assert_eq!((facts.name.as_str(), facts.world), (name, World::Validate));
    let config = facts.config.unwrap();
    let described = &config["properties"]["warn-above"];
    assert_eq!(
        (&described["type"], &described["maximum"]),
        (&"number".into(), &1.into()),
        "{config}"
    );
}

/// What a build of the plugin says after a change to one of its files.
fn failure(name: &str, file: &str, text: &str) -> Option<String> {
    let folder = plugin(name);
    fs::write(folder.path().join(file), text).unwrap();
    Some(component(folder.path())?.unwrap_err())
}

#[test]
fn python_becomes_a_component() {
    builds(plugin("outliers-py").path(), "outliers-py");
}

#[test]
fn javascript_becomes_a_component() {
    builds(plugin("categories-js").path(), "categories-js");
}

#[test]
fn typescript_becomes_a_component() {
    let folder = plugin("categories-js");
    fs::rename(folder.path().join("app.js"), folder.path().join("app.ts")).unwrap();
    let app = fs::read_to_string(folder.path().join("app.ts")).unwrap();
    let typed = app.replace("const INPUT = 'table';", "const INPUT: string = 'table';");
    assert_ne!(app, typed);
    fs::write(folder.path().join("app.ts"), typed).unwrap();
    let spec = fs::read_to_string(folder.path().join("plugin.toml")).unwrap();
    fs::write(
        folder.path().join("plugin.toml"),
        spec.replace("app.js", "app.ts")
            .replace("\"javascript\"", "\"typescript\""),
    )
    .unwrap();
    builds(folder.path(), "categories-js");
}

#[test]
fn a_fault_in_python_is_shown_with_its_place() {
    let Some(error) = failure("outliers-py", "outliers.py", "def broken(:\n") else {
        return;
    };
    assert!(
        error.contains("outliers.py\", line 1") && error.contains("SyntaxError"),
        "{error}"
    );
    assert!(
        !error.contains("Stack backtrace") && !error.contains("/0/"),
        "{error}"
    );
}

#[test]
fn a_fault_in_javascript_is_shown_with_its_place() {
    let Some(error) = failure("categories-js", "text.js", "export const closest = ;\n") else {
        return;
    };
    assert!(error.contains("/text.js:1"), "{error}");
}

#[test]
fn an_sdk_among_the_sources_is_the_one_that_is_used() {
    let folder = plugin("outliers-py");
    let sdk = folder.path().join("own/lockflight");
    fs::create_dir_all(&sdk).unwrap();
    fs::write(sdk.join("__init__.py"), "raise RuntimeError('this one')\n").unwrap();
    let spec = folder.path().join("plugin.toml");
    let text = fs::read_to_string(&spec).unwrap();
    fs::write(&spec, text + "\nsources = [\"own\"]\n").unwrap();
    let Some(component) = component(folder.path()) else {
        return;
    };
    let error = component.unwrap_err();
    assert!(error.contains("RuntimeError: this one"), "{error}");
}

#[test]
fn a_scorer_in_either_language_has_no_wasi() {
    let python = "from lockflight import Schema, Score, export\n\n@export\nclass Same(Score):\n    takes = gives = lambda self: Schema.of(x=\"float64\")\n    \
                  save = lambda self: b\"\"\n    load = classmethod(lambda cls, state: cls())\n    score = lambda self, rows: {\"x\": rows[\"x\"]}\n";
    let script = "import { Schema, score } from 'lockflight';\nconst schema = Schema.of({ x: 'float64' });\n\
                  export const scorer = score({ load: () => ({ takes: schema, gives: schema, score: rows => ({ x: rows.column('x') }) }) });\n";
    for (language, file, text) in [
        ("python", "plugin.py", python),
        ("javascript", "plugin.js", script),
        ("typescript", "plugin.ts", script),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let spec = format!(
            "name = \"same\"\nversion = \"0.1.0\"\nworlds = [\"score\"]\n[build]\nlanguage = {language:?}\n"
        );
        fs::write(folder.path().join("plugin.toml"), spec).unwrap();
        fs::write(folder.path().join(file), text).unwrap();
        let components = match build(folder.path(), false, &|_| {}) {
            Ok(Outcome::Built(components)) => components,
            Ok(Outcome::UpToDate(_)) => panic!("a fresh folder can't be up to date"),
            Err(BuildError::Install(error @ InstallError::Missing { .. })) => {
                eprintln!("skipped: {error}");
                continue;
            }
            Err(error) => panic!("{language}: {error}"),
        };
        let inspection = inspect(&components[&World::Score].path).unwrap();
        assert_eq!(inspection.worlds, [World::Score], "{language}");
    }
}

/// Builds a plugin twice, in two folders, as if outside of the repository: the bytes are the same, and no system is imported.
fn builds_the_same_bytes(name: &str, worlds: &[World]) {
    let folders = [apart(name), apart(name)];
    let Some(first) = components(folders[0].path()) else {
        return;
    };
    let first = first.unwrap();
    let second = components(folders[1].path()).unwrap().unwrap();
    assert_eq!(first.len(), worlds.len());
    for ((one, other), world) in first.iter().zip(&second).zip(worlds) {
        assert!(
            fs::read(one).unwrap() == fs::read(other).unwrap(),
            "{world}"
        );
        let inspection = inspect(one).unwrap();
        assert_eq!(inspection.worlds, [*world]);
        assert!(
            inspection
                .imports
                .iter()
                .all(|name| name.starts_with("lockflight:")),
            "{:?}",
            inspection.imports
        );
        assert_eq!(inspection.facts.unwrap().world, *world);
    }
}

#[test]
fn c_gives_the_same_bytes_without_a_system() {
    builds_the_same_bytes("fixed-width", &[World::Ingest]);
    builds_the_same_bytes("../tests/plugins/line-c", &[World::Train, World::Score]);
}

#[test]
fn go_gives_the_same_bytes_without_a_system() {
    builds_the_same_bytes("freshness", &[World::Monitor]);
    builds_the_same_bytes("../tests/plugins/line-go", &[World::Train, World::Score]);
}

/// What a build says of a plugin apart with one file changed.
fn failure_apart(name: &str, file: &str, text: &str) -> Option<String> {
    let folder = apart(name);
    fs::write(folder.path().join(file), text).unwrap();
    Some(components(folder.path())?.unwrap_err())
}

#[test]
fn a_fault_in_c_is_shown_with_its_place() {
    let Some(error) = failure_apart("fixed-width", "value.c", "int broken(\n") else {
        return;
    };
    assert!(error.contains("value.c:1:"), "{error}");
}

#[test]
fn a_fault_in_go_is_shown_with_its_place() {
    let Some(error) = failure_apart("freshness", "judge.go", "package main\n\nfunc broken(\n")
    else {
        return;
    };
    assert!(error.contains("./judge.go:4:"), "{error}");
}

#[test]
fn c_without_the_macro_of_its_world_is_told_what_lacks() {
    let Some(error) = failure_apart("fixed-width", "plugin.c", "int nothing;\n") else {
        return;
    };
    assert!(error.contains("lockflight:stage/ingester"), "{error}");
}

#[test]
fn go_without_go_mod_is_told_so() {
    let folder = apart("freshness");
    fs::remove_file(folder.path().join("go.mod")).unwrap();
    let Some(made) = components(folder.path()) else {
        return;
    };
    assert!(made.unwrap_err().contains("go mod init"));
}
