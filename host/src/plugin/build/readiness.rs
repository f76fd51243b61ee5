//! Whether plugins of each language can be built on this machine, told without installing anything.

use std::path::Path;

use super::installed::{InstallError, Tool, Tools};
use super::{c, first_pin, go, javascript, python};
use crate::plugin::toolchain::Toolchain;

/// Whether the plugins of a language can be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// They can; with what.
    Ready(String),
    /// They can after a download, which the first build does; of what.
    Downloads(String),
    /// They cannot; what is missing, and the command that installs it.
    Missing(String),
}

/// Each language of `plugin.toml` and how it stands with it. `folder` may choose a Rust toolchain of its own.
///
/// # Errors
/// When the user has no folder for tools.
pub fn of_languages(folder: &Path) -> Result<Vec<(&'static str, Readiness)>, InstallError> {
    let tools = Tools::of_user()?;
    let script = javascript::readiness(&tools);
    Ok(vec![
        ("rust", rust(folder)),
        (
            "python",
            of_package(&tools, &python::COMPONENTIZE, |error| error),
        ),
        ("javascript", script.clone()),
        ("typescript", script),
        ("c", of_package(&tools, &c::ZIG, |error| error)),
        ("go", go::readiness(&tools)),
    ])
}

fn rust(folder: &Path) -> Readiness {
    match Toolchain::find(folder) {
        Ok(toolchain) => Readiness::Ready(toolchain.describe()),
        Err(error) => Readiness::Missing(error.to_string()),
    }
}

/// How it stands with a Python package, which a Python installs; `lacking` words what is told where there is no Python.
pub(super) fn of_package(
    tools: &Tools,
    tool: &Tool,
    lacking: fn(InstallError) -> InstallError,
) -> Readiness {
    let name = first_pin(tool.pinned).replacen("==", " ", 1);
    if tools.installed(tool).is_some() {
        return Readiness::Ready(name);
    }
    match super::installed::python() {
        Ok(_) => Readiness::Downloads(name),
        Err(error) => Readiness::Missing(lacking(error).to_string()),
    }
}
