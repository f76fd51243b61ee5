//! The table of cases: each `cases/NAME.toml` is a manifest, and `cases/NAME.txt` what a person is shown for it.
//!
//! `LOCKFLIGHT_BLESS=1 cargo test manifest` writes the texts anew; read the difference before you commit it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{facts, folder, load};
use crate::diagnostic::render;
use crate::manifest::{Spot, find};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/manifest/tests/cases");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut manifests: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    manifests.sort();
    manifests
}

/// What a person is shown for a manifest: the problems, and the order of the stages where it can run.
fn shown(content: &str) -> String {
    let folder = folder();
    let (problems, order) = match load(folder.path(), content) {
        Ok((resolved, warnings)) => {
            let names: Vec<_> = resolved
                .stages
                .iter()
                .map(|stage| stage.name.as_str())
                .collect();
            (warnings, format!("runs: {}\n", names.join(", ")))
        }
        Err(problems) => (problems.into_vec(), String::new()),
    };
    let text = render(&problems, false, 120) + &order;
    text.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn every_case_shows_what_is_expected() {
    let bless = std::env::var_os("LOCKFLIGHT_BLESS").is_some();
    let cases = cases();
    assert!(cases.len() >= 20, "the cases have gone: {cases:?}");
    let mut wrong = Vec::new();
    for case in cases {
        let found = shown(&fs::read_to_string(&case).unwrap());
        let expected = case.with_extension("txt");
        if bless {
            fs::write(expected, found).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != found {
            wrong.push(format!("{} shows\n{found}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_plugin_s_problem_points_into_the_config() {
    let folder = folder();
    let content = r#"
[pipeline]
name = "p"
[plugins]
csv = { path = "plugins/csv" }
[source.penguins]
file = "data/penguins.csv"
[ingest.raw]
plugin = "csv"
inputs = { file = "penguins" }
config.columns = [{ name = "a", type = "intt" }]
"#;
    let (resolved, warnings) = load(folder.path(), content).unwrap();
    assert!(warnings.is_empty());
    let stage = resolved.stage("raw").unwrap();
    let underlined = |spot| &content[stage.span(spot)];
    assert_eq!(underlined(Spot::Config("/columns/0/type")), "\"intt\"");
    assert_eq!(underlined(Spot::Config("/delimiter")), "config");
    assert_eq!(underlined(Spot::Port("file")), "file = \"penguins\"");
    assert_eq!(underlined(Spot::Port("other")), "[ingest.raw]");
    assert_eq!(underlined(Spot::Plugin), "\"csv\"");
    assert_eq!(underlined(Spot::Condition(0)), "[ingest.raw]");
    assert_eq!(
        &content[stage.config_span("/columns/0")],
        "{ name = \"a\", type = \"intt\" }"
    );
    let problem = stage.problem(Spot::Config("/columns/0/type"), "config", "unknown type");
    assert_eq!(
        problem.position().map(|(_, line, column)| (line, column)),
        Some((11, 40))
    );
    assert_eq!(
        resolved
            .source_problem("penguins", "c", "m")
            .position()
            .unwrap()
            .1,
        7
    );
    assert_eq!(
        resolved
            .plugin_problem("csv", "c", "m")
            .position()
            .unwrap()
            .1,
        5
    );
}

#[test]
fn defaults_come_from_the_pipeline_and_then_from_the_program() {
    let folder = folder();
    let head = "[plugins]\ncsv.path = 'plugins/csv'\n[ingest.a]\nplugin = 'csv'\n";
    let stage = |pipeline: &str, own: &str| {
        let content = format!("[pipeline]\nname = 'p'\n{pipeline}\n{head}{own}");
        let (resolved, _) = load(folder.path(), &content).unwrap();
        facts(&resolved)["stages"]["a"].clone()
    };
    let own = "seed = 3\nnan = 'canonical'\nlimits.memory = '2GiB'\nrepeatable = false";
    let pipeline = "seed = 2\nnan = 'canonical'\nlimits = {wall = '1h', memory = '3GiB', rows = 7}";
    let plain = stage("", "");
    assert_eq!(plain["seed"], 0);
    assert_eq!(plain["nan"], "fast");
    assert_eq!(plain["repeatable"], true);
    let limits = |stage: &serde_json::Value| {
        let limit = |key: &str| stage["limits"][key].clone();
        ["wall", "cpu", "memory", "output", "rows"].map(limit)
    };
    assert_eq!(
        limits(&plain),
        [
            "10m".into(),
            "10m".into(),
            "1GiB".into(),
            "4GiB".into(),
            serde_json::json!(1_000_000_000)
        ]
    );
    let inherited = stage(pipeline, "");
    assert_eq!(inherited["seed"], 2);
    assert_eq!(inherited["nan"], "canonical");
    assert_eq!(
        limits(&inherited),
        [
            "1h".into(),
            "1h".into(),
            "3GiB".into(),
            "4GiB".into(),
            serde_json::json!(7)
        ]
    );
    let set = stage(pipeline, own);
    assert_eq!(set["seed"], 3);
    assert_eq!(set["repeatable"], false);
    assert_eq!(
        limits(&set),
        [
            "1h".into(),
            "1h".into(),
            "2GiB".into(),
            "4GiB".into(),
            serde_json::json!(7)
        ]
    );
}

#[test]
fn manifests_are_found_upwards_and_read_from_disk() {
    let folder = folder();
    let deep = folder.path().join("data/deep");
    fs::create_dir(&deep).unwrap();
    let file = folder.path().join("lockflight.toml");
    assert_eq!(
        find(&deep).filter(|found| found.starts_with(folder.path())),
        None
    );
    let missing = crate::manifest::load(&file).unwrap_err();
    assert_eq!(missing[0].code, "manifest-unreadable");
    fs::write(
        &file,
        "[pipeline]\nname = 'p'\n[plugins]\ncsv.path = 'plugins/csv'\n[ingest.a]\nplugin = 'csv'\n",
    )
    .unwrap();
    assert_eq!(find(&deep), Some(file.clone()));
    assert_eq!(crate::manifest::load(folder.path()).unwrap().0.file, file);
    fs::write(&file, b"[pipeline]\nname = '\xff'\n").unwrap();
    let broken = crate::manifest::load(&file).unwrap_err();
    assert!(broken[0].message.contains("byte 19"), "{}", broken[0]);
}
