//! Events made from what the host tells of a run.

use jiff::Timestamp;

use crate::data::{Commit, Outcome, Run, StageRun};
use crate::facets::{
    self, Engine, ErrorMessage, JobFacets, JobName, JobType, PRODUCER, Parent, Plugin, RUN_EVENT,
    Root, RunFacets, RunId, Stage,
};
use crate::wire::{self, Kind, RunEvent};

/// An event: one line of JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    line: String,
}

impl Event {
    /// The event's JSON, in one line and without the line's end.
    pub fn line(&self) -> &str {
        &self.line
    }
}

/// All events of a run that ended: its start, then those of its stages by time, then its end.
pub fn events(run: &Run) -> Vec<Event> {
    let of_stage = |stage: &StageRun| {
        [
            (stage.started, stage_started(run, stage)),
            (ended(stage), stage_finished(run, stage)),
        ]
    };
    let mut stages: Vec<_> = run.stages.iter().flat_map(of_stage).collect();
    // Stable: a stage's start stays before its end, at the same time too.
    stages.sort_by_key(|(time, _)| *time);
    let mut all = vec![started(run)];
    all.extend(stages.into_iter().map(|(_, event)| event));
    all.push(finished(run));
    all
}

/// The START event of a pipeline's run.
pub fn started(run: &Run) -> Event {
    of_pipeline(run, Kind::Start, run.started)
}

/// The event that ends a pipeline's run: COMPLETE, FAIL or ABORT.
pub fn finished(run: &Run) -> Event {
    // A clock that was set back would make a run end before it began.
    let time = run.finished.max(run.started);
    of_pipeline(run, last(&run.outcome), time)
}

/// The START event of a stage's run. It names no datasets: those come with the end.
pub fn stage_started(run: &Run, stage: &StageRun) -> Event {
    of_stage(run, stage, Kind::Start, stage.started)
}

/// The event that ends a stage's run: COMPLETE, FAIL or ABORT. It names what was read and written.
pub fn stage_finished(run: &Run, stage: &StageRun) -> Event {
    of_stage(run, stage, last(&stage.outcome), ended(stage))
}

fn ended(stage: &StageRun) -> Timestamp {
    stage.finished.max(stage.started)
}

fn last(outcome: &Outcome) -> Kind {
    match outcome {
        Outcome::Completed => Kind::Complete,
        Outcome::Failed(_) => Kind::Fail,
        Outcome::Aborted => Kind::Abort,
    }
}

fn of_pipeline(run: &Run, kind: Kind, time: Timestamp) -> Event {
    write(&RunEvent {
        kind,
        time,
        producer: PRODUCER,
        schema: RUN_EVENT,
        run: wire::Run {
            id: RunId { id: run.id },
            facets: RunFacets {
                engine: Some(engine(run).into()),
                error: error(kind, &run.outcome).map(Into::into),
                commit: run.commit.as_ref().map(|it| commit(it).into()),
                ..RunFacets::default()
            },
        },
        job: job(run, &run.pipeline, "PIPELINE"),
        inputs: Vec::new(),
        outputs: Vec::new(),
    })
}

fn of_stage(run: &Run, stage: &StageRun, kind: Kind, time: Timestamp) -> Event {
    let name = format!("{}.{}", run.pipeline, stage.name);
    let (inputs, outputs) = match kind {
        Kind::Start => (Vec::new(), Vec::new()),
        _ => (
            stage.inputs.iter().map(Into::into).collect(),
            stage.outputs.iter().map(Into::into).collect(),
        ),
    };
    write(&RunEvent {
        kind,
        time,
        producer: PRODUCER,
        schema: RUN_EVENT,
        run: wire::Run {
            id: RunId { id: stage.id },
            facets: RunFacets {
                parent: Some(parent(run).into()),
                engine: Some(engine(run).into()),
                error: error(kind, &stage.outcome).map(Into::into),
                stage: Some(of_plugin(stage).into()),
                commit: None,
            },
        },
        job: job(run, &name, job_type(&stage.world)),
        inputs,
        outputs,
    })
}

fn job<'a>(run: &'a Run, name: &'a str, kind: &'static str) -> wire::Job<'a> {
    let kind = JobType {
        processing: "BATCH",
        integration: "LOCKFLIGHT",
        job: kind,
    };
    wire::Job {
        namespace: &run.namespace,
        name,
        facets: JobFacets { kind: kind.into() },
    }
}

fn job_type(world: &str) -> &'static str {
    match world {
        "train" => "MODEL",
        _ => "TASK",
    }
}

fn parent(run: &Run) -> Parent<'_> {
    let id = RunId { id: run.id };
    let job = JobName {
        namespace: &run.namespace,
        name: &run.pipeline,
    };
    Parent {
        run: id,
        job,
        root: Root { run: id, job },
    }
}

fn engine(run: &Run) -> Engine<'_> {
    Engine {
        name: "wasmtime",
        version: &run.versions.engine,
        adapter: &run.versions.lockflight,
    }
}

fn commit(commit: &Commit) -> facets::Commit<'_> {
    facets::Commit {
        id: &commit.id,
        dirty: commit.dirty,
    }
}

fn error(kind: Kind, outcome: &Outcome) -> Option<ErrorMessage<'_>> {
    match outcome {
        Outcome::Failed(message) if kind == Kind::Fail => Some(ErrorMessage {
            message,
            language: "WEBASSEMBLY",
        }),
        _ => None,
    }
}

fn of_plugin(stage: &StageRun) -> Stage<'_> {
    let plugin = &stage.plugin;
    Stage {
        world: &stage.world,
        key: &stage.key,
        cached: stage.cached,
        plugin: Plugin {
            name: &plugin.name,
            version: &plugin.version,
            digest: &plugin.digest,
        },
    }
}

fn write(event: &RunEvent<'_>) -> Event {
    let line = serde_json::to_string(event).expect("an event has text keys and finite numbers");
    Event { line }
}
