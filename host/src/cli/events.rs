//! OpenLineage events of a run: to a file, or to a collector, which may be slow, broken or absent without harm to the run.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use jiff::Timestamp;
use lockflight_openlineage::{
    self as openlineage, Delivery, Limits, Outbox, Sink,
    data::{Assertion, Commit, Dataset, Field, Outcome, Plugin, Run, StageRun, Versions},
};

use super::error::CliError;
use crate::{
    job::{InputDigest, OutputRecord, StageResult},
    launcher::Event,
    manifest::{Place, WebUrl},
    plan::Planned,
    record::{self, RunRecord, SourceRecord, StageRecord, Status},
    run::{Observer, RunReport, StageOutcome, compare::finding_name},
    secret::hide,
    store::Store,
    table::show::type_name,
    wire::Verdict,
};

/// Where events wait that could not be sent.
const OUTBOX: &str = "outbox";

/// The events of a run that is under way.
pub struct Events {
    sink: Arc<Sink>,
    outbox: Outbox,
    run: Run,
    /// Sends the first event while the run goes on.
    sending: JoinHandle<Delivery>,
}

impl Events {
    /// Begins, if anyone is to be told: `target` is a file or a URL; without it the environment may name one.
    ///
    /// # Errors
    /// When the target is no address.
    pub fn begin(
        target: Option<&str>,
        plan: &Planned,
        store: &Store,
    ) -> Result<Option<Events>, CliError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let key = variable("OPENLINEAGE_API_KEY");
        let sink = match target {
            None => Sink::from_env(&variable),
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
                let endpoint = variable("OPENLINEAGE_ENDPOINT");
                Sink::http(url, endpoint.as_deref(), key.as_deref()).map(Some)
            }
            Some(file) => Ok(Some(Sink::file(file))),
        };
        let Some(sink) = sink.map_err(|error| CliError::Usage(format!("--events: {error}")))?
        else {
            return Ok(None);
        };
        let sink = Arc::new(sink);
        let outbox = Outbox::new(store.path().join(OUTBOX));
        let now = Timestamp::now();
        let run = Run {
            id: openlineage::new_id(),
            namespace: format!("lockflight://{}", plan.manifest.name),
            pipeline: plan.manifest.name.clone(),
            started: now,
            finished: now,
            outcome: Outcome::Completed,
            versions: Versions {
                engine: format!("wasmtime {}", crate::engine::WASMTIME_VERSION),
                lockflight: crate::VERSION.to_owned(),
            },
            commit: None,
            stages: Vec::new(),
        };
        let first = openlineage::started(&run);
        let sending = {
            let (sink, outbox) = (Arc::clone(&sink), outbox.clone());
            std::thread::spawn(move || outbox.deliver(&sink, &[first], &Limits::default()))
        };
        Ok(Some(Events {
            sink,
            outbox,
            run,
            sending,
        }))
    }

    /// Tells how the run ended, and says what could not be told.
    pub fn finish(self, plan: &Planned, report: &RunReport, times: &Times, store: &Store) {
        // The first event comes before the others; a thread that panicked has kept it.
        let _ = self.sending.join();
        let record = &report.record;
        let mut run = Run {
            finished: Timestamp::now(),
            outcome: outcome(record),
            commit: record.git.as_ref().map(|git| Commit {
                id: git.commit.clone(),
                dirty: git.dirty,
            }),
            ..self.run
        };
        for (index, (stage, outcome)) in record.stages.iter().zip(&report.outcomes).enumerate() {
            let reached = outcome.key.is_some() && outcome.status != Status::Skipped;
            if let (true, Some(time)) = (reached, times.get(&index)) {
                let stage = told(stage, outcome, *time, &record.sources, &run, store);
                run.stages.push(stage);
            }
        }
        let events: Vec<_> = openlineage::events(&run).into_iter().skip(1).collect();
        let delivery = self.outbox.deliver(&self.sink, &events, &Limits::default());
        warn(&delivery, &self.sink);
        tracing::debug!(pipeline = %plan.manifest.name, ?delivery, "told of the run");
    }
}

