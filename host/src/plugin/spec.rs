//! `plugin.toml`: what a plugin folder says about itself.
//!
//! ```toml
//! name = "outliers"                  # lower case letters, digits and dashes
//! version = "0.1.0"
//! description = "Finds rows that stand apart."   # optional
//! owner = "data-platform"            # optional: who answers for it, for the rules of a policy
//! license = "Apache-2.0"             # optional, an SPDX expression
//! worlds = ["validate"]              # one component is built for each
//! config = "config.schema.json"      # optional: the JSON Schema of the stage's config; Rust plugins derive theirs
//! declares = ["seed"]                # optional: what it wants of `seed` and `time`
//!
//! [build]
//! language = "python"                # rust, python, javascript, typescript, c or go
//! package = "outliers"               # rust: the cargo package, if the folder's is not meant
//! module = "plugin"                  # python: the module with the app; default `plugin`
//! main = "plugin.js"                 # javascript, typescript: the entry file; default `plugin.js` or `plugin.ts`
//! sources = ["../../sdk/python"]     # optional: files and folders outside that count as source too; an SDK among them is used
//! ```
//!
//! A Rust package that builds for several worlds has one cargo feature for each, named like the world.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::world::World;

/// The file's name.
pub const FILE: &str = "plugin.toml";

/// A valid `plugin.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginSpec {
    /// The plugin's name: lower case letters, digits and dashes.
    pub name: String,
    /// Its version, e.g. `0.1.0`.
    pub version: String,
    /// Who answers for it, such as a team: letters, digits and `-._@/+`, at most 100.
    pub owner: Option<String>,
    /// What it does, in a sentence.
    pub description: Option<String>,
    /// An SPDX expression.
    pub license: Option<String>,
    /// What it is built for; never empty, no world twice.
    pub worlds: Vec<World>,
    /// The JSON Schema of the config, relative to the folder; never set for Rust, which derives it.
    pub config: Option<PathBuf>,
    /// What it wants of the job that not every plugin gets.
    pub declares: BTreeSet<Declared>,
    /// How it is built.
    pub language: Language,
    /// Files and folders outside of the plugin's that count as its source, relative to it.
    pub sources: Vec<PathBuf>,
}

/// A part of the job that a plugin only gets if it says that it wants it, so that others can be cached regardless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Declared {
    /// The seed of its randomness.
    Seed,
    /// The pipeline's logical time.
    Time,
}

impl Declared {
    /// The name, as in `plugin.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::Time => "time",
        }
    }
}

/// A language, and what building it needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Language {
    /// Built by cargo.
    Rust {
        /// The cargo package; none for the package of the folder.
        package: Option<String>,
    },
    /// Built by componentize-py.
    Python {
        /// The module with the app.
        module: String,
    },
    /// Built by componentize-qjs.
    Javascript {
        /// The entry file, relative to the folder.
        main: PathBuf,
    },
    /// Made JavaScript by esbuild, then built by componentize-qjs.
    Typescript {
        /// The entry file, relative to the folder.
        main: PathBuf,
    },
    /// Built by Zig's C compiler of the `*.c` in the folder.
    C,
    /// Built by Go of the package `main` in the folder.
    Go,
}

impl Language {
    /// The name, as in `plugin.toml`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rust { .. } => "rust",
            Self::Python { .. } => "python",
            Self::Javascript { .. } => "javascript",
            Self::Typescript { .. } => "typescript",
            Self::C => "c",
            Self::Go => "go",
        }
    }
}

/// What is wrong with a `plugin.toml`.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The folder has none.
    #[error("{} has no {FILE}, so it is no plugin", .0.display())]
    Missing(PathBuf),
    /// It can't be read.
    #[error("could not read {}: {error}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It is no TOML, or has an unknown key or a value of the wrong type.
    #[error("{}: {}", .path.display(), .message.trim_end())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The parser's message, with line, column and the offending text.
        message: String,
    },
    /// A value is not allowed.
    #[error("{}: `{key}`: {message}", .path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// What is wrong with its value.
        message: String,
    },
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Authored {
    name: String,
    version: String,
    owner: Option<String>,
    description: Option<String>,
    license: Option<String>,
    worlds: Vec<String>,
    config: Option<PathBuf>,
    #[serde(default)]
    declares: BTreeSet<Declared>,
    build: Build,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Build {
    language: LanguageName,
    package: Option<String>,
    module: Option<String>,
    main: Option<PathBuf>,
    #[serde(default)]
    sources: Vec<PathBuf>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum LanguageName {
    Rust,
    Python,
    Javascript,
    Typescript,
    C,
    Go,
}

impl PluginSpec {
    /// Reads the `plugin.toml` of a folder.
    ///
    /// # Errors
    /// When it is missing, unreadable or invalid.
    pub fn read(folder: &Path) -> Result<Self, SpecError> {
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(SpecError::Missing(folder.to_owned()))
            }
            Err(error) => Err(SpecError::Unreadable { path, error }),
        }
    }

    /// Parses the text of the file at `path` (used in messages alone).
    ///
    /// # Errors
    /// When it is invalid.
    pub fn parse(text: &str, path: &Path) -> Result<Self, SpecError> {
        let authored: Authored = toml::from_str(text).map_err(|error| SpecError::Syntax {
            path: path.to_owned(),
            message: error.to_string(),
        })?;
        authored.check().map_err(|(key, message)| SpecError::Value {
            path: path.to_owned(),
            key,
            message,
        })
    }
}

