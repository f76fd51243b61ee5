//! What is different about a stage since its result was last made, down to the key of its config: job documents compared.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::{
    digest::Digest,
    plugin::fit::Shape,
    record::{ComponentRecord, StageRecord, Status},
    store::Store,
};

/// A reason why a stage's result is not, or need not be, the one of before.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// No earlier run has a result of a stage of this name.
    New,
    /// It is asked for.
    Forced,
    /// Nothing is different, but the result is not there.
    NoResult {
        /// The run that last had the stage.
        run: String,
        /// Whether it failed there.
        failed: bool,
    },
    /// The component is another one.
    Component {
        /// The one of before; none of a built-in stage.
        from: Option<ComponentRecord>,
        /// The one of now.
        to: Option<ComponentRecord>,
        /// What it asks of the host and did not before.
        imports: Vec<String>,
        /// What it asked of the host and does no longer.
        no_longer: Vec<String>,
    },
    /// A value of the config.
    Config {
        /// Its key, with dots.
        key: String,
        /// What it was; none where there was none.
        from: Option<Value>,
        /// What it is.
        to: Option<Value>,
    },
    /// Something else flows in.
    Input {
        /// The port.
        port: String,
        /// What flows in: a source, a file, or a stage's output.
        name: String,
        /// What it was; none where there was none.
        from: Option<Digest>,
        /// What it is; none where there is none.
        to: Option<Digest>,
    },
    /// What flows in has yet to be made.
    Waits {
        /// The stages that make it.
        stages: Vec<String>,
    },
    /// Another part of the job document: seed, time, state, the contract's version.
    Job {
        /// The member.
        member: String,
        /// What it was.
        from: Value,
        /// What it is.
        to: Value,
    },
}

/// A stage as it was when it last had a result.
pub(super) struct Before<'a> {
    /// Its record.
    pub stage: &'a StageRecord,
    /// The run.
    pub run: &'a str,
    /// Its job document.
    pub job: Value,
}

/// A stage as it is now, as far as that is known.
pub(super) struct Now {
    /// Its job document; inputs that have yet to be made are missing.
    pub job: Value,
    /// The component.
    pub component: Option<ComponentRecord>,
    /// The names of what flows in, by port.
    pub names: BTreeMap<String, String>,
    /// Whether the document is whole.
    pub whole: bool,
}

/// What is different; empty if nothing is.
pub(super) fn changes(before: &Before<'_>, now: &Now, store: &Store) -> Vec<Change> {
    let mut found = Vec::new();
    let member = |job: &Value, name: &str| job.get(name).cloned().unwrap_or(Value::Null);
    if member(&before.job, "component") != member(&now.job, "component") {
        let components = (before.stage.component.clone(), now.component.clone());
        found.push(component_change(components.0, components.1, store));
    }
    config(
        &member(&before.job, "config"),
        &member(&now.job, "config"),
        &mut found,
    );
    inputs(before, now, &mut found);
    let members: BTreeSet<&String> = [&before.job, &now.job]
        .into_iter()
        .filter_map(Value::as_object)
        .flat_map(|job| job.keys())
        .collect();
    for name in members {
        let told = ["component", "config", "inputs"].contains(&name.as_str());
        let (from, to) = (member(&before.job, name), member(&now.job, name));
        // What is not known yet is no change.
        if !told && from != to && (now.whole || now.job.get(name).is_some()) {
            found.push(Change::Job {
                member: name.clone(),
                from,
                to,
            });
        }
    }
    found
}

/// What is different about a stage of a later run; `run` is the earlier one's id. Empty if the store has one of the jobs no more.
pub fn changes_between(
    before: &StageRecord,
    run: &str,
    after: &StageRecord,
    store: &Store,
) -> Vec<Change> {
    let (old, new) = (job(store, before), job(store, after));
    if old.is_null() || new.is_null() {
        return Vec::new();
    }
    let before = Before {
        stage: before,
        run,
        job: old,
    };
    changes(&before, &Now::of(after, new, true), store)
}

