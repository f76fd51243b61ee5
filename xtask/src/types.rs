//! The types that the SDKs tell editors, as the checkers that editors use see them: `tsc` and `mypy` over a new plugin for every world.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::host;
use crate::plugins::Language;
use crate::scratch::Scratch;
use crate::steps::{Failure, command, root, run, start, target, works};
use crate::summary::{Count, Ran};
use crate::venv::Venv;

const MYPY: Venv = Venv {
    name: "types",
    requirements: "mypy==2.4.1\n",
    import: "import mypy",
    hint: "",
};

/// Where the version of TypeScript is held, below the repository's root.
const TYPESCRIPT: &str = "tests/types";

/// A language that has a checker.
enum Checker {
    /// `tsc`, for the file of options that a new plugin has.
    Tsc { options: &'static str },
    /// `mypy`, for the plugin and not for what it imports.
    Mypy,
}

/// Makes the plugins and checks their types; a test for each plugin.
pub fn all(lockflight: &PathBuf) -> Result<Ran, Failure> {
    let scratch = Scratch::new("types")?;
    let worlds = worlds()?;
    let (mut count, mut broken) = (Count::default(), Vec::new());
    for (name, language, checker) in [
        (
            "javascript",
            Language::Javascript,
            Checker::Tsc {
                options: "jsconfig.json",
            },
        ),
        (
            "typescript",
            Language::Javascript,
            Checker::Tsc {
                options: "tsconfig.json",
            },
        ),
        ("python", Language::Python, Checker::Mypy),
    ] {
        if let Some(missing) = language.missing_for_tests().or_else(|| language.missing()) {
            println!("skipped {name}, since {missing}");
            continue;
        }
        let program = checker.program()?;
        for world in &worlds {
            let folder = scratch.path.join(format!("{name}-{world}"));
            new_plugin(lockflight, name, world, &folder)?;
            let passed = start(&mut checker.command(&program, &folder))?.success();
            println!("{name} {world}: {}", if passed { "ok" } else { "FAILED" });
            count.add(Count {
                passed: passed.into(),
                failed: (!passed).into(),
            });
            if !passed {
                broken.push(format!("{name} for {world}"));
            }
        }
    }
    let outcome = match broken.is_empty() {
        true => Ok(()),
        false => Err(format!("the types do not fit: {}", broken.join(", ")).into()),
    };
    Ok((count, outcome))
}

/// The worlds that there are templates for.
fn worlds() -> Result<Vec<String>, Failure> {
    let mut worlds = Vec::new();
    for entry in fs::read_dir(root().join("host/src/plugin/new/template/world"))? {
        worlds.push(entry?.file_name().to_string_lossy().into_owned());
    }
    worlds.sort();
    Ok(worlds)
}

fn new_plugin(
    lockflight: &PathBuf,
    language: &str,
    world: &str,
    folder: &Path,
) -> Result<(), Failure> {
    let mut new = host::lockflight(
        lockflight,
        "",
        &[
            "plugin", "new", "typed", "--lang", language, "--world", world,
        ],
    );
    run(new.arg("--quiet").arg("--to").arg(folder))
}

impl Checker {
    /// Its program, installed if it is not there.
    fn program(&self) -> Result<PathBuf, Failure> {
        match self {
            Self::Tsc { .. } => tsc(),
            Self::Mypy => MYPY.interpreter(),
        }
    }

    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder);
        match self {
            Self::Tsc { options } => command.args(["--project", options]),
            // The cache is for the SDK, which is the same in all of them.
            Self::Mypy => command
                .args(["-m", "mypy", "--strict", "--follow-imports=silent"])
                .arg("plugin.py")
                .env("MYPYPATH", "sdk")
                .env("MYPY_CACHE_DIR", folder.with_file_name("mypy")),
        };
        command
    }
}

/// `tsc`, in cargo's folder. It is installed anew when another version is asked for.
fn tsc() -> Result<PathBuf, Failure> {
    let folder = target().join("tools/typescript");
    let program = folder.join("node_modules/.bin/tsc");
    let files = ["package.json", "package-lock.json"];
    let held = |name: &str| root().join(TYPESCRIPT).join(name);
    let is_same = |name: &&str| fs::read(held(name)).ok() == fs::read(folder.join(name)).ok();
    if files.iter().all(is_same) && works(&mut command(&program.display().to_string(), &["-v"])) {
        return Ok(program);
    }
    println!("Installing TypeScript into {}", folder.display());
    fs::create_dir_all(&folder)?;
    for name in files {
        fs::copy(held(name), folder.join(name))?;
    }
    let options = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ];
    run(command("npm", &options).current_dir(&folder))?;
    Ok(program)
}
