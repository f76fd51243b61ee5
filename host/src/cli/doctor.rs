//! `lockflight doctor`: what this machine has for building and running plugins, and what it lacks.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{
    context::Context,
    error::CliError,
    text::{self, Paint},
};
use crate::plugin::build::{
    installed::Tools,
    readiness::{self, Readiness},
};
use crate::walls::{Wall, Walls};

/// Show what this machine has: compilers of each language, walls, policy, caches.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight doctor\n  lockflight doctor --json\n\nNothing is installed and nothing changed. Exit codes: 0 all is there or can be had, 1 something is missing."
)]
pub struct Args {
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

/// A folder that may be deleted.
struct Cache {
    name: &'static str,
    path: PathBuf,
    bytes: u64,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let usage =
        |error: crate::plugin::build::installed::InstallError| CliError::Usage(error.to_string());
    let languages = readiness::of_languages(&context.folder).map_err(usage)?;
    let tools = Tools::of_user().map_err(usage)?;
    let caches = caches(tools.root());
    let policy = context.policy()?;
    let offered = Walls::offered();
    let lacking: Vec<Wall> = Wall::ALL
        .into_iter()
        .filter(|wall| !offered.has(*wall))
        .collect();
    if args.json {
        let document = json!({
            "languages": languages.iter().map(|(name, state)| ((*name).to_owned(), state_json(state))).collect::<serde_json::Map<_, _>>(),
            "walls": { "stand": offered.names(), "missing": lacking.iter().map(|wall| wall.name()).collect::<Vec<_>>() },
            "policy": policy.record().map(|_| policy.path()),
            "caches": caches.iter().map(|cache| json!({ "name": cache.name, "path": cache.path, "bytes": cache.bytes })).collect::<Vec<_>>(),
        });
        text::say!("{}", serde_json::to_string_pretty(&document)?);
    } else {
        let paint = Paint(text::color_on_stdout());
        text::say!("{}", paint.bold("languages that plugins can be built from"));
        for (name, state) in &languages {
            say_language(name, state, paint);
        }
        text::say!("\n{}", paint.bold("walls around each stage"));
        for wall in Wall::ALL {
            say_wall(wall, offered.has(wall), paint);
        }
        text::say!("\n{}", paint.bold("policy"));
        match policy.record() {
            Some(_) => text::say!("  {}", policy.path().display()),
            None => text::say!("  none: there is no {}", policy.path().display()),
        }
        text::say!("\n{}", paint.bold("caches, all of which may be deleted"));
        for cache in &caches {
            text::say!(
                "  {} {:>10}  {}",
                text::pad(cache.name, 12),
                text::bytes(cache.bytes),
                cache.path.display()
            );
        }
    }
    let is_missing = |(_, state): &(_, Readiness)| matches!(state, Readiness::Missing(_));
    let whole = lacking.is_empty() && !languages.iter().any(is_missing);
    Ok(u8::from(!whole))
}

fn state_json(state: &Readiness) -> Value {
    match state {
        Readiness::Ready(with) => json!({ "state": "ready", "with": with }),
        Readiness::Downloads(what) => json!({ "state": "downloads", "with": what }),
        Readiness::Missing(what) => json!({ "state": "missing", "problem": what }),
    }
}

fn say_language(name: &str, state: &Readiness, paint: Paint) {
    let (mark, says) = match state {
        Readiness::Ready(with) => (paint.green("✓"), with.clone()),
        Readiness::Downloads(what) => (
            paint.yellow("↓"),
            format!("{what}, which the first build downloads"),
        ),
        Readiness::Missing(what) => (paint.red("✗"), what.clone()),
    };
    text::say!("  {mark} {} {says}", text::pad(name, 12));
}

fn say_wall(wall: Wall, stands: bool, paint: Paint) {
    if stands {
        text::say!("  {} {wall}", paint.green("✓"));
        return;
    }
    let needs = match wall {
        Wall::Landlock => {
            "needs Linux 5.13 or newer with `landlock` among the security modules (lsm=)"
        }
        Wall::Seccomp => "needs a kernel with CONFIG_SECCOMP_FILTER",
        Wall::Wasm | Wall::Process | Wall::Rlimits | Wall::Privileges => "does not stand here",
    };
    text::say!(
        "  {} {} {needs}",
        paint.red("✗"),
        text::pad(wall.name(), 12)
    );
}

/// The caches that are there.
fn caches(tools: &Path) -> Vec<Cache> {
    let code = tools.with_file_name("code");
    [("code", code), ("tools", tools.to_owned())]
        .into_iter()
        .filter(|(_, path)| path.is_dir())
        .map(|(name, path)| Cache {
            name,
            bytes: size(&path),
            path,
        })
        .collect()
}

/// The bytes of the files below a folder; what cannot be read counts nothing.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => size(&entry.path()),
            Ok(found) if found.is_file() => found.len(),
            _ => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn files_below_a_folder_are_added_up_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(below.join("c"), "12345").unwrap();
        std::fs::write(folder.path().join("d"), "67").unwrap();
        std::os::unix::fs::symlink("/", folder.path().join("e")).unwrap();
        assert_eq!(size(folder.path()), 7);
        assert_eq!(size(&folder.path().join("missing")), 0);
    }
}
