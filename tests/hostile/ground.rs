//! Where a case is played: a folder with a manifest, the hostile component, its innocent neighbour and planted secrets.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::case::Case;
use super::guest;
use crate::by_hand;

/// The longest that a command may take: far above the limits of all stages here.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most memory that lockflight itself may come to use, in bytes, whatever a guest does.
const MOST_MEMORY: u64 = 512 << 20;
/// What must never be seen: in the environment, in the home folder, beside the manifest.
pub const SECRETS: [&str; 3] = [
    "sesame-of-the-environment-52c1",
    "sesame-of-the-home-9b07",
    "sesame-beside-the-manifest-e8d3",
];

/// What a command printed and how it ended.
pub struct Ran {
    /// Both streams, and the log if it was asked for.
    pub shown: String,
    /// Its exit code.
    pub exit: i32,
    /// The most bytes of memory that lockflight itself had, its children not counted; 0 where it was too quick to be seen.
    pub peak: u64,
}

impl Ran {
    /// Whether a text was shown, wherever a terminal's width breaks it into lines.
    pub fn says(&self, text: &str) -> bool {
        unbroken(&self.shown).contains(&unbroken(text))
    }

    /// The beginning of what was shown, for a message.
    pub fn start(&self) -> &str {
        &self.shown[..self.shown.floor_char_boundary(4_000)]
    }
}

/// A text without spaces, line breaks and frames.
fn unbroken(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '│')
        .collect()
}

/// A folder of its own for one case.
pub struct Ground {
    top: TempDir,
    cache: PathBuf,
}

impl Ground {
    /// A folder with the innocent neighbour and the secrets, and no hostile stage yet.
    pub fn new() -> Ground {
        let top = tempfile::tempdir().unwrap();
        let ground = Ground {
            cache: cache(),
            top,
        };
        fs::create_dir(ground.home()).unwrap();
        fs::create_dir(ground.folder()).unwrap();
        fs::write(ground.home().join("secret.txt"), SECRETS[1]).unwrap();
        ground.write("secret.txt", SECRETS[2]);
        ground.write("birds.csv", "species,mass\nAdelie,3750\n");
        ground.write("innocent.wasm", &*INNOCENT);
        ground.write("innocent.toml", manifest(""));
        ground.write("lockflight.toml", manifest(""));
        ground
    }

    /// The same with the stage `hostile`, which `component` fills.
    pub fn with(case: &Case, component: &[u8]) -> Ground {
        let ground = Ground::new();
        ground.write("hostile.wasm", component);
        let keys: String = case.keys.iter().map(|key| format!("{key}\n")).collect();
        let kind = &case.kind;
        ground.write(
            "lockflight.toml",
            manifest(&format!(
                "[plugins.hostile]\npath = \"hostile.wasm\"\n\n[{kind}.hostile]\nplugin = \"hostile\"\n{keys}"
            )),
        );
        ground
    }

    /// The same with a stage `hostile` that applies a model whose only step is this scorer.
    pub fn with_scorer(case: &Case, scorer: &[u8]) -> Ground {
        let ground = Ground::new();
        by_hand::plugin(
            &ground.folder().join("hostile"),
            &[("train", &guest::TRAINER), ("score", scorer)],
        );
        let keys: String = case.keys.iter().map(|key| format!("{key}\n")).collect();
        ground.write(
            "lockflight.toml",
            manifest(&format!(
                "[plugins.hostile]\npath = \"hostile\"\n\n[train.fit]\nplugin = \"hostile\"\ninputs = {{ table = \"innocent\" }}\n\n\
                 [score.hostile]\nmodel = \"fit\"\ninputs = {{ table = \"innocent\" }}\n{keys}"
            )),
        );
        ground
    }

    /// Compiled code is looked for in this folder instead of the one that all cases share.
    pub fn own_cache(mut self) -> Ground {
        self.cache = self.top.path().join("cache");
        self
    }

    /// Where compiled code is looked for.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// The folder of the manifest.
    pub fn folder(&self) -> PathBuf {
        self.top.path().join("pipeline")
    }

    /// The home folder of the user who runs lockflight.
    pub fn home(&self) -> PathBuf {
        self.top.path().join("home")
    }

