//! `cargo xtask interop`: programs that know nothing of lockflight, against what it speaks and writes.
//!
//! The clients are those that people use: `tritonclient` for the Open Inference Protocol, `skopeo` for OCI images, `jsonschema`
//! for the config of a ModelPack, `jsonschema` and the official client for OpenLineage events; and a server, `docker-registry`.

mod clients;
mod debian;
mod registry;
mod server;
mod skopeo;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::host;
use crate::plugins::{self, Language};
use crate::scratch::Scratch;
use crate::setup::wasm_toolchain;
use crate::steps::{Account, Failure, root, run};
use crate::summary::{Count, Ran};
use server::Server;

/// The example, below the repository's root. All of its plugins are written in Rust.
const EXAMPLE: &str = "examples/bike-demand";

/// What the example calls its model, and the endpoint that offers it.
const MODEL: &str = "demand";
const ENDPOINT: &str = "bikes";

/// The version that a first run makes; an export is tagged with it.
const VERSION: &str = "1";

/// Names a program that is built already. It is taken with the plugins as they are, and nothing is built.
const PROGRAM: &str = "LOCKFLIGHT_BIN";

/// Builds what is needed, runs the example, then every client there is.
pub fn interop() -> Result<ExitCode, Failure> {
    let mut checks = Checks::default();
    let program = built(&mut checks.account)?;
    checks.all(program)?;
    Ok(checks.finish())
}

/// The same with a tool and plugins that are built, as a part of other checks.
pub fn all(program: &Path) -> Result<Ran, Failure> {
    let mut checks = Checks::default();
    checks.all(program.to_owned())?;
    let outcome = match checks.broken.is_empty() {
        true => Ok(()),
        false => Err(checks.broken.join(", ").into()),
    };
    Ok((checks.count, outcome))
}

/// The tool, with the example's plugins built.
fn built(account: &mut Account) -> Result<PathBuf, Failure> {
    if let Some(program) = env::var_os(PROGRAM) {
        let program = root().join(program);
        println!("{PROGRAM} is set: {}", program.display());
        return Ok(program);
    }
    let toolchain = account.part("a compiler for WebAssembly", wasm_toolchain)?;
    println!("{}", toolchain.describe());
    let program = account.part("the tool", host::build)?;
    account.part("the plugins", || {
        let plugins = plugins::all()?.into_iter();
        for plugin in plugins.filter(|plugin| plugin.language == Language::Rust) {
            plugins::build_folder(&program, &plugin.folder)?;
        }
        Ok(())
    })?;
    Ok(program)
}

/// The example's pipeline with a store of its own, so that a person's runs are left alone.
struct Example {
    program: PathBuf,
    store: PathBuf,
}

impl Example {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = host::lockflight(&self.program, "", &["-C", EXAMPLE, "--store"]);
        command.arg(&self.store).args(arguments);
        command
    }
}

#[derive(Default)]
struct Checks {
    account: Account,
    count: Count,
    broken: Vec<String>,
    skipped: Vec<String>,
}

impl Checks {
    /// Runs the example, then every client, even if an earlier one failed.
    fn all(&mut self, program: PathBuf) -> Result<(), Failure> {
        let scratch = Scratch::new("interop")?;
        let example = Example {
            program,
            store: scratch.path.join("store"),
        };
        let layout = scratch.path.join("demand.oci");
        let events = scratch.path.join("events.ndjson");
        self.account.part("the pipeline", || {
            run(example
                .command(&["run", "--quiet", "--events"])
                .arg(&events))
        })?;
        self.account.part("the package", || {
            run(example
                .command(&["package", "export", MODEL, "--to"])
                .arg(&layout))
        })?;
        self.python(&example, &layout, &events);
        self.skopeo(&example, &layout, &scratch.path);
        self.registry(&example, &scratch.path);
        Ok(())
    }

