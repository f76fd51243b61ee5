//! The files a manifest names: sources and small files lie below its folder, plugins anywhere.

use std::io;
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};

use super::invalid::Invalid;
use crate::diagnostic::closest;
use crate::enforcement::{Point, stands};

/// A file that was refused: the code of the problem and what to say.
pub(super) type Refused = (&'static str, Invalid);

/// The manifest's folder. Files are looked up through a handle that no path, link or `..` leads out of.
pub(super) struct Folder {
    path: PathBuf,
    dir: Option<Dir>,
}

impl Folder {
    /// Opens the folder; where that fails, every file in it is reported as missing.
    pub fn open(path: &Path) -> Folder {
        Folder {
            path: path.to_owned(),
            dir: Dir::open_ambient_dir(path, ambient_authority()).ok(),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that `written` names a plain file strictly below the folder.
    pub fn file(&self, written: &str) -> Result<PathBuf, Refused> {
        let path = below(written).map_err(|invalid| ("path-outside", invalid))?;
        let Some(dir) = &self.dir else {
            return Err(missing(written, None));
        };
        match look(dir, &self.path, &path) {
            Ok(found) if found.is_file() => Ok(path),
            Ok(found) if found.is_dir() => Err(not_a_file(written, "a folder")),
            Ok(_) => Err(not_a_file(written, "something special")),
            Err(error) if is_absent(&error) => Err(missing(
                written,
                suggestion(&path, |folder| names_in(dir, folder)),
            )),
            Err(error) if error.raw_os_error().is_none() => {
                Err(("path-outside", outside(written, "through a link")))
            }
            Err(error) => Err((
                "unreadable-file",
                Invalid::new(format!("{written:?} cannot be opened: {error}")),
            )),
        }
    }

    /// Checks that `written` leads to a file or to a folder with a `plugin.toml`; the path is relative to the folder.
    pub fn plugin(&self, written: &str) -> Result<PathBuf, Refused> {
        if written.is_empty() {
            return Err((
                "missing-plugin",
                Invalid::new("the path of the plugin is empty"),
            ));
        }
        let path = self.path.join(written);
        match std::fs::metadata(&path) {
            Ok(found) if found.is_file() => Ok(path),
            Ok(_) if path.join("plugin.toml").is_file() => Ok(path),
            Ok(_) => {
                let message = format!("the folder {written:?} has no plugin.toml");
                Err((
                    "missing-plugin",
                    Invalid::new(message).help("name a plugin's folder or a built .wasm"),
                ))
            }
            Err(error) if is_absent(&error) => {
                let near = suggestion(Path::new(written), |folder| {
                    ambient_names_in(&self.path.join(folder))
                });
                let help = near
                    .unwrap_or_else(|| "the path is relative to the manifest's folder".to_owned());
                Err((
                    "missing-plugin",
                    Invalid::new(format!("there is no plugin at {written:?}")).help(help),
                ))
            }
            Err(error) => Err((
                "missing-plugin",
                Invalid::new(format!("{written:?} cannot be opened: {error}")),
            )),
        }
    }
}

/// What is said of a file to which no link leads out of the folder.
fn look(dir: &Dir, folder: &Path, path: &Path) -> io::Result<Metadata> {
    match stands(Point::PathLinks) {
        true => dir.metadata(path),
        false => {
            cap_std::fs::File::open_ambient(folder.join(path), ambient_authority())?.metadata()
        }
    }
}

/// The path, if it can only lead below the folder it is relative to.
fn below(written: &str) -> Result<PathBuf, Invalid> {
    let mut path = PathBuf::new();
    for component in Path::new(written).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir if stands(Point::PathBelow) => {
                return Err(outside(written, "with `..`"));
            }
            Component::RootDir | Component::Prefix(_) if stands(Point::PathBelow) => {
                return Err(outside(written, "as an absolute path"));
            }
            leading => path.push(leading),
        }
    }
    if path.as_os_str().is_empty() {
        return Err(Invalid::new(format!("{written:?} names no file")));
    }
    Ok(path)
}

fn outside(written: &str, how: &str) -> Invalid {
    Invalid::new(format!(
        "{written:?} leads outside the manifest's folder {how}"
    ))
    .help("data has to lie below the folder of the manifest: move or copy it there")
}

fn not_a_file(written: &str, what: &str) -> Refused {
    (
        "missing-file",
        Invalid::new(format!("{written:?} is {what}, not a file")),
    )
}

fn missing(written: &str, suggestion: Option<String>) -> Refused {
    let help =
        suggestion.unwrap_or_else(|| "the path is relative to the manifest's folder".to_owned());
    (
        "missing-file",
        Invalid::new(format!("there is no file {written:?}")).help(help),
    )
}

/// Whether the error means that nothing lies there (a file in the place of a folder included).
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidInput
    )
}

