//! From authored to resolved: names are held against each other, files looked up, defaults filled in, stages ordered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::authored::{self, Authored};
use super::fields::Reader;
use super::files::Folder;
use super::gate::Gate;
use super::kind::StageKind;
use super::reference::{Reference, Written};
use super::resolved::{
    FileInput, Input, Places, Plugin, PluginArtifact, PluginPlace, Resolved, Source, SourceKind,
    Stage, Task,
};
use super::through::TrainStages;
use crate::diagnostic::{Problem, Problems, Span, Text, closest, did_you_mean};

/// Resolves a manifest; `found` are the problems of reading it. The warnings come along where there is no error.
pub(super) fn resolve(
    file: &Path,
    text: Text,
    authored: Authored,
    found: Vec<Problem>,
) -> Result<(Resolved, Vec<Problem>), Problems> {
    let folder = folder_of(file);
    let mut resolver = Resolver {
        reader: Reader {
            text: text.clone(),
            problems: found,
        },
        files: Folder::open(&folder),
        names: BTreeMap::new(),
        plugins: authored
            .plugins
            .iter()
            .map(|plugin| plugin.name.get_ref().clone())
            .collect(),
        trained: TrainStages::of(&authored),
    };
    resolver.collect_names(&authored);
    let plugins = resolver.plugins(&authored);
    let sources = resolver.sources(&authored);
    let mut stages = resolver.stages(&authored);
    resolver.order(&mut stages);
    resolver.unused(&authored, &stages);

    let mut problems = resolver.reader.problems;
    problems.sort_by_key(|problem| {
        problem
            .source
            .as_ref()
            .map_or(usize::MAX, |(_, span)| span.start)
    });
    let warnings = Problems::judge(problems)?;
    let pipeline = authored.pipeline;
    let name = pipeline.name.expect("a missing name is an error");
    let (seed, time) = (pipeline.seed.unwrap_or(0), pipeline.time.unwrap_or(0));
    let resolved = Resolved {
        file: file.to_owned(),
        remote: authored.remote.map(|remote| folder.join(remote)),
        folder,
        text,
        name,
        seed,
        time,
        retry: pipeline.retry.unwrap_or(0),
        plugins,
        sources,
        stages,
    };
    Ok((resolved, warnings))
}

/// The folder of a file, `.` for a bare file name.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

pub(super) struct Resolver {
    pub(super) reader: Reader,
    files: Folder,
    /// Sources and stages.
    pub(super) names: BTreeMap<String, Named>,
    plugins: BTreeSet<String>,
    pub(super) trained: TrainStages,
}

/// What a name in a reference stands for, and where it was given.
pub(super) struct Named {
    pub(super) stage: Option<StageKind>,
    span: Span,
}

impl Resolver {
    /// Fills `names` in the order of the file; the second use of a name is an error.
    fn collect_names(&mut self, authored: &Authored) {
        let sources = authored.sources.iter().map(|source| (&source.name, None));
        let stages = authored
            .stages
            .iter()
            .map(|stage| (&stage.name, Some(stage.kind)));
        let mut all: Vec<_> = sources.chain(stages).collect();
        all.sort_by_key(|(name, _)| name.span().start);
        for (name, stage) in all {
            if let Some(first) = self.names.get(name.get_ref()) {
                let taken = first.stage.map_or("source", StageKind::label);
                let message = format!(
                    "the name {:?} is already taken by [{taken}.{0}]",
                    name.get_ref()
                );
                let problem = Problem::error("duplicate-name", message)
                    .at(&self.reader.text, name.span())
                    .related(first.span.clone(), "first used here")
                    .help("sources and stages share one set of names, since references tell them apart by name");
                self.reader.problems.push(problem);
            } else {
                self.names.insert(
                    name.get_ref().clone(),
                    Named {
                        stage,
                        span: name.span(),
                    },
                );
            }
        }
    }

