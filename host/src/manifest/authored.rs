//! First form of a manifest: what the TOML says, with the place of every value. Each value is well-formed by itself; defaults are
//! not filled in, and names are not yet held against each other. What could not be read is absent here and noted as a problem.

use std::collections::BTreeMap;

use toml::Spanned;

use super::config::Config;
use super::gate::Condition;
use super::kind::{Nan, StageKind};
use super::limits::{Limit, PartialLimits};
use super::period::Period;
use super::reference::Written;
use super::source::WebSource;
use crate::diagnostic::Span;
use crate::registry::Reference;

/// The keys of `[pipeline]`.
pub const PIPELINE_KEYS: &[&str] = &["name", "seed", "time", "nan", "retry", "limits"];
/// The keys of an entry of `[plugins]`.
pub const PLUGIN_KEYS: &[&str] = &["path", "oci"];
/// The keys of `[store]`.
pub const STORE_KEYS: &[&str] = &["remote"];
/// The keys of `[source.NAME]`.
pub const SOURCE_KEYS: &[&str] = &["file", "url", "secret", "headers", "sha256", "limits"];
/// The keys of a header whose value is a secret.
pub const HEADER_KEYS: &[&str] = &["secret"];
/// The keys of `limits` of `[source.NAME]`.
pub const SOURCE_LIMIT_KEYS: &[&str] = &["size", "time"];
/// The keys of `[ingest.NAME]`.
pub const INGEST_KEYS: &[&str] = &[
    "plugin",
    "inputs",
    "files",
    "config",
    "description",
    "seed",
    "repeatable",
    "retry",
    "nan",
    "limits",
];
/// The keys of `[validate.NAME]`.
pub const VALIDATE_KEYS: &[&str] = &[
    "plugin",
    "inputs",
    "files",
    "config",
    "gate",
    "description",
    "seed",
    "repeatable",
    "retry",
    "nan",
    "limits",
];
/// The keys of `[train.NAME]`.
pub const TRAIN_KEYS: &[&str] = &[
    "plugin",
    "inputs",
    "files",
    "through",
    "config",
    "gate",
    "description",
    "seed",
    "repeatable",
    "retry",
    "nan",
    "limits",
];
/// The keys of `[score.NAME]`, a built-in stage.
pub const SCORE_KEYS: &[&str] = &["model", "inputs", "description", "retry", "nan", "limits"];
/// The keys of `[package.NAME]`.
pub const PACKAGE_KEYS: &[&str] = &[
    "plugin",
    "model",
    "reports",
    "sample",
    "files",
    "config",
    "description",
    "seed",
    "repeatable",
    "retry",
    "nan",
    "limits",
];
/// The keys of `[deploy.NAME]`.
pub const DEPLOY_KEYS: &[&str] = &[
    "plugin",
    "package",
    "files",
    "config",
    "description",
    "seed",
    "repeatable",
    "retry",
    "nan",
    "limits",
];
/// The keys of `[monitor.NAME]`.
pub const MONITOR_KEYS: &[&str] = &[
    "plugin",
    "on",
    "every",
    "reference",
    "replay",
    "files",
    "config",
    "description",
    "seed",
    "repeatable",
    "retry",
    "nan",
    "limits",
];
/// The keys of `replay`.
pub const REPLAY_KEYS: &[&str] = &["table", "time"];

/// A whole manifest.
#[derive(Debug)]
pub struct Authored {
    /// `[pipeline]`.
    pub pipeline: Pipeline,
    /// `remote` of `[store]`.
    pub remote: Option<String>,
    /// `[plugins]`, in the order of the file.
    pub plugins: Vec<Plugin>,
    /// `[source.*]`, in the order of the file.
    pub sources: Vec<Source>,
    /// All stages, in the order of the file.
    pub stages: Vec<Stage>,
}

