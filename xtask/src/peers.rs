//! `cargo xtask bench --peers`: the plugin `gbdt` beside the libraries of its kind.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::bench::{FLIGHTS, figures};
use crate::data;
use crate::host::{self, cargo};
use crate::plugins;
use crate::setup::wasm_toolchain;
use crate::steps::{Account, Failure, root, run, target};
use crate::venv::Venv;

/// The libraries. XGBoost's package without code for graphics cards, which is a twentieth of the size.
const LIBRARIES: Venv = Venv {
    name: "peers",
    requirements: "lightgbm>=4.6,<5\nxgboost-cpu>=3.1,<4\nnumpy\nscipy\n",
    import: "import lightgbm, xgboost",
    hint: " (LightGBM needs libgomp; Debian: apt-get install libgomp1)",
};

const PLUGIN: &str = "plugins/gbdt";

/// Fetches libraries and data, builds what is measured and prints the comparison.
pub fn peers() -> Result<ExitCode, Failure> {
    let mut account = Account::default();
    account.part("a compiler for WebAssembly", wasm_toolchain)?;
    let flights = account.part("the data", data::flights_once)?;
    let interpreter = account.part("the libraries", || LIBRARIES.interpreter())?;
    let lockflight = account.part("the tool", host::build)?;
    account.part("the plugin", || {
        plugins::build_folder(&lockflight, &root().join(PLUGIN))
    })?;
    let native = account.part("the plugin outside WebAssembly", native)?;
    account.part("the comparison", || {
        let mut bench = figures();
        bench
            .env(FLIGHTS, &flights)
            .env("LOCKFLIGHT_PEERS_PYTHON", &interpreter)
            .env("LOCKFLIGHT_PEERS_NATIVE", &native);
        run(&mut bench)
    })?;
    println!("\n{account}");
    Ok(ExitCode::SUCCESS)
}

/// The plugin's own code as a program of this machine, with the flags of plugins.
fn native() -> Result<PathBuf, Failure> {
    let profile = "plugin";
    run(&mut cargo(&[
        "build",
        "--locked",
        "--profile",
        profile,
        "-p",
        "lockflight-gbdt",
        "--example",
        "native",
    ]))?;
    Ok(target().join(profile).join("examples/native"))
}
