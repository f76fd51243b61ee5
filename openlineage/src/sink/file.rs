//! A file of events, one a line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Appends lines to a file.
#[derive(Debug)]
pub struct FileSink {
    path: PathBuf,
}

impl FileSink {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends the line with one write, so that lines of two processes do not mix.
    pub fn append(&self, line: &str) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o644)
            .open(&self.path)?;
        let mut text = String::with_capacity(line.len() + 2);
        if ends_within_a_line(&file)? {
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
        match file.write(text.as_bytes())? {
            written if written == text.len() => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::WriteZero, "the disk is full")),
        }
    }
}

/// True after a write that was broken off: the half line stays, and the next begins on a line of its own.
fn ends_within_a_line(file: &File) -> io::Result<bool> {
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.read_exact_at(&mut last, metadata.len() - 1)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn lines_are_appended_and_a_half_line_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.ndjson");
        let sink = FileSink::new(path.clone());
        sink.append("{}").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o133, 0);
        fs::write(&path, "{}\n{\"half").unwrap();
        sink.append("[]").unwrap();
        sink.append("[1]").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{}\n{\"half\n[]\n[1]\n");
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let sink = FileSink::new(folder.path().join("none/events.ndjson"));
        assert_eq!(
            sink.append("{}").unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }
}
