//! `cargo xtask bench --peers`: the plugin `gbdt` beside the libraries of its kind.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::bench::{FLIGHTS, figures};
use crate::data;
use crate::host::{self, cargo};
use crate::plugins::{self, python};
use crate::setup::wasm_toolchain;
use crate::steps::{Account, Failure, root, run, target, works};

/// The libraries. XGBoost's package without code for graphics cards, which is a twentieth of the size.
const LIBRARIES: [&str; 4] = ["lightgbm>=4.6,<5", "xgboost-cpu>=3.1,<4", "numpy", "scipy"];

/// Succeeds where they are installed.
const IMPORT: &str = "import lightgbm, xgboost";

const PLUGIN: &str = "plugins/gbdt";

/// Fetches libraries and data, builds what is measured and prints the comparison.
pub fn peers() -> Result<ExitCode, Failure> {
    let mut account = Account::default();
    account.part("a compiler for WebAssembly", wasm_toolchain)?;
    let flights = account.part("the data", data::flights_once)?;
    let interpreter = account.part("the libraries", libraries)?;
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

/// A Python with the libraries, in the user's cache.
fn libraries() -> Result<PathBuf, Failure> {
    let folder = data::cache()?.join("peers");
    let interpreter = folder.join("bin/python");
    let imports = |interpreter: &Path| works(Command::new(interpreter).args(["-c", IMPORT]));
    if imports(&interpreter) {
        return Ok(interpreter);
    }
    println!(
        "Installing {} into {}",
        LIBRARIES.join(", "),
        folder.display()
    );
    run(python(&["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(&interpreter);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
    ]);
    run(pip.args(LIBRARIES))?;
    if imports(&interpreter) {
        Ok(interpreter)
    } else {
        Err("the libraries are installed but can't be imported; LightGBM needs libgomp (Debian: apt-get install libgomp1)".into())
    }
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