type Fault = (&'static str, String);

impl Authored {
    fn check(self) -> Result<PluginSpec, Fault> {
        check_name(&self.name)?;
        check_version(&self.version)?;
        self.owner.as_deref().map_or(Ok(()), check_owner)?;
        let language = self.build.language()?;
        if let Some(config) = &self.config {
            if matches!(language, Language::Rust { .. }) {
                return Err((
                    "config",
                    "a Rust plugin derives the schema from its config type; drop the key".into(),
                ));
            }
            inside("config", config)?;
        }
        Ok(PluginSpec {
            worlds: check_worlds(&self.worlds)?,
            name: self.name,
            version: self.version,
            owner: self.owner,
            description: self.description,
            license: self.license,
            config: self.config,
            declares: self.declares,
            language,
            sources: check_sources(self.build.sources)?,
        })
    }
}

impl Build {
    fn language(&self) -> Result<Language, Fault> {
        let (language, own) = match self.language {
            LanguageName::C => (Language::C, ""),
            LanguageName::Go => (Language::Go, ""),
            LanguageName::Rust => (
                Language::Rust {
                    package: self.package.clone(),
                },
                "build.package",
            ),
            LanguageName::Python => {
                let module = self.module.clone().unwrap_or_else(|| "plugin".into());
                (Language::Python { module }, "build.module")
            }
            LanguageName::Javascript => {
                let main = self.main("plugin.js")?;
                (Language::Javascript { main }, "build.main")
            }
            LanguageName::Typescript => {
                let main = self.main("plugin.ts")?;
                (Language::Typescript { main }, "build.main")
            }
        };
        let given = [
            ("build.package", self.package.is_some()),
            ("build.module", self.module.is_some()),
            ("build.main", self.main.is_some()),
        ];
        match given.into_iter().find(|(key, given)| *given && *key != own) {
            Some((key, _)) => Err((
                key,
                format!("means nothing for {}; drop the key", language.name()),
            )),
            None => Ok(language),
        }
    }

    /// The entry file, or the usual one.
    fn main(&self, usual: &str) -> Result<PathBuf, Fault> {
        let main = self.main.clone().unwrap_or_else(|| usual.into());
        inside("build.main", &main)?;
        Ok(main)
    }
}

/// Whether a plugin may be called so: lower case letters, digits and dashes, beginning with a letter.
pub(super) fn is_name(name: &str) -> bool {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fine)
}

fn check_name(name: &str) -> Result<(), Fault> {
    if is_name(name) {
        return Ok(());
    }
    Err((
        "name",
        format!(
            "\"{name}\" has to start with a lower case letter and go on with those, digits and dashes"
        ),
    ))
}

fn check_version(version: &str) -> Result<(), Fault> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<_> = core.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if numbers.len() == 3 && numbers.iter().all(is_number) {
        return Ok(());
    }
    Err((
        "version",
        format!("\"{version}\" is no version; write three numbers, e.g. 0.1.0"),
    ))
}

fn check_owner(owner: &str) -> Result<(), Fault> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-._@/+".contains(c);
    if (1..=100).contains(&owner.len()) && owner.chars().all(fine) {
        return Ok(());
    }
    Err((
        "owner",
        format!("{owner:?} has to be 1 to 100 letters, digits and -._@/+"),
    ))
}

fn check_worlds(names: &[String]) -> Result<Vec<World>, Fault> {
    let mut worlds = Vec::new();
    for name in names {
        let world: World = name
            .parse()
            .map_err(|error| ("worlds", format!("{error}")))?;
        if worlds.contains(&world) {
            return Err(("worlds", format!("{world} is there twice")));
        }
        worlds.push(world);
    }
    if worlds.is_empty() {
        return Err((
            "worlds",
            "name at least one world, e.g. worlds = [\"validate\"]".into(),
        ));
    }
    Ok(worlds)
}

fn check_sources(sources: Vec<PathBuf>) -> Result<Vec<PathBuf>, Fault> {
    match sources.iter().find(|path| path.is_absolute()) {
        Some(path) => Err((
            "build.sources",
            format!("{} has to be relative to the folder", path.display()),
        )),
        None => Ok(sources),
    }
}

/// Refuses a path that leads out of the folder.
fn inside(key: &'static str, path: &Path) -> Result<(), Fault> {
    if path
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
    {
        return Ok(());
    }
    Err((
        key,
        format!("{} has to be inside the plugin's folder", path.display()),
    ))
}

#[cfg(test)]
#[path = "spec_tests.rs"]
mod tests;
