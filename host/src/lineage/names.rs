//! What names mean in some runs: the newest run that has the name decides.

use std::collections::BTreeSet;

use crate::{
    digest::Digest,
    job::OutputRecord,
    record::{RunRecord, StageRecord},
};

/// The newest thing that a name means.
fn newest<'r, T>(runs: &'r [RunRecord], pick: impl Fn(&'r RunRecord) -> Option<T>) -> Option<T> {
    runs.iter().rev().find_map(pick)
}

/// The table of `STAGE.OUTPUT` or `PIPELINE/STAGE.OUTPUT`.
pub(super) fn table(runs: &[RunRecord], name: &str) -> Option<Digest> {
    newest(runs, |run| {
        let (stage, output) = in_pipeline(run, name)?.split_once('.')?;
        table_of(run.stage(stage)?, output)
    })
}

/// The main table of `STAGE`, or its only one; with its name.
pub(super) fn table_of_stage(runs: &[RunRecord], name: &str) -> Option<(String, Digest)> {
    newest(runs, |run| {
        let (output, digest) = main_table(run.stage(in_pipeline(run, name)?)?)?;
        Some((format!("{name}.{output}"), digest))
    })
}

/// The table that a stage's name stands for: its output `table`, or its only table.
pub(super) fn main_table(stage: &StageRecord) -> Option<(&str, Digest)> {
    if let Some(digest) = table_of(stage, "table") {
        return Some(("table", digest));
    }
    let outputs = stage.outputs.keys();
    let mut tables = outputs.filter_map(|output| Some((output.as_str(), table_of(stage, output)?)));
    match (tables.next(), tables.next()) {
        (only, None) => only,
        _ => None,
    }
}

/// The name without the pipeline's, if it names this one or none.
fn in_pipeline<'n>(run: &RunRecord, name: &'n str) -> Option<&'n str> {
    match name.split_once('/') {
        Some((pipeline, rest)) => (pipeline == run.pipeline).then_some(rest),
        None => Some(name),
    }
}

/// The table that a stage made under a name.
pub(super) fn table_of(stage: &StageRecord, output: &str) -> Option<Digest> {
    match stage.outputs.get(output)? {
        OutputRecord::Table { digest, .. } => Some(*digest),
        OutputRecord::Blob { .. } => None,
    }
}

/// The source of this name or file, or the file that a stage reads.
pub(super) fn source(runs: &[RunRecord], name: &str) -> Option<Digest> {
    newest(runs, |run| {
        let source = source_of(run, name);
        let inputs = run.stages.iter().flat_map(|stage| stage.inputs.values());
        let file = || {
            inputs
                .clone()
                .find(|input| input.from == name && !is_of_stage(run, name))
        };
        source.or_else(|| file().map(|input| *input.digest.digest()))
    })
}

/// The source of this name, file or address in a run.
pub(super) fn source_of(run: &RunRecord, name: &str) -> Option<Digest> {
    let mut sources = run.sources.values();
    let by_place = || sources.find(|source| source.place.as_str() == name);
    let source = run.sources.get(name).or_else(by_place)?;
    Some(source.digest)
}

/// Whether a name of an input is a stage or its output.
fn is_of_stage(run: &RunRecord, name: &str) -> bool {
    let stage = name.split_once('.').map_or(name, |(stage, _)| stage);
    // A model's name is that of the stages of its steps.
    let stage = stage.split(" + ").next().unwrap_or(stage);
    run.stage(stage).is_some()
}

/// The component of a plugin: by its name in the manifest, or the name that it states, with or without its version.
pub(super) fn component(runs: &[RunRecord], name: &str) -> Option<Digest> {
    newest(runs, |run| {
        run.stages.iter().find_map(|stage| {
            let of_plugin = stage.plugin.as_deref() == Some(name);
            let mine = stage.component.iter().find(|component| {
                of_plugin || component.name == name || is_version(name, component)
            });
            let mut scorer = stage.scorer.iter();
            let scorer = || scorer.find(|c| c.name == name || is_version(name, c));
            mine.or_else(scorer).map(|component| component.digest)
        })
    })
}

fn is_version(name: &str, component: &crate::record::ComponentRecord) -> bool {
    name.split_once(' ') == Some((component.name.as_str(), component.version.as_str()))
}

/// The model of a train stage.
pub(super) fn model(runs: &[RunRecord], name: &str) -> Option<Digest> {
    newest(runs, |run| run.stage(in_pipeline(run, name)?)?.model)
}

/// Every name that runs know, for suggestions.
pub(super) fn all(runs: &[RunRecord]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for run in runs {
        names.insert(run.id.clone());
        for (name, source) in &run.sources {
            names.extend([name.clone(), source.place.to_string()]);
        }
        for stage in &run.stages {
            names.insert(stage.name.clone());
            names.extend(stage.plugin.clone());
            names.extend(stage.component.iter().map(|c| c.name.clone()));
            names.extend(stage.scorer.iter().map(|c| c.name.clone()));
            let outputs = stage.outputs.keys();
            names.extend(outputs.map(|output| format!("{}.{output}", stage.name)));
        }
    }
    names
}