/// `[pipeline]`.
#[derive(Debug, Default)]
pub struct Pipeline {
    /// `name`.
    pub name: Option<String>,
    /// `seed`.
    pub seed: Option<u64>,
    /// `time` in ns since 1970-01-01T00:00:00Z.
    pub time: Option<i64>,
    /// `nan`.
    pub nan: Option<Nan>,
    /// `retry`.
    pub retry: Option<u64>,
    /// `limits`.
    pub limits: WrittenLimits,
}

/// `limits` as they are written, any of them left out.
#[derive(Debug, Default)]
pub struct WrittenLimits {
    /// Those that are there.
    pub set: PartialLimits,
    /// Where the value of each stands.
    pub spans: BTreeMap<Limit, Span>,
}

/// An entry of `[plugins]`.
#[derive(Debug)]
pub struct Plugin {
    /// The name stages call it by.
    pub name: Spanned<String>,
    /// `path` or `oci`.
    pub place: Option<PluginPlace>,
}

/// Where a plugin is.
#[derive(Debug)]
pub enum PluginPlace {
    /// `path`.
    Path(Spanned<String>),
    /// `oci`: as it is written, and what that means.
    Artifact(Spanned<String>, Reference),
}

/// `[source.NAME]`.
#[derive(Debug)]
pub struct Source {
    /// The name in references.
    pub name: Spanned<String>,
    /// `file` or `url`.
    pub place: Option<Place>,
}

/// Where a source is.
#[derive(Debug)]
pub enum Place {
    /// `file`.
    File(Spanned<String>),
    /// `url`, with what goes with it.
    Url(Spanned<WebSource>),
}

/// `[KIND.NAME]`.
#[derive(Debug)]
pub struct Stage {
    /// The first part of the header.
    pub kind: StageKind,
    /// The second part of the header.
    pub name: Spanned<String>,
    /// What stands in the table; none if that is no table.
    pub body: Option<StageBody>,
}

/// What stands in a stage's table.
#[derive(Debug)]
pub struct StageBody {
    /// The header, or what stands for it.
    pub span: Span,
    /// `plugin`, on every stage but `score`.
    pub plugin: Option<Spanned<String>>,
    /// `model`, on score and package stages: a train stage.
    pub model: Option<Spanned<String>>,
    /// `through`, on train stages: the train stages whose steps come before this one's.
    pub through: Vec<Spanned<String>>,
    /// Where `through` stands.
    pub through_span: Option<Span>,
    /// `reports`, on package stages: the validate stages whose findings go along.
    pub reports: Vec<Spanned<String>>,
    /// `sample`, on package stages: the table of which some rows go along.
    pub sample: Option<Spanned<Written>>,
    /// `package`, on deploy stages: a package stage.
    pub package: Option<Spanned<String>>,
    /// `on`, on monitor stages: the stage whose model is watched.
    pub on: Option<Spanned<String>>,
    /// `every`, on monitor stages.
    pub every: Option<Spanned<Period>>,
    /// `reference`, on monitor stages: what windows are compared with.
    pub reference: Option<Spanned<Written>>,
    /// `replay`, on monitor stages.
    pub replay: Option<Replay>,
    /// `inputs`: port and reference, in the order of the file.
    pub inputs: Vec<(Spanned<String>, Spanned<Written>)>,
    /// `files`: port and path, in the order of the file.
    pub files: Vec<(Spanned<String>, Spanned<String>)>,
    /// `config`.
    pub config: Config,
    /// `gate`, on validate and train stages.
    pub gate: Option<Vec<Spanned<Condition>>>,
    /// `description`.
    pub description: Option<String>,
    /// `seed`.
    pub seed: Option<u64>,
    /// `repeatable`.
    pub repeatable: Option<bool>,
    /// `nan`.
    pub nan: Option<Nan>,
    /// `retry`.
    pub retry: Option<u64>,
    /// `limits`.
    pub limits: WrittenLimits,
}

/// `replay`: a table that a monitor walks as if it were live.
#[derive(Debug)]
pub struct Replay {
    /// The table.
    pub table: Option<Spanned<Written>>,
    /// Its column with the time of a row.
    pub time: Option<Spanned<String>>,
}
