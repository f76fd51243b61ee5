//! The versions of one table or source: what it was, what made it, what changed and why, and who used it.

use serde::Serialize;

use super::{history::History, names, records::Records, why::Cause};
use crate::{
    diagnostic::did_you_mean,
    digest::Digest,
    record::{GitState, RunRecord},
    store::{Store, StoreError},
};

/// The history of a table or source.
#[derive(Debug, Serialize)]
pub struct Versions {
    /// `table` or `source`.
    pub kind: &'static str,
    /// Its pipeline.
    pub pipeline: String,
    /// `STAGE.OUTPUT`, or the name of the source.
    pub name: String,
    /// The versions, newest first.
    pub versions: Vec<Version>,
    /// What could not be read.
    pub notes: Vec<String>,
}

/// A version: content that the name stood for from one run to the next.
#[derive(Debug, Serialize)]
pub struct Version {
    /// The content.
    pub digest: Digest,
    /// When the name first stood for it, RFC 3339 in UTC.
    pub time: String,
    /// The run that did that, if its record can be read.
    pub run: Option<String>,
    /// The commit of the run.
    pub git: Option<GitState>,
    /// Rows, of a table.
    pub rows: Option<u64>,
    /// Columns, of a table whose document can be read.
    pub columns: Option<u64>,
    /// Bytes.
    pub bytes: Option<u64>,
    /// The file, of a source.
    pub file: Option<String>,
    /// The address, of a source on the web.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What made it, of a table.
    pub made_by: Option<Maker>,
    /// What is different since the version before; none of the first.
    pub changed: Option<Changed>,
    /// The stages that it flowed into, with the runs.
    pub used_by: Vec<User>,
}

/// The stage that made a table.
#[derive(Debug, Serialize)]
pub struct Maker {
    /// The stage.
    pub stage: String,
    /// The plugin's name in the manifest; none of a built-in stage.
    pub plugin: Option<String>,
    /// The name and version that the component states.
    pub component: Option<String>,
    /// The component.
    pub digest: Option<Digest>,
    /// The key of the job.
    pub key: Option<Digest>,
}

/// What is different since the version before.
#[derive(Debug, Default, Serialize)]
pub struct Changed {
    /// Rows more or less.
    pub rows: Option<i64>,
    /// Columns that were not there, with their types.
    pub added: Vec<Column>,
    /// Columns that are there no more.
    pub removed: Vec<Column>,
    /// Columns of another type now: before, and now.
    pub retyped: Vec<(Column, Column)>,
    /// What differs in the jobs that led to it.
    pub because: Vec<Cause>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, e.g. `float64 or null`.
    #[serde(rename = "type")]
    pub data_type: String,
}

/// A stage that a version flowed into.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// The pipeline.
    pub pipeline: String,
    /// The stage.
    pub stage: String,
    /// The runs, oldest first.
    pub runs: Vec<String>,
}

