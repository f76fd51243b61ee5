//! Tools of other languages: installed once per user, in the versions pinned here, below `$XDG_CACHE_HOME/lockflight/tools`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tool::{ToolError, run};
use crate::digest::Digest;

/// The file that says that the folder it is in was installed completely.
const COMPLETE: &str = ".complete";

/// The oldest Python that can hold the tools.
const PYTHON: (u32, u32) = (3, 10);

/// Says what a Python is, in three words: its version, and whether it can make virtual environments with pip.
const PYTHON_PROBE: &str = "import sys, importlib.util as u; print(*sys.version_info[:2], int(all(map(u.find_spec, ('venv', 'ensurepip')))))";

/// Why a tool could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Neither `XDG_CACHE_HOME` nor `HOME` is set.
    #[error("there is no place for tools: neither XDG_CACHE_HOME nor HOME is set")]
    NoCache,
    /// The machine lacks what the installation starts from.
    #[error("building {language} plugins needs {needed}; {found}. {help}")]
    Missing {
        /// The plugin's language.
        language: &'static str,
        /// What is needed.
        needed: String,
        /// What there is instead.
        found: String,
        /// What to do.
        help: &'static str,
    },
    /// A package manager failed.
    #[error("could not install {tool}: {error}")]
    Failed {
        /// What was to be installed.
        tool: &'static str,
        /// How it failed.
        error: ToolError,
    },
    /// Reading or writing a file failed.
    #[error("{}: {error}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// What to install: its name and the text that pins its version, of which the folder's name is made.
pub struct Tool {
    /// The name, for messages and as part of the folder's.
    pub name: &'static str,
    /// The requirements or the lock file.
    pub pinned: &'static str,
    /// A file in the folder without which the tool does not work.
    pub probe: &'static str,
}

/// The user's folder for what can be made again; none if neither `XDG_CACHE_HOME` nor `HOME` is set.
pub(super) fn user_cache() -> Option<PathBuf> {
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    Some(cache?.join("lockflight"))
}

/// The folder that holds the tools.
pub struct Tools {
    root: PathBuf,
}

impl Tools {
    /// The user's.
    ///
    /// # Errors
    /// When the user has no folder for caches.
    pub fn of_user() -> Result<Self, InstallError> {
        Ok(Self {
            root: user_cache().ok_or(InstallError::NoCache)?.join("tools"),
        })
    }

    /// The folder that holds them all.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of a tool that is there already.
    pub fn installed(&self, tool: &Tool) -> Option<PathBuf> {
        let folder = self.folder(tool);
        let is_complete = folder.join(COMPLETE).exists() && folder.join(tool.probe).exists();
        is_complete.then_some(folder)
    }

    fn folder(&self, tool: &Tool) -> PathBuf {
        let pin = Digest::of(tool.pinned.as_bytes());
        self.root.join(format!("{}-{}", tool.name, pin.short()))
    }

    /// The folder of a tool. `install` is given a fresh one to fill if there is none yet, or if its probe is gone, as happens
    /// when the Python behind a virtual environment is removed. Of several processes, one installs and the others wait.
    ///
    /// # Errors
    /// What `install` says, or when the folder can't be written. The next call starts over.
    pub fn get(
        &self,
        tool: &Tool,
        install: impl FnOnce(&Path) -> Result<(), InstallError>,
    ) -> Result<PathBuf, InstallError> {
        if let Some(installed) = self.installed(tool) {
            return Ok(installed);
        }
        let folder = self.folder(tool);
        fs::create_dir_all(&self.root).map_err(io_error(&self.root))?;
        let lock = folder.with_extension("lock");
        let file = File::create(&lock).map_err(io_error(&lock))?;
        file.lock().map_err(io_error(&lock))?;
        if let Some(installed) = self.installed(tool) {
            return Ok(installed);
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(io_error(&folder))?;
        }
        // Installed in place: a virtual environment can't be moved.
        fs::create_dir(&folder).map_err(io_error(&folder))?;
        tracing::info!("installing {} into {}", tool.name, folder.display());
        install(&folder)?;
        let marker = folder.join(COMPLETE);
        File::create(&marker).map_err(io_error(&marker))?;
        Ok(folder)
    }

    /// The folder of a Python package, in a virtual environment of its own.
    ///
    /// # Errors
    /// When there is no suitable Python, or the installation fails.
    pub fn python_package(&self, tool: &Tool) -> Result<PathBuf, InstallError> {
        self.get(tool, |folder| {
            let failed = |error| InstallError::Failed {
                tool: tool.name,
                error,
            };
            run(Command::new(python()?).args(["-m", "venv"]).arg(folder)).map_err(failed)?;
            let requirements = folder.join("requirements.txt");
            write(&requirements, tool.pinned)?;
            let mut pip = Command::new(folder.join("bin/python"));
            pip.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--only-binary=:all:",
            ]);
            run(pip.args(["--require-hashes", "-r"]).arg(requirements)).map_err(failed)?;
            Ok(())
        })
    }

    /// The folder of a module that [`Self::python_package`] installed.
    ///
    /// # Errors
    /// When the installation fails, or the package does not have the module.
    pub fn python_module(&self, tool: &Tool, module: &str) -> Result<PathBuf, InstallError> {
        let environment = self.python_package(tool)?;
        let ask = format!("import {module} as m, os; print(os.path.dirname(m.__file__))");
        let mut python = Command::new(environment.join("bin/python"));
        let answer = run(python.args(["-c", &ask])).map_err(|error| InstallError::Failed {
            tool: tool.name,
            error,
        })?;
        Ok(PathBuf::from(String::from_utf8_lossy(&answer).trim()))
    }
}

