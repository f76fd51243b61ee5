//! What an author waits for: `cargo xtask bench --authoring`.
//!
//! From `lockflight plugin new` over `build` to the first green `test`, in each language. The language's tools are installed, and a plugin
//! of the same language was built before, so that of Rust the crates are compiled. Each plugin has a name of its own, so its component
//! is another one and nothing of it was compiled before.

use std::{
    env, fmt, fs,
    process::{self, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::bed::{binary, root};

/// The languages to measure, when this is asked for: their names with commas between.
const LANGUAGES: &str = "LOCKFLIGHT_AUTHORING";
/// `train` makes two components.
const WORLDS: [&str; 2] = ["validate", "train"];
const TURNS: usize = 2;
const BOUND: Duration = Duration::from_secs(30);

/// Whether this run is to be this, and nothing else.
pub fn asked() -> bool {
    env::var_os(LANGUAGES).is_some()
}

/// What was measured.
#[derive(Debug)]
pub struct Authoring(Vec<First>);

/// A first plugin; of several the one that took least.
#[derive(Debug)]
struct First {
    language: String,
    world: &'static str,
    build: Duration,
    test: Duration,
    /// How long the machine took at the same time for something that is always the same.
    reference: Duration,
}

impl First {
    fn total(&self) -> Duration {
        self.build + self.test
    }
}

/// Measures everything.
pub fn measure() -> Authoring {
    let languages = env::var(LANGUAGES).expect("names of languages");
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let mut firsts = Vec::new();
    for language in languages.split(',') {
        // Fetches the tools and compiles what all plugins of the language share.
        first(&folder, language, WORLDS[0], "before");
        for world in WORLDS {
            let best = (0..TURNS)
                .map(|turn| first(&folder, language, world, &turn.to_string()))
                .min_by_key(First::total);
            firsts.push(best.expect("there is a turn"));
        }
    }
    Authoring(firsts)
}

fn first(folder: &TempDir, language: &str, world: &'static str, turn: &str) -> First {
    let name = format!("first-{language}-{world}-{turn}-{}", process::id());
    let reference = reference();
    let lockflight = |words: &[&str]| {
        let begun = Instant::now();
        let output = Command::new(binary())
            .args(words)
            .current_dir(folder.path())
            .output()
            .expect("the binary starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {said}");
        begun.elapsed()
    };
    let new = lockflight(&["plugin", "new", &name, "--world", world, "--lang", language]);
    First {
        language: language.to_owned(),
        world,
        build: new + lockflight(&["plugin", "build", &name]),
        test: lockflight(&["plugin", "test", &name]),
        reference,
    }
}

/// Compiles a component of this repository, past the cache.
fn reference() -> Duration {
    let component = root().join("plugins/prepare/dist/ingest.wasm");
    let component = fs::File::open(component).expect("the plugins are built");
    let begun = Instant::now();
    let status = Command::new(binary())
        .args(["stage", "compile", "--memory", "4294967296"])
        .args(["--component-bytes", "67108864"])
        .stdin(component)
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("the binary starts").success());
    begun.elapsed()
}

impl fmt::Display for Authoring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| figure | bound | | new and build | test | both | compiling plugins/prepare | ratio |"
        )?;
        write!(f, "|---|---|---|---:|---:|---:|---:|---:|")?;
        for first in &self.0 {
            let seconds = |time: Duration| time.as_secs_f64();
            let met = match first.total() < BOUND {
                true => "met",
                false => "MISSED",
            };
            write!(
                f,
                "\n| `new-{}-{}` | < {} s | {met} | {:.1} s | {:.1} s | {:.1} s | {:.2} s | {:.1} |",
                first.language,
                first.world,
                BOUND.as_secs(),
                seconds(first.build),
                seconds(first.test),
                seconds(first.total()),
                seconds(first.reference),
                seconds(first.total()) / seconds(first.reference),
            )?;
        }
        Ok(())
    }
}
