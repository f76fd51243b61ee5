//! The runs of a store: found by name, listed, and the log of a result that an earlier run made.

use jiff::Timestamp;

use crate::{
    diagnostic::did_you_mean,
    digest::Digest,
    job::OutputRecord,
    launcher::TimedLine,
    model::{ModelRecord, Models},
    record::{LogRecord, RunRecord, StageRecord, Status},
    store::{
        RefName, Store, StoreError,
        index::{Index, RunRow},
    },
};

/// How far back the log of a result is looked for.
const LOG_SEARCH: usize = 200;

/// Why a run was not found.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is none at all.
    #[error("the store has no runs yet")]
    Empty,
    /// There is none of that name.
    #[error("there is no run {name:?}{}", help.as_ref().map(|help| format!("; {help}")).unwrap_or_default())]
    Unknown {
        /// The name.
        name: String,
        /// A name that may be meant.
        help: Option<String>,
    },
    /// Several runs begin so.
    #[error("{name:?} may be any of {}", .runs.join(", "))]
    Ambiguous {
        /// The name.
        name: String,
        /// The runs.
        runs: Vec<String>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The runs of a store.
pub struct History<'s> {
    store: &'s Store,
}

impl<'s> History<'s> {
    /// Of this store.
    pub fn new(store: &'s Store) -> Self {
        History { store }
    }

    /// Enters a record under its names: `runs/ID`, `latest/run`, `latest/pipeline/NAME`, and `git/COMMIT` when nothing was changed
    /// beside the commit and no stage was left out. The names `tables/PIPELINE/STAGE.OUTPUT` and `models/STAGE/@latest` then mean what the run made or found.
    ///
    /// # Errors
    /// When the store fails.
    pub fn enter(&self, record: &RunRecord, digest: &Digest) -> Result<(), StoreError> {
        let at: Timestamp = record.started.parse().unwrap_or_default();
        let named = |name| (ref_name(name), *digest);
        let mut moves = vec![named(format!("runs/{}", record.id))];
        if record.pinned.is_none() {
            moves.push(named("latest/run".to_owned()));
            moves.push(named(format!("latest/pipeline/{}", record.pipeline)));
            let is_whole = record.stages.iter().all(|s| s.status != Status::Skipped);
            let git = record.git.as_ref().filter(|git| !git.dirty && is_whole);
            moves.extend(git.map(|git| named(format!("git/{}", git.commit))));
            moves.extend(tables(record));
        }
        self.store.set_refs(moves, at)?;
        if record.pinned.is_none() {
            Models::new(self.store).enter(&models(record), at)?;
        }
        let row = RunRow {
            id: record.id.clone(),
            digest: *digest,
            pipeline: record.pipeline.clone(),
            started: at,
            finished: record.finished.parse().unwrap_or(at),
            outcome: record.outcome.word().to_owned(),
            git_commit: record.git.as_ref().map(|git| git.commit.clone()),
            dirty: record.git.as_ref().map(|git| git.dirty),
        };
        // The index can be made again from the records at any time: failing to write it loses nothing.
        if let Err(error) = Index::open(self.store).and_then(|index| index.record_run(&row)) {
            tracing::warn!(%error, "the index was not updated; `lockflight store reindex` makes it again");
        }
        Ok(())
    }

    /// The latest run of a pipeline.
    ///
    /// # Errors
    /// When the store fails.
    pub fn latest_of(&self, pipeline: &str) -> Result<Option<RunRecord>, StoreError> {
        self.named(&ref_name(format!("latest/pipeline/{pipeline}")))
    }

