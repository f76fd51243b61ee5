//! `cargo xtask demo`: from a clone to the results of a pipeline.

use std::process::ExitCode;

use crate::host;
use crate::plugins;
use crate::setup::wasm_toolchain;
use crate::steps::{Account, Failure, start};

/// The example, below the repository's root.
const EXAMPLE: &str = "examples/penguins";

/// Its manifest without the stages in other languages than Rust.
const CORE: &str = "core.toml";

/// Builds what is needed, runs the example and says what each part cost.
pub fn demo() -> Result<ExitCode, Failure> {
    let mut account = Account::default();
    let toolchain = account.part("a compiler for WebAssembly", wasm_toolchain)?;
    println!("{}", toolchain.describe());
    let lockflight = account.part("the tool", host::build)?;
    let whole = account.part("the plugins", || plugins::build(&lockflight))?;
    let status = account.part("the pipeline", || {
        let mut run = host::lockflight(&lockflight, EXAMPLE, &["run"]);
        if !whole {
            println!("{CORE} is run, which leaves out the stages in Python and JavaScript.");
            run.arg(CORE);
        }
        start(&mut run)
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
