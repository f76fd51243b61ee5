//! Second form of a manifest: defaults filled in, every name known, the stages in an order in which they can run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::config::Config;
use super::gate::Gate;
use super::kind::{Nan, StageKind};
use super::limits::{Exceeded, Limit, Limits};
use super::period::Period;
use super::reference::Reference;
use super::source::{Place, WebSource};
use crate::diagnostic::{Problem, Span, Text};
use crate::model::Keeps;
use crate::registry;

/// A manifest in which every name leads somewhere.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The manifest, as the path was given.
    pub file: PathBuf,
    /// The folder it lies in; `.` for a bare file name.
    pub folder: PathBuf,
    /// The folder of the remote that its results are shared through.
    pub remote: Option<PathBuf>,
    /// Its text, for problems that point into it.
    pub text: Text,
    /// The pipeline's name.
    pub name: String,
    /// The pipeline's seed; stages have theirs filled in.
    pub seed: u64,
    /// The logical time in ns since 1970-01-01T00:00:00Z.
    pub time: i64,
    /// How often a source on the web is asked for again.
    pub retry: u64,
    /// Plugins by name.
    pub plugins: BTreeMap<String, Plugin>,
    /// Sources by name.
    pub sources: BTreeMap<String, Source>,
    /// The stages, each after those it reads from; where that leaves a choice, in the order of the file.
    pub stages: Vec<Stage>,
}

impl Resolved {
    /// The stage of that name.
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// An error at the path or reference of a plugin, or without place if there is no plugin of that name.
    pub fn plugin_problem(
        &self,
        plugin: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Problem {
        let problem = Problem::error(code, message);
        match self.plugins.get(plugin) {
            Some(plugin) => problem.at(&self.text, plugin.span.clone()),
            None => problem,
        }
    }

    /// An error at the file or address of a source, or without place if there is no source of that name.
    pub fn source_problem(
        &self,
        source: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Problem {
        let problem = Problem::error(code, message);
        match self.sources.get(source) {
            Some(source) => problem.at(&self.text, source.span.clone()),
            None => problem,
        }
    }
}

/// A plugin that stages can name.
#[derive(Debug, Clone, PartialEq)]
pub struct Plugin {
    /// Where it is.
    pub place: PluginPlace,
    /// Where that stands.
    pub span: Span,
}

/// Where a plugin is.
#[derive(Debug, Clone, PartialEq)]
pub enum PluginPlace {
    /// A `.wasm`, or a folder with a `plugin.toml`, with the manifest's folder in front; and the path as written.
    Path(PathBuf, String),
    /// In a registry.
    Artifact(PluginArtifact),
}

/// A published plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginArtifact {
    /// Where it is; a path on disk has the manifest's folder in front.
    pub reference: registry::Reference,
    /// As it is written, which is what the lock file says.
    pub written: String,
}

/// Data from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Where it is.
    pub kind: SourceKind,
    /// Where that stands.
    pub span: Span,
}

/// Where data is.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceKind {
    /// A plain file below the manifest's folder, relative to it, without `.` and `..`. Open it through a handle on that folder.
    File(PathBuf),
    /// On the web.
    Web(Box<WebSource>),
}

impl Source {
    /// Where it is, as records and the lock file say it.
    pub fn place(&self) -> Place {
        match &self.kind {
            SourceKind::File(file) => Place::File(file.display().to_string()),
            SourceKind::Web(web) => Place::Url(web.url.to_string()),
        }
    }
}

/// What flows into a port.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Where it comes from.
    pub reference: Reference,
    /// Where port and reference stand.
    pub span: Span,
}

/// A small file that is handed to the plugin as a blob.
#[derive(Debug, Clone, PartialEq)]
pub struct FileInput {
    /// A plain file below the manifest's folder, relative to it, without `.` and `..`. Open it through a handle on that folder.
    pub path: PathBuf,
    /// Where port and path stand.
    pub span: Span,
}

/// What does the work of a stage.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// A plugin, by its name in [`Resolved::plugins`].
    Plugin(String),
    /// The built-in stage `score`: a model passes over the table at port [`SCORED`].
    Score(Scoring),
    /// A plugin that packs a model. The rows at port [`SAMPLE_PORT`] go along.
    Package(Packing),
    /// A plugin that decides what traffic a package gets.
    Deploy(Deploying),
    /// A plugin that is called for every window of the table at port [`WINDOW_PORT`].
    Monitor(Watching),
}

/// What a package stage packs.
#[derive(Debug, Clone, PartialEq)]
pub struct Packing {
    /// The plugin, by its name in [`Resolved::plugins`].
    pub plugin: String,
    /// The train stages whose steps make the model; never empty, and the last one's name is the model's.
    pub steps: Vec<String>,
    /// The validate stages whose findings go along, each once.
    pub reports: Vec<String>,
}

/// What a deploy stage serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Deploying {
    /// The plugin, by its name in [`Resolved::plugins`].
    pub plugin: String,
    /// The package stage.
    pub package: String,
}

/// What a monitor stage watches.
#[derive(Debug, Clone, PartialEq)]
pub struct Watching {
    /// The plugin, by its name in [`Resolved::plugins`].
    pub plugin: String,
    /// How long a window is.
    pub every: Period,
    /// The column of the replayed table with the time of a row; none when nothing is replayed.
    pub time: Option<String>,
    /// The train stages whose steps make the model that is watched; empty when none is.
    pub steps: Vec<String>,
    /// The deploy stage whose endpoint it watches, if it watches one.
    pub endpoint: Option<String>,
}

/// A model by the stages whose steps make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scoring {
    /// The train stages, in the order of their steps; never empty.
    pub steps: Vec<String>,
    /// What the scored table has beside the model's answer.
    pub keeps: Keeps,
    /// How many rows of the table are scored, evenly spread over it; none for all.
    pub sample: Option<u64>,
}