fn warn(delivery: &Delivery, sink: &Sink) {
    let Some(error) = &delivery.error else {
        return;
    };
    let mut parts = vec![format!("{} sent", delivery.sent)];
    let counts = [
        (delivery.kept, "kept to be sent later"),
        (delivery.rejected, "refused"),
        (delivery.dropped, "dropped"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    parts.extend(counts.map(|(count, what)| format!("{count} {what}")));
    eprintln!(
        "warning: OpenLineage events to {}: {error}; {}",
        sink.target(),
        parts.join(", ")
    );
}

fn outcome(record: &RunRecord) -> Outcome {
    match record.outcome {
        record::Outcome::Done => Outcome::Completed,
        record::Outcome::Cancelled => Outcome::Aborted,
        other => Outcome::Failed(other.word().to_owned()),
    }
}

fn told(
    stage: &StageRecord,
    outcome: &StageOutcome,
    (started, finished): (Timestamp, Timestamp),
    sources: &BTreeMap<String, SourceRecord>,
    run: &Run,
    store: &Store,
) -> StageRun {
    let component = stage.component.as_ref();
    let result = outcome.result.as_ref();
    StageRun {
        id: openlineage::new_id(),
        name: stage.name.clone(),
        world: stage.world.name().to_owned(),
        plugin: Plugin {
            name: component.map_or("score".to_owned(), |component| component.name.clone()),
            version: component.map_or(crate::VERSION.to_owned(), |c| c.version.clone()),
            digest: component.map_or(String::new(), |component| component.digest.to_string()),
        },
        started,
        finished,
        outcome: match (outcome.status, &stage.error) {
            (Status::Cancelled, _) => Outcome::Aborted,
            (_, Some(error)) => Outcome::Failed(error.clone()),
            _ => Outcome::Completed,
        },
        cached: outcome.status == Status::Cached,
        key: stage.key.map(|key| key.to_string()).unwrap_or_default(),
        inputs: inputs(stage, result, sources, run, store),
        outputs: outputs(stage, run, store),
    }
}

/// A source on the web as OpenLineage names things: who answers, and what is asked for there.
fn web(source: Option<&SourceRecord>) -> Option<(String, String)> {
    let Place::Url(url) = &source?.place else {
        return None;
    };
    let url: WebUrl = url.parse().ok()?;
    Some((url.origin().to_string(), url.target().to_owned()))
}

fn inputs(
    stage: &StageRecord,
    result: Option<&StageResult>,
    sources: &BTreeMap<String, SourceRecord>,
    run: &Run,
    store: &Store,
) -> Vec<Dataset> {
    let input = |(port, input): (&String, &record::InputRecord)| {
        let from = || input.from.clone();
        let (namespace, name, schema) = match &input.digest {
            InputDigest::Table(digest) => (run.namespace.clone(), from(), schema(digest, store)),
            InputDigest::Model(_) => (run.namespace.clone(), from(), Vec::new()),
            InputDigest::Blob(_) => match web(sources.get(&input.from)) {
                Some((namespace, name)) => (namespace, name, Vec::new()),
                None => ("file".to_owned(), from(), Vec::new()),
            },
        };
        let findings = result.iter().flat_map(|result| &result.findings);
        Dataset {
            namespace,
            name,
            version: input.digest.digest().to_string(),
            schema,
            rows: None,
            bytes: None,
            assertions: findings
                .filter(|finding| finding.input.as_ref() == Some(port))
                .map(|finding| Assertion {
                    assertion: hide(&finding_name(finding)).into_owned(),
                    column: Some(hide(&finding.subject).into_owned())
                        .filter(|subject| !subject.is_empty()),
                    success: finding.verdict != Verdict::Fail,
                })
                .collect(),
        }
    };
    stage.inputs.iter().map(input).collect()
}

fn outputs(stage: &StageRecord, run: &Run, store: &Store) -> Vec<Dataset> {
    let output = |(name, output): (&String, &OutputRecord)| {
        let (schema, rows, bytes) = match output {
            OutputRecord::Table {
                digest,
                rows,
                bytes,
            } => (schema(digest, store), Some(*rows), *bytes),
            OutputRecord::Blob { bytes, .. } => (Vec::new(), None, *bytes),
        };
        Dataset {
            namespace: run.namespace.clone(),
            name: format!("{}.{name}", stage.name),
            version: output.digest().to_string(),
            schema,
            rows,
            bytes: Some(bytes),
            assertions: Vec::new(),
        }
    };
    stage.outputs.iter().map(output).collect()
}

/// The columns of a table; empty for one that the store has no more.
fn schema(digest: &crate::digest::Digest, store: &Store) -> Vec<Field> {
    let Ok(table) = store.table(digest) else {
        return Vec::new();
    };
    let fields = table.schema().fields().iter();
    fields
        .map(|field| Field {
            name: field.name().clone(),
            r#type: type_name(field.data_type()),
        })
        .collect()
}

/// When stages began and ended, by their index in the plan.
pub type Times = HashMap<usize, (Timestamp, Timestamp)>;

/// An observer that also looks at the clock.
pub struct Clock {
    observer: Box<dyn Observer>,
    times: Mutex<Times>,
}

impl Clock {
    pub fn new(observer: Box<dyn Observer>) -> Self {
        Clock {
            observer,
            times: Mutex::default(),
        }
    }

    /// What it saw.
    pub fn stop(self) -> Times {
        self.times
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, stage: usize) {
        let now = Timestamp::now();
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.entry(stage).or_insert((now, now)).1 = now;
    }
}

impl Observer for Clock {
    fn started(&self, stage: usize) {
        self.note(stage);
        self.observer.started(stage);
    }

    fn event(&self, stage: usize, event: Event) {
        self.observer.event(stage, event);
    }

    fn finished(&self, stage: usize, outcome: &StageOutcome) {
        self.note(stage);
        self.observer.finished(stage, outcome);
    }
}
