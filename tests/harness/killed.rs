//! A run whose whole process group is killed, at any moment: nothing is lost, and the next run comes to the same.

use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

use super::harness::{Sandbox, folder};

/// How often.
const TIMES: u32 = 50;

/// What the program is called here, by which its processes are known among those of other tests: as long as the kernel keeps names.
const NAME: &str = "lf-to-be-killed";
/// How often child or launcher are killed.
const KILLS: u64 = 100;

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

/// Whom the kill is for.
#[derive(Debug, Clone, Copy)]
enum Victim {
    Launcher,
    Child,
}

/// Child or launcher of one run after the other, in the same store, at a random moment: no result is lost, nobody stays behind, and
/// what was being written is gone with the next run.
#[test]
fn children_and_launchers_that_are_killed_leave_nothing_behind() {
    let original = folder("../../examples/penguins");
    let sandbox = Sandbox::of_manifest(&original, "examples/killed", "core.toml")
        .expect("plugins in Rust can be built everywhere");
    // Under a name of its own, by which its processes are known among those of other tests.
    let binary = sandbox.folder.join(NAME);
    fs::hard_link(env!("CARGO_BIN_EXE_lockflight"), &binary)
        .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_lockflight"), &binary).map(drop))
        .unwrap();
    let undisturbed = digests(&sandbox.lockflight(&["run", "--json"]));
    let start = Instant::now();
    sandbox.lockflight(&["run", "--force", "--json"]);
    let took = start.elapsed();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut met = [0, 0];
    for time in 0..KILLS {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let victim = [Victim::Launcher, Victim::Child][(time % 2) as usize];
        let mut run = sandbox
            .command(binary.to_str().unwrap())
            .args(["run", "--force", "--quiet"])
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(took.mul_f64(0.7 * (random >> 40) as f64 / (1u64 << 24) as f64));
        met[victim as usize] += u32::from(kill(&mut run, victim));
        let status = run.wait().unwrap();
        if matches!(victim, Victim::Child) {
            // The run itself came to an end, and said which.
            assert!(matches!(status.code(), Some(0 | 3)), "{status}");
        }
        assert_no_process();
    }
    let again = digests(&sandbox.lockflight(&["run", "--json"]));
    assert_eq!(again, undisturbed);
    let (checked, code) = sandbox.shell("lockflight store check");
    assert_eq!(code, 0, "{checked}");
    let temporary = sandbox.folder.join(".lockflight/tmp");
    assert_eq!(
        fs::read_dir(temporary).unwrap().count(),
        0,
        "scratch space is empty"
    );
    assert!(
        met.iter().all(|met| *met >= 10),
        "kills that met someone: {met:?}"
    );
}

/// Kills the victim, a child as soon as there is one; false if the run ended before.
fn kill(run: &mut Child, victim: Victim) -> bool {
    let launcher = Pid::from_child(run);
    while run.try_wait().unwrap().is_none() {
        let victim = match victim {
            Victim::Launcher => Some(launcher),
            Victim::Child => child_of(launcher),
        };
        if let Some(pid) = victim {
            return kill_process(pid, Signal::KILL).is_ok();
        }
    }
    false
}

/// A child of any thread of a process. Looking through all processes takes longer than most children live.
fn child_of(pid: Pid) -> Option<Pid> {
    let threads = fs::read_dir(format!("/proc/{}/task", pid.as_raw_pid())).ok()?;
    threads.into_iter().find_map(|thread| {
        let children = fs::read_to_string(thread.ok()?.path().join("children")).ok()?;
        Pid::from_raw(children.split_whitespace().next()?.parse().ok()?)
    })
}

/// All processes of the program but those that have ended and wait to be asked. Their names can be read of processes, too, that may
/// not be looked into.
fn processes() -> Vec<Pid> {
    let numbers = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let number = entry.ok()?.file_name().to_str()?.parse::<i32>().ok()?;
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
        let rest = stat.split_once(&format!("({NAME}) "))?.1;
        (!rest.starts_with('Z')).then_some(number)
    });
    numbers.filter_map(Pid::from_raw).collect()
}

fn assert_no_process() {
    // The kernel ends children with their launcher, a moment after it.
    let deadline = Instant::now() + Duration::from_secs(10);
    while !processes().is_empty() {
        assert!(Instant::now() < deadline, "{:?} stayed behind", processes());
        thread::sleep(Duration::from_millis(2));
    }
}