    /// Writes a file beside the manifest.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.folder().join(name), content).unwrap();
    }

    /// Runs `lockflight` to its end, which has to come by itself, and looks for what it left behind.
    ///
    /// # Panics
    /// When it is ended by a signal, panics, takes too long or leaves a process.
    pub fn lockflight(&self, arguments: &[&str]) -> Ran {
        let ran = self.spawn(arguments);
        assert!(!ran.shown.contains("panicked"), "{}", ran.start());
        assert!(
            !ran.shown.contains('\u{1b}'),
            "an escape reaches the terminal: {}",
            ran.start()
        );
        assert!(
            ran.peak < MOST_MEMORY,
            "lockflight had {} MiB",
            ran.peak >> 20
        );
        ran
    }

    fn spawn(&self, arguments: &[&str]) -> Ran {
        let out = tempfile::NamedTempFile::new_in(self.top.path()).unwrap();
        let both = fs::File::options().append(true).open(out.path()).unwrap();
        // A session of its own: whatever is left of it afterwards was started by this command.
        let mut command = Command::new("setsid");
        command.env_clear();
        lockflight::enforcement::hand_on(&mut command);
        let mut child = command
            .arg(env!("CARGO_BIN_EXE_lockflight"))
            .args(arguments)
            .current_dir(self.folder())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("XDG_CACHE_HOME", &self.cache)
            .env("LC_ALL", "C.UTF-8")
            .env("LOCKFLIGHT_TEST_SECRET", SECRETS[0])
            .stdin(Stdio::null())
            .stdout(both.try_clone().unwrap())
            .stderr(both)
            .spawn()
            .unwrap();
        let session = child.id();
        let start = Instant::now();
        let mut peak = 0;
        let status = loop {
            peak = peak_of(session).unwrap_or(peak);
            match child.try_wait().unwrap() {
                Some(status) => break status,
                None if start.elapsed() > PATIENCE => {
                    child.kill().unwrap();
                    panic!("lockflight {arguments:?} does not come to its end");
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        let shown = String::from_utf8_lossy(&fs::read(out.path()).unwrap()).into_owned();
        let exit = exit_code(status, arguments, &shown);
        // Other commands start none, and looking through all processes takes longer than they do.
        if arguments[0] == "run" {
            let left = processes_of(session);
            assert!(left.is_empty(), "processes are left: {left:?}");
        }
        Ran { shown, exit, peak }
    }

    /// The digest of what the stage `innocent` made in the latest run.
    pub fn innocent(&self) -> String {
        let ran = self.lockflight(&["show", "latest", "--json"]);
        let run: serde_json::Value = serde_json::from_str(&ran.shown).expect("a run record");
        let stages = run["stages"].as_array().expect("stages");
        let innocent = stages.iter().find(|stage| stage["name"] == "innocent");
        let digest = innocent.expect("the innocent stage")["result"].as_str();
        let digest =
            digest.unwrap_or_else(|| panic!("the innocent stage has no result: {}", ran.shown));
        digest.to_owned()
    }

    /// Asserts that nothing is wrong with what the run left: the store, its scratch folder, the secrets.
    ///
    /// # Panics
    /// When something is.
    pub fn is_clean(&self) {
        let store = self.folder().join(".lockflight");
        let ran = self.lockflight(&["store", "check"]);
        assert_eq!(
            ran.exit, 0,
            "the store is not as it should be: {}",
            ran.shown
        );
        let scratch = files_below(&store.join("tmp"));
        assert!(scratch.is_empty(), "files are left: {scratch:?}");
        for file in files_below(self.top.path()) {
            // What was planted is no find; the component may be a hole of any size.
            if !file.ends_with("secret.txt") && !file.ends_with("hostile.wasm") {
                assert_no_secret(&fs::read(&file).unwrap(), &file.display().to_string());
            }
        }
    }
}

/// Asserts that none of the secrets is in these bytes.
pub fn assert_no_secret(bytes: &[u8], place: &str) {
    for secret in SECRETS {
        let found = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} is in {place}");
    }
}

/// The innocent neighbour's component.
static INNOCENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let [case] = Case::all_of("innocent").try_into().expect("one case");
    guest::component(&case.world, &case.text)
});

/// A manifest with the innocent stage and what else there is to be.
fn manifest(more: &str) -> String {
    format!(
        "[pipeline]\nname = \"hostile\"\n\n[plugins.innocent]\npath = \"innocent.wasm\"\n\n[source.birds]\nfile = \"birds.csv\"\n\n\
         [ingest.innocent]\nplugin = \"innocent\"\ninputs = {{ file = \"birds\" }}\n\n{more}"
    )
}

/// The folder for compiled code, beside the build's own: kept for the next run of the tests.
fn cache() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_lockflight"));
    let target = binary
        .parent()
        .and_then(Path::parent)
        .expect("target/debug/lockflight");
    target.join("hostile")
}

fn exit_code(status: ExitStatus, arguments: &[&str], shown: &str) -> i32 {
    status.code().unwrap_or_else(|| {
        panic!(
            "lockflight {arguments:?} was ended by signal {:?}\n{shown}",
            status.signal()
        )
    })
}

/// The most bytes of memory that a process had so far.
fn peak_of(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib << 10)
}

/// The processes of a session that are there still, but for those that are only waiting to be reaped.
fn processes_of(session: u32) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let stat = fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        // pid (name) state ppid pgrp session …; the name may hold anything.
        let mut rest = stat.rsplit_once(')')?.1.split_whitespace();
        let (state, session_of) = (rest.next()?, rest.nth(2)?);
        (state != "Z" && session_of == session.to_string()).then_some(stat)
    });
    processes.collect()
}

/// All files below a folder; links are not followed.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&entry.path()));
        } else if entry.file_type().unwrap().is_file() {
            files.push(entry.path());
        }
    }
    files
}
