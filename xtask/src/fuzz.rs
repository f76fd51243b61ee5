//! Fuzzes everything that reads foreign bytes: with libFuzzer where there is a nightly compiler, else with the mutations of the tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::SystemTime;

use crate::host::cargo;
use crate::steps::{Account, Failure, command, root, run, start, target, works};
use crate::summary::Count;

/// The version of cargo-fuzz that is installed where there is none.
const CARGO_FUZZ: &str = "0.13.1";
/// How long a target is fed, unless it is said.
const SECONDS: u64 = 60;
/// The crates of targets, below `fuzz/`.
const CRATES: [&str; 2] = ["host", "plugins"];
/// The most bytes of an input, as in `fuzz/smoke.rs`.
const MAX_LEN: usize = 1 << 16;

/// A target.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    name: String,
    /// Its crate, one of [`CRATES`].
    group: &'static str,
}

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked<'a> {
    names: Vec<&'a str>,
    seconds: u64,
}

/// The command; code 1 if a target broke.
pub fn fuzz(words: &[&str]) -> Result<ExitCode, Failure> {
    let asked = asked(words)?;
    let chosen = chosen(targets()?, &asked.names)?;
    let mut account = Account::default();
    let fuzzer = account.part("a fuzzer", || Ok(libfuzzer()))?;
    match &fuzzer {
        Some(_) => println!("libFuzzer, {} s for each target", asked.seconds),
        None => println!(
            "without a nightly compiler and cargo-fuzz there is no libFuzzer (rustup toolchain install nightly): \
             the mutations of the tests instead, which no coverage leads, {} s for each target",
            asked.seconds
        ),
    }
    let mut broken = Vec::new();
    for target in &chosen {
        let outcome = account.part(&target.name, || match &fuzzer {
            Some(path) => target.cover(path, asked.seconds),
            None => target.mutate(asked.seconds),
        });
        if let Err(error) = outcome {
            println!("\n{}: {error}", target.name);
            broken.push(target.name.clone());
        }
    }
    println!("\n{account}");
    if !broken.is_empty() {
        println!("failed: {}", broken.join(", "));
    }
    let failed = broken.len() as u64;
    let passed = chosen.len() as u64 - failed;
    println!("{}", Count { passed, failed });
    Ok(ExitCode::from(u8::from(failed > 0)))
}

fn asked<'a>(words: &[&'a str]) -> Result<Asked<'a>, Failure> {
    let (mut names, mut seconds) = (Vec::new(), SECONDS);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--seconds" => {
                let number = words.next().and_then(|number| number.parse().ok());
                seconds = number
                    .filter(|seconds| *seconds > 0)
                    .ok_or("--seconds needs a whole number above 0")?;
            }
            option if option.starts_with('-') => {
                return Err(format!("there is no option {option}; there is --seconds N").into());
            }
            name => names.push(name),
        }
    }
    Ok(Asked { names, seconds })
}

/// All targets, sorted within their crates.
fn targets() -> Result<Vec<Target>, Failure> {
    let mut found = Vec::new();
    for group in CRATES {
        let folder = root().join("fuzz").join(group).join("fuzz_targets");
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            names.extend(path.file_stem().map(|stem| stem.display().to_string()));
        }
        names.sort();
        found.extend(names.into_iter().map(|name| Target { name, group }));
    }
    Ok(found)
}

/// Those of these names; all without any.
fn chosen(all: Vec<Target>, names: &[&str]) -> Result<Vec<Target>, Failure> {
    if let Some(unknown) = names
        .iter()
        .find(|name| !all.iter().any(|target| target.name == **name))
    {
        let known: Vec<_> = all.iter().map(|target| target.name.as_str()).collect();
        return Err(format!(
            "there is no fuzz target {unknown}; there are {}",
            known.join(", ")
        )
        .into());
    }
    let wanted = |target: &Target| names.is_empty() || names.contains(&target.name.as_str());
    Ok(all.into_iter().filter(wanted).collect())
}

