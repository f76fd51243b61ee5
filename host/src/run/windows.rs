//! A monitor stage: its table is cut into windows, and the plugin is called for one after the other, each time with the state that
//! the call before left. Every window is a job of its own with a key and a result, so a window that was looked at is never again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{outcome::InstanceError, shared, stored::stored};
use crate::{
    canonical_json,
    digest::Digest,
    job::{ABI, InputDigest, JobDocument, StageResult, Window},
    launcher::{Event, Launcher, StageOrder, Telemetry, TimedLine},
    manifest::{Period, WINDOW_PORT},
    store::Store,
    table::windows::{CutWindow, cut},
    world::World,
};

/// What a monitor does, as a whole: the digest of this is the key of its stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonitorDocument {
    abi: u32,
    /// Sets the document apart from a [`JobDocument`]; always "monitor".
    operation: String,
    world: World,
    component: Option<Digest>,
    config: Value,
    /// The inputs by port; without `window` nothing is walked.
    inputs: BTreeMap<String, InputDigest>,
    seed: u64,
    every: Period,
    /// The column with the time of a row.
    time: Option<String>,
}

impl MonitorDocument {
    /// What it is handed at a port.
    pub fn input(&self, port: &str) -> Option<InputDigest> {
        self.inputs.get(port).copied()
    }

    /// The same monitor over another table, with windows of its own length unless another is given.
    pub fn over(
        &self,
        table: Digest,
        time: &str,
        every: Option<Period>,
        order: StageOrder,
    ) -> Walk {
        let mut inputs = self.inputs.clone();
        inputs.remove(WINDOW_PORT);
        Walk {
            job: JobDocument {
                abi: ABI,
                world: self.world,
                component: self.component,
                config: self.config.clone(),
                inputs,
                partition: None,
                seed: self.seed,
                state: None,
                time: 0,
            },
            order,
            table: Some((table, time.to_owned())),
            every: every.unwrap_or(self.every),
        }
    }
}

/// A table that is walked window by window.
#[derive(Debug, Clone)]
pub struct Walk {
    /// The job of a window, but for its rows and state.
    pub job: JobDocument,
    /// What each call may use.
    pub order: StageOrder,
    /// The table, and its column with the time of a row; none for a monitor that replays nothing.
    pub table: Option<(Digest, String)>,
    /// How long a window is.
    pub every: Period,
}

/// What came of a walk.
#[derive(Debug, Default)]
pub struct Walked {
    /// Its result: the windows.
    pub result: StageResult,
    /// What all calls together cost.
    pub telemetry: Telemetry,
    /// What the plugin said, by window.
    pub log: Vec<TimedLine>,
}

impl Walk {
    /// The key of the walk as a whole, and the bytes that it is the digest of.
    ///
    /// # Errors
    /// When the config holds a number that JSON cannot.
    pub fn key(&self) -> Result<(Digest, String), canonical_json::CanonicalError> {
        let mut inputs = self.job.inputs.clone();
        let (table, time) = self.table.clone().unzip();
        inputs.extend(table.map(|table| (WINDOW_PORT.to_owned(), InputDigest::Table(table))));
        let text = canonical_json::to_string(&MonitorDocument {
            abi: ABI,
            operation: "monitor".to_owned(),
            world: self.job.world,
            component: self.job.component,
            config: self.job.config.clone(),
            inputs,
            seed: self.job.seed,
            every: self.every,
            time,
        })?;
        Ok((Digest::of(text.as_bytes()), text))
    }

    /// Walks the table from its first window to its last; `again` calls the plugin also for windows whose results are there.
    ///
    /// # Errors
    /// When it cannot be cut, or a call fails: those before it keep their results.
    pub fn walk(
        &self,
        store: &Store,
        launcher: &Launcher,
        again: bool,
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<Walked, InstanceError> {
        let mut walked = Walked::default();
        let Some((table, column)) = &self.table else {
            return Ok(walked);
        };
        let mut publication = store.begin();
        let table = store.table(table)?;
        let windows = cut(store, &table, column, self.every, &mut publication)?;
        publication.commit()?;
        if windows.without_time > 0 {
            let rows = windows.without_time;
            walked.log.push(TimedLine::host(format!(
                "{rows} rows have no {column} and are in no window"
            )));
        }
        let total = windows.windows.len() as u64;
        let mut state = None;
        for (done, window) in (0..).zip(&windows.windows) {
            tell(Event::Progress { done, total });
            state = self.look(window, state, (store, launcher, again), &mut walked)?;
        }
        Ok(walked)
    }

    /// Calls the plugin for a window, unless the store has the result; gives the state for the next one.
    fn look(
        &self,
        window: &CutWindow,
        state: Option<Digest>,
        (store, launcher, again): (&Store, &Launcher, bool),
        walked: &mut Walked,
    ) -> Result<Option<Digest>, InstanceError> {
        let mut job = self.job.clone();
        let rows = InputDigest::Table(window.rows.digest);
        job.inputs.insert(WINDOW_PORT.to_owned(), rows);
        job.state = state;
        let (key, text) = job.key()?;
        let _lock = launcher.lock(&key)?;
        let (digest, result) = match stored(store, &key)? {
            Some(found) if !again => found,
            _ => {
                let mut publication = store.begin();
                publication.blob(text.as_bytes())?;
                publication.commit()?;
                match shared::window(store, &key, &|| launcher.is_cancelled()) {
                    Some(brought) => brought,
                    None => {
                        let launched = launcher.run(&key, &job, &self.order, &|_| {})?;
                        walked.add(launched.telemetry, launched.log, &window.label);
                        (launched.digest, launched.result)
                    }
                }
            }
        };
        let seen = result.observation.ok_or_else(|| {
            InstanceError::BrokenPromise("a monitor has to observe something".into())
        })?;
        walked.result.windows.push(Window {
            label: window.label.clone(),
            start: format!("{}Z", window.start),
            end: format!("{}Z", window.end),
            table: window.rows.digest,
            rows: window.rows.rows,
            key,
            result: digest,
            verdict: seen.verdict,
        });
        Ok(seen.state)
    }
}

impl Walked {
    fn add(&mut self, cost: Telemetry, log: Vec<TimedLine>, window: &str) {
        let sum = &mut self.telemetry;
        if let Some(seconds) = cost.compile_seconds {
            *sum.compile_seconds.get_or_insert_default() += seconds;
        }
        let before = sum.wall_seconds;
        sum.startup_seconds += cost.startup_seconds;
        sum.published_seconds = Some(sum.seconds() + cost.seconds());
        sum.wall_seconds += cost.wall_seconds;
        sum.cpu_seconds += cost.cpu_seconds;
        let add = |sum: &mut Option<u64>, cost: Option<u64>| {
            *sum = sum
                .zip(cost)
                .map(|(sum, cost)| sum + cost)
                .or(*sum)
                .or(cost);
        };
        add(&mut sum.bytes_in, cost.bytes_in);
        add(&mut sum.bytes_out, cost.bytes_out);
        add(&mut sum.crossings, cost.crossings);
        sum.peak_memory = sum.peak_memory.max(cost.peak_memory);
        sum.peak_process_memory = sum.peak_process_memory.max(cost.peak_process_memory);
        self.log.extend(log.into_iter().map(|mut line| {
            line.at += before;
            line.line.message = format!("[{window}] {}", line.line.message);
            line
        }));
    }
}
