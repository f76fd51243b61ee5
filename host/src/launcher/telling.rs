//! What a launcher tells of a stage: events while it works, the lines of its log, what it cost.

use serde::{Deserialize, Serialize};

use crate::{
    walls::Walls,
    wire::{LogLevel, LogLine, LogSource},
};

/// What a call cost.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Telemetry {
    /// Seconds of compiling, when the code was not in the cache.
    pub compile_seconds: Option<f64>,
    /// Seconds from starting the process to calling the guest.
    pub startup_seconds: f64,
    /// Seconds from starting the process to its end.
    pub wall_seconds: f64,
    /// Seconds from starting the process to the published result; none if nothing was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_seconds: Option<f64>,
    /// Seconds of processor time of the child.
    pub cpu_seconds: f64,
    /// The most bytes that the guest's memories and tables had at one time; 0 if the process was killed before it could tell.
    pub peak_memory: u64,
    /// The most bytes of memory that the whole process had at one time, its code among them; none if it was gone too soon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_process_memory: Option<u64>,
    /// Bytes of blocks, blobs and states that it was handed; one that it opens twice counts twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_in: Option<u64>,
    /// Bytes that the guest wrote: what `limits.output` bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_out: Option<u64>,
    /// Calls between guest and host, in both directions; none if the process was killed before it could tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossings: Option<u64>,
    /// The walls that stood around the guest; none when it was not called.
    #[serde(default)]
    pub walls: Walls,
}

impl Telemetry {
    /// Seconds until the result was there, or until the process ended if there is none.
    pub fn seconds(&self) -> f64 {
        self.published_seconds.unwrap_or(self.wall_seconds)
    }
}

/// A line of the log with its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimedLine {
    /// Seconds since the child was started.
    pub at: f64,
    /// The line.
    #[serde(flatten)]
    pub line: LogLine,
}

impl TimedLine {
    /// What the host says of a stage before its plugin speaks.
    pub fn host(message: String) -> TimedLine {
        TimedLine {
            at: 0.0,
            line: LogLine {
                source: LogSource::Host,
                level: LogLevel::Info,
                message,
            },
        }
    }
}

/// What a launcher tells while it works.
#[derive(Debug, Clone)]
pub enum Event {
    /// The component's code is not in the cache and is being compiled.
    Compiling,
    /// The guest is being called.
    Started,
    /// How far it is; total 0 when unknown.
    Progress {
        /// Units done.
        done: u64,
        /// Units in all.
        total: u64,
    },
    /// A line of its log.
    Log(LogLine),
}