impl Now {
    /// A stage as it was recorded, with its job document.
    pub fn of(stage: &StageRecord, job: Value, whole: bool) -> Now {
        let names = stage.inputs.iter();
        Now {
            job,
            component: stage.component.clone(),
            names: names
                .map(|(port, input)| (port.clone(), input.from.clone()))
                .collect(),
            whole,
        }
    }
}

/// Another component, and what it asks of the host that the one of before did not.
fn component_change(
    from: Option<ComponentRecord>,
    to: Option<ComponentRecord>,
    store: &Store,
) -> Change {
    let imports = |record: Option<&ComponentRecord>| -> BTreeSet<String> {
        let bytes = record.and_then(|record| store.blob(&record.digest).ok());
        let shape = bytes.and_then(|bytes| Shape::read(&bytes).ok());
        shape.map_or_else(BTreeSet::new, |shape| shape.imports().into_iter().collect())
    };
    let (old, new) = (imports(from.as_ref()), imports(to.as_ref()));
    Change::Component {
        imports: new.difference(&old).cloned().collect(),
        no_longer: old.difference(&new).cloned().collect(),
        from,
        to,
    }
}

fn config(from: &Value, to: &Value, found: &mut Vec<Change>) {
    let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
    flatten("", from, &mut old);
    flatten("", to, &mut new);
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (from, to) = (old.get(key).copied(), new.get(key).copied());
        if from != to {
            found.push(Change::Config {
                key: key.clone(),
                from: from.cloned(),
                to: to.cloned(),
            });
        }
    }
}

/// The values of nested objects under keys with dots; lists are values.
fn flatten<'v>(path: &str, value: &'v Value, into: &mut BTreeMap<String, &'v Value>) {
    match value {
        Value::Object(members) if path.is_empty() || !members.is_empty() => {
            for (key, value) in members {
                let path = match path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                flatten(&path, value, into);
            }
        }
        value => drop(into.insert(path.to_owned(), value)),
    }
}

fn inputs(before: &Before<'_>, now: &Now, found: &mut Vec<Change>) {
    let digests = |job: &Value| -> BTreeMap<String, Digest> {
        let inputs = job.get("inputs").and_then(Value::as_object);
        let digest = |input: &Value| {
            let text = input.as_object()?.values().next()?.as_str()?;
            text.parse().ok()
        };
        inputs
            .into_iter()
            .flatten()
            .filter_map(|(port, input)| Some((port.clone(), digest(input)?)))
            .collect()
    };
    let (old, new) = (digests(&before.job), digests(&now.job));
    let ports: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for port in ports {
        let (from, to) = (old.get(port).copied(), new.get(port).copied());
        // What has yet to be made is told by the stages that make it.
        let is_open = to.is_none() && !now.whole;
        if from != to && !is_open {
            let name = now.names.get(port).cloned();
            let before = || {
                before
                    .stage
                    .inputs
                    .get(port)
                    .map(|input| input.from.clone())
            };
            found.push(Change::Input {
                port: port.clone(),
                name: name.or_else(before).unwrap_or_else(|| port.clone()),
                from,
                to,
            });
        }
    }
}

/// The job document of an earlier result, whatever its form; null if the store has it no more.
pub(super) fn job(store: &Store, stage: &StageRecord) -> Value {
    let key = stage.key.as_ref();
    key.and_then(|key| store.document(key, "a job").ok())
        .unwrap_or_default()
}