/// The search path with cargo-fuzz in it, which is installed where it is missing; none without it or a nightly compiler.
fn libfuzzer() -> Option<String> {
    if !works(&mut command(
        "rustup",
        &["run", "nightly", "rustc", "--version"],
    )) {
        return None;
    }
    let folder = target().join("tools/cargo-fuzz");
    let rest = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{rest}", folder.join("bin").display());
    let is_here = || works(cargo(&["fuzz", "--version"]).env("PATH", &path));
    if !is_here() {
        println!(
            "Installing cargo-fuzz {CARGO_FUZZ} into {}",
            folder.display()
        );
        let mut install = cargo(&["install", "--quiet", "--locked", "cargo-fuzz"]);
        install.args(["--version", CARGO_FUZZ, "--root"]);
        if let Err(error) = run(install.arg(&folder)) {
            println!("{error}");
        }
    }
    is_here().then_some(path)
}

impl Target {
    /// Feeds it with libFuzzer. What is of interest is kept below `target/`, beside the committed corpus.
    fn cover(&self, path: &str, seconds: u64) -> Result<(), Failure> {
        self.pin()?;
        let working = target().join("fuzz/corpus").join(&self.name);
        fs::create_dir_all(&working)?;
        let committed = root().join("fuzz/corpus").join(&self.name);
        let folder = root().join("fuzz").join(self.group);
        let artifacts = folder.join("artifacts").join(&self.name);
        let started = SystemTime::now();
        let mut run = self.libfuzzer(path);
        run.arg(&working);
        if committed.is_dir() {
            run.arg(&committed);
        }
        run.arg("--").args([
            format!("-max_total_time={seconds}"),
            format!("-max_len={MAX_LEN}"),
            "-timeout=20".to_owned(),
            "-rss_limit_mb=2048".to_owned(),
            "-verbosity=0".to_owned(),
        ]);
        if start(&mut run)?.success() {
            return Ok(());
        }
        match newest(&artifacts, started) {
            Some(file) => Err(self.broken_by(&file).into()),
            None => Err("it was not run; what is wrong stands above".into()),
        }
    }

    /// No sanitizer: the host has no memory to be careless with outside of a few marked lines, and an instrumented build of the
    /// engine takes many times as long. Panics, overflows, hangs and memory that runs out are found without.
    fn libfuzzer(&self, path: &str) -> Command {
        let mut run = command("rustup", &["run", "nightly", "cargo", "fuzz", "run"]);
        run.env("PATH", path)
            .args(["--sanitizer", "none", "--fuzz-dir"])
            .arg(root().join("fuzz").join(self.group))
            .arg("--target-dir")
            .arg(target().join("fuzz"))
            .arg(&self.name);
        run
    }

    /// The crates of targets are built with the versions of the workspace.
    fn pin(&self) -> Result<(), Failure> {
        let lock = root().join("fuzz").join(self.group).join("Cargo.lock");
        if !lock.exists() {
            fs::copy(root().join("Cargo.lock"), lock)?;
        }
        Ok(())
    }

    /// Feeds it with the mutations of the tests.
    fn mutate(&self, seconds: u64) -> Result<(), Failure> {
        let inputs = target().join("fuzz/inputs");
        fs::create_dir_all(&inputs)?;
        let input = inputs.join(&self.name);
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(1, |since| since.as_secs());
        let mut tests = self.smoke_test()?;
        tests
            .env("LOCKFLIGHT_FUZZ_SECONDS", seconds.to_string())
            .env("LOCKFLIGHT_FUZZ_SEED", since.to_string())
            .env("LOCKFLIGHT_FUZZ_INPUT", &input);
        match start(&mut tests)?.success() {
            true => Ok(()),
            false => Err(self.broken_by(&input).into()),
        }
    }

