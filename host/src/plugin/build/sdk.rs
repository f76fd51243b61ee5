//! The SDKs of languages without a package registry of their own here: embedded, and written where their compilers look.

use std::fs;
use std::io;
use std::path::Path;

/// A folder of the repository, as paths below it and texts.
pub(super) type Files = &'static [(&'static str, &'static str)];

macro_rules! files {
    ($root:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../sdk/", $root, "/", $path)))),*]
    };
}

/// `sdk/c` without its tests.
pub(super) const C: Files = files!("c":
    "include/lockflight.h",
    "include/lockflight/answers.h",
    "include/lockflight/config.h",
    "include/lockflight/job.h",
    "include/lockflight/stages.h",
    "include/lockflight/table.h",
    "include/lockflight/text.h",
    "include/lockflight/types.h",
    "include/lockflight/write.h",
    "src/abi.h",
    "src/answers.c",
    "src/builder.c",
    "src/columns.c",
    "src/config.c",
    "src/format.h",
    "src/enter.c",
    "src/job.c",
    "src/json.c",
    "src/layout.h",
    "src/memory.c",
    "src/score.c",
    "src/suggest.c",
    "src/table.c",
    "src/text.c",
);

/// `sdk/go` without its tests.
pub(super) const GO: Files = files!("go":
    "answers.go",
    "append.go",
    "column.go",
    "config.go",
    "doc.go",
    "enter.go",
    "export_deploy.go",
    "export_ingest.go",
    "export_monitor.go",
    "export_packaging.go",
    "export_score.go",
    "export_train.go",
    "export_validate.go",
    "go.mod",
    "internal/abi/arena.go",
    "internal/abi/host.go",
    "internal/abi/imports.go",
    "internal/abi/layout.go",
    "internal/abi/lift.go",
    "internal/abi/lower.go",
    "internal/abi/realloc.go",
    "internal/abi/types.go",
    "internal/contract/contract.go",
    "job.go",
    "json.go",
    "lockflighttest/double.go",
    "lockflighttest/host.go",
    "lockflighttest/table.go",
    "stages.go",
    "suggest.go",
    "table.go",
    "world_deploy.go",
    "world_ingest.go",
    "world_monitor.go",
    "world_none.go",
    "world_packaging.go",
    "world_score.go",
    "world_train.go",
    "world_validate.go",
    "write.go",
);

/// Writes an SDK into `folder`, which is made if need be.
pub(super) fn unpack(files: Files, folder: &Path) -> io::Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::path::PathBuf;

    /// The files below a folder whose names end like that, relative to it.
    fn below(folder: &Path, path: &Path, ends: &[&str], found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder.join(path)).unwrap() {
            let entry = entry.unwrap();
            let (path, name) = (path.join(entry.file_name()), entry.file_name());
            let name = name.to_string_lossy().into_owned();
            if entry.file_type().unwrap().is_dir() {
                below(folder, &path, ends, found);
            } else if ends.iter().any(|end| name.ends_with(end)) && !name.ends_with("_test.go") {
                found.push(path);
            }
        }
    }

    #[test]
    fn no_file_of_an_sdk_is_forgotten() {
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk");
        for (files, folders, ends) in [
            (
                C,
                ["c/include", "c/src"].as_slice(),
                [".c", ".h"].as_slice(),
            ),
            (GO, &["go"], &[".go", "go.mod"]),
        ] {
            let mut found = Vec::new();
            for folder in folders {
                let (root, rest) = folder.split_once('/').unwrap_or((folder, ""));
                below(&sdk.join(root), Path::new(rest), ends, &mut found);
            }
            found.sort();
            let mut listed: Vec<_> = files.iter().map(|(path, _)| PathBuf::from(path)).collect();
            listed.sort();
            assert_eq!(listed, found);
        }
    }

    #[test]
    fn an_sdk_is_written_with_its_folders() {
        let folder = tempfile::tempdir().unwrap();
        unpack(C, folder.path()).unwrap();
        let text = fs::read_to_string(folder.path().join("include/lockflight/types.h")).unwrap();
        assert!(text.contains("lf_finding"));
    }
}