/// Writes a file of the installation.
///
/// # Errors
/// When it can't be written.
pub fn write(path: &Path, text: &str) -> Result<(), InstallError> {
    fs::write(path, text).map_err(io_error(path))
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> InstallError {
    |error| InstallError::Io {
        path: path.to_owned(),
        error,
    }
}

/// The first Python on the path that can make a virtual environment.
pub(super) fn python() -> Result<&'static str, InstallError> {
    let mut found = Vec::new();
    for name in [
        "python3",
        "python",
        "python3.14",
        "python3.13",
        "python3.12",
        "python3.11",
        "python3.10",
    ] {
        let fault = match run(Command::new(name).args(["-c", PYTHON_PROBE])) {
            Ok(answer) => match judge_python(&String::from_utf8_lossy(&answer)) {
                Ok(()) => return Ok(name),
                Err(fault) => fault,
            },
            Err(ToolError::Start { .. }) => continue,
            Err(ToolError::Failed { status, .. }) => format!("does not run ({status})"),
        };
        found.push(format!("`{name}` {fault}"));
    }
    let found = if found.is_empty() {
        "there is no `python3` on the path".to_owned()
    } else {
        found.join(", ")
    };
    let needed = format!(
        "Python {}.{} or newer with its module venv",
        PYTHON.0, PYTHON.1
    );
    Err(InstallError::Missing {
        language: "Python",
        needed,
        found,
        help: "On Debian and Ubuntu: apt-get install python3 python3-venv",
    })
}

/// Whether the probe's answer is that of a suitable Python, else what it lacks.
fn judge_python(answer: &str) -> Result<(), String> {
    let words: Vec<u32> = answer
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    match words[..] {
        [major, minor, _] if (major, minor) < PYTHON => Err(format!("is {major}.{minor}")),
        [_, _, 0] => Err("lacks the module venv or ensurepip".to_owned()),
        [_, _, _] => Ok(()),
        _ => Err("does not answer like a Python".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::cell::Cell;

    const TOOL: Tool = Tool {
        name: "hammer",
        pinned: "hammer==1",
        probe: "bin/hammer",
    };

    fn put_probe(folder: &Path) -> Result<(), InstallError> {
        fs::create_dir(folder.join("bin")).unwrap();
        write(&folder.join("bin/hammer"), "")
    }

    #[test]
    fn installs_once_for_each_pin() {
        let root = tempfile::tempdir().unwrap();
        let tools = Tools {
            root: root.path().join("tools"),
        };
        let installs = Cell::new(0);
        let get = |tool: &Tool| {
            tools.get(tool, |folder| {
                installs.set(installs.get() + 1);
                put_probe(folder)
            })
        };
        let folder = get(&TOOL).unwrap();
        assert_eq!((get(&TOOL).unwrap(), installs.get()), (folder.clone(), 1));
        assert_ne!(
            get(&Tool {
                pinned: "hammer==2",
                ..TOOL
            })
            .unwrap(),
            folder
        );
        assert_eq!(installs.get(), 2);
        fs::remove_file(folder.join("bin/hammer")).unwrap();
        assert_eq!(
            (get(&TOOL).unwrap(), installs.get()),
            (folder, 3),
            "a tool that lost its probe is installed again"
        );
    }

    #[test]
    fn what_was_not_completed_is_started_over() {
        let root = tempfile::tempdir().unwrap();
        let tools = Tools {
            root: root.path().to_owned(),
        };
        let half = |folder: &Path| {
            put_probe(folder).unwrap();
            Err(InstallError::NoCache)
        };
        assert!(tools.get(&TOOL, half).is_err());
        let seen = Cell::new(true);
        let whole = |folder: &Path| {
            seen.set(folder.join(TOOL.probe).exists());
            put_probe(folder)
        };
        assert!(tools.get(&TOOL, whole).unwrap().join(TOOL.probe).exists());
        assert!(!seen.get(), "the half installed tool was still there");
    }

    #[test]
    fn pythons_are_judged() {
        assert_eq!(judge_python("3 10 1\n"), Ok(()));
        assert_eq!(judge_python("4 0 1"), Ok(()));
        assert_eq!(judge_python("3 9 1"), Err("is 3.9".to_owned()));
        assert!(judge_python("3 12 0").unwrap_err().contains("venv"));
        assert!(judge_python("hello").is_err());
    }

    #[test]
    fn pins_hold_versions_and_hashes_and_name_no_host() {
        for pinned in [
            super::super::python::COMPONENTIZE.pinned,
            super::super::javascript::NODE.pinned,
            super::super::c::ZIG.pinned,
            super::super::go::GO.pinned,
        ] {
            assert!(
                pinned.contains("==") && pinned.matches("--hash=sha256:").count() >= 2,
                "{pinned}"
            );
        }
        let lock = super::super::javascript::QUICKJS.pinned;
        assert!(
            lock.contains("sha512-") && !lock.contains("://") && !lock.contains("\"resolved\"")
        );
    }
}
