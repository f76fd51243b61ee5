//! The clients that are Python libraries, and the scripts in `tests/interop` that use them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{ENDPOINT, EXAMPLE, Ran, VERSION, count};
use crate::data;
use crate::plugins::python;
use crate::steps::{Failure, failed, root, run, run_and_read, works};

/// The scripts, below the repository's root.
const SCRIPTS: &str = "tests/interop";

/// Succeeds where the libraries are installed.
const IMPORT: &str = "import jsonschema, numpy, openlineage.client, tritonclient.http";

/// A Python with the libraries, in the user's cache. It is made anew when other versions are asked for.
pub fn libraries() -> Result<PathBuf, Failure> {
    let folder = data::cache()?.join("interop");
    let interpreter = folder.join("bin/python");
    let requirements = root().join(SCRIPTS).join("requirements.txt");
    let installed = folder.join("installed.txt");
    let imports = || works(Command::new(&interpreter).args(["-c", IMPORT]));
    if same(&requirements, &installed) && imports() {
        return Ok(interpreter);
    }
    println!("Installing the libraries into {}", folder.display());
    run(python(&["-m", "venv", "--clear"]).arg(&folder))?;
    install(&interpreter, &requirements)?;
    if !imports() {
        return Err(format!(
            "the libraries are installed but can't be imported; see why with `{} -c '{IMPORT}'`",
            interpreter.display()
        )
        .into());
    }
    // Last, so that what was broken off halfway is not taken for whole.
    fs::copy(&requirements, &installed)?;
    Ok(interpreter)
}

fn install(interpreter: &Path, requirements: &Path) -> Result<(), Failure> {
    let options = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
        "--requirement",
    ];
    run(Command::new(interpreter).args(options).arg(requirements))
}

/// Whether both files are there and say the same.
fn same(one: &Path, other: &Path) -> bool {
    let read = |path| fs::read(path).ok();
    read(one).is_some_and(|text| Some(text) == read(other))
}

/// Asks a server for predictions as `tritonclient` does.
pub fn open_inference(interpreter: &Path, address: &str) -> Result<Ran, Failure> {
    let rows = root().join(EXAMPLE).join("data/rides.csv");
    let mut script = script(interpreter, "open_inference.py");
    checked(script.args([address, ENDPOINT]).arg(rows))
}

/// Reads a package as ModelPack says that it has to be.
pub fn model_pack(interpreter: &Path, layout: &Path) -> Result<Ran, Failure> {
    let mut script = script(interpreter, "model_pack.py");
    checked(script.arg(layout).arg(VERSION))
}

/// Holds the events of a run against the schemas of OpenLineage and its official client.
pub fn open_lineage(interpreter: &Path, events: &Path) -> Result<Ran, Failure> {
    let mut script = script(interpreter, "../../openlineage/tests/validate.py");
    checked(script.arg(events))
}

fn script(interpreter: &Path, name: &str) -> Command {
    let mut command = Command::new(interpreter);
    command
        .arg(root().join(SCRIPTS).join(name))
        // No __pycache__ folders in the repository, and lines in the order in which they were written.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUNBUFFERED", "1");
    command
}

/// Runs a script, and counts its checks whether they pass or not.
fn checked(script: &mut Command) -> Result<Ran, Failure> {
    let (status, output) = run_and_read(script)?;
    let count = count(&output);
    let outcome = if !status.success() {
        Err(failed(script, status))
    } else if count.passed == 0 {
        Err("the script says that all is well, but it checked nothing".into())
    } else {
        Ok(())
    };
    Ok((count, outcome))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::interop::Scratch;
    use crate::steps::command;

    #[test]
    fn files_that_are_missing_are_not_the_same() {
        let scratch = Scratch::new("interop-same").unwrap();
        let (one, other) = (scratch.path.join("one"), scratch.path.join("other"));
        assert!(!same(&one, &other));
        fs::write(&one, "numpy==1").unwrap();
        assert!(!same(&one, &other));
        fs::write(&other, "numpy==2").unwrap();
        assert!(!same(&one, &other));
        fs::write(&other, "numpy==1").unwrap();
        assert!(same(&one, &other));
    }

    #[test]
    fn a_script_fails_by_its_status_or_by_checking_nothing() {
        let ran = |script: &str| checked(&mut command("sh", &["-c", script])).unwrap();
        let (count, outcome) = ran("echo ok a");
        assert_eq!(count.passed, 1);
        assert!(outcome.is_ok());
        let (count, outcome) = ran("echo ok a; echo FAILED b: c; exit 1");
        assert_eq!((count.passed, count.failed), (1, 1));
        assert!(outcome.is_err());
        assert!(ran("true").1.is_err());
    }
}