    fn plugins(&mut self, authored: &Authored) -> BTreeMap<String, Plugin> {
        let mut plugins = BTreeMap::new();
        for plugin in &authored.plugins {
            let (place, span) = match &plugin.place {
                None => continue,
                Some(authored::PluginPlace::Path(written)) => {
                    match self.files.plugin(written.get_ref()) {
                        Ok(path) => {
                            let written_path = written.get_ref().clone();
                            (PluginPlace::Path(path, written_path), written.span())
                        }
                        Err((code, invalid)) => {
                            self.reader.refuse(written.span(), code, invalid);
                            continue;
                        }
                    }
                }
                Some(authored::PluginPlace::Artifact(written, reference)) => {
                    let artifact = PluginArtifact {
                        written: written.get_ref().clone(),
                        reference: reference.clone().below(self.files.path()),
                    };
                    (PluginPlace::Artifact(artifact), written.span())
                }
            };
            plugins.insert(plugin.name.get_ref().clone(), Plugin { place, span });
        }
        plugins
    }

    fn sources(&mut self, authored: &Authored) -> BTreeMap<String, Source> {
        let mut sources = BTreeMap::new();
        for source in &authored.sources {
            let (kind, span) = match &source.place {
                None => continue,
                Some(authored::Place::File(written)) => {
                    (self.file(written).map(SourceKind::File), written.span())
                }
                Some(authored::Place::Url(web)) => {
                    let web_source = Box::new(web.get_ref().clone());
                    (Some(SourceKind::Web(web_source)), web.span())
                }
            };
            if let Some(kind) = kind {
                sources.insert(source.name.get_ref().clone(), Source { kind, span });
            }
        }
        sources
    }

    /// A file below the manifest's folder.
    fn file(&mut self, written: &Spanned<String>) -> Option<PathBuf> {
        let file = self.files.file(written.get_ref());
        file.map_err(|(code, invalid)| self.reader.refuse(written.span(), code, invalid))
            .ok()
    }

    fn stages(&mut self, authored: &Authored) -> Vec<Stage> {
        let mut stages = Vec::new();
        for stage in &authored.stages {
            if let Some(body) = &stage.body {
                let mut resolved = self.stage(stage, body, authored);
                let implied = self.trained.expand(&mut self.reader, &mut resolved, body);
                stages.extend(implied);
                stages.extend(self.sample(authored, &mut resolved, body));
                stages.extend(self.watched(&mut resolved, body));
                stages.push(resolved);
            }
        }
        stages
    }

    /// Resolves one stage. Parts that are wrong are noted and missing in it: it is thrown away at the end.
    fn stage(
        &mut self,
        stage: &authored::Stage,
        body: &authored::StageBody,
        authored: &Authored,
    ) -> Stage {
        let pipeline = &authored.pipeline;
        let inputs = self.inputs(body);
        let files = self.file_inputs(body);
        let (task, span) = match stage.kind {
            StageKind::Score => {
                let span = body.model.as_ref().map(Spanned::span);
                (
                    self.trained.scoring(&mut self.reader, body),
                    span.unwrap_or_else(|| body.span.clone()),
                )
            }
            kind => {
                let (plugin, span) = self.plugin(body);
                let task = match kind {
                    StageKind::Package => self.packing(body, plugin),
                    StageKind::Deploy => self.deploying(body, plugin),
                    StageKind::Monitor => self.watching(authored, body, plugin),
                    _ => Task::Plugin(plugin),
                };
                (task, span)
            }
        };
        Stage {
            name: stage.name.get_ref().clone(),
            kind: stage.kind,
            description: body.description.clone(),
            task,
            through: Vec::new(),
            inputs,
            files,
            config: body.config.value.clone(),
            seed: body.seed.or(pipeline.seed).unwrap_or(0),
            gate: stage.kind.has_gate().then(|| {
                body.gate.as_ref().map_or_else(Gate::default, |conditions| {
                    Gate::new(conditions.iter().map(|one| one.get_ref().clone()).collect())
                })
            }),
            // Its own, else the pipeline's, else the defaults.
            limits: body.limits.set.or(&pipeline.limits.set).or_default(),
            nan: body.nan.or(pipeline.nan).unwrap_or_default(),
            repeatable: body.repeatable.unwrap_or(true),
            retry: body.retry.or(pipeline.retry).unwrap_or(0),
            places: Places {
                text: self.reader.text.clone(),
                header: body.span.clone(),
                plugin: span,
                gate: body.gate.iter().flatten().map(Spanned::span).collect(),
                model: body.model.as_ref().map(Spanned::span),
                config: body.config.clone(),
                // A stage's own key takes the place of the pipeline's.
                limits: (pipeline.limits.spans.iter())
                    .chain(&body.limits.spans)
                    .map(|(limit, span)| (*limit, span.clone()))
                    .collect(),
            },
        }
    }