    /// The test of this target alone, in the crate that it is about.
    fn smoke_test(&self) -> Result<Command, Failure> {
        let manifest = self.smoked_in()?;
        let mut tests = cargo(&[
            "test",
            "--locked",
            "--test",
            "fuzz_smoke",
            "--manifest-path",
        ]);
        tests
            .arg(&manifest)
            .args(["--", "--exact", &self.test_name()]);
        Ok(tests)
    }

    /// The host's test has a function for each target, those of other crates one alone.
    fn test_name(&self) -> String {
        match self.group {
            "host" => format!("smoked::{}", self.name),
            _ => "smoked".to_owned(),
        }
    }

    /// The manifest of the crate whose test feeds this target.
    fn smoked_in(&self) -> Result<PathBuf, Failure> {
        let mention = format!("targets/{}.rs\"", self.name);
        let mut folders = Vec::new();
        for parent in [root(), root().join("plugins")] {
            for entry in fs::read_dir(parent)? {
                folders.push(entry?.path());
            }
        }
        folders.sort();
        let own = |folder: &&PathBuf| {
            let test = fs::read_to_string(folder.join("tests/fuzz_smoke.rs"));
            test.is_ok_and(|text| text.contains(&mention))
        };
        match folders.iter().find(own) {
            Some(folder) => Ok(folder.join("Cargo.toml")),
            None => Err("no test feeds this target".into()),
        }
    }

    /// What to say of an input.
    fn broken_by(&self, file: &Path) -> String {
        let root = root();
        let shown = file.strip_prefix(&root).unwrap_or(file).display();
        let package = match self.smoked_in() {
            Ok(manifest) => {
                let manifest = manifest.strip_prefix(&root).unwrap_or(&manifest);
                format!("--manifest-path {}", manifest.display())
            }
            Err(_) => "--workspace".to_owned(),
        };
        format!(
            "broken by {shown}\n\nreproduce it on any compiler with\n\n    LOCKFLIGHT_FUZZ_REPLAY=$PWD/{shown} cargo test {package} \
             --test fuzz_smoke -- --exact {}",
            self.test_name()
        )
    }
}

/// The newest file of a folder, if it was written since.
fn newest(folder: &Path, since: SystemTime) -> Option<PathBuf> {
    let written = |path: &PathBuf| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let files = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let files = files.map(|entry| entry.path());
    let dated = files.filter_map(|path| Some((written(&path)?, path)));
    let (_, newest) = dated.filter(|(time, _)| *time >= since).max()?;
    Some(newest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_words_are_read() {
        let all = Asked {
            names: vec![],
            seconds: SECONDS,
        };
        assert_eq!(asked(&[]).unwrap(), all);
        let some = Asked {
            names: vec!["wire", "csv"],
            seconds: 5,
        };
        assert_eq!(asked(&["wire", "--seconds", "5", "csv"]).unwrap(), some);
        for wrong in [&["--seconds"][..], &["--seconds", "0"], &["--fast"]] {
            assert!(asked(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn each_target_has_its_file_its_test_and_its_place() {
        let all = targets().unwrap();
        assert!(all.len() > 15);
        for target in &all {
            let file = root().join(format!("fuzz/targets/{}.rs", target.name));
            assert!(file.is_file(), "{target:?}");
            assert!(target.smoked_in().is_ok(), "{target:?}");
            let manifest = root().join("fuzz").join(target.group).join("Cargo.toml");
            let manifest = fs::read_to_string(manifest).unwrap();
            let line = format!("name = \"{}\"\n", target.name);
            assert!(manifest.contains(&line), "{target:?}");
        }
        for entry in fs::read_dir(root().join("fuzz/corpus")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(all.iter().any(|target| target.name == name), "{name}");
        }
        assert_eq!(chosen(all.clone(), &["wire"]).unwrap().len(), 1);
        let unknown = chosen(all, &["wires"]).unwrap_err().to_string();
        assert!(unknown.contains("there is no fuzz target wires; there are "));
    }
}
