//! `cargo xtask test`: every check there is.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::deny;
use crate::host::{self, cargo};
use crate::interop;
use crate::plugins::{self, Language, Plugin, node, python};
use crate::setup::wasm_toolchain;
use crate::steps::{Account, Failure, failed, root, run, run_and_read};
use crate::summary::{Count, Ran};
use crate::types;

/// Runs every check, even if an earlier one failed, and ends with a line of how many tests passed and failed.
pub fn test() -> Result<ExitCode, Failure> {
    let mut checks = Checks::default();
    let toolchain = checks
        .account
        .part("a compiler for WebAssembly", wasm_toolchain)?;
    println!("{}", toolchain.describe());
    checks.part("format", || run(&mut cargo(&["fmt", "--all", "--check"])));
    checks.part("clippy", || {
        run(&mut cargo(&[
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ]))
    });
    checks.part("dependencies", || deny::check().map(drop));

    let lockflight = checks.account.part("the tool", host::build)?;
    checks.part("the plugins", || plugins::build(&lockflight).map(drop));
    checks.tests("tests", || cargo_test(&["--workspace"]));
    for plugin in plugins::sdks().into_iter().chain(plugins::all()?) {
        checks.plugin(&plugin);
    }
    checks.tests("the plugins held against the conformance kit", || {
        conformance(&lockflight)
    });
    checks.tests("the types of new plugins", || types::all(&lockflight));
    checks.tests("clients of others", || interop::all(&lockflight));
    Ok(checks.finish())
}

#[derive(Default)]
struct Checks {
    account: Account,
    count: Count,
    broken: Vec<String>,
}

impl Checks {
    /// A check that passes or fails as a whole.
    fn part(&mut self, title: &str, check: impl FnOnce() -> Result<(), Failure>) {
        let outcome = self.account.part(title, check);
        self.note(title, outcome);
    }

    /// A run of tests.
    fn tests(&mut self, title: &str, tests: impl FnOnce() -> Result<Ran, Failure>) {
        match self.account.part(title, tests) {
            Ok((count, outcome)) => {
                self.count.add(count);
                self.note(title, outcome);
            }
            Err(error) => self.note(title, Err(error)),
        }
    }

    fn note(&mut self, title: &str, outcome: Result<(), Failure>) {
        if let Err(error) = outcome {
            println!("{title}: {error}");
            self.broken.push(title.to_owned());
        }
    }

    /// The own tests of a plugin or SDK, in its own language. Those in Rust are part of the workspace.
    fn plugin(&mut self, plugin: &Plugin) {
        let root = root();
        let name = plugin.folder.strip_prefix(&root).unwrap_or(&plugin.folder);
        let name = name.display().to_string();
        if plugin.language == Language::Rust {
            return;
        }
        let title = format!("tests of {name}");
        if let Some(missing) = plugin.language.missing_for_tests() {
            println!("\n== {title}\nskipped, since {missing}");
            return;
        }
        self.tests(&title, || match plugin.language {
            Language::Python => {
                let mut unittest = python(&["-c", UNITTEST]);
                counted(unittest.current_dir(&plugin.folder), Count::of_unittest)
            }
            Language::C => counted(&mut plugins::c_tests(&plugin.folder), Count::of_c),
            Language::Go => {
                let go = plugins::go().ok_or("there is no go")?;
                let mut tests = Command::new(go);
                tests
                    .args(["test", "-v", "./..."])
                    .current_dir(&plugin.folder);
                counted(&mut tests, Count::of_go)
            }
            Language::Javascript | Language::Rust => counted(
                node(&["--test", "--test-reporter=tap"]).current_dir(&plugin.folder),
                Count::of_tap,
            ),
        });
    }

    fn finish(self) -> ExitCode {
        println!("\n{}", self.account);
        if !self.broken.is_empty() {
            println!("failed: {}", self.broken.join(", "));
        }
        println!("{}", self.count);
        if self.broken.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Runs the folder's tests with the report on standard output, where it is read.
const UNITTEST: &str = "import sys, unittest; sys.path.insert(0, '.'); \
    unittest.main(module=None, argv=['unittest', 'discover', '-s', 'tests', '-t', '.'], \
    testRunner=unittest.TextTestRunner(stream=sys.stdout))";

/// The kit's rules and their own cases, for all plugins that can be built here.
fn conformance(lockflight: &PathBuf) -> Result<Ran, Failure> {
    let plugins = plugins::all()?.into_iter();
    let buildable = plugins.filter(|plugin| plugin.language.missing().is_none());
    let mut kit = host::lockflight(lockflight, "", &["plugin", "test"]);
    kit.args(buildable.map(|plugin| plugin.folder));
    counted(&mut kit, Count::of_cargo)
}

fn cargo_test(packages: &[&str]) -> Result<Ran, Failure> {
    counted(
        cargo(&["test", "--locked", "--no-fail-fast"]).args(packages),
        Count::of_cargo,
    )
}

/// Runs tests, and counts them whether they pass or not.
fn counted(tests: &mut Command, count: impl FnOnce(&str) -> Count) -> Result<Ran, Failure> {
    let (status, output) = run_and_read(tests)?;
    let outcome = if status.success() {
        Ok(())
    } else {
        Err(failed(tests, status))
    };
    Ok((count(&output), outcome))
}
