//! Tests of the manifest as a whole: the table of cases, the reference manifest, and properties.

#![allow(clippy::unwrap_used)]

mod cases;
mod properties;
mod reference;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::resolved::{PluginPlace, Resolved, Source, SourceKind, Stage};
use super::source::{Header, Sent};
use super::{FILE_NAME, load_text};
use crate::diagnostic::{Problem, Problems};

/// A folder with the files that the manifests of these tests name.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in [
        "data/penguins.csv",
        "data/islands.csv",
        "penguins.contract.toml",
        "plugins/contract.wasm",
        "plugins/csv/plugin.toml",
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    folder
}

/// Loads `content` as the manifest of `folder`.
fn load(folder: &Path, content: &str) -> Result<(Resolved, Vec<Problem>), Problems> {
    load_text(&folder.join(FILE_NAME), content.to_owned())
}

/// All that a manifest says, without places and without the order of independent stages.
fn facts(resolved: &Resolved) -> Value {
    let plugins = resolved
        .plugins
        .iter()
        .map(|(name, plugin)| match &plugin.place {
            PluginPlace::Path(path, _) => (name.clone(), json!(path)),
            PluginPlace::Artifact(artifact) => (
                name.clone(),
                json!({ "oci": artifact.reference.to_string() }),
            ),
        });
    let sources = resolved
        .sources
        .iter()
        .map(|(name, source)| (name.clone(), source_facts(source)));
    let stages = resolved
        .stages
        .iter()
        .map(|stage| (stage.name.clone(), stage_facts(stage)));
    json!({
        "name": resolved.name, "seed": resolved.seed, "time": resolved.time,
        "plugins": Value::Object(plugins.collect()),
        "sources": Value::Object(sources.collect()),
        "stages": Value::Object(stages.collect()),
    })
}

fn source_facts(source: &Source) -> Value {
    let SourceKind::Web(web) = &source.kind else {
        return json!(source.place());
    };
    let header = |header: &Header| match &header.value {
        Sent::Text(text) => json!([header.name.as_str(), text.to_str().unwrap()]),
        Sent::Secret { prefix, name, .. } => json!([header.name.as_str(), prefix, name]),
    };
    // The order of headers means nothing.
    let mut headers: Vec<_> = web.headers.iter().map(header).collect();
    headers.sort_by_key(Value::to_string);
    json!({
        "url": web.url.as_str(), "headers": headers, "sha256": web.sha256,
        "limits": [json!(web.limits.size), json!(web.limits.time)],
    })
}

fn stage_facts(stage: &Stage) -> Value {
    let inputs = stage
        .inputs
        .iter()
        .map(|(port, input)| (port.clone(), json!(input.reference)));
    let files = stage
        .files
        .iter()
        .map(|(port, file)| (port.clone(), json!(file.path)));
    json!({
        "kind": stage.kind, "description": stage.description, "plugin": stage.plugin(), "steps": stage.steps(), "config": stage.config,
        "seed": stage.seed, "gate": stage.gate, "limits": stage.limits, "nan": stage.nan, "repeatable": stage.repeatable,
        "inputs": Value::Object(inputs.collect()),
        "files": Value::Object(files.collect()),
    })
}
