//! Builds plugins in Python, JavaScript and TypeScript, as `lockflight plugin build` does. The first run on a machine installs
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

/// The component of world `validate`, or why there is none; none at all where the tools can't be installed.
fn component(folder: &Path) -> Option<Result<PathBuf, String>> {
    match build(folder, false, &|_| {}) {
        Ok(Outcome::Built(components)) => Some(Ok(components[&World::Validate].path.clone())),
        Ok(Outcome::UpToDate(_)) => panic!("a fresh folder can't be up to date"),
        Err(BuildError::Install(error @ InstallError::Missing { .. })) => {
            eprintln!("skipped: {error}");
            None
        }
        Err(error) => Some(Err(error.to_string())),
    }
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
