//! The pipeline as it can be run: every plugin has checked its config against the schemas that reach it, and every input is bound to
//! what it comes from.

use std::{
    cell::LazyCell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use super::{
    compile::{Tell, compile},
    locked::{Locked, LockedStage, Snapshot, store_problem},
    lockfile::Lockfile,
    problems::plugin_problem,
    scoring::StepPorts,
};
use crate::{
    canonical_json,
    diagnostic::{Problem, Problems, did_you_mean},
    digest::Digest,
    job::{ABI, CheckAnswer, CheckDocument, CheckInput},
    launcher::{LaunchError, Launcher},
    manifest::{Reference, Resolved, Spot, Stage, Task},
    store::{Store, StoreError},
    wire::{Port, PortKind},
};

/// The output that a bare stage name means, if the stage has it.
const MAIN_OUTPUT: &str = "table";

/// A pipeline that can be run.
#[derive(Debug)]
pub struct Planned {
    /// The manifest.
    pub manifest: Resolved,
    /// What its names stand for now, as it is to be locked.
    pub lockfile: Lockfile,
    /// The sources by name.
    pub sources: BTreeMap<String, Snapshot>,
    /// The stages in topological order.
    pub stages: Vec<PlannedStage>,
    /// What could not be checked before the run, and why: sentences that begin with the stage.
    pub open: Vec<String>,
}

/// A stage that can be run.
#[derive(Debug)]
pub struct PlannedStage {
    /// The stage with its bytes.
    pub locked: LockedStage,
    /// What each input port is fed by; files among them.
    pub bindings: Bindings,
    /// The outputs that its plugin foretold.
    pub promised: Vec<Port>,
    /// The step that it will fit, of a train stage.
    pub step: Option<StepPorts>,
}

/// What the input ports of a stage are fed by, by port.
pub type Bindings = BTreeMap<String, Binding>;

/// What an input port is fed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// A source or file, as a blob.
    Snapshot(Snapshot),
    /// An output of an earlier stage.
    Output {
        /// The stage's index in [`Planned::stages`].
        stage: usize,
        /// The output's name.
        output: String,
    },
    /// The model that these train stages make, by their index in [`Planned::stages`], in the order of the steps.
    Model(Vec<usize>),
    /// All ports of a package stage that bring a model to it, and what was found of it.
    Package {
        /// The train stages that make the model, in the order of the steps.
        steps: Vec<usize>,
        /// The validate stages whose findings go along.
        reports: Vec<usize>,
    },
    /// The arms of an endpoint, of which the newest is what this package stage packs.
    Artifact(usize),
}

impl Binding {
    /// The stages that it waits for, by their index in [`Planned::stages`].
    pub fn stages(&self) -> Vec<usize> {
        match self {
            Binding::Snapshot(_) => Vec::new(),
            Binding::Output { stage, .. } | Binding::Artifact(stage) => vec![*stage],
            Binding::Model(stages) => stages.clone(),
            Binding::Package { steps, reports } => [steps.as_slice(), reports].concat(),
        }
    }
}

impl Planned {
    /// All stages that one waits for, directly or through others, by their index; in the order in which they run.
    pub fn behind(&self, index: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut next = vec![index];
        while let Some(stage) = next.pop() {
            for before in self.stages[stage]
                .bindings
                .values()
                .flat_map(Binding::stages)
            {
                if found.insert(before) {
                    next.push(before);
                }
            }
        }
        found
    }
}

