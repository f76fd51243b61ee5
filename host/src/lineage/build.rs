//! Builds the graph: from run records, and from the results, models, versions and decisions that they name. Each document is read once.

use std::collections::HashMap;

use super::{
    graph::{Graph, Kind, NodeId},
    records::Records,
    releases::Releases,
};
use crate::{
    digest::Digest,
    job::{InputDigest, OutputRecord, StageResult},
    model::ModelDoc,
    record::{ComponentRecord, InputRecord, RunRecord, StageRecord, Status},
    run::RESULT,
    store::Store,
    wire::Verdict,
    world::World,
};

/// The graph of all runs. What cannot be read is left out with a note.
pub fn build(store: &Store, records: &Records, releases: &Releases) -> Graph {
    let runs = records.runs.iter().map(|run| run.id.clone()).collect();
    let mut builder = Builder {
        store,
        graph: Graph::of_runs(runs, records.notes.clone()),
        many_pipelines: records.many_pipelines(),
        results: HashMap::new(),
        models: HashMap::new(),
    };
    for (number, run) in records.runs.iter().enumerate() {
        builder.run(number, run);
    }
    builder.releases(releases);
    builder.graph.notes.extend(releases.notes.iter().cloned());
    builder.graph
}

struct Builder<'a> {
    store: &'a Store,
    graph: Graph,
    many_pipelines: bool,
    /// What was read, by digest; none of what could not be.
    results: HashMap<Digest, Option<StageResult>>,
    models: HashMap<Digest, Option<ModelDoc>>,
}

/// A stage of a run.
#[derive(Clone, Copy)]
struct At<'a> {
    number: usize,
    run: &'a RunRecord,
    stage: &'a StageRecord,
    /// Its node.
    job: NodeId,
}

