//! What must come out the same: in another folder, with another number of jobs, a second time, through another command.

use std::collections::BTreeMap;
use std::fs;

use lockflight::digest::Digest;
use serde_json::Value;

use super::harness::{Sandbox, folder};

/// The quick start in Rust alone, in a folder of a name of its own.
fn penguins(name: &str) -> Sandbox {
    let original = folder("../../examples/penguins");
    Sandbox::of_manifest(&original, &format!("examples/{name}"), "core.toml")
        .expect("plugins in Rust can be built everywhere")
}

/// From raw data to a gated model.
fn bike_demand(name: &str) -> Sandbox {
    let from = folder("../../examples/bike-demand");
    Sandbox::new(&from, &format!("examples/{name}"))
        .expect("plugins in Rust can be built everywhere")
}

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    serde_json::from_str(&sandbox.lockflight(arguments)).unwrap()
}

/// What the stages of a run say under a key, by stage.
fn by_stage(run: &Value, key: &str) -> BTreeMap<String, Value> {
    let stages = run["stages"].as_array().unwrap();
    let named = stages.iter().map(|stage| {
        (
            stage["name"].as_str().unwrap().to_owned(),
            stage[key].clone(),
        )
    });
    named.collect()
}

/// Everything that depends on the content alone.
fn digests(run: &Value) -> Vec<BTreeMap<String, Value>> {
    let parts = ["key", "result", "outputs", "findings", "metrics"].map(|key| by_stage(run, key));
    for part in &parts {
        assert!(part.values().all(|value| !value.is_null()), "{part:?}");
    }
    parts.into()
}

#[test]
fn another_folder_and_another_number_of_jobs_give_the_same_digests() {
    let (here, there) = (penguins("here"), penguins("a place with another name"));
    let first = json(&here, &["run", "--json", "--jobs", "1"]);
    let second = json(&there, &["run", "--json", "--jobs", "2"]);
    assert!(
        by_stage(&first, "status")
            .values()
            .all(|status| status == "ran")
    );
    assert!(
        by_stage(&second, "status")
            .values()
            .all(|status| status == "ran")
    );
    assert_eq!(digests(&first), digests(&second));
}