/// Asks every plugin's check, in topological order, and binds the inputs. A stage behind one that has problems is checked as far as
/// that is possible without knowing what reaches it.
///
/// # Errors
/// With everything that is wrong, what could not be locked included.
pub fn plan(
    locked: Locked,
    store: &Store,
    launcher: &Launcher,
    tell: &Tell<'_>,
) -> Result<Planned, Problems> {
    let mut planner = Planner {
        store,
        launcher,
        compiled: LazyCell::new(Box::new(|| compile(&locked.stages, launcher, tell))),
        time: locked.manifest.time,
        ports: HashMap::new(),
        steps: HashMap::new(),
        open: Vec::new(),
        problems: locked.problems,
    };
    let mut places = HashMap::new();
    let mut flows = Vec::new();
    for (index, stage) in locked.stages.iter().enumerate() {
        places.insert(stage.stage.name.as_str(), index);
        let bindings = match &stage.stage.task {
            Task::Score(scoring) => {
                planner
                    .score(stage, scoring, &places)
                    .map(|(bindings, ports)| {
                        planner.ports.insert(stage.stage.name.clone(), ports);
                        bindings
                    })
            }
            _ => planner.stage(stage, &locked.sources, &places),
        };
        let name = &stage.stage.name;
        flows.push((
            bindings.unwrap_or_default(),
            planner.ports.get(name).cloned().unwrap_or_default(),
            planner.steps.get(name).cloned(),
        ));
    }
    Problems::judge(std::mem::take(&mut planner.problems))?;
    let open = std::mem::take(&mut planner.open);
    drop(planner);
    let stages = locked.stages.into_iter().zip(flows);
    Ok(Planned {
        manifest: locked.manifest,
        lockfile: locked.lockfile,
        sources: locked.sources,
        stages: stages
            .map(|(locked, (bindings, promised, step))| PlannedStage {
                locked,
                bindings,
                promised,
                step,
            })
            .collect(),
        open,
    })
}

pub(super) struct Planner<'a> {
    store: &'a Store,
    launcher: &'a Launcher,
    /// Compiles all components when the first child is needed: side by side that takes less time than one after the other.
    compiled: LazyCell<(), Box<dyn FnOnce() + 'a>>,
    /// The pipeline's logical time.
    time: i64,
    /// The output ports of the stages checked so far; stages with problems have none.
    pub(super) ports: HashMap<String, Vec<Port>>,
    /// The steps of the train stages checked so far; stages with problems have none.
    pub(super) steps: HashMap<String, StepPorts>,
    /// See [`Planned::open`].
    pub(super) open: Vec<String>,
    pub(super) problems: Vec<Problem>,
}

