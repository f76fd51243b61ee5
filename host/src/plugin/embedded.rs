//! Files that are part of the tool: the contract, the SDKs, the templates.

use std::fs;
use std::io;
use std::path::Path;

/// Writes files, each by its path below `folder` with its text, into that folder; folders are made if need be.
///
/// # Errors
/// When a folder or file can't be written.
pub(super) fn unpack<T: AsRef<str>>(
    folder: &Path,
    files: impl IntoIterator<Item = (&'static str, T)>,
) -> io::Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text.as_ref())?;
    }
    Ok(())
}
