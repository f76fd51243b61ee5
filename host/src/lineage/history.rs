//! How the versions of a table or source come about: moves of a name, run records, and the documents that they name.

use super::{
    records::Records,
    versions::{Changed, Column, Maker, User, Version, Versions},
    why,
};
use crate::{
    digest::Digest,
    job::OutputRecord,
    manifest::Place,
    record::{RunRecord, StageRecord},
    store::{RefName, Store, StoreError},
    table::{doc::TableDoc, show::type_name},
};

/// What histories are made of.
pub(super) struct History<'a> {
    /// The store.
    pub store: &'a Store,
    /// Its runs.
    pub records: &'a Records,
}

/// A version with what it is compared by.
struct State<'a> {
    version: Version,
    run: Option<&'a RunRecord>,
    doc: Option<TableDoc>,
}

impl History<'_> {
    /// The versions of a table: the moves of its name.
    pub fn table(
        &self,
        pipeline: String,
        stage: &str,
        output: &str,
    ) -> Result<Versions, StoreError> {
        let mut notes = self.records.notes.clone();
        let name: RefName = format!("tables/{pipeline}/{stage}.{output}")
            .parse()
            .expect("names in manifests are names of refs too");
        let mut states: Vec<State<'_>> = Vec::new();
        for moved in self.store.ref_history(&name)?.iter().rev() {
            let doc = self.store.table(&moved.target);
            let doc = doc.map_err(|error| notes.push(error.to_string())).ok();
            let time = moved.at.to_string();
            let run = self.run(&pipeline, &time);
            let mut version = self.version(moved.target, time, run);
            version.columns = doc.as_ref().map(|doc| doc.schema().fields().len() as u64);
            if let Some(made) = run.and_then(|run| run.stage(stage)) {
                version.made_by = Some(maker(made));
                if let Some(OutputRecord::Table { rows, bytes, .. }) = made.outputs.get(output) {
                    (version.rows, version.bytes) = (Some(*rows), Some(*bytes));
                }
            }
            let mut state = State { version, run, doc };
            state.version.changed = states.last().map(|old| self.changed(old, &state, stage));
            states.push(state);
        }
        let versions = states.into_iter().rev().map(|state| state.version);
        Ok(Versions {
            kind: "table",
            pipeline,
            name: format!("{stage}.{output}"),
            versions: versions.collect(),
            notes,
        })
    }

    fn changed(&self, old: &State<'_>, new: &State<'_>, stage: &str) -> Changed {
        let docs = old.doc.as_ref().zip(new.doc.as_ref());
        let rows = old.version.rows.zip(new.version.rows);
        let runs = old.run.zip(new.run);
        Changed {
            rows: rows.map(|(old, new)| new.cast_signed().wrapping_sub(old.cast_signed())),
            because: runs
                .map(|(old, new)| why::why(self.store, old, new, stage))
                .unwrap_or_default(),
            ..docs.map(|(old, new)| columns(old, new)).unwrap_or_default()
        }
    }

    /// A source has no ref: its history is what the runs of its pipeline had.
    pub fn source(&self, pipeline: String, name: String) -> Versions {
        let mut versions: Vec<Version> = Vec::new();
        let runs = self.records.runs.iter();
        for run in runs.filter(|run| run.pipeline == pipeline) {
            let Some(source) = run.sources.get(&name) else {
                continue;
            };
            if versions.last().is_some_and(|v| v.digest == source.digest) {
                continue;
            }
            let mut version = self.version(source.digest, run.started.clone(), Some(run));
            version.bytes = Some(source.bytes);
            match source.place.clone() {
                Place::File(file) => version.file = Some(file),
                Place::Url(url) => version.url = Some(url),
            }
            versions.push(version);
        }
        versions.reverse();
        Versions {
            kind: "source",
            pipeline,
            name,
            versions,
            notes: self.records.notes.clone(),
        }
    }

    /// The run that began then: names move at the start of a run.
    fn run(&self, pipeline: &str, time: &str) -> Option<&RunRecord> {
        let mut runs = self.records.runs.iter();
        runs.find(|run| run.pipeline == pipeline && run.started == time)
    }

    fn version(&self, digest: Digest, time: String, run: Option<&RunRecord>) -> Version {
        Version {
            digest,
            time,
            run: run.map(|run| run.id.clone()),
            git: run.and_then(|run| run.git.clone()),
            rows: None,
            columns: None,
            bytes: None,
            file: None,
            url: None,
            made_by: None,
            changed: None,
            used_by: self.users(&digest),
        }
    }

    fn users(&self, digest: &Digest) -> Vec<User> {
        let mut users: Vec<User> = Vec::new();
        for (run, stage) in self.records.stages() {
            let mut inputs = stage.inputs.values();
            if !inputs.any(|input| input.digest.digest() == digest) {
                continue;
            }
            let same = |user: &&mut User| user.pipeline == run.pipeline && user.stage == stage.name;
            match users.iter_mut().find(same) {
                Some(user) => user.runs.push(run.id.clone()),
                None => users.push(User {
                    pipeline: run.pipeline.clone(),
                    stage: stage.name.clone(),
                    runs: vec![run.id.clone()],
                }),
            }
        }
        users
    }
}

fn maker(stage: &StageRecord) -> Maker {
    let component = stage.component.as_ref();
    Maker {
        stage: stage.name.clone(),
        plugin: stage.plugin.clone(),
        component: component.map(|c| format!("{} {}", c.name, c.version).trim().to_owned()),
        digest: component.map(|component| component.digest),
        key: stage.key,
    }
}

/// The columns that differ.
fn columns(old: &TableDoc, new: &TableDoc) -> Changed {
    let of = |doc: &TableDoc| -> Vec<Column> {
        let fields = doc.schema().fields().iter();
        let null = |nullable| if nullable { " or null" } else { "" };
        fields
            .map(|field| Column {
                name: field.name().clone(),
                data_type: type_name(field.data_type()) + null(field.is_nullable()),
            })
            .collect()
    };
    let (old, new) = (of(old), of(new));
    let same = |columns: &[Column], name: &str| {
        let mut columns = columns.iter();
        columns.find(|column| column.name == name).cloned()
    };
    let mut changed = Changed::default();
    for column in &new {
        match same(&old, &column.name) {
            None => changed.added.push(column.clone()),
            Some(before) if before != *column => changed.retyped.push((before, column.clone())),
            Some(_) => {}
        }
    }
    let gone = old
        .iter()
        .filter(|column| same(&new, &column.name).is_none());
    changed.removed = gone.cloned().collect();
    changed
}
