//! The folder that plain JavaScript is built from. A plugin on the SDK needs it as a package in there, so its files are copied and the
//! package put beside them: they keep their names and lines, which a stack trace tells.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

/// What is never part of a plugin's source, and the packages it installed.
const LEFT_OUT: [&str; 3] = ["dist", "target", "node_modules"];

/// Whether a module of the folder imports the package `lockflight`.
pub(super) fn uses_sdk(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if is_left_out(&name) {
            continue;
        }
        let found = match path.extension().and_then(OsStr::to_str) {
            _ if path.is_dir() => uses_sdk(&path)?,
            Some("js" | "mjs") => imports_sdk(&String::from_utf8_lossy(&fs::read(&path)?)),
            _ => false,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a text has `from 'lockflight'`, in either kind of quotes. In a comment it does no harm.
fn imports_sdk(text: &str) -> bool {
    ["'lockflight'", "\"lockflight\""].iter().any(|name| {
        text.match_indices(name)
            .any(|(at, _)| text[..at].trim_end().ends_with("from"))
    })
}

/// Copies the files of a plugin, installed packages among them, to a folder that is made.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if is_left_out(&name) && name != "node_modules" {
            continue;
        }
        let target = to.join(name);
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

fn is_left_out(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with('.') || LEFT_OUT.contains(&name.as_ref())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_import_is_told_from_other_words() {
        assert!(imports_sdk("import { validate } from 'lockflight';"));
        assert!(imports_sdk("import {\n  validate,\n} from \"lockflight\""));
        assert!(!imports_sdk(
            "import { job } from 'lockflight:stage/job@0.1.0';"
        ));
        assert!(!imports_sdk("const name = 'lockflight';"));
    }

    #[test]
    fn modules_in_folders_count_and_installed_ones_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("node_modules/a/a.js", "from 'lockflight'");
        put("dist/old.js", "from 'lockflight'");
        put("notes.md", "from 'lockflight'");
        assert!(!uses_sdk(folder.path()).unwrap());
        put("lib/a.js", "from 'lockflight'");
        assert!(uses_sdk(folder.path()).unwrap());

        let target = tempfile::tempdir().unwrap();
        copy(folder.path(), &target.path().join("root")).unwrap();
        let there = |path: &str| target.path().join("root").join(path).exists();
        assert!(there("lib/a.js") && there("node_modules/a/a.js") && !there("dist"));
    }
}
