//! `index.sqlite`: answers queries about runs. Only a cache of the run records, which are blobs under `refs/runs/`: it may be
//! deleted at any time and is then built again.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Row, params};
use serde::Deserialize;

use super::error::{At, StoreError};
use super::{Store, timestamp};
use crate::digest::Digest;

/// Bumped when the tables change: an index of another version is built again.
const VERSION: i32 = 1;
/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(10);
const TABLES: &str = "
    CREATE TABLE run (
        id TEXT PRIMARY KEY, digest TEXT NOT NULL, pipeline TEXT NOT NULL, started TEXT NOT NULL, finished TEXT NOT NULL,
        outcome TEXT NOT NULL, git_commit TEXT, dirty INTEGER
    ) STRICT;
    CREATE INDEX run_by_start ON run (started DESC, id DESC);
";

/// A run, as the index knows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RunRow {
    /// The run's id.
    pub id: String,
    /// The digest of its record, a blob.
    pub digest: Digest,
    /// The pipeline's name.
    pub pipeline: String,
    /// When it began.
    #[serde(with = "timestamp")]
    pub started: Timestamp,
    /// When it ended.
    #[serde(with = "timestamp")]
    pub finished: Timestamp,
    /// How it ended, in the record's words.
    pub outcome: String,
    /// The git commit it ran on, if there is one.
    pub git_commit: Option<String>,
    /// Whether the files it used differed from that commit.
    pub dirty: Option<bool>,
}

/// The members of a run record that the index reads.
#[derive(Deserialize)]
struct RunRecord {
    id: String,
    pipeline: String,
    #[serde(with = "timestamp")]
    started: Timestamp,
    #[serde(with = "timestamp")]
    finished: Timestamp,
    outcome: String,
    git: Option<GitState>,
}

#[derive(Deserialize)]
struct GitState {
    commit: String,
    dirty: bool,
}

impl RunRecord {
    fn row(self, digest: Digest) -> RunRow {
        let (git_commit, dirty) = self.git.map(|git| (git.commit, git.dirty)).unzip();
        let RunRecord {
            id,
            pipeline,
            started,
            finished,
            outcome,
            ..
        } = self;
        RunRow {
            id,
            digest,
            pipeline,
            started,
            finished,
            outcome,
            git_commit,
            dirty,
        }
    }
}

/// The index of a store.
#[derive(Debug)]
pub struct Index {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Builds the index again from the run records; answers with how many runs there are. Records that cannot be read are left out.
    pub fn reindex(&self) -> Result<usize, StoreError> {
        let path = self.backend.path("index.sqlite");
        discard(&path)?;
        let mut index = Index::create(&path).map_err(|source| StoreError::Index {
            path: path.clone(),
            source,
        })?;
        index.fill(self)
    }
}

impl Store {
    /// Removes the index: whoever asks for it next builds it again.
    pub(super) fn discard_index(&self) -> Result<(), StoreError> {
        discard(&self.backend.path("index.sqlite"))
    }
}

/// Removes the index and the files that SQLite keeps beside it.
fn discard(path: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).at("remove", file);
            }
            _ => {}
        }
    }
    Ok(())
}

impl Index {
    /// Opens the index of a store. One that is missing, damaged or of another version is built again; where the store cannot be
    /// written, in memory.
    pub fn open(store: &Store) -> Result<Index, StoreError> {
        let path = store.backend.path("index.sqlite");
        let at = |source| StoreError::Index {
            path: path.clone(),
            source,
        };
        // Held while an index is made, so that two processes do not remove each other's.
        let lock = store.wait_for_lock("index");
        match Index::existing(&path) {
            Ok(index) => return Ok(index),
            Err(error) => tracing::debug!(%error, "the index is built again"),
        }
        let made = match lock {
            Ok(_) => discard(&path).and_then(|()| Index::create(&path).map_err(at)),
            Err(error) => Err(error),
        };
        let mut index = match made {
            Ok(index) => index,
            Err(error) => {
                tracing::debug!(%error, "the index is kept in memory");
                Index::prepare(Connection::open_in_memory().map_err(at)?, &path).map_err(at)?
            }
        };
        index.fill(store)?;
        Ok(index)
    }

