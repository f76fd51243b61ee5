//! The plugins of this repository: which there are, and which of them can be built here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::host;
use crate::steps::{Failure, command, root, run, works};

/// A language that plugins are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Needs nothing beyond what builds the tool.
    Rust,
    /// Needs python3 with venv.
    Python,
    /// Needs node and npm.
    Javascript,
}

impl Language {
    /// What is missing to build its plugins here; none if nothing is. `lockflight plugin build` fetches the rest by itself.
    pub fn missing(self) -> Option<&'static str> {
        match self {
            Self::Python if !can_make_venv() => Some(
                "there is no python3 of version 3.10 or later with venv (Debian: apt-get install python3-venv)",
            ),
            Self::Javascript if !has_node(18) && !can_make_venv() => Some(
                "there is neither node of version 18 or later with npm, nor a python3 with venv to fetch it",
            ),
            Self::Rust | Self::Python | Self::Javascript => None,
        }
    }

    /// What is missing to run its plugins' own tests here; none if nothing is.
    pub fn missing_for_tests(self) -> Option<&'static str> {
        match self {
            Self::Python if !works(&mut python(&["-c", RECENT])) => {
                Some("there is no python3 of version 3.10 or later")
            }
            Self::Javascript if !has_node(20) => {
                Some("there is no node of version 20 or later with npm")
            }
            Self::Rust | Self::Python | Self::Javascript => None,
        }
    }
}

/// Fails in a Python that is too old.
const RECENT: &str = "import sys; sys.exit(sys.version_info < (3, 10))";

fn can_make_venv() -> bool {
    works(&mut python(&["-c", RECENT])) && works(&mut python(&["-c", "import venv, ensurepip"]))
}

fn has_node(oldest: u32) -> bool {
    let check = format!("process.exit(parseInt(process.versions.node) < {oldest} ? 1 : 0)");
    works(&mut node(&["-e", &check])) && works(&mut command("npm", &["--version"]))
}

/// The interpreter, for checks and tests.
pub fn python(arguments: &[&str]) -> Command {
    let mut python = command("python3", arguments);
    // No __pycache__ folders in the repository.
    python.env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

/// The interpreter, for checks and tests.
pub fn node(arguments: &[&str]) -> Command {
    command("node", arguments)
}

/// A folder in `plugins/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// The folder.
    pub folder: PathBuf,
    /// What it is written in.
    pub language: Language,
}

/// All plugins, sorted by name.
pub fn all() -> Result<Vec<Plugin>, Failure> {
    let mut plugins = Vec::new();
    for entry in fs::read_dir(root().join("plugins"))? {
        let folder = entry?.path();
        if let Ok(text) = fs::read_to_string(folder.join("plugin.toml")) {
            plugins.push(Plugin {
                language: language(&text, &folder)?,
                folder,
            });
        }
    }
    plugins.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(plugins)
}

/// The SDKs that have tests in their own language.
pub fn sdks() -> [Plugin; 2] {
    let sdk = |name, language| Plugin {
        folder: root().join("sdk").join(name),
        language,
    };
    [
        sdk("python", Language::Python),
        sdk("typescript", Language::Javascript),
    ]
}

/// Finds the language in a `plugin.toml`. `lockflight` reads the file properly; here one line of it is enough.
fn language(text: &str, folder: &Path) -> Result<Language, Failure> {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("language"));
    match line.map(|rest| rest.trim_matches([' ', '=', '"', '\''])) {
        Some("rust") => Ok(Language::Rust),
        Some("python") => Ok(Language::Python),
        // TypeScript needs the same tools.
        Some("javascript" | "typescript") => Ok(Language::Javascript),
        other => Err(format!(
            "{}/plugin.toml: unknown language {other:?}",
            folder.display()
        )
        .into()),
    }
}

/// Builds every plugin that can be built here, says which can't, and returns whether all could.
pub fn build(lockflight: &PathBuf) -> Result<bool, Failure> {
    let mut whole = true;
    for plugin in all()? {
        if let Some(missing) = plugin.language.missing() {
            println!("left out: {}, since {missing}", plugin.folder.display());
            whole = false;
            continue;
        }
        build_folder(lockflight, &plugin.folder)?;
    }
    Ok(whole)
}

/// Builds one plugin.
pub fn build_folder(lockflight: &PathBuf, folder: &Path) -> Result<(), Failure> {
    let folder = folder.display().to_string();
    run(&mut host::lockflight(
        lockflight,
        "",
        &["plugin", "build", &folder],
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn finds_the_language() {
        let of = |text: &str| language(text, Path::new("p")).map_err(|error| error.to_string());
        assert_eq!(
            of("name = \"x\"\n[build]\nlanguage = \"python\"\n"),
            Ok(Language::Python)
        );
        assert_eq!(of("[build]\nlanguage='rust'"), Ok(Language::Rust));
        assert!(of("[build]").unwrap_err().contains("p/plugin.toml"));
    }

    #[test]
    fn every_plugin_of_the_repository_is_found() {
        let plugins = all().unwrap();
        assert!(
            plugins
                .iter()
                .any(|plugin| plugin.folder.ends_with("outliers-py"))
        );
        assert!(plugins.is_sorted_by_key(|plugin| plugin.folder.clone()));
    }
}
