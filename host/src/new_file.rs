//! Files for people, written whole: hidden until they are complete, so that whoever looks meanwhile sees what was there before.

use std::{
    fs::Permissions,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use tempfile::NamedTempFile;

/// The folder of a file, `.` for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Begins a file that is to stand at `path`; [`NamedTempFile::persist`] puts it there. Its permissions are those of any new file: the
/// umask is taken off.
///
/// # Errors
/// When the folder cannot be written to.
pub fn begin(path: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".lockflight-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder_of(path))
}

/// Puts a file with this content at `path`, in the place of the one that may be there.
///
/// # Errors
/// When the folder cannot be written to.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = begin(path)?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}