#[test]
fn tables_and_models_are_the_same_wherever_they_are_made() {
    let (here, there) = (bike_demand("bikes"), bike_demand("bikes elsewhere"));
    let first = json(&here, &["run", "--json", "--jobs", "1"]);
    let second = json(&there, &["run", "--json", "--jobs", "2"]);
    assert_eq!(first["outcome"], "done");
    assert_eq!(digests(&first), digests(&second));
    let models = by_stage(&first, "model");
    assert_eq!(models, by_stage(&second, "model"));
    assert!(models["demand"].is_string() && models["demand"] != models["baseline"]);
    let said = there.lockflight(&["verify"]);
    assert!(
        said.contains("gave the same result again, bit for bit"),
        "{said}"
    );
    // The gate is judged on what is stored.
    let manifest = here.folder.join("lockflight.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("r2 >= 0.8", "r2 >= 0.99")).unwrap();
    let (shown, code) = here.shell("lockflight run --json > judged.json");
    assert_eq!(code, 1, "{shown}");
    let judged = fs::read_to_string(here.folder.join("judged.json")).unwrap();
    let judged: Value = serde_json::from_str(&judged).unwrap();
    for (stage, status) in by_stage(&judged, "status") {
        let waits = ["release", "bikes"].contains(&stage.as_str());
        let expected = if waits { "blocked" } else { "cached" };
        assert_eq!(status, expected, "{stage}");
    }
}

/// Gives a scorer other bytes that do the same, as a mended one might: a custom section without meaning at the end.
fn mend_scorer(folder: &std::path::Path) {
    let (scorer, record) = (
        folder.join("dist/score.wasm"),
        folder.join("dist/build.json"),
    );
    let mut bytes = fs::read(&scorer).unwrap();
    bytes.extend(b"\x00\x07\x06mended");
    fs::write(&scorer, &bytes).unwrap();
    let mut built: Value = serde_json::from_slice(&fs::read(&record).unwrap()).unwrap();
    built["components"]["score"]["digest"] = Digest::of(&bytes).to_string().into();
    built["components"]["score"]["size"] = bytes.len().into();
    fs::write(&record, built.to_string()).unwrap();
}

#[test]
fn a_mended_scorer_scores_anew_and_trains_nothing() {
    let sandbox = Sandbox::of_scenario("model").expect("plugins in Rust can be built everywhere");
    let folder = sandbox.own_plugin("tests/plugins/centre");
    let before = json(&sandbox, &["run", "--json"]);
    mend_scorer(&folder);
    // As its source is what it was, the locked one is taken until somebody wants the other.
    let locked = json(&sandbox, &["run", "--json"]);
    assert!(by_stage(&locked, "status").values().all(|s| s == "cached"));
    let updated = sandbox.lockflight(&["lock", "--update"]);
    assert!(updated.contains("the component for score was"), "{updated}");
    let after = json(&sandbox, &["run", "--json"]);
    let status = by_stage(&after, "status");
    for (stage, expected) in [
        ("raw", "cached"),
        ("mass", "cached"),
        ("twice", "cached"),
        ("twice.through", "ran"),
        ("scored", "ran"),
    ] {
        assert_eq!(status[stage], expected, "{stage}");
    }
    assert_ne!(
        by_stage(&before, "model")["twice"],
        by_stage(&after, "model")["twice"],
        "a model with another scorer is another model"
    );
    assert_eq!(
        by_stage(&before, "outputs"),
        by_stage(&after, "outputs"),
        "it scores alike"
    );
}

#[test]
fn verify_agrees() {
    let sandbox = penguins("verify");
    let run = json(&sandbox, &["run", "--json"]);
    let said = sandbox.lockflight(&["verify"]);
    let stages = run["stages"].as_array().unwrap().len();
    assert!(
        said.contains(&format!(
            "{stages} of {stages} stages gave the same result again"
        )),
        "{said}"
    );
}

#[test]
fn a_key_alone_gives_the_same_result() {
    let sandbox = penguins("key");
    let run = json(&sandbox, &["run", "--json"]);
    let key = by_stage(&run, "key")["clean"].as_str().unwrap().to_owned();
    let hex = key.trim_start_matches("sha256:");
    let pointer = sandbox
        .folder
        .join(format!(".lockflight/results/{}/{}", &hex[..2], &hex[2..]));
    let published = fs::read_to_string(&pointer).unwrap();
    fs::remove_file(&pointer).unwrap();
    let shown = sandbox.lockflight(&["stage", "run", &key]);
    assert_eq!(fs::read_to_string(&pointer).unwrap(), published);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["outputs"], by_stage(&run, "outputs")["clean"]);
    assert_eq!(
        sandbox.lockflight(&["stage", "run", &key]),
        "",
        "there is nothing to do"
    );
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let sandbox = penguins("json");
    let checked = json(&sandbox, &["check", "--json"]);
    let grants = checked["grants"].as_array().unwrap();
    let stages: Vec<_> = grants.iter().map(|grant| &grant["stage"]).collect();
    assert_eq!(stages, ["raw", "clean"]);
    for key in ["problems", "open"] {
        assert_eq!(checked[key], serde_json::json!([]), "{key}");
    }
    let run = json(&sandbox, &["run", "--json"]);
    assert_eq!(
        (&run["new"], &run["outcome"]),
        (&Value::Bool(true), &Value::from("done"))
    );
    let again = json(&sandbox, &["run", "--json"]);
    assert_eq!(
        (&again["new"], &again["id"]),
        (&Value::Bool(false), &run["id"])
    );
}

#[test]
fn nothing_is_coloured_where_it_is_not_read_on_a_terminal() {
    let sandbox = penguins("plain");
    for command in [
        "lockflight run",
        "lockflight show latest",
        "lockflight run nowhere",
        "lockflight --help",
    ] {
        let (shown, _) = sandbox.shell(command);
        assert!(
            !shown.is_empty() && !shown.contains('\u{1b}'),
            "{command}: {shown:?}"
        );
    }
}