/// Why there is no history.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Nothing is called so.
    #[error("no run of the store has a table or source {name:?}; {help}")]
    Unknown {
        /// The name.
        name: String,
        /// What may help.
        help: String,
    },
    /// Several are called so.
    #[error("{name:?} may be any of {}; write it so", .meanings.join(", "))]
    Ambiguous {
        /// The name.
        name: String,
        /// Names that mean one.
        meanings: Vec<String>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Thing {
    Table {
        pipeline: String,
        stage: String,
        output: String,
    },
    Source {
        pipeline: String,
        name: String,
    },
}

impl Versions {
    /// The history of what a name stands for: `STAGE`, `STAGE.OUTPUT`, a source or its file, each with `PIPELINE/` before it where
    /// several have it; `source:` and `table:` tell the two apart.
    ///
    /// # Errors
    /// When it stands for nothing or for several things.
    pub fn of(store: &Store, records: &Records, name: &str) -> Result<Versions, LogError> {
        let mut things = things(records, name);
        let thing = match (things.pop(), things.is_empty()) {
            (None, _) => return Err(unknown(records, name)),
            (Some(thing), true) => thing,
            (Some(last), false) => {
                let meanings = things.iter().chain([&last]).map(Thing::spelled).collect();
                let name = name.to_owned();
                return Err(LogError::Ambiguous { name, meanings });
            }
        };
        let history = History { store, records };
        Ok(match thing {
            Thing::Table {
                pipeline,
                stage,
                output,
            } => history.table(pipeline, &stage, &output)?,
            Thing::Source { pipeline, name } => history.source(pipeline, name),
        })
    }
}

impl Thing {
    /// Words that mean nothing else.
    fn spelled(&self) -> String {
        match self {
            Thing::Table {
                pipeline,
                stage,
                output,
            } => format!("table:{pipeline}/{stage}.{output}"),
            Thing::Source { pipeline, name } => format!("source:{pipeline}/{name}"),
        }
    }
}

/// Everything that a name may stand for, each once.
fn things(records: &Records, written: &str) -> Vec<Thing> {
    let (kind, name) = match written.split_once(':') {
        Some((kind @ ("table" | "source"), name)) => (Some(kind), name),
        _ => (None, written.strip_prefix("tables/").unwrap_or(written)),
    };
    let mut found = Vec::new();
    for run in &records.runs {
        // A file may lie in a folder: then what stands before the slash is no pipeline.
        let inside = name.strip_prefix(&format!("{}/", run.pipeline));
        for name in [Some(name), inside].into_iter().flatten() {
            let table = table(run, name).filter(|_| kind != Some("source"));
            let source = source(run, name).filter(|_| kind != Some("table"));
            for thing in table.into_iter().chain(source) {
                if !found.contains(&thing) {
                    found.push(thing);
                }
            }
        }
    }
    found
}

fn table(run: &RunRecord, name: &str) -> Option<Thing> {
    let (stage, output) = match name.split_once('.') {
        Some((stage, output)) => {
            names::table_of(run.stage(stage)?, output)?;
            (stage, output)
        }
        None => (name, names::main_table(run.stage(name)?)?.0),
    };
    Some(Thing::Table {
        pipeline: run.pipeline.clone(),
        stage: stage.to_owned(),
        output: output.to_owned(),
    })
}

fn source(run: &RunRecord, name: &str) -> Option<Thing> {
    let is_it = |(known, source): &(&String, &crate::record::SourceRecord)| {
        *known == name || source.place.as_str() == name
    };
    let (known, _) = run.sources.iter().find(is_it)?;
    Some(Thing::Source {
        pipeline: run.pipeline.clone(),
        name: known.clone(),
    })
}

fn unknown(records: &Records, name: &str) -> LogError {
    let names = names::all(&records.runs);
    let help = did_you_mean(name, &names).unwrap_or_else(|| {
        "name a table as STAGE or STAGE.OUTPUT, or a source, its file or its address; `lockflight show` lists what a run has"
            .to_owned()
    });
    LogError::Unknown {
        name: name.to_owned(),
        help,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::lineage::testing::Runs;

    fn log(runs: &Runs, name: &str) -> Result<Versions, LogError> {
        Versions::of(&runs.store, &Records::read(&runs.store).unwrap(), name)
    }

    #[test]
    fn a_version_says_what_changed_and_why() {
        let mut runs = Runs::new();
        let first = runs.small("bikes", "a", 1);
        runs.small("bikes", "a", 1);
        let second = runs.small("bikes", "a", 2);
        let third = runs.small("bikes", "b", 2);
        let found = log(&runs, "clean").unwrap();
        let of: Vec<_> = found.versions.iter().map(|v| v.run.clone()).collect();
        assert_eq!(of, [Some(third.clone()), Some(second), Some(first.clone())]);
        let causes = |version: &Version| -> Vec<String> {
            let changed = version.changed.iter();
            changed
                .flat_map(|c| &c.because)
                .map(ToString::to_string)
                .collect()
        };
        assert_eq!(causes(&found.versions[0]), ["raw: birds has changed"]);
        assert_eq!(causes(&found.versions[1]), ["clean: config.x: 1 -> 2"]);
        assert!(found.versions[2].changed.is_none());
        let changed = found.versions[1].changed.as_ref().unwrap();
        assert_eq!(changed.added[0].name, "a-2");
        assert_eq!(changed.added[0].data_type, "int64");
        assert_eq!(changed.removed[0].name, "a-1");
        assert_eq!(changed.rows, Some(0));
        let raw = log(&runs, "raw.table").unwrap();
        assert_eq!(raw.versions.len(), 2);
        assert_eq!(raw.versions[1].used_by[0].runs.len(), 3);
        for name in ["birds", "birds.csv", "bikes/birds", "source:birds"] {
            let sources = log(&runs, name).unwrap();
            assert_eq!((sources.kind, sources.versions.len()), ("source", 2));
            assert_eq!(sources.versions[0].run.as_ref(), Some(&third));
        }
    }

    #[test]
    fn names_of_several_pipelines_are_told_apart() {
        let mut runs = Runs::new();
        runs.small("bikes", "a", 1);
        runs.small("cars", "a", 1);
        let error = log(&runs, "clean").unwrap_err().to_string();
        assert_eq!(
            error,
            "\"clean\" may be any of table:bikes/clean.table, table:cars/clean.table; write it so"
        );
        for name in [
            "table:cars/clean.table",
            "cars/clean",
            "tables/cars/clean.table",
        ] {
            assert_eq!(log(&runs, name).unwrap().pipeline, "cars");
        }
        let near = log(&runs, "claen").unwrap_err().to_string();
        assert!(near.contains("did you mean \"clean\"?"), "{near}");
    }
}
