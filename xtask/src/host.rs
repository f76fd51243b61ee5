//! Builds the tool, and runs it.

use std::path::PathBuf;
use std::process::Command;

use crate::steps::{Failure, command, root, run, target};

/// Builds `lockflight`, with the profile that tests and benchmarks use too, and returns the program.
pub fn build() -> Result<PathBuf, Failure> {
    run(&mut cargo(&["build", "--locked", "-p", "lockflight"]))?;
    Ok(target().join("debug/lockflight"))
}

/// `cargo` in the repository's root.
pub fn cargo(arguments: &[&str]) -> Command {
    command("cargo", arguments)
}

/// The tool, in a folder below the repository's root.
pub fn lockflight(program: &PathBuf, folder: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root().join(folder)).args(arguments);
    command
}
