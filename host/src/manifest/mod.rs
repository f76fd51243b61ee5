//! The manifest `lockflight.toml`: reading it, finding all that is wrong with it, and what it says.
//!
//! A manifest goes through forms that cannot be confused: [`authored`] is what the text says, [`resolved`] has every name
//! followed and every default filled in. Locking and planning build on the latter.

pub mod authored;
pub mod config;
pub(crate) mod fields;
mod files;
pub mod gate;
mod graph;
pub mod invalid;
pub mod kind;
pub mod limits;
pub mod name;
mod order;
pub mod overrides;
pub mod period;
pub(crate) mod read;
pub mod reference;
mod release;
mod resolve;
pub mod resolved;
pub mod source;
#[cfg(test)]
mod tests;
mod through;
mod time;
pub mod url;
mod watch;

use std::path::{Path, PathBuf};

use crate::diagnostic::{self, Problem, Problems};

pub use gate::Gate;
pub use kind::{Nan, StageKind};
pub use limits::{ByteSize, Limit, Limits, PartialLimits, WallTime};
pub use overrides::Override;
pub use period::Period;
pub use reference::Reference;
pub use resolved::{
    Deploying, FileInput, Input, Packing, Plugin, PluginArtifact, PluginPlace, REFERENCE_PORT,
    Resolved, SAMPLE_PORT, SCORED, Scoring, Source, SourceKind, Spot, Stage, Task, WINDOW_PORT,
    Watching,
};
pub use source::{FetchLimits, Header, Place, Sent, WebSource};
pub use url::{Origin, Scheme, WebUrl};

/// The name of the file.
pub const FILE_NAME: &str = "lockflight.toml";

/// One commented manifest with every key that this version accepts.
pub const REFERENCE: &str = include_str!("reference.toml");

/// The manifest of the folder `start`, else of the nearest folder above it (as an absolute path).
pub fn find(start: &Path) -> Option<PathBuf> {
    let here = start.join(FILE_NAME);
    if here.is_file() {
        return Some(here);
    }
    let start = std::path::absolute(start).ok()?;
    start
        .ancestors()
        .skip(1)
        .map(|folder| folder.join(FILE_NAME))
        .find(|file| file.is_file())
}

/// Reads and resolves a manifest; the folder of a manifest may be given for it. Gives the warnings along with it, or everything
/// that is wrong.
pub fn load(path: &Path) -> Result<(Resolved, Vec<Problem>), Problems> {
    load_with(path, &[])
}

/// As [`load`], with values set from outside.
pub fn load_with(
    path: &Path,
    overrides: &[Override],
) -> Result<(Resolved, Vec<Problem>), Problems> {
    let file = if path.is_dir() {
        path.join(FILE_NAME)
    } else {
        path.to_owned()
    };
    let shown = file.display();
    let bytes = std::fs::read(&file).map_err(|error| {
        let problem = Problem::error(
            "manifest-unreadable",
            format!("the manifest {shown} cannot be read: {error}"),
        );
        problem.help(format!("name a manifest, or a folder with a {FILE_NAME}"))
    })?;
    let content = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let message =
            format!("the manifest {shown} is not UTF-8: byte {offset} belongs to no character");
        Problem::error("manifest-unreadable", message).help("save it as UTF-8")
    })?;
    load_text(
        &file,
        overrides::apply(content, overrides).map_err(|problem| *problem)?,
    )
}

/// As [`load`], with the content of the file at hand. Files named in it are looked up beside `file`.
pub fn load_text(file: &Path, content: String) -> Result<(Resolved, Vec<Problem>), Problems> {
    let text = diagnostic::text(file.display().to_string(), content);
    let (authored, found) = read::parse(&text);
    match authored {
        Some(authored) => resolve::resolve(file, text, authored, found),
        None => {
            Err(Problems::judge(found).expect_err("a text that gives no manifest has an error"))
        }
    }
}