/// The only input of a score stage, and its only output.
pub const SCORED: &str = "table";
/// The port of a package stage with rows that its model has scored.
pub const SAMPLE_PORT: &str = "sample";
/// The port of a monitor stage with the rows of a window.
pub const WINDOW_PORT: &str = "window";
/// The port of a monitor stage with the rows that windows are compared with.
pub const REFERENCE_PORT: &str = "reference";

/// A place in a stage's table that a problem can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot<'a> {
    /// The stage as a whole: its header.
    Header,
    /// The plugin it names.
    Plugin,
    /// A value of the config by JSON pointer (RFC 6901), or its nearest parent that is in the manifest.
    Config(&'a str),
    /// An input or a file by the name of its port.
    Port(&'a str),
    /// A condition of the gate, by its place among them.
    Condition(usize),
    /// The model of a score or package stage, or what stands for it.
    Model,
    /// A limit, in the stage or, if it says nothing, in `[pipeline]`.
    Limit(Limit),
}

/// One stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name, unique among stages and sources.
    pub name: String,
    /// Its part in the lifecycle.
    pub kind: StageKind,
    /// One sentence for people.
    pub description: Option<String>,
    /// What does its work.
    pub task: Task,
    /// The train stages whose steps come before its own in the model it trains; on train stages only.
    pub through: Vec<String>,
    /// Ports fed by sources and other stages. No port is in `files` as well.
    pub inputs: BTreeMap<String, Input>,
    /// Ports fed by files.
    pub files: BTreeMap<String, FileInput>,
    /// The config as a JSON object.
    pub config: serde_json::Value,
    /// The stage's seed, or the pipeline's.
    pub seed: u64,
    /// What findings and figures have to meet before what depends on this stage may go on; on validate and train stages only.
    pub gate: Option<Gate>,
    /// What it may use.
    pub limits: Limits,
    /// How NaN is made.
    pub nan: Nan,
    /// Whether a second run has to give the same result.
    pub repeatable: bool,
    /// How often it is tried again when the machine was in the way: its process was lost, say.
    pub retry: u64,
    /// Where the parts of its table stand.
    pub(super) places: Places,
}

/// Where the parts of a stage's table stand, and the text they stand in.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub text: Text,
    pub header: Span,
    pub plugin: Span,
    pub gate: Vec<Span>,
    pub model: Option<Span>,
    pub config: Config,
    /// Of the limits that the stage or the pipeline asks for.
    pub limits: BTreeMap<Limit, Span>,
}

impl Stage {
    /// What its author can do about a limit that it went beyond, if that is a limit of the stage.
    pub fn raise(&self, exceeded: &Exceeded) -> Option<String> {
        let (key, kind, name) = (exceeded.key()?, self.kind, &self.name);
        Some(format!(
            "if it should use more, set `limits.{key}` in [{kind}.{name}]"
        ))
    }

    /// The stages it reads from, and those whose steps it applies.
    pub fn needs(&self) -> BTreeSet<&str> {
        let inputs = self.inputs.values();
        let read = inputs.filter_map(|input| input.reference.stage());
        let beside = match &self.task {
            Task::Package(packing) => packing.reports.as_slice(),
            Task::Deploy(deploying) => std::slice::from_ref(&deploying.package),
            Task::Plugin(_) | Task::Score(_) | Task::Monitor(_) => &[],
        };
        let beside = beside.iter().chain(self.steps()).map(String::as_str);
        read.chain(beside).collect()
    }

    /// The train stages whose steps make the model that it applies or packs; none for other stages.
    pub fn steps(&self) -> &[String] {
        match &self.task {
            Task::Plugin(_) | Task::Deploy(_) | Task::Monitor(_) => &[],
            Task::Score(scoring) => &scoring.steps,
            Task::Package(packing) => &packing.steps,
        }
    }

    /// The plugin that does its work; none for a built-in stage.
    pub fn plugin(&self) -> Option<&str> {
        match &self.task {
            Task::Plugin(name) => Some(name),
            Task::Score(_) => None,
            Task::Package(packing) => Some(&packing.plugin),
            Task::Deploy(deploying) => Some(&deploying.plugin),
            Task::Monitor(watching) => Some(&watching.plugin),
        }
    }

    /// Whether the manifest asks for this limit; else it is the default.
    pub fn asks_limit(&self, limit: Limit) -> bool {
        self.places.limits.contains_key(&limit)
    }

    /// The place of the config's value at a JSON pointer, of its nearest parent in the manifest, or of the header.
    pub fn config_span(&self, pointer: &str) -> Span {
        self.places
            .config
            .span(pointer)
            .unwrap_or_else(|| self.places.header.clone())
    }

    /// Where a spot stands; the header for what is not in the manifest.
    pub fn span(&self, spot: Spot<'_>) -> Span {
        let found = match spot {
            Spot::Header => None,
            Spot::Plugin => Some(self.places.plugin.clone()),
            Spot::Config(pointer) => self.places.config.span(pointer),
            Spot::Port(port) => {
                let input = self.inputs.get(port).map(|input| input.span.clone());
                input.or_else(|| self.files.get(port).map(|file| file.span.clone()))
            }
            Spot::Condition(index) => self.places.gate.get(index).cloned(),
            Spot::Model => self.places.model.clone(),
            Spot::Limit(limit) => self.places.limits.get(&limit).cloned(),
        };
        found.unwrap_or_else(|| self.places.header.clone())
    }

    /// An error about a spot of this stage's table.
    pub fn problem(
        &self,
        spot: Spot<'_>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Problem {
        Problem::error(code, message).at(&self.places.text, self.span(spot))
    }
}
