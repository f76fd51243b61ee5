//! The files a CI system names: `$GITHUB_STEP_SUMMARY` and `$GITHUB_OUTPUT`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::markdown::STEP_SUMMARY_BYTES;

/// Why a file of the CI system could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The summary does not fit beside what the file has; GitHub would drop all of it.
    #[error("{}: the summary has {size} bytes and there is room for {room}", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// The summary's size, in bytes.
        size: usize,
        /// What fits, in bytes.
        room: usize,
    },
    /// The file could not be read or written.
    #[error("{}: cannot append to it: {source}", path.display())]
    Append {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// How long a summary may be that is appended to this file, in bytes: GitHub takes 1 MiB for a step, whoever wrote it.
///
/// A file that is not there, or cannot be asked, counts as empty: writing to it will tell.
pub fn room(path: &Path) -> usize {
    let taken = fs::metadata(path).map_or(0, |metadata| metadata.len());
    // A blank line goes between what is there and what is added.
    let taken = if taken > 0 {
        taken.saturating_add(2)
    } else {
        0
    };
    STEP_SUMMARY_BYTES.saturating_sub(usize::try_from(taken).unwrap_or(usize::MAX))
}

/// Appends a summary to the file that `$GITHUB_STEP_SUMMARY` names, as a paragraph of its own.
///
/// # Errors
/// [`FileError::Full`], with nothing written, when it is longer than [`room`]; [`FileError::Append`].
pub fn append_summary(path: &Path, text: &str) -> Result<(), FileError> {
    let room = room(path);
    if text.len() > room {
        return Err(FileError::Full {
            path: path.to_path_buf(),
            size: text.len(),
            room,
        });
    }
    append(path, text, 2)
}

/// Appends outputs to the file that `$GITHUB_OUTPUT` names.
///
/// # Errors
/// [`FileError::Append`].
pub fn append_outputs(path: &Path, text: &str) -> Result<(), FileError> {
    append(path, text, 1)
}

/// Appends so that at least `ends` ends of lines are between the file's text and this one.
fn append(path: &Path, text: &str, ends: usize) -> Result<(), FileError> {
    let tried = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let between = "\n".repeat(missing_ends(&mut file, ends)?);
        // One write, so another process that appends cannot come between.
        file.write_all(format!("{between}{text}").as_bytes())
    };
    tried().map_err(|source| FileError::Append {
        path: path.to_path_buf(),
        source,
    })
}

fn missing_ends(file: &mut File, ends: usize) -> io::Result<usize> {
    let size = file.metadata()?.len();
    if size == 0 {
        return Ok(0);
    }
    let looked = size.min(ends as u64);
    file.seek(SeekFrom::Start(size - looked))?;
    let mut tail = Vec::new();
    file.take(looked).read_to_end(&mut tail)?;
    let present = tail.iter().rev().take_while(|byte| **byte == b'\n').count();
    Ok(ends - present)
}
