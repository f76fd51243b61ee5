//! Programs that Debian has under their own names.

use std::path::Path;

use crate::setup;
use crate::steps::{command, works};

/// Sees to a program; what is missing if it is not to be had here. It prints its version for `--version`.
pub fn missing(program: &str) -> Option<String> {
    let there = || works(&mut command(program, &["--version"]));
    if there() {
        return None;
    }
    let how = format!(
        "there is no {program} (Debian: apt-get install --no-install-recommends {program})"
    );
    if !Path::new("/etc/debian_version").exists() {
        return Some(how);
    }
    println!("\nInstalling Debian's {program}.");
    match setup::install(&[program]) {
        Ok(()) if there() => None,
        Ok(()) => Some(how),
        Err(error) => Some(format!("{how}: {error}")),
    }
}
