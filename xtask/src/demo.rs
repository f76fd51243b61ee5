//! `cargo xtask demo`: from a clone to the results of a pipeline.

use std::process::ExitCode;

use crate::host;
use crate::live::{self, Live};
use crate::plugins;
use crate::setup::wasm_toolchain;
use crate::steps::{Account, Failure, start};

/// The example, below the repository's root. All of its plugins are written in Rust.
const EXAMPLE: &str = "examples/bike-demand";

/// How to read the monitors of the example.
const READING: &str = "
The model knows nine months of 2011. `accuracy` shows what it was worth in each month after. `drift` holds the hours of a month
against those nine months, `seasonal-drift` against the same season only: what drifts in the first and not in the second was the
season, and what drifts in neither does not explain why predictions got worse: then it is the world that changed.";

/// What is sent to the served model.
const LIVE: Live<'_> = Live {
    example: EXAMPLE,
    table: "split.future",
    endpoint: "bikes",
    answer: "prediction",
    truth: "cnt",
    shown: &["dteday", "hr", "season", "weathersit"],
};

/// Builds what is needed, runs the example and says what each part cost.
pub fn demo() -> Result<ExitCode, Failure> {
    let mut account = Account::default();
    let toolchain = account.part("a compiler for WebAssembly", wasm_toolchain)?;
    println!("{}", toolchain.describe());
    let lockflight = account.part("the tool", host::build)?;
    account.part("the plugins", || plugins::build(&lockflight))?;
    let status = account.part("the pipeline", || {
        start(&mut host::lockflight(&lockflight, EXAMPLE, &["run"]))
    })?;
    if status.success() {
        println!("{READING}");
        account.part("ten rows over HTTP", || live::send(&lockflight, &LIVE))?;
        let report = account.part("the report", || live::report(&lockflight, EXAMPLE))?;
        println!("Look at it in a browser: {}", report.display());
    }
    println!("\n{account}");
    println!(
        "The tool is {}; the example is in {EXAMPLE}.",
        lockflight.display()
    );
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}