    /// The run on a commit: the last one that had nothing changed beside it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of_commit(&self, commit: &str) -> Result<Option<RunRecord>, StoreError> {
        match format!("git/{commit}").parse() {
            Ok(name) => self.named(&name),
            Err(_) => Ok(None),
        }
    }

    /// The latest runs of a pipeline, the newest first.
    ///
    /// # Errors
    /// When the store fails. Records that cannot be read are left out.
    pub fn latest_runs_of(
        &self,
        pipeline: &str,
        limit: usize,
    ) -> Result<Vec<RunRecord>, StoreError> {
        let name = ref_name(format!("latest/pipeline/{pipeline}"));
        let moves = self.store.ref_history(&name)?;
        let record = |digest: &Digest| self.store.document(digest, "the record of a run").ok();
        Ok(moves
            .iter()
            .take(limit)
            .filter_map(|moved| record(&moved.target))
            .collect())
    }

    /// The run that a user means: `latest`, an id, or the beginning or end of one.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn find(&self, name: &str) -> Result<RunRecord, HistoryError> {
        if name == "latest" {
            return self
                .named(&ref_name("latest/run".into()))?
                .ok_or(HistoryError::Empty);
        }
        let runs = self.ids()?;
        let matching: Vec<_> = runs
            .iter()
            .filter(|id| *id == name || id.starts_with(name) || id.ends_with(name))
            .cloned()
            .collect();
        match matching.as_slice() {
            [] if runs.is_empty() => Err(HistoryError::Empty),
            [] => Err(HistoryError::Unknown {
                name: name.to_owned(),
                help: did_you_mean(name, &runs),
            }),
            [id] => {
                let record = self.named(&ref_name(format!("runs/{id}")))?;
                record.ok_or(HistoryError::Empty)
            }
            _ => Err(HistoryError::Ambiguous {
                name: name.to_owned(),
                runs: matching,
            }),
        }
    }

    /// The ids of all runs, the latest last.
    fn ids(&self) -> Result<Vec<String>, StoreError> {
        let mut ids: Vec<_> = self
            .store
            .refs("runs")?
            .into_iter()
            .filter_map(|name| name.as_str().strip_prefix("runs/").map(str::to_owned))
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// The newest runs, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn list(&self, limit: usize) -> Result<Vec<RunRow>, StoreError> {
        Index::open(self.store)?.runs(limit)
    }

    /// A search for the logs of cached stages.
    pub(super) fn logs(&self) -> Result<LogSearch<'s>, StoreError> {
        let mut ids = self.ids()?;
        let old = ids.len().saturating_sub(LOG_SEARCH);
        Ok(LogSearch {
            history: History::new(self.store),
            unread: ids.split_off(old),
            read: Vec::new(),
        })
    }

    /// The lines of a log.
    ///
    /// # Errors
    /// When it is not in the store.
    pub fn log_lines(&self, log: &LogRecord) -> Result<Vec<TimedLine>, StoreError> {
        let bytes = self.store.blob(&log.digest)?;
        let lines = serde_json::Deserializer::from_slice(&bytes).into_iter();
        lines
            .collect::<Result<_, _>>()
            .map_err(|error| StoreError::Document {
                digest: log.digest,
                expected: "a log",
                problem: error.to_string(),
            })
    }

    fn named(&self, name: &RefName) -> Result<Option<RunRecord>, StoreError> {
        let Some(digest) = self.store.get_ref(name)? else {
            return Ok(None);
        };
        Ok(Some(self.store.document(&digest, "the record of a run")?))
    }
}

/// Finds the logs of results with the runs that made them. Each record is read once.
pub(super) struct LogSearch<'s> {
    history: History<'s>,
    /// The ids of runs that were not looked at yet, the newest last.
    unread: Vec<String>,
    read: Vec<RunRecord>,
}

impl LogSearch<'_> {
    /// Where the log of a cached stage is.
    pub fn of(&mut self, stage: &StageRecord) -> Result<Option<LogRecord>, StoreError> {
        let log = |record: &RunRecord| {
            let mut stages = record.stages.iter();
            let same = stages.find(|s| s.key == stage.key && s.result == stage.result)?;
            Some(same.log.clone())
        };
        if let Some(found) = self.read.iter().find_map(log) {
            return Ok(found);
        }
        while let Some(id) = self.unread.pop() {
            // A record that cannot be read names no log; the others may.
            let Ok(Some(record)) = self.history.named(&ref_name(format!("runs/{id}"))) else {
                continue;
            };
            let found = log(&record);
            self.read.push(record);
            if let Some(found) = found {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

/// The names of the tables of a run.
fn tables(record: &RunRecord) -> impl Iterator<Item = (RefName, Digest)> {
    record.stages.iter().flat_map(move |stage| {
        stage
            .outputs
            .iter()
            .filter_map(move |(output, made)| match made {
                OutputRecord::Table { digest, .. } => {
                    let name = format!("tables/{}/{}.{output}", record.pipeline, stage.name);
                    Some((ref_name(name), *digest))
                }
                OutputRecord::Blob { .. } => None,
            })
    })
}

/// The models of a run. One that its gate has not let pass is no one's latest model.
fn models(record: &RunRecord) -> Vec<ModelRecord> {
    let passed = |stage: &&StageRecord| stage.gate.as_ref().is_none_or(|gate| gate.open);
    let stages = record.stages.iter().filter(passed);
    let models = stages.filter_map(|stage| {
        Some(ModelRecord {
            name: stage.name.clone(),
            model: stage.model?,
            pipeline: record.pipeline.clone(),
            run: record.id.clone(),
        })
    });
    models.collect()
}

/// A ref's name made of parts that were checked: names of pipelines, stages and outputs, ids and commits.
fn ref_name(text: String) -> RefName {
    text.parse()
        .expect("names in manifests are names of refs too")
}
