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