    fn existing(path: &Path) -> rusqlite::Result<Index> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(BUSY)?;
        let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match version {
            VERSION => Ok(Index {
                connection,
                path: path.to_owned(),
            }),
            _ => Err(rusqlite::Error::InvalidQuery),
        }
    }

    fn create(path: &Path) -> rusqlite::Result<Index> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // A cache may lose its last rows in a power failure, but not its consistency.
        connection.pragma_update(None, "synchronous", "normal")?;
        Index::prepare(connection, path)
    }

    fn prepare(connection: Connection, path: &Path) -> rusqlite::Result<Index> {
        connection.execute_batch(TABLES)?;
        connection.pragma_update(None, "user_version", VERSION)?;
        Ok(Index {
            connection,
            path: path.to_owned(),
        })
    }

    /// Reads all run records.
    fn fill(&mut self, store: &Store) -> Result<usize, StoreError> {
        let mut rows = Vec::new();
        for name in store.refs("runs")? {
            let Some(digest) = store.get_ref(&name)? else {
                continue;
            };
            match store.document::<RunRecord>(&digest, "a run record") {
                Ok(record) => rows.push(record.row(digest)),
                Err(error) => tracing::warn!(%error, %name, "the run is left out of the index"),
            }
        }
        let inserted = self.insert_all(&rows);
        inserted.map_err(|source| StoreError::Index {
            path: self.path.clone(),
            source,
        })?;
        // `latest` and the run's own name lead to one record.
        Ok(rows.iter().map(|row| &row.id).collect::<HashSet<_>>().len())
    }

    fn insert_all(&mut self, rows: &[RunRow]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        for row in rows {
            insert(&transaction, row)?;
        }
        transaction.commit()
    }

    /// Adds a run, or replaces the one of the same id.
    pub fn record_run(&self, run: &RunRow) -> Result<(), StoreError> {
        insert(&self.connection, run).map_err(|source| StoreError::Index {
            path: self.path.clone(),
            source,
        })
    }

    /// The latest runs, the newest first.
    pub fn runs(&self, limit: usize) -> Result<Vec<RunRow>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query =
            "SELECT id, digest, pipeline, started, finished, outcome, git_commit, dirty FROM run
                     ORDER BY started DESC, id DESC LIMIT ?1";
        self.query(query, [limit], read)
    }

    fn query<T>(
        &self,
        query: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = || -> rusqlite::Result<Vec<T>> {
            self.connection
                .prepare(query)?
                .query_map(params, read)?
                .collect()
        };
        rows().map_err(|source| StoreError::Index {
            path: self.path.clone(),
            source,
        })
    }
}

/// A time as text of one length, so that it sorts as it should.
fn sortable(at: Timestamp) -> String {
    format!("{at:.9}")
}

fn insert(connection: &Connection, run: &RunRow) -> rusqlite::Result<()> {
    let values = params![
        run.id,
        run.digest.to_string(),
        run.pipeline,
        sortable(run.started),
        sortable(run.finished),
        run.outcome,
        run.git_commit,
        run.dirty
    ];
    connection
        .execute(
            "INSERT OR REPLACE INTO run VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            values,
        )
        .map(drop)
}

fn read(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        id: row.get(0)?,
        digest: parsed(row, 1)?,
        pipeline: row.get(2)?,
        started: parsed(row, 3)?,
        finished: parsed(row, 4)?,
        outcome: row.get(5)?,
        git_commit: row.get(6)?,
        dirty: row.get(7)?,
    })
}

fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            Box::new(error),
        )
    })
}

#[cfg(test)]
mod tests;