impl Builder<'_> {
    fn run(&mut self, number: usize, run: &RunRecord) {
        for (name, source) in &run.sources {
            let id = self.graph.content(Kind::Source, source.digest);
            let node = self.graph.node_mut(id);
            node.name(name);
            node.about(source.place.as_str());
            node.in_run(number);
        }
        for stage in &run.stages {
            let (Some(key), Some(result)) = (stage.key, stage.result) else {
                continue;
            };
            let job = self.job(number, run, stage, (key, result));
            let at = At {
                number,
                run,
                stage,
                job,
            };
            self.code(at);
            for (port, input) in &stage.inputs {
                self.input(at, port, input);
            }
            for (name, output) in &stage.outputs {
                self.output(at, name, output);
            }
            self.made_beside(at, result);
        }
    }

    /// The node of what a stage did.
    fn job(
        &mut self,
        number: usize,
        run: &RunRecord,
        stage: &StageRecord,
        (key, result): (Digest, Digest),
    ) -> NodeId {
        let name = self.name(run, &stage.name);
        let id = self.graph.content(Kind::Result, key);
        let node = self.graph.node_mut(id);
        node.name(&name);
        node.about(kind_of(stage));
        if !node.also.contains(&result) {
            node.also.push(result);
        }
        node.in_run(number);
        // The run in which it ran may not be readable any more; then the first that had it stands for it.
        if node.made.is_none() || (stage.status == Status::Ran && node.runs.len() == 1) {
            node.made = Some(number);
            node.time = Some(run.started.clone());
        }
        id
    }

    /// The components that did it.
    fn code(&mut self, at: At<'_>) {
        if let Some(component) = &at.stage.component {
            let id = self.component(at.number, component);
            self.graph.connect(id, at.job, "component");
        }
        if let Some(scorer) = &at.stage.scorer {
            self.component(at.number, scorer);
        }
    }

    fn component(&mut self, number: usize, component: &ComponentRecord) -> NodeId {
        let id = self.graph.content(Kind::Component, component.digest);
        let node = self.graph.node_mut(id);
        node.name(format!("{} {}", component.name, component.version).trim());
        node.in_run(number);
        id
    }

    fn input(&mut self, at: At<'_>, port: &str, input: &InputRecord) {
        match at.stage.world {
            World::Packaging if is_told_by_model(port) => return,
            // A report is made of findings: it stands for the stage that found them.
            World::Packaging if port.starts_with("report.") => {
                let stage = at.run.stage(&input.from);
                let job = stage.and_then(|stage| self.graph.by_digest(&stage.key?));
                if let Some(job) = job {
                    self.graph.connect(job, at.job, port);
                    return;
                }
            }
            // What a deploy plugin is told of the arms is made for it; the packages themselves stand for that.
            World::Deploy if matches!(input.digest, InputDigest::Table(_)) => {
                self.deployed(at, &input.from);
                return;
            }
            _ => {}
        }
        let kind = match &input.digest {
            InputDigest::Table(_) => Kind::Table,
            InputDigest::Model(_) => Kind::Model,
            InputDigest::Blob(_) if is_output(at.run, &input.from) => Kind::Blob,
            InputDigest::Blob(_) => Kind::File,
        };
        let id = self.graph.content(kind, *input.digest.digest());
        let name = self.name(at.run, &input.from);
        let node = self.graph.node_mut(id);
        if node.names.is_empty() {
            node.name(if kind == Kind::File {
                &input.from
            } else {
                &name
            });
        }
        node.in_run(at.number);
        self.flow(id, at.job, port);
    }

    /// The package of a package stage of the same run flows into a deploy stage.
    fn deployed(&mut self, at: At<'_>, package: &str) {
        let result = at.run.stage(package).and_then(|stage| stage.result);
        let artifact = result
            .and_then(|result| self.result(&result))
            .and_then(|result| result.artifact);
        if let Some(artifact) = artifact {
            let id = self.graph.content(Kind::Package, artifact.manifest);
            self.flow(id, at.job, "package");
        }
    }

    fn output(&mut self, at: At<'_>, name: &str, output: &OutputRecord) {
        let kind = match output {
            OutputRecord::Table { .. } => Kind::Table,
            OutputRecord::Blob { .. } => Kind::Blob,
        };
        let full = self.name(at.run, &format!("{}.{name}", at.stage.name));
        let id = self.graph.content(kind, output.digest());
        let node = self.graph.node_mut(id);
        node.name(&full);
        if let OutputRecord::Table { rows, .. } = output {
            let s = if *rows == 1 { "" } else { "s" };
            node.about(&format!("{rows} row{s}"));
        }
        node.in_run(at.number);
        self.flow(at.job, id, name);
    }

    /// What a result names beside outputs: a fitted state and its model, a package, windows.
    fn made_beside(&mut self, at: At<'_>, result: Digest) {
        if matches!(
            at.stage.world,
            World::Ingest | World::Validate | World::Score
        ) {
            return;
        }
        let name = self.name(at.run, &at.stage.name);
        let Some(result) = self.result(&result) else {
            return self.model(at);
        };
        if let Some(fitted) = &result.fitted {
            let id = self.graph.content(Kind::State, fitted.state);
            let node = self.graph.node_mut(id);
            node.name(&name);
            node.in_run(at.number);
            self.flow(at.job, id, "state");
        }
        if let Some(artifact) = result.artifact {
            let id = self.graph.content(Kind::Package, artifact.manifest);
            let node = self.graph.node_mut(id);
            node.name(&name);
            node.in_run(at.number);
            self.flow(at.job, id, "package");
        }
        for window in &result.windows {
            let id = self.graph.content(Kind::Window, window.key);
            let node = self.graph.node_mut(id);
            node.name(&format!("{name} {}", window.label));
            node.about(verdict(window.verdict));
            for digest in [window.result, window.table] {
                if !node.also.contains(&digest) {
                    node.also.push(digest);
                }
            }
            node.in_run(at.number);
            self.flow(at.job, id, "window");
        }
        self.model(at);
    }

    /// The model that a train stage completed: scorers and states become one.
    fn model(&mut self, at: At<'_>) {
        let Some(model) = at.stage.model else {
            return;
        };
        let name = self.name(at.run, &at.stage.name);
        let id = self.graph.content(Kind::Model, model);
        let node = self.graph.node_mut(id);
        node.name(&name);
        node.in_run(at.number);
        if !self.models.contains_key(&model) {
            let read = self.read(&model, "a model");
            self.models.insert(model, read);
        }
        let Some(doc) = self.models.get(&model).cloned().flatten() else {
            self.flow(at.job, id, "model");
            return;
        };
        for (number, step) in (1..).zip(&doc.steps) {
            let scorer = self.graph.content(Kind::Component, step.scorer);
            self.flow(scorer, id, &format!("scorer of step {number}"));
            let state = self.graph.content(Kind::State, step.state);
            self.flow(state, id, &format!("state of step {number}"));
        }
    }

    fn releases(&mut self, releases: &Releases) {
        for version in &releases.versions {
            let id = self.graph.content(Kind::Package, version.package);
            let number = self.number(&version.run);
            let node = self.graph.node_mut(id);
            // The version is what people call it, and stands before the stage.
            node.names
                .insert(0, format!("{}/{}", version.name, version.version));
            node.time = Some(version.time.clone());
            node.made = number;
            if self.graph.edges_to(id).next().is_none() {
                let model = self.graph.content(Kind::Model, version.model);
                self.flow(model, id, "model");
            }
        }
        for (digest, decided) in &releases.decisions {
            let number = self.number(&decided.run);
            let job = self.graph.content(Kind::Result, decided.key);
            self.graph.node_mut(job).name(&decided.name);
            for arm in decided.asked.arms.iter().chain(&decided.arms) {
                let package = self.graph.content(Kind::Package, arm.package);
                let known = self.graph.edges_to(job).any(|edge| edge.from == package);
                if !known {
                    self.flow(package, job, &format!("version {}", arm.version));
                }
            }
            let decision = self.graph.content(Kind::Decision, *digest);
            let node = self.graph.node_mut(decision);
            node.name(&decided.name);
            node.about(&decided.decision.reason);
            node.time = Some(decided.time.clone());
            node.made = number;
            number.into_iter().for_each(|number| node.in_run(number));
            self.flow(job, decision, "decision");
            let endpoint = self.graph.named(Kind::Endpoint, &decided.name);
            self.flow(decision, endpoint, "decision");
        }
    }

    fn number(&self, run: &str) -> Option<usize> {
        self.graph.runs.iter().position(|id| id == run)
    }

    /// Connects two nodes; where content would come back to itself, the one that passed it on says so.
    fn flow(&mut self, from: NodeId, to: NodeId, label: &str) {
        if !self.graph.connect(from, to, label) {
            let text = format!("`{label}` is content that was there before it");
            self.graph.node_mut(from).about(&text);
        }
    }

    /// What a stage or its output is called: with its pipeline where there are several.
    fn name(&self, run: &RunRecord, name: &str) -> String {
        match self.many_pipelines {
            true => format!("{}/{name}", run.pipeline),
            false => name.to_owned(),
        }
    }

    fn result(&mut self, digest: &Digest) -> Option<StageResult> {
        if !self.results.contains_key(digest) {
            let read = self.read(digest, RESULT);
            self.results.insert(*digest, read);
        }
        self.results.get(digest).cloned().flatten()
    }

    fn read<T: serde::de::DeserializeOwned>(
        &mut self,
        digest: &Digest,
        expected: &'static str,
    ) -> Option<T> {
        match self.store.document(digest, expected) {
            Ok(document) => Some(document),
            Err(error) => {
                let note = format!("what {digest} names is left out: {error}");
                self.graph.notes.push(note);
                None
            }
        }
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Warn => "warn",
        Verdict::Fail => "fail",
        Verdict::Inconclusive => "inconclusive",
    }
}

/// The word of the manifest for a stage.
fn kind_of(stage: &StageRecord) -> &'static str {
    match stage.world {
        World::Packaging => "package",
        world => world.name(),
    }
}

/// Ports of a package stage whose content is made of the model, or stands in it; `document` is the model itself.
fn is_told_by_model(port: &str) -> bool {
    ["model", "lineage"].contains(&port) || port.starts_with("step-")
}

/// Whether an input comes from a stage of the run.
fn is_output(run: &RunRecord, from: &str) -> bool {
    let stage = from.split_once('.').map_or(from, |(stage, _)| stage);
    run.stage(stage).is_some()
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
