//! `cargo xtask bench`.

use std::process::{Command, ExitCode};

use crate::data;
use crate::host::{self, cargo};
use crate::plugins::{self, Language};
use crate::setup::{install, wasm_toolchain};
use crate::steps::{Account, Failure, root, run, works};

/// The benchmarks read the path of the flights from this variable.
pub const FLIGHTS: &str = "LOCKFLIGHT_FLIGHTS";

/// The plugins that are measured beside those that are shipped: one, in each language, reads floats and does next to nothing
/// with them, the other does next to nothing.
const MEASURED: [(&str, Language); 6] = [
    ("tests/plugins/sum", Language::Rust),
    ("tests/plugins/sum-c", Language::C),
    ("tests/plugins/sum-go", Language::Go),
    ("tests/plugins/pull-py", Language::Python),
    ("tests/plugins/pull-ts", Language::Javascript),
    ("tests/plugins/misbehave", Language::Rust),
];

/// Builds what is measured, fetches the data and runs the benchmarks whose name contains the filter.
pub fn bench(filter: &[&str]) -> Result<ExitCode, Failure> {
    let mut account = Account::default();
    account.part("a compiler for WebAssembly", wasm_toolchain)?;
    let flights = account.part("the data", || {
        data::place()?;
        data::flights()
    })?;
    let lockflight = account.part("the tool", host::build)?;
    account.part("the plugins", || {
        plugins::build(&lockflight)?;
        MEASURED
            .iter()
            .filter(|(_, language)| language.missing().is_none())
            .try_for_each(|(folder, _)| plugins::build_folder(&lockflight, &root().join(folder)))
    })?;
    account.part("the benchmarks", || {
        run(figures().env(FLIGHTS, &flights).arg("--").args(filter))
    })?;
    println!("\n{account}");
    Ok(ExitCode::SUCCESS)
}

/// Builds what is measured, sees to a load generator and the data, and measures serving and scoring in bulk.
pub fn load() -> Result<ExitCode, Failure> {
    let mut account = Account::default();
    account.part("a compiler for WebAssembly", wasm_toolchain)?;
    account.part("a load generator", || {
        match works(Command::new("sh").args(["-c", "command -v wrk"])) {
            true => Ok(()),
            false => install(&[WRK]),
        }
    })?;
    account.part("the data", data::place)?;
    let lockflight = account.part("the tool", host::build)?;
    account.part("the plugins", || plugins::build(&lockflight))?;
    account.part(
        "the benchmark",
        || run(figures().env("LOCKFLIGHT_WRK", WRK)),
    )?;
    println!("\n{account}");
    Ok(ExitCode::SUCCESS)
}

/// Builds what is measured, and measures what authors wait for in every language whose tools can be had.
pub fn authoring() -> Result<ExitCode, Failure> {
    let mut account = Account::default();
    account.part("a compiler for WebAssembly", wasm_toolchain)?;
    let lockflight = account.part("the tool", host::build)?;
    account.part("the plugin to compare with", || {
        plugins::build_folder(&lockflight, &root().join("plugins/prepare"))
    })?;
    let mut languages = Vec::new();
    for (name, language) in LANGUAGES {
        match language.missing() {
            None => languages.push(name),
            Some(why) => println!("{name} is left out: {why}"),
        }
    }
    account.part("the benchmark", || {
        run(figures().env("LOCKFLIGHT_AUTHORING", languages.join(",")))
    })?;
    println!("\n{account}");
    Ok(ExitCode::SUCCESS)
}

/// The languages as `plugin new` names them.
const LANGUAGES: [(&str, Language); 5] = [
    ("rust", Language::Rust),
    ("python", Language::Python),
    ("typescript", Language::Javascript),
    ("c", Language::C),
    ("go", Language::Go),
];

/// The load generator, and the package of Debian that it is in.
const WRK: &str = "wrk";

/// The benchmarks, with the profile of the tests: its dependencies are fully optimised, and they are built already.
pub fn figures() -> Command {
    cargo(&[
        "bench",
        "--locked",
        "--profile",
        "dev",
        "-p",
        "lockflight",
        "--bench",
        "*",
    ])
}