impl Planner<'_> {
    /// Binds and checks one stage; none if that is not possible.
    fn stage(
        &mut self,
        stage: &LockedStage,
        sources: &BTreeMap<String, Snapshot>,
        places: &HashMap<&str, usize>,
    ) -> Option<Bindings> {
        let mut bindings = Bindings::new();
        let mut inputs = BTreeMap::new();
        for (port, file) in &stage.files {
            bindings.insert(port.clone(), Binding::Snapshot(*file));
            inputs.insert(port.clone(), CheckInput::Blob(file.digest));
        }
        let mut whole = true;
        for (port, input) in &stage.stage.inputs {
            match &input.reference {
                Reference::Source(name) => {
                    let input = match sources.get(name) {
                        Some(snapshot) => {
                            bindings.insert(port.clone(), Binding::Snapshot(*snapshot));
                            CheckInput::Blob(snapshot.digest)
                        }
                        None => {
                            whole = false;
                            CheckInput::Later
                        }
                    };
                    inputs.insert(port.clone(), input);
                }
                Reference::Output {
                    stage: from,
                    output,
                } => match self.bind(&stage.stage, port, from, output.as_deref()) {
                    Some(found) => {
                        let binding = Binding::Output {
                            stage: places[from.as_str()],
                            output: found.name.clone(),
                        };
                        inputs.insert(port.clone(), check_input(&found));
                        bindings.insert(port.clone(), binding);
                    }
                    // What flows in is not known; the rest of the stage can be checked all the same.
                    None => {
                        whole = false;
                        inputs.insert(port.clone(), CheckInput::Table(None));
                    }
                },
            }
        }
        whole &= self.bring(stage, places, &mut bindings, &mut inputs);
        let ports = self.check(stage, inputs);
        if let (true, Some(mut ports)) = (whole, ports) {
            if stage.scorer().is_some() {
                self.take_step(stage, &mut ports);
            }
            self.ports.insert(stage.stage.name.clone(), ports);
        }
        whole.then_some(bindings)
    }

    /// The port that a reference means. A stage with problems of its own has no ports, and no further message.
    pub(super) fn bind(
        &mut self,
        stage: &Stage,
        port: &str,
        from: &str,
        output: Option<&str>,
    ) -> Option<Port> {
        let ports = self.ports.get(from)?;
        let names = || ports.iter().map(|port| port.name.as_str());
        let listed = || match ports.len() {
            0 => format!("`{from}` has no outputs"),
            _ => format!(
                "`{from}` has {}",
                names()
                    .map(|n| format!("`{from}.{n}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        let found = match output {
            Some(output) => ports.iter().find(|port| port.name == output),
            None if ports.len() == 1 => ports.first(),
            None => ports.iter().find(|port| port.name == MAIN_OUTPUT),
        };
        if let Some(found) = found {
            return Some(found.clone());
        }
        let problem = match output {
            Some(output) => stage
                .problem(
                    Spot::Port(port),
                    "unknown-output",
                    format!("stage `{from}` has no output `{output}`"),
                )
                .help(did_you_mean(output, names()).unwrap_or_else(listed)),
            None => stage
                .problem(
                    Spot::Port(port),
                    "which-output",
                    format!("`{from}` alone does not say which output is meant"),
                )
                .help(listed()),
        };
        self.problems.push(problem);
        None
    }

    /// The ports that the plugin foretells; its problems are noted.
    fn check(
        &mut self,
        stage: &LockedStage,
        inputs: BTreeMap<String, CheckInput>,
    ) -> Option<Vec<Port>> {
        match self.answer(stage, inputs) {
            Ok(CheckAnswer::Ports(ports)) => return Some(ports),
            Ok(CheckAnswer::Problems(found)) => {
                let file = |port: &str| {
                    let digest = stage.files.get(port)?.digest;
                    String::from_utf8(self.store.blob(&digest).ok()?).ok()
                };
                let found = found
                    .iter()
                    .map(|problem| plugin_problem(&stage.stage, problem, file));
                self.problems.extend(found);
            }
            Err(problem) => self.problems.push(*problem),
        }
        None
    }

    /// The plugin's answer, from the store or asked now.
    fn answer(
        &self,
        stage: &LockedStage,
        inputs: BTreeMap<String, CheckInput>,
    ) -> Result<CheckAnswer, Box<Problem>> {
        let component = stage
            .component()
            .expect("a built-in stage has no plugin to ask");
        let document = CheckDocument {
            abi: ABI,
            operation: "check".into(),
            world: stage.world,
            component: component.digest,
            config: stage.stage.config.clone(),
            inputs,
            partition: None,
            seed: if component.seed { stage.stage.seed } else { 0 },
            time: if component.time { self.time } else { 0 },
        };
        let key = document
            .key()
            .map_err(|e| Problem::error("config", e.to_string()))?;
        if let Some(answer) = kept(self.store, &key).map_err(|e| store_problem(&e))? {
            tracing::debug!(stage = %stage.stage.name, %key, "the check's answer is in the store");
            return Ok(answer);
        }
        LazyCell::force(&self.compiled);
        let answer = self
            .launcher
            .check(&document, &stage.stage.limits)
            .map_err(|error| broken(stage, &error))?;
        keep(self.store, &key, &answer).map_err(|e| store_problem(&e))?;
        Ok(answer)
    }
}

fn check_input(port: &Port) -> CheckInput {
    match port.kind {
        PortKind::Table => CheckInput::Table(port.schema.clone()),
        PortKind::Blob => CheckInput::Later,
    }
}

fn kept(store: &Store, key: &Digest) -> Result<Option<CheckAnswer>, StoreError> {
    let Some(digest) = store.result(key)? else {
        return Ok(None);
    };
    // An answer that this version does not understand is asked for again.
    Ok(store.document(&digest, "the answer of a check").ok())
}

fn keep(store: &Store, key: &Digest, answer: &CheckAnswer) -> Result<(), StoreError> {
    let mut publication = store.begin();
    let text = canonical_json::to_string(answer)?;
    let digest = publication.blob(text.as_bytes())?;
    publication.commit_result(key, &digest)?;
    Ok(())
}

/// A check that ended without an answer.
fn broken(stage: &LockedStage, error: &LaunchError) -> Problem {
    let mut text = format!(
        "{}: the plugin `{}` could not check its config: {error}",
        stage.stage.name,
        stage.stage.plugin().unwrap_or_default()
    );
    let last: Vec<_> = error
        .log
        .iter()
        .rev()
        .take(8)
        .map(|line| line.line.message.as_str())
        .collect();
    for line in last.iter().rev() {
        text.push_str("\n    ");
        text.push_str(line);
    }
    let problem = stage.stage.problem(Spot::Plugin, "plugin-failed", text);
    problem.maybe_help(
        error
            .exceeded()
            .and_then(|exceeded| stage.stage.raise(exceeded)),
    )
}
