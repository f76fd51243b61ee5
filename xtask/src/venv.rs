//! Python libraries in a virtual environment of their own, in the user's cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::data;
use crate::plugins::python;
use crate::steps::{Failure, run, works};

/// A virtual environment.
pub struct Venv {
    /// Its folder in the cache.
    pub name: &'static str,
    /// What is installed, as a requirements file of pip.
    pub requirements: &'static str,
    /// Succeeds in a Python that has all of it.
    pub import: &'static str,
    /// What else may be missing if that does not succeed.
    pub hint: &'static str,
}

impl Venv {
    /// The interpreter. The environment is made anew when other versions are asked for.
    pub fn interpreter(&self) -> Result<PathBuf, Failure> {
        let folder = data::cache()?.join(self.name);
        let interpreter = folder.join("bin/python");
        let installed = folder.join("installed.txt");
        let imports = || works(Command::new(&interpreter).args(["-c", self.import]));
        let is_same = fs::read_to_string(&installed).is_ok_and(|text| text == self.requirements);
        if is_same && imports() {
            return Ok(interpreter);
        }
        println!("Installing Python libraries into {}", folder.display());
        run(python(&["-m", "venv", "--clear"]).arg(&folder))?;
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, self.requirements)?;
        install(&interpreter, &requirements)?;
        if !imports() {
            return Err(format!(
                "the libraries are installed but can't be imported{}; see why with `{} -c '{}'`",
                self.hint,
                interpreter.display(),
                self.import
            )
            .into());
        }
        // Last, so that what was broken off halfway is not taken for whole.
        fs::rename(requirements, installed)?;
        Ok(interpreter)
    }
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
