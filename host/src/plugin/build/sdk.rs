//! The SDKs but that for Rust, embedded: a plugin anywhere can use them, and gets those of the version that builds it.

use std::io;
use std::path::{Path, PathBuf};

use super::Order;
use crate::plugin::embedded;

/// A file of an SDK: its path in the SDK's folder, and its text.
type File = (&'static str, &'static str);

/// Embeds the files of a folder below `sdk/`.
macro_rules! files {
    ($folder:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../sdk/", $folder, "/", $path)))),*]
    };
}

/// An SDK.
pub(in crate::plugin) struct Sdk {
    /// The file or folder by which the SDK's folder is told.
    mark: &'static str,
    pub(in crate::plugin) files: &'static [File],
}

/// The package `lockflight` for Python.
pub(in crate::plugin) const PYTHON: Sdk = Sdk {
    mark: "lockflight/__init__.py",
    files: files!("python":
        "lockflight/__init__.py",
        "lockflight/_double.py",
        "lockflight/_wit.py",
        "lockflight/answers.py",
        "lockflight/blobs.py",
        "lockflight/columns.py",
        "lockflight/config.py",
        "lockflight/encode.py",
        "lockflight/export.py",
        "lockflight/job.py",
        "lockflight/json_schema.py",
        "lockflight/log.py",
        "lockflight/py.typed",
        "lockflight/schema.py",
        "lockflight/state.py",
        "lockflight/suggest.py",
        "lockflight/tables.py",
        "lockflight/testing.py",
        "lockflight/worlds.py",
    ),
};

/// The package `lockflight` for JavaScript and TypeScript.
pub(in crate::plugin) const TYPESCRIPT: Sdk = Sdk {
    mark: ENTRY,
    files: files!("typescript":
        "hooks.js",
        "lockflight.d.ts",
        "lockflight.js",
        "package.json",
        "register.js",
        "src/answers.js",
        "src/blobs.js",
        "src/columns.js",
        "src/config.js",
        "src/double.js",
        "src/encode.js",
        "src/host.js",
        "src/job.js",
        "src/log.js",
        "src/no-host.js",
        "src/schema.js",
        "src/state.js",
        "src/suggest.js",
        "src/tables.js",
        "src/utf8.js",
        "src/worlds.js",
        "testing.d.ts",
        "testing.js",
    ),
};

/// The headers and sources for C.
pub(in crate::plugin) const C: Sdk = Sdk {
    mark: "include/lockflight.h",
    files: files!("c":
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
    ),
};

/// The module for Go.
pub(in crate::plugin) const GO: Sdk = Sdk {
    mark: "enter.go",
    files: files!("go":
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
    ),
};

/// The file that a plugin's `import … from 'lockflight'` means.
pub(super) const ENTRY: &str = "lockflight.js";

impl Sdk {
    /// The folder that holds the package: one of the plugin's own `sources` if it has the package, else the embedded one, which is
    /// written into the scratch folder.
    pub(super) fn folder(&self, order: &Order<'_>) -> io::Result<PathBuf> {
        let own = order
            .spec
            .sources
            .iter()
            .map(|source| order.folder.join(source));
        match own
            .into_iter()
            .find(|source| source.join(self.mark).is_file())
        {
            Some(own) => Ok(own),
            None => {
                let folder = order.scratch.join("sdk");
                self.unpack(&folder)?;
                Ok(folder)
            }
        }
    }

    /// Writes the files into `folder`, which is made if need be.
    pub(super) fn unpack(&self, folder: &Path) -> io::Result<()> {
        embedded::unpack(folder, self.files.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;

    /// The paths of the files of an SDK in the repository, without its tests and its README, sorted.
    fn present(sdk: &str) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../sdk")
            .join(sdk);
        let mut folders = vec![root.clone()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let left_out = [
                    "__pycache__",
                    "tests",
                    "double",
                    "test.sh",
                    "node_modules",
                    "README.md",
                ];
                if left_out.iter().any(|name| path.ends_with(name)) {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                } else if !path.to_string_lossy().ends_with("_test.go") {
                    found.push(path.strip_prefix(&root).unwrap().display().to_string());
                }
            }
        }
        found.sort();
        found
    }

    fn embedded(sdk: &Sdk) -> Vec<&'static str> {
        let mut paths: Vec<_> = sdk.files.iter().map(|(path, _)| *path).collect();
        paths.sort_unstable();
        paths
    }

    #[test]
    fn every_file_is_embedded() {
        assert_eq!(embedded(&PYTHON), present("python"));
        assert_eq!(embedded(&TYPESCRIPT), present("typescript"));
        assert_eq!(embedded(&C), present("c"));
        assert_eq!(embedded(&GO), present("go"));
    }
}
