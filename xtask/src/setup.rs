//! Sees to a Rust compiler for WebAssembly: finds one, or installs what is missing and says so.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::steps::{Failure, command, root, run, works};
use crate::toolchain::{TARGET, Toolchain, ToolchainError};

/// How long `rustup target add` may take before the other way is tried: it is a download of some 20 MB.
const RUSTUP_LIMIT: Duration = Duration::from_secs(90);

/// Debian's compiler and the source of the standard library, for which there is no package that is compiled.
const PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];

/// The command.
pub fn setup() -> Result<ExitCode, Failure> {
    println!("{}", wasm_toolchain()?.describe());
    Ok(ExitCode::SUCCESS)
}

/// A way to build plugins. Installs one if there is none.
pub fn wasm_toolchain() -> Result<Toolchain, Failure> {
    let missing = match Toolchain::find(&root()) {
        Ok(toolchain) => return Ok(toolchain),
        Err(error @ ToolchainError::NoLibrary { .. }) => error,
        Err(error) => return Err(error.into()),
    };
    println!("The plugins are built for {TARGET}, and Rust's standard library for it is not here.");
    if works(&mut command("rustup", &["--version"])) {
        add_target();
        if let Ok(toolchain) = Toolchain::find(&root()) {
            return Ok(toolchain);
        }
        println!("rustup could not install it.");
    }
    if !Path::new("/etc/debian_version").exists() {
        return Err(missing.into());
    }
    install_packages()?;
    Ok(Toolchain::find(&root())?)
}

fn add_target() {
    println!("Installing it with `rustup target add {TARGET}`.");
    let child = command("rustup", &["target", "add", TARGET]).spawn();
    let Ok(mut child) = child else { return };
    let started = Instant::now();
    while matches!(child.try_wait(), Ok(None)) {
        if started.elapsed() > RUSTUP_LIMIT {
            println!(
                "rustup is given up after {} seconds.",
                RUSTUP_LIMIT.as_secs()
            );
            // Both fail only if it has just ended by itself.
            let _ = child.kill();
            let _ = child.wait();
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn install_packages() -> Result<(), Failure> {
    println!(
        "Installing Debian's {}: a Rust compiler and the library's source, some 700 MB on disk. \
         The library is then built from source.",
        PACKAGES.join(" and ")
    );
    install(&PACKAGES)
}

/// Installs packages of Debian; the error says what to type, if this user may not.
pub fn install(packages: &[&str]) -> Result<(), Failure> {
    let typed = format!(
        "apt-get update && apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    let Some(prefix) = privilege() else {
        return Err(format!(
            "that needs root; run this and try again:\n\n    sudo sh -c '{typed}'\n"
        )
        .into());
    };
    let apt = |arguments: &[&str]| {
        let mut words = prefix.to_vec();
        words.extend([
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-qq",
            "-o",
            "DPkg::Lock::Timeout=300",
        ]);
        words.extend(arguments);
        let (program, arguments) = words.split_first().expect("the words are above");
        run(command(program, arguments).stdout(Stdio::null()))
    };
    apt(&["update"])?;
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(packages);
    apt(&install).map_err(|error| format!("{error}; try it by hand: {typed}").into())
}

/// What has to stand before a command that installs packages; none if this user may not.
fn privilege() -> Option<&'static [&'static str]> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout.trim_ascii() == b"0" {
        return Some(&[]);
    }
    works(&mut command("sudo", &["-n", "true"])).then_some(&["sudo", "-n"])
}
