//! A place of its own for one test: the scenario's files, the plugins beside them as in the repository, the binary on the path.

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use tempfile::TempDir;

use super::{folder, pattern, plugins, root};

/// A copy of a scenario. It lies as deep as in the repository, so that `../../../plugins/csv` means the same there.
pub struct Sandbox {
    top: TempDir,
    /// Where the commands run.
    pub folder: PathBuf,
}

impl Sandbox {
    /// Copies a scenario, and builds the plugins it names if need be; none where that cannot be done on this machine.
    pub fn of_scenario(name: &str) -> Option<Sandbox> {
        Sandbox::new(&folder(name), &format!("tests/scenarios/{name}"))
    }

    /// A copy of a folder of the repository under another name.
    pub fn new(original: &Path, place: &str) -> Option<Sandbox> {
        Sandbox::made(original, place, None)
    }

    /// The same with one of the folder's manifests in the place of its `lockflight.toml`: only the plugins that it names are needed.
    pub fn of_manifest(original: &Path, place: &str, manifest: &str) -> Option<Sandbox> {
        let sandbox = Sandbox::made(original, place, Some(manifest))?;
        let file = |name: &str| sandbox.folder.join(name);
        fs::rename(file(manifest), file("lockflight.toml")).unwrap();
        Some(sandbox)
    }

    fn made(original: &Path, place: &str, manifest: Option<&str>) -> Option<Sandbox> {
        if let Err(missing) = plugins::ready(original, manifest) {
            println!("skipped {place}: {missing}");
            return None;
        }
        // Always there, so that messages with paths are broken into lines of the same length everywhere.
        let top = tempfile::tempdir_in("/tmp").unwrap();
        let folder = top.path().join(place);
        copy(original, &folder);
        for shared in ["plugins", "tests/plugins"] {
            let there = top.path().join(shared);
            fs::create_dir_all(&there).unwrap();
            for entry in fs::read_dir(root().join(shared)).unwrap() {
                let entry = entry.unwrap();
                symlink(entry.path(), there.join(entry.file_name())).unwrap();
            }
        }
        fs::create_dir(top.path().join("bin")).unwrap();
        symlink(
            env!("CARGO_BIN_EXE_lockflight"),
            top.path().join("bin/lockflight"),
        )
        .unwrap();
        symlink(
            root().join("tests/harness/child-of"),
            top.path().join("bin/child-of"),
        )
        .unwrap();
        Some(Sandbox { top, folder })
    }

    /// Puts a copy of a plugin's folder, built as it is, in the place of the link to it, for a test that changes it.
    pub fn own_plugin(&self, place: &str) -> PathBuf {
        let folder = self.top.path().join(place);
        fs::remove_file(&folder).unwrap();
        copy(&root().join(place), &folder);
        // What `sources` in its plugin.toml names.
        for shared in ["sdk", "wit", "Cargo.toml", "Cargo.lock"] {
            symlink(root().join(shared), self.top.path().join(shared)).unwrap();
        }
        folder
    }

    /// Runs a command of the shell; what it prints on both streams, named, and its exit code (124 if it has to be ended).
    pub fn shell(&self, command: &str) -> (String, i32) {
        // One pipe for both streams keeps their lines in order.
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut child = self
            .command("timeout")
            .args(["60", "sh", "-c", command])
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .spawn()
            .unwrap();
        let mut output = Vec::new();
        reader.read_to_end(&mut output).unwrap();
        let exit = child.wait().unwrap().code().unwrap_or(-1);
        let output = String::from_utf8_lossy(&output).into_owned();
        let top = self.top.path().display().to_string();
        let output = output
            .replace(&root().display().to_string(), "[REPOSITORY]")
            .replace(&top, "[TOP]");
        (pattern::named(&output), exit)
    }

    /// Runs `lockflight` and returns what it prints on standard output.
    ///
    /// # Panics
    /// When its exit code is not 0.
    pub fn lockflight(&self, arguments: &[&str]) -> String {
        let output = self.command("lockflight").args(arguments).output().unwrap();
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(
            output.status.success(),
            "lockflight {arguments:?}: {}\n{out}{err}",
            output.status
        );
        out.into_owned()
    }

    pub fn command(&self, program: &str) -> Command {
        let bin = self.top.path().join("bin").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(match program {
            "lockflight" => env!("CARGO_BIN_EXE_lockflight"),
            other => other,
        });
        command
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", format!("{bin}:{path}"))
            .env("HOME", self.top.path())
            // Compiled code is shared by all tests and kept for the next ones.
            .env("XDG_CACHE_HOME", cache())
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        lockflight::enforcement::hand_on(&mut command);
        command
    }
}

/// The folder for compiled code, beside the build's own.
fn cache() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_lockflight"));
    let target = binary
        .parent()
        .and_then(Path::parent)
        .expect("target/debug/lockflight");
    target.join("scenarios")
}

/// Whether a process may have mounts of its own here.
pub fn may_mount() -> bool {
    static MAY: LazyLock<bool> = LazyLock::new(|| {
        let probe = Command::new("unshare")
            .args(["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        probe.is_ok_and(|status| status.success())
    });
    *MAY
}

/// Copies a folder, without what a run in it would have left.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_name() == ".lockflight" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