/// A path like `path` that exists: its first missing component is replaced by the nearest name beside it. A bare file name is also
/// looked for one folder down.
fn suggestion(path: &Path, names: impl Fn(&Path) -> Option<Vec<String>>) -> Option<String> {
    let mut parts: Vec<&Path> = path
        .ancestors()
        .filter(|part| !part.as_os_str().is_empty())
        .collect();
    parts.reverse();
    for part in parts {
        let Some(name) = part.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let parent = part.parent().unwrap_or(Path::new(""));
        let beside = names(parent)?;
        if beside.iter().any(|other| other == name) {
            continue;
        }
        let near = closest(name, &beside).map(|near| parent.join(near));
        let near = near.or_else(|| {
            beside
                .iter()
                .map(|folder| parent.join(folder))
                .find_map(|folder| {
                    names(&folder)?
                        .iter()
                        .any(|other| other == name)
                        .then(|| folder.join(name))
                })
        });
        return near.map(|near| format!("did you mean {near:?}?"));
    }
    None
}

/// The names in a folder below `dir`; the empty path is `dir` itself.
fn names_in(dir: &Dir, folder: &Path) -> Option<Vec<String>> {
    let entries = if folder.as_os_str().is_empty() {
        dir.entries()
    } else {
        dir.read_dir(folder)
    };
    Some(
        entries
            .ok()?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect(),
    )
}

fn ambient_names_in(folder: &Path) -> Option<Vec<String>> {
    let entries = std::fs::read_dir(folder).ok()?;
    Some(
        entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn folder() -> (tempfile::TempDir, Folder) {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("pipe");
        fs::create_dir_all(folder.join("data")).unwrap();
        fs::create_dir_all(temp.path().join("plugins/csv")).unwrap();
        fs::write(temp.path().join("plugins/csv/plugin.toml"), "").unwrap();
        fs::write(temp.path().join("secret.csv"), "x").unwrap();
        fs::write(folder.join("data/rides.csv"), "x").unwrap();
        symlink("../../secret.csv", folder.join("data/out.csv")).unwrap();
        symlink("rides.csv", folder.join("data/in.csv")).unwrap();
        let opened = Folder::open(&folder);
        (temp, opened)
    }

    #[test]
    fn files_below_are_found() {
        let (_temp, folder) = folder();
        assert_eq!(
            folder.file("data/rides.csv").unwrap(),
            Path::new("data/rides.csv")
        );
        assert_eq!(
            folder.file("./data//rides.csv").unwrap(),
            Path::new("data/rides.csv")
        );
        assert_eq!(
            folder.file("data/in.csv").unwrap(),
            Path::new("data/in.csv")
        );
    }

    #[test]
    fn refused_files_say_why() {
        let (_temp, folder) = folder();
        for (written, code, part) in [
            ("/etc/passwd", "path-outside", "absolute"),
            ("../secret.csv", "path-outside", "`..`"),
            ("data/../../secret.csv", "path-outside", "`..`"),
            ("data/out.csv", "path-outside", "through a link"),
            ("", "path-outside", "names no file"),
            (".", "path-outside", "names no file"),
            ("data", "missing-file", "a folder"),
            (
                "data/ride.csv",
                "missing-file",
                "did you mean \"data/rides.csv\"?",
            ),
            ("dat/rides.csv", "missing-file", "did you mean \"data\"?"),
            (
                "rides.csv",
                "missing-file",
                "did you mean \"data/rides.csv\"?",
            ),
            ("nothing/at/all", "missing-file", "relative to the manifest"),
            ("data/rides.csv/x", "missing-file", "there is no file"),
            ("a\0b", "missing-file", "there is no file"),
        ] {
            let (found, invalid) = folder.file(written).unwrap_err();
            assert_eq!(found, code, "{written}: {invalid}");
            assert!(invalid.to_string().contains(part), "{written}: {invalid}");
        }
    }

    #[test]
    fn plugins_may_lie_elsewhere() {
        let (temp, folder) = folder();
        assert_eq!(
            folder.plugin("../plugins/csv").unwrap(),
            temp.path().join("pipe/../plugins/csv")
        );
        assert!(folder.plugin("../secret.csv").is_ok());
        for (written, part) in [
            ("../plugins/csw", "did you mean \"../plugins/csv\"?"),
            ("../plugins", "has no plugin.toml"),
            ("", "is empty"),
        ] {
            let (code, invalid) = folder.plugin(written).unwrap_err();
            assert_eq!(code, "missing-plugin");
            assert!(invalid.to_string().contains(part), "{written}: {invalid}");
        }
    }
}
