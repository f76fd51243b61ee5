//! `cargo xtask demo`: from a clone to the results of a pipeline.

use std::process::ExitCode;

use crate::host;
use crate::plugins;
use crate::setup::wasm_toolchain;
use crate::steps::{Account, Failure, start};

/// The example, below the repository's root. All of its plugins are written in Rust.
const EXAMPLE: &str = "examples/bike-demand";

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
