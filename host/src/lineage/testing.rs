//! Stores with runs for tests, and what holds of every graph.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::graph::Graph;
use crate::{
    digest::Digest,
    job::{ABI, InputDigest, JobDocument, OutputRecord, StageResult},
    launcher::Telemetry,
    manifest::Limits,
    manifest::Place,
    record::{
        ComponentRecord, HostRecord, InputRecord, Outcome, RunRecord, SourceRecord, StageRecord,
        Status,
    },
    run::History,
    store::{Store, testing::store},
    table::{schema::TableSchema, testing::schema, writer::TableWriter},
    walls::Walls,
    world::World,
};

/// A store that runs are put into.
pub struct Runs {
    pub store: Store,
    pub folder: TempDir,
    count: u64,
}

/// A stage of a run: name, where its input is from, what that is, its config, what it gives.
pub struct Made<'a> {
    pub name: &'a str,
    pub world: World,
    pub from: &'a str,
    pub input: InputDigest,
    pub config: Value,
    pub output: Digest,
}

impl Runs {
    pub fn new() -> Runs {
        let (folder, store) = store();
        Runs {
            store,
            folder,
            count: 0,
        }
    }

    /// A table without rows.
    pub fn table(&self, columns: &[(&str, &str, bool)]) -> Digest {
        self.table_of(schema(columns))
    }

    fn table_of(&self, schema: TableSchema) -> Digest {
        let mut publication = self.store.begin();
        let writer = TableWriter::new(schema);
        let written = writer.finish(&mut publication).unwrap();
        publication.commit().unwrap();
        written.digest
    }

    /// Records a run of a pipeline with a source `birds`; gives its id.
    pub fn run(&mut self, pipeline: &str, source: &str, stages: &[Made<'_>]) -> String {
        self.count += 1;
        let at = Timestamp::from_second(1_800_000_000 + 60 * self.count as i64).unwrap();
        let id = format!("{}-{:04x}", at.strftime("%Y%m%d-%H%M%S"), self.count);
        let stages = stages.iter().map(|made| self.stage(made)).collect();
        let source = SourceRecord {
            place: Place::File("birds.csv".into()),
            digest: Digest::of(source.as_bytes()),
            bytes: 1,
        };
        let record = RunRecord {
            id: id.clone(),
            pipeline: pipeline.into(),
            started: at.to_string(),
            finished: at.to_string(),
            outcome: Outcome::Done,
            git: None,
            manifest: Digest::of(b"manifest"),
            host: HostRecord {
                lockflight: "0".into(),
                engine: "none".into(),
                arch: "none".into(),
                walls: Walls::default(),
            },
            sources: BTreeMap::from([("birds".into(), source)]),
            pinned: None,
            policy: None,
            stages,
        };
        let mut publication = self.store.begin();
        let digest = publication.document(&record).unwrap();
        publication.commit().unwrap();
        History::new(&self.store).enter(&record, &digest).unwrap();
        id
    }

    fn stage(&self, made: &Made<'_>) -> StageRecord {
        let component = ComponentRecord {
            digest: Digest::of(b"component"),
            name: "do".into(),
            version: "1.0.0".into(),
        };
        let job = JobDocument {
            abi: ABI,
            world: made.world,
            component: Some(component.digest),
            config: made.config.clone(),
            inputs: BTreeMap::from([("in".into(), made.input)]),
            partition: None,
            seed: 0,
            state: None,
            time: 0,
        };
        let output = OutputRecord::Table {
            digest: made.output,
            rows: 0,
            bytes: 0,
        };
        let outputs = BTreeMap::from([("table".to_owned(), output)]);
        let result = StageResult {
            outputs: outputs.clone(),
            ..StageResult::default()
        };
        let mut publication = self.store.begin();
        let key = publication.document(&job).unwrap();
        let result = publication.document(&result).unwrap();
        publication.commit().unwrap();
        StageRecord {
            name: made.name.into(),
            world: made.world,
            plugin: Some("doer".into()),
            component: Some(component),
            scorer: None,
            model: None,
            inputs: BTreeMap::from([(
                "in".into(),
                InputRecord {
                    from: made.from.into(),
                    digest: made.input,
                },
            )]),
            key: Some(key),
            status: Status::Ran,
            from_remote: false,
            result: Some(result),
            outputs,
            gate: None,
            telemetry: None::<Telemetry>,
            log: None,
            limits: Limits::DEFAULT,
            nan_canonical: false,
            repeatable: true,
            error: None,
        }
    }

    /// A run in which `raw` reads the source and `clean` reads what `raw` made.
    pub fn small(&mut self, pipeline: &str, source: &str, config: u64) -> String {
        let raw = self.table(&[(source, "g", true)]);
        let clean = format!("{source}-{config}");
        let clean = self.table(&[(source, "g", true), (&clean, "l", false)]);
        let stages = [
            Made {
                name: "raw",
                world: World::Ingest,
                from: "birds",
                input: InputDigest::Blob(Digest::of(source.as_bytes())),
                config: json!({}),
                output: raw,
            },
            Made {
                name: "clean",
                world: World::Validate,
                from: "raw.table",
                input: InputDigest::Table(raw),
                config: json!({ "x": config }),
                output: clean,
            },
        ];
        self.run(pipeline, source, &stages)
    }
}

/// Every edge has its ends, and nothing is before itself.
pub fn assert_sound(graph: &Graph) {
    let nodes = graph.ids().count();
    let mut open: Vec<usize> = graph.ids().map(|id| graph.edges_to(id).count()).collect();
    for edge in graph.edges() {
        assert!(edge.from.0 < nodes && edge.to.0 < nodes);
    }
    // Nodes are taken away once all before them are; what is left then is a circle.
    let mut free: Vec<_> = graph.ids().filter(|id| open[id.0] == 0).collect();
    let mut taken = 0;
    while let Some(id) = free.pop() {
        taken += 1;
        for edge in graph.edges_from(id) {
            open[edge.to.0] -= 1;
            if open[edge.to.0] == 0 {
                free.push(edge.to);
            }
        }
    }
    assert_eq!(taken, nodes, "a circle");
}
