//! What the child says, and what the launcher answers.

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Failure};
use super::order::SchemaNodes;

use crate::{manifest::limits::Exceeded, walls::Walls};

/// The launcher's only other message: here is what you asked for; its file descriptor comes with it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Granted;

/// What the child says.
#[derive(Debug, Serialize, Deserialize)]
pub enum Said {
    /// The guest is instantiated and about to be called.
    Started {
        /// The walls around it.
        walls: Walls,
    },
    /// Send this descriptor.
    Need(Needed),
    /// A line of the log.
    Log(LogLine),
    /// How far the guest is.
    Progress {
        /// Units done.
        done: u64,
        /// Units in all, 0 when unknown.
        total: u64,
    },
    /// A figure.
    Metric(Metric),
    /// The guest starts a table.
    TableOpened {
        /// The writer's number, given by the child, counted up.
        writer: u32,
        /// The table's schema.
        schema: SchemaNodes,
    },
    /// The guest wrote rows; the buffers follow in the body, column by column: validity, offsets, values.
    TableRows {
        /// The writer's number.
        writer: u32,
        /// How many rows.
        rows: u32,
        /// The lengths of the buffers.
        columns: Vec<ColumnLayout>,
    },
    /// The guest starts a blob.
    BlobOpened {
        /// The writer's number.
        writer: u32,
    },
    /// The guest wrote the bytes in the body.
    BlobBytes {
        /// The writer's number.
        writer: u32,
    },
    /// The guest let go of a writer: its content is discarded.
    Dropped {
        /// The writer's number.
        writer: u32,
    },
    /// The call is over. The last message.
    Ended {
        /// How it ended.
        ending: Ending,
        /// What the guest used.
        usage: GuestUsage,
    },
}

/// A descriptor the child wants.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Needed {
    /// A block of a table.
    Block {
        /// The input's index.
        input: u32,
        /// The block's index within the table.
        block: u32,
    },
    /// The file of a blob.
    Blob {
        /// The input's index.
        input: u32,
    },
    /// The file of the state.
    State,
    /// The compiled code of a model's step.
    StepCode {
        /// The step's number, from 0.
        step: u32,
    },
    /// The state of a model's step.
    StepState {
        /// The step's number, from 0.
        step: u32,
    },
}

/// The lengths in bytes of a column's buffers in the body.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ColumnLayout {
    /// Values in the column.
    pub length: u32,
    /// The validity bitmap.
    pub validity: Option<u32>,
    /// The offsets.
    pub offsets: Option<u32>,
    /// The values.
    pub values: u32,
}

/// Where a line of the log came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogSource {
    /// The plugin's own call of `log`.
    Plugin,
    /// What it printed.
    Stdout,
    /// What it printed to the error stream, a traceback as a rule.
    Stderr,
    /// What the host did for the stage.
    Host,
}

/// How loud a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Every step.
    Trace,
    /// Details.
    Debug,
    /// What a user wants to know.
    Info,
    /// Something is odd.
    Warn,
    /// Something failed.
    Error,
}

/// A line of a stage's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Where it came from.
    pub source: LogSource,
    /// How loud it is.
    pub level: LogLevel,
    /// The text.
    pub message: String,
}

/// A figure recorded by a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// Its value.
    #[serde(with = "crate::job::figure")]
    pub value: f64,
    /// The point of a series.
    pub step: Option<u64>,
    /// What else tells it from others of the same name.
    pub labels: Vec<(String, String)>,
}

/// How a call ended.
#[derive(Debug, Serialize, Deserialize)]
pub enum Ending {
    /// `check` answered the output ports.
    Ports(Vec<Port>),
    /// `check` answered problems.
    Problems(Vec<Problem>),
    /// `run` answered.
    Answer(Box<Answer>),
    /// `run` gave up.
    Failure(Failure),
    /// The guest was ended.
    Fault(Fault),
}

/// An output port as `check` foretells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: PortKind,
    /// The schema of a table, when known.
    pub schema: Option<SchemaNodes>,
}

/// The kinds of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PortKind {
    /// Rows under a schema.
    Table,
    /// Bytes.
    Blob,
}

/// What a plugin's problem is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The stage as a whole.
    Stage,
    /// A value of the config, by JSON pointer.
    Config(String),
    /// An input, by name.
    Input(String),
    /// A stretch of bytes of an input that is a file.
    File {
        /// The input's name.
        input: String,
        /// The first byte.
        start: u64,
        /// The byte behind the last.
        end: u64,
    },
}

/// Something that a plugin wants mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What it is about.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Why a guest was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The kind.
    pub kind: FaultKind,
    /// What happened, in one sentence.
    pub message: String,
    /// The guest's frames, innermost first, as far as the code names them.
    pub frames: Vec<String>,
}

/// The kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The guest's code trapped.
    Trap,
    /// It went beyond a limit that the child keeps.
    Limit(Exceeded),
    /// It used the contract in a way that the contract forbids.
    Misuse,
    /// A scorer's answer to a row depends on the rows beside it.
    NotRowWise,
    /// A scorer's answer to a row depends on what it was asked before.
    NotRepeatable,
    /// It called a `wasi:*` function that lockflight does not give.
    Wasi,
    /// The host has a fault.
    Host,
}

/// What the child saw of the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GuestUsage {
    /// The most bytes that its memories and tables had at one time.
    pub peak_memory: u64,
    /// Calls between guest and host, in both directions.
    pub crossings: u64,
}