/// The reason when the key is the one of before and there is no result.
pub(super) fn no_result(before: &Before<'_>) -> Change {
    Change::NoResult {
        run: before.run.to_owned(),
        failed: before.stage.status == Status::Failed,
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Change::New => f.write_str("new"),
            Change::Forced => f.write_str("asked for"),
            Change::NoResult { run, failed: true } => write!(f, "failed in run {run}"),
            Change::NoResult { failed: false, .. } => f.write_str("its result is not in the store"),
            Change::Component { from, to, .. } => component_text(from.as_ref(), to.as_ref(), f),
            Change::Config { key, from, to } => {
                let (from, to) = (value(from.as_ref()), value(to.as_ref()));
                write!(f, "config.{key}: {from} -> {to}")
            }
            Change::Input { name, from, to, .. } => match (from, to) {
                (Some(_), Some(_)) => write!(f, "{name} has changed"),
                (None, _) => write!(f, "{name} flows in now"),
                (_, None) => write!(f, "{name} flows in no more"),
            },
            Change::Waits { stages } => write!(f, "waits for {}", stages.join(", ")),
            Change::Job { member, from, to } => {
                let (from, to) = (value(Some(from)), value(Some(to)));
                write!(f, "{member}: {from} -> {to}")
            }
        }
    }
}

fn component_text(
    from: Option<&ComponentRecord>,
    to: Option<&ComponentRecord>,
    f: &mut std::fmt::Formatter<'_>,
) -> std::fmt::Result {
    let (Some(from), Some(to)) = (from, to) else {
        return f.write_str("the plugin has changed");
    };
    let same = from.name == to.name && from.version == to.version;
    let shown = |component: &ComponentRecord| match same {
        true => component.digest.short(),
        false => format!("{} {}", component.name, component.version),
    };
    write!(f, "plugin {}: {} -> {}", to.name, shown(from), shown(to))
}

/// The longest text of a value that is shown whole.
const SHOWN: usize = 60;

fn value(value: Option<&Value>) -> String {
    let text = match value {
        None => "(none)".to_owned(),
        Some(value) => value.to_string(),
    };
    match text.chars().count() {
        0..=SHOWN => text,
        _ => text.chars().take(SHOWN - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;
    use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
    use wit_parser::{ManglingAndAbi, Resolve};

    use super::*;

    /// A component that imports these interfaces, in the store.
    fn component(store: &Store, name: &str, imports: &[&str]) -> ComponentRecord {
        let interfaces: String = imports
            .iter()
            .map(|import| format!("interface {import} {{ f: func(); }}\n"))
            .collect();
        let imports: String = imports
            .iter()
            .map(|import| format!("import {import};\n"))
            .collect();
        let text = format!("package a:b;\n{interfaces}world w {{ {imports} }}");
        let mut resolve = Resolve::default();
        let package = resolve.push_str("a.wit", &text).unwrap();
        let world = resolve.packages[package].worlds["w"];
        let mut module = wit_component::dummy_module(&resolve, world, ManglingAndAbi::Standard32);
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
            .unwrap();
        let bytes = ComponentEncoder::default()
            .module(&module)
            .unwrap()
            .encode()
            .unwrap();
        ComponentRecord {
            digest: store.put_blob(&bytes).unwrap(),
            name: name.to_owned(),
            version: "1".to_owned(),
        }
    }

    #[test]
    fn what_a_plugin_asks_for_now_is_named() {
        let (_folder, store) = crate::store::testing::store();
        let old = component(&store, "old", &["tables", "log"]);
        let new = component(&store, "new", &["tables", "sockets"]);
        let shape = |record: &ComponentRecord| {
            let bytes = store.blob(&record.digest).unwrap();
            Shape::read(&bytes).unwrap().imports()
        };
        assert_ne!(shape(&old), shape(&new));
        let Change::Component {
            imports, no_longer, ..
        } = component_change(Some(old), Some(new), &store)
        else {
            panic!("a component has changed");
        };
        assert_eq!(imports, ["a:b/sockets"]);
        assert_eq!(no_longer, ["a:b/log"]);
    }

    #[test]
    fn a_change_of_config_is_named_by_its_key() {
        let mut found = Vec::new();
        config(
            &json!({"a": {"x": 1, "y": [1]}, "b": {}, "gone": null}),
            &json!({"a": {"x": 1.0, "y": [1]}, "b": {}, "c": {"d": "e"}}),
            &mut found,
        );
        let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "config.a.x: 1 -> 1.0",
                "config.c.d: (none) -> \"e\"",
                "config.gone: null -> (none)"
            ]
        );
    }
}
