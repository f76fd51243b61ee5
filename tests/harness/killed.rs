//! A run whose whole process group is killed, at any moment: nothing is lost, and the next run comes to the same.

use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{fs, thread};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

use super::harness::{Sandbox, folder};

/// How often.
const TIMES: u32 = 50;

/// Everything of a run that depends on the content alone.
fn digests(run: &str) -> Vec<Value> {
    let run: Value = serde_json::from_str(run).unwrap();
    let stages = run["stages"].as_array().unwrap().iter();
    stages
        .map(|stage| {
            let parts = ["name", "key", "result", "outputs"].map(|part| stage[part].clone());
            Value::from(parts.to_vec())
        })
        .collect()
}

#[test]
fn a_run_that_is_killed_at_any_moment_loses_nothing() {
    let original = folder("../../examples/penguins");
    let sandbox = Sandbox::of_manifest(&original, "examples/killed", "core.toml")
        .expect("plugins in Rust can be built everywhere");
    let place = |name: &str| sandbox.folder.join(name);
    // The first one may compile.
    sandbox.lockflight(&["run", "--json"]);
    fs::remove_dir_all(place(".lockflight")).unwrap();
    let start = Instant::now();
    let undisturbed = digests(&sandbox.lockflight(&["run", "--json"]));
    let took = start.elapsed();
    for time in 0..TIMES {
        fs::remove_dir_all(place(".lockflight")).unwrap();
        let mut child = sandbox
            .command("lockflight")
            .args(["run", "--quiet"])
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Spread over the whole run, and not twice the same moment.
        thread::sleep(took * time / TIMES + Duration::from_micros(u64::from(time) * 37));
        let group = Pid::from_child(&child);
        // It may have come to its end.
        let _ = kill_process_group(group, Signal::KILL);
        child.wait().unwrap();
        let again = digests(&sandbox.lockflight(&["run", "--json"]));
        assert_eq!(again, undisturbed, "killed the {time}th time");
        let (checked, code) = sandbox.shell("lockflight store check");
        assert_eq!(code, 0, "{checked}");
    }
}
