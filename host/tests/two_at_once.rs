//! Two processes on one store, and two stores on one remote: both finish, agree, and do the same work once.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// A folder with a pipeline of two stages and an empty remote; none where its plugin cannot be built.
fn pipeline() -> Option<TempDir> {
    let plugin = repository().join("tests/plugins/misbehave");
    let built = lockflight(Path::new("."), &["plugin", "build"])
        .arg(&plugin)
        .output()
        .unwrap();
    if !built.status.success() {
        println!("skipped: {}", String::from_utf8_lossy(&built.stderr));
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    let manifest = format!(
        "[pipeline]\nname = \"twice\"\n\n[store]\nremote = \"remote\"\n\n[plugins]\nmisbehave = {{ path = {plugin:?} }}\n\n\
         [ingest.first]\nplugin = \"misbehave\"\nconfig = {{ rows = 300001 }}\n\n\
         [ingest.second]\nplugin = \"misbehave\"\nconfig = {{ rows = 300002 }}\n"
    );
    fs::write(dir.path().join("lockflight.toml"), manifest).unwrap();
    fs::write(
        dir.path().join("policy.toml"),
        "[store]\nwriters = [\"tester\"]\n",
    )
    .unwrap();
    fs::create_dir(dir.path().join("remote")).unwrap();
    Some(dir)
}

fn lockflight(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockflight"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("LOCKFLIGHT_WRITER", "tester")
        .env("LOCKFLIGHT_POLICY", "policy.toml")
        .env_remove("LOCKFLIGHT_REMOTE")
        .stdin(Stdio::null());
    command
}

fn start(folder: &Path, arguments: &[&str]) -> Child {
    lockflight(folder, arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a command prints once it has ended well.
fn ended(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {shown}{error}", output.status);
    shown
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    ended(start(folder, arguments))
}

/// A member of each stage of two runs.
fn members(runs: &[String], member: &str) -> Vec<Vec<String>> {
    let stages = |run: &String| {
        let run: Value = serde_json::from_str(run).unwrap();
        let stages = run["stages"].as_array().unwrap().iter();
        stages.map(|stage| stage[member].to_string()).collect()
    };
    runs.iter().map(stages).collect()
}

#[test]
fn two_runs_on_one_store_start_each_stage_once() {
    let Some(dir) = pipeline() else { return };
    let folder = dir.path();
    // Both plan at once otherwise, which asks the plugin twice; what is counted are calls of `run`.
    done(folder, &["check"]);
    let children: Vec<_> = (0..2).map(|_| start(folder, &["run", "--json"])).collect();
    let runs: Vec<String> = children.into_iter().map(ended).collect();
    let status = members(&runs, "status").concat();
    let ran = status.iter().filter(|status| *status == "\"ran\"").count();
    assert_eq!(ran, 2, "{status:?}");
    let results = members(&runs, "result");
    assert_eq!(results[0], results[1]);
    done(folder, &["store", "check"]);
}

#[test]
fn two_stores_on_one_remote_agree() {
    let Some(dir) = pipeline() else { return };
    let folder = dir.path();
    let stores = ["one", "two"];
    for store in stores {
        done(folder, &["--store", store, "run", "--quiet"]);
    }
    let pushes = stores.map(|store| start(folder, &["--store", store, "push"]));
    pushes.into_iter().map(ended).for_each(drop);
    done(folder, &["--store", "remote", "store", "check"]);
    let pulls = stores.map(|store| start(folder, &["--store", store, "pull"]));
    pulls.into_iter().map(ended).for_each(drop);
    let known = stores.map(|store| done(folder, &["--store", store, "runs"]));
    assert_eq!(known[0], known[1]);
    assert_eq!(known[0].lines().count(), 2);

    // Two new stores take everything from there, side by side, and compute nothing.
    let runs = ["three", "four"].map(|store| start(folder, &["--store", store, "run", "--json"]));
    let runs = runs.map(ended);
    let status = members(&runs, "status").concat();
    assert!(
        status.iter().all(|status| status == "\"cached\""),
        "{status:?}"
    );
    let remote = members(&runs, "from_remote").concat();
    assert!(remote.iter().all(|from| from == "true"), "{remote:?}");
    done(folder, &["--store", "three", "store", "check"]);
}

#[test]
fn a_gc_beside_a_run_removes_nothing_that_is_used() {
    let Some(dir) = pipeline() else { return };
    let folder = dir.path();
    let run = start(folder, &["run", "--json", "--jobs", "1"]);
    while !folder.join(".lockflight/locks/use").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let gc = start(folder, &["gc"]).wait_with_output().unwrap();
    let run = ended(run);
    assert!([Some(0), Some(75)].contains(&gc.status.code()), "{gc:?}");
    assert_eq!(members(&[run], "status").concat(), ["\"ran\"", "\"ran\""]);
    done(folder, &["gc"]);
    done(folder, &["store", "check"]);
    done(folder, &["verify"]);
}