    /// The clients that are written in Python.
    fn python(&mut self, example: &Example, layout: &Path, events: &Path) {
        let titles = ["tritonclient", "jsonschema", "openlineage"];
        if let Some(missing) = Language::Python.missing() {
            for title in titles {
                self.skip(title, missing);
            }
            return;
        }
        let interpreter = match self
            .account
            .part("the libraries", || clients::LIBRARIES.interpreter())
        {
            Ok(interpreter) => interpreter,
            // A registry that cannot be reached says nothing about lockflight.
            Err(error) => {
                let missing = format!("their libraries cannot be installed: {error}");
                for title in titles {
                    self.skip(title, &missing);
                }
                return;
            }
        };
        self.client(titles[0], || {
            let server = Server::start(example)?;
            let (count, outcome) = clients::open_inference(&interpreter, server.address())?;
            let stopped = server.stop();
            Ok((count, outcome.and(stopped)))
        });
        self.client(titles[1], || clients::model_pack(&interpreter, layout));
        self.client(titles[2], || clients::open_lineage(&interpreter, events));
    }

    fn skopeo(&mut self, example: &Example, layout: &Path, scratch: &Path) {
        match debian::missing(skopeo::SKOPEO) {
            Some(missing) => self.skip(skopeo::SKOPEO, &missing),
            None => self.client(skopeo::SKOPEO, || skopeo::check(example, layout, scratch)),
        }
    }

    fn registry(&mut self, example: &Example, scratch: &Path) {
        let programs = [registry::PROGRAM, skopeo::SKOPEO];
        match programs.into_iter().find_map(debian::missing) {
            Some(missing) => self.skip(registry::PROGRAM, &missing),
            None => self.client(registry::PROGRAM, || registry::check(example, scratch)),
        }
    }

    /// Runs a client, and adds up what it found.
    fn client(&mut self, title: &str, client: impl FnOnce() -> Result<Ran, Failure>) {
        let outcome = self.account.part(title, client).and_then(|(count, ended)| {
            self.count.add(count);
            ended
        });
        if let Err(error) = outcome {
            println!("{title}: {error}");
            self.broken.push(title.to_owned());
        }
    }

    /// A client that is not to be had here says nothing about lockflight.
    fn skip(&mut self, title: &str, missing: &str) {
        println!("\n== {title}\nskipped, since {missing}");
        self.skipped.push(title.to_owned());
    }

    fn finish(self) -> ExitCode {
        println!("\n{}", self.account);
        if !self.skipped.is_empty() {
            println!("skipped: {}", self.skipped.join(", "));
        }
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

/// Adds up what a client printed: a line `ok NAME` or `FAILED NAME: why` for each check.
fn count(output: &str) -> Count {
    let lines = |start: &str| {
        output
            .lines()
            .filter(|line| line.starts_with(start))
            .count() as u64
    };
    Count {
        passed: lines("ok "),
        failed: lines("FAILED "),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn checks_are_counted() {
        let output = "ok live\nokay\n ok indented\nFAILED shape: ok is not what it is\nok ready\n";
        assert_eq!(
            count(output),
            Count {
                passed: 2,
                failed: 1
            }
        );
    }

    #[test]
    fn a_client_that_fails_is_named_and_its_checks_are_counted() {
        let mut checks = Checks::default();
        checks.client("one", || Ok((count("ok a\nok b\n"), Ok(()))));
        checks.client("two", || {
            Ok((count("ok a\nFAILED b: c\n"), Err("it failed".into())))
        });
        checks.client("three", || Err("it could not start".into()));
        assert_eq!(checks.broken, ["two", "three"]);
        assert_eq!(checks.count.to_string(), "3 passed, 1 failed");
    }

    #[test]
    fn a_client_that_is_missing_is_no_failure() {
        let mut checks = Checks::default();
        checks.skip("skopeo", "it is not here");
        assert_eq!(checks.skipped, ["skopeo"]);
        assert!(checks.broken.is_empty());
    }
}
