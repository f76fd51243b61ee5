//! The clients that are Python libraries, and the scripts in `tests/interop` that use them.

use std::path::Path;
use std::process::Command;

use super::{ENDPOINT, EXAMPLE, VERSION, count};
use crate::steps::{Failure, failed, root, run_and_read};
use crate::summary::Ran;
use crate::venv::Venv;

/// The scripts, below the repository's root.
const SCRIPTS: &str = "tests/interop";

/// What they need.
pub const LIBRARIES: Venv = Venv {
    name: "interop",
    requirements: include_str!("../../../tests/interop/requirements.txt"),
    import: "import jsonschema, numpy, openlineage.client, tritonclient.http",
    hint: "",
};

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
    use crate::steps::command;

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
