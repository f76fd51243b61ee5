//! Sources that lead out of the manifest's folder, by a path or by a link, from the beginning or while a run looks at them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::ground::{Ground, assert_no_secret};

/// Runs a pipeline whose source is this, and asserts that it is refused and nothing of the secret got in.
fn refused(ground: &Ground, source: &str, says: &str) {
    // Something to check afterwards.
    let alone = ground.lockflight(&["run", "innocent.toml", "--quiet"]);
    assert_eq!(alone.exit, 0, "{}", alone.start());
    let manifest = fs::read_to_string(ground.folder().join("innocent.toml")).unwrap();
    let manifest = manifest.replace("file = \"birds.csv\"", &format!("file = {source:?}"));
    ground.write("lockflight.toml", manifest);
    let ran = ground.lockflight(&["run"]);
    assert_eq!(ran.exit, 2, "{source}: {}", ran.start());
    assert!(ran.says(says), "{source}: {}", ran.start());
    assert_no_secret(ran.shown.as_bytes(), source);
    ground.is_clean();
}

#[test]
fn paths_that_lead_out() {
    let ground = Ground::new();
    let absolute = ground.home().join("secret.txt");
    for path in [
        "../home/secret.txt",
        "./x/../../home/secret.txt",
        absolute.to_str().unwrap(),
        "/proc/self/environ",
        "/etc/passwd",
    ] {
        refused(&ground, path, "outside");
    }
}

#[test]
fn links_that_lead_out() {
    let ground = Ground::new();
    let folder = ground.folder();
    symlink("../home/secret.txt", folder.join("by-parent")).unwrap();
    symlink(ground.home().join("secret.txt"), folder.join("absolute")).unwrap();
    symlink("../home", folder.join("folder")).unwrap();
    symlink("by-parent", folder.join("chain")).unwrap();
    symlink("/proc/self/environ", folder.join("environ")).unwrap();
    symlink("/dev/zero", folder.join("device")).unwrap();
    for link in [
        "by-parent",
        "absolute",
        "folder/secret.txt",
        "chain",
        "environ",
        "device",
    ] {
        refused(&ground, link, "outside");
    }
    symlink("loop", folder.join("loop")).unwrap();
    refused(&ground, "loop", "loop");
}

#[test]
fn a_source_that_is_no_file() {
    let ground = Ground::new();
    let made = std::process::Command::new("mkfifo")
        .arg(ground.folder().join("pipe"))
        .status();
    assert!(made.unwrap().success());
    fs::create_dir(ground.folder().join("folder")).unwrap();
    refused(&ground, "pipe", "something special");
    refused(&ground, "folder", "a folder");
}

/// Puts something in the place of a file in one step.
fn swap(folder: &Path, make: impl FnOnce(&Path)) {
    let new = folder.join(".new");
    make(&new);
    fs::rename(new, folder.join("birds.csv")).unwrap();
}

/// While run after run looks at the source, it is now a file and now a link to the secret: what is snapshotted is the file, or the run
/// is refused.
#[test]
fn a_source_swapped_for_a_link_during_the_run() {
    let ground = Ground::new();
    let (folder, secret) = (ground.folder(), ground.home().join("secret.txt"));
    let ended = AtomicBool::new(false);
    let (mut done, mut refusals) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                swap(&folder, |new| {
                    fs::write(new, "species,mass\nAdelie,3750\n").unwrap()
                });
                std::thread::sleep(Duration::from_millis(7));
                swap(&folder, |new| symlink(&secret, new).unwrap());
                std::thread::sleep(Duration::from_millis(3));
            }
        });
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            let ran = ground.lockflight(&["run", "innocent.toml", "--quiet"]);
            assert!(matches!(ran.exit, 0 | 2 | 3), "{}", ran.start());
            assert_no_secret(ran.shown.as_bytes(), "what is shown");
            done += usize::from(ran.exit == 0);
            refusals += usize::from(ran.exit != 0);
        }
        ended.store(true, Ordering::Relaxed);
    });
    println!("{done} runs were done, {refusals} refused");
    assert!(done > 0 && refusals > 0);
    ground.is_clean();
}
