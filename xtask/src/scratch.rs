//! A folder for what a command makes on the way.

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::steps::Failure;

/// A temporary folder, gone when this is.
pub struct Scratch {
    /// The folder.
    pub path: PathBuf,
}

impl Scratch {
    /// Makes it; the name tells whose it is.
    pub fn new(name: &str) -> Result<Self, Failure> {
        let path = env::temp_dir().join(format!("lockflight-{name}-{}", std::process::id()));
        // It is an error if it is there: in a folder for everyone it would be somebody else's.
        fs::create_dir(&path).map_err(|error| {
            format!(
                "could not make the temporary folder {}: {error}; set TMPDIR to another place",
                path.display()
            )
        })?;
        Ok(Self { path })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left then is in the folder for what is left.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_temporary_folder_goes() {
        let scratch = Scratch::new("interop-scratch").unwrap();
        let path = scratch.path.clone();
        fs::write(path.join("file"), "text").unwrap();
        assert!(Scratch::new("interop-scratch").is_err());
        drop(scratch);
        assert!(!path.exists());
    }
}
