//! `plugin run --watch`: it runs again when the config changes, shows an error of the build and goes on, and ends with Ctrl-C.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than a start and a compilation take, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A watch and the lines of both of its streams.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(folder: &Path, plugin: &Path) -> Watch {
        let (reader, writer) = std::io::pipe().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_lockflight"))
            .current_dir(folder)
            .args([
                "plugin",
                "run",
                "--world",
                "ingest",
                "--config",
                "config.json",
                "--watch",
            ])
            .arg(plugin)
            .stdin(Stdio::null())
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(reader).lines() {
                if sender.send(line.unwrap()).is_err() {
                    break;
                }
            }
        });
        Watch { child, lines }
    }

    /// Waits for a line with these words.
    fn until(&self, words: &str) {
        let end = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        while let Ok(line) = self
            .lines
            .recv_timeout(end.saturating_duration_since(Instant::now()))
        {
            if line.contains(words) {
                return;
            }
            seen.push(line);
        }
        panic!("nothing says {words:?} in\n{}", seen.join("\n"));
    }

    /// Ctrl-C; the exit code.
    fn interrupt(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        self.child.wait().unwrap().code()
    }
}

/// A plugin's folder with the component of another, so that it is up to date until its source changes.
fn plugin(top: &Path) -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let original = repository.join("tests/plugins/misbehave");
    let built = Command::new(env!("CARGO_BIN_EXE_lockflight"))
        .args(["plugin", "build"])
        .arg(&original)
        .output()
        .unwrap();
    if !built.status.success() {
        println!("skipped: {}", String::from_utf8_lossy(&built.stderr));
        return None;
    }
    for shared in ["sdk", "wit", "Cargo.toml", "Cargo.lock"] {
        std::os::unix::fs::symlink(repository.join(shared), top.join(shared)).unwrap();
    }
    let folder = top.join("tests/plugins/misbehave");
    copy(&original, &folder);
    Some(folder)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn a_watch_runs_again_outlives_errors_and_ends_with_ctrl_c() {
    let top = tempfile::tempdir().unwrap();
    let Some(plugin) = plugin(top.path()) else {
        return;
    };
    let config = top.path().join("config.json");
    fs::write(&config, r#"{ "rows": 2 }"#).unwrap();
    let watch = Watch::start(top.path(), &plugin);
    watch.until("table 2 rows");
    watch.until("watching");
    fs::write(&config, r#"{ "rows": 5 }"#).unwrap();
    watch.until("table 5 rows");
    watch.until("watching");
    fs::write(&config, "{").unwrap();
    watch.until("it is no JSON");
    watch.until("watching");
    fs::write(&config, r#"{ "rows": 7 }"#).unwrap();
    watch.until("table 7 rows");
    watch.until("watching");
    let spec = plugin.join("plugin.toml");
    let valid = fs::read_to_string(&spec).unwrap();
    fs::write(&spec, valid.replace("[build]", "[bulid]")).unwrap();
    watch.until("bulid");
    watch.until("watching");
    fs::write(&spec, valid).unwrap();
    watch.until("table 7 rows");
    watch.until("watching");
    assert_eq!(watch.interrupt(), Some(130));
}