    /// The plugin's name and its place.
    fn plugin(&mut self, body: &authored::StageBody) -> (String, Span) {
        let Some(plugin) = &body.plugin else {
            return (String::new(), body.span.clone());
        };
        let name = plugin.get_ref();
        if !self.plugins.contains(name) {
            let help = did_you_mean(name, &self.plugins)
                .unwrap_or_else(|| format!("add it under [plugins]: {name} = {{ path = \"…\" }}"));
            let message = format!("there is no plugin {name:?}");
            self.reader
                .error(plugin.span(), "unknown-plugin", message)
                .help = Some(help);
        }
        (name.clone(), plugin.span())
    }

    fn inputs(&mut self, body: &authored::StageBody) -> BTreeMap<String, Input> {
        let mut inputs = BTreeMap::new();
        for (port, written) in &body.inputs {
            if let Some(reference) = self.reference(written) {
                let span = port.span().start..written.span().end;
                inputs.insert(port.get_ref().clone(), Input { reference, span });
            }
        }
        inputs
    }

    pub(super) fn reference(&mut self, written: &Spanned<Written>) -> Option<Reference> {
        let Written { name, output } = written.get_ref();
        let Some(named) = self.names.get(name) else {
            let near = closest(name, self.names.keys()).map(|near| match output {
                Some(output) => format!("did you mean \"{near}.{output}\"?"),
                None => format!("did you mean {near:?}?"),
            });
            let all = self
                .names
                .keys()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            let help = near.unwrap_or_else(|| format!("the names are: {all}"));
            let message = format!("there is no source or stage {name:?}");
            self.reader
                .error(written.span(), "unknown-reference", message)
                .help = Some(help);
            return None;
        };
        match (named.stage, output) {
            (None, None) => Some(Reference::Source(name.clone())),
            (Some(_), output) => Some(Reference::Output {
                stage: name.clone(),
                output: output.clone(),
            }),
            (None, Some(_)) => {
                let message = format!("{name:?} is a source, which has no outputs");
                self.reader
                    .error(written.span(), "invalid-reference", message)
                    .help = Some(format!("write {name:?}"));
                None
            }
        }
    }

    fn file_inputs(&mut self, body: &authored::StageBody) -> BTreeMap<String, FileInput> {
        let mut files = BTreeMap::new();
        for (port, written) in &body.files {
            if let Some((first, _)) = body
                .inputs
                .iter()
                .find(|(input, _)| input.get_ref() == port.get_ref())
            {
                let message = format!(
                    "the port {:?} is under `inputs` and under `files`",
                    port.get_ref()
                );
                let problem = Problem::error("duplicate-port", message)
                    .at(&self.reader.text, port.span())
                    .related(first.span(), "first used here")
                    .help("a port takes one thing: keep one of the two");
                self.reader.problems.push(problem);
            }
            if let Some(path) = self.file(written) {
                let span = port.span().start..written.span().end;
                files.insert(port.get_ref().clone(), FileInput { path, span });
            }
        }
        files
    }

    /// Warns of plugins and sources that no stage uses; not where there are errors, which may be why.
    fn unused(&mut self, authored: &Authored, stages: &[Stage]) {
        if self.reader.problems.iter().any(Problem::is_error) {
            return;
        }
        let used_plugins: BTreeSet<&str> = stages.iter().filter_map(Stage::plugin).collect();
        let references = stages
            .iter()
            .flat_map(|stage| stage.inputs.values())
            .map(|input| &input.reference);
        let used_sources: BTreeSet<&str> = references
            .filter_map(|reference| {
                if let Reference::Source(name) = reference {
                    Some(name.as_str())
                } else {
                    None
                }
            })
            .collect();
        let plugins = authored
            .plugins
            .iter()
            .map(|plugin| (&plugin.name, &used_plugins, "unused-plugin", "plugin"));
        let sources = authored
            .sources
            .iter()
            .map(|source| (&source.name, &used_sources, "unused-source", "source"));
        for (name, used, code, what) in plugins.chain(sources) {
            if !used.contains(name.get_ref().as_str()) {
                let problem = Problem::warning(
                    code,
                    format!("no stage uses the {what} {:?}", name.get_ref()),
                );
                self.reader.problems.push(
                    problem
                        .at(&self.reader.text, name.span())
                        .help("use it, or remove it"),
                );
            }
        }
    }
}
