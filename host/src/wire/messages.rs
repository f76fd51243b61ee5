//! What launcher and child say to each other.

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Failure};

use crate::{
    engine::CodeKind,
    manifest::limits::{Bound, Exceeded, Limit, Limits, Whose},
    model::Keeps,
    table::schema::{FieldNode, SchemaError, TableSchema},
    walls::Walls,
    world::World,
};

/// The launcher's first message; the compiled component's file descriptor comes with it, but for `score`, whose child asks for those
/// of the model's steps.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// Which of the two functions of the world to call.
    pub operation: Operation,
    /// The world the component fills.
    pub world: World,
    /// Everything the guest can learn.
    pub job: JobFacts,
    /// What the guest may use.
    pub limits: GuestLimits,
    /// How the code was compiled; the engine has to agree with it.
    pub code: CodeKind,
    /// What the built-in stage `score` is to do; none for every other world.
    pub scoring: Option<Scoring>,
}

/// The order of a `score` stage: a model and what to keep of the table. The table is the job's only input.
#[derive(Debug, Serialize, Deserialize)]
pub struct Scoring {
    /// The steps, first to last.
    pub steps: Vec<StepFacts>,
    /// What the answer has beside the model's.
    pub keeps: Keeps,
    /// How many rows are scored, evenly spread over the table; none for all.
    pub sample: Option<u64>,
}

/// A step of a model as the child needs it; its code and its state are asked for by number.
#[derive(Debug, Serialize, Deserialize)]
pub struct StepFacts {
    /// The columns it wants.
    pub takes: SchemaNodes,
    /// The columns it answers.
    pub gives: SchemaNodes,
    /// Bytes of its state.
    pub state: u64,
}

/// The two functions of every stage world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// Judge config and input schemas.
    Check,
    /// Do the work.
    Run,
}

/// The job document as the child needs it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JobFacts {
    /// The config, canonical JSON.
    pub config: String,
    /// The seed, 0 for plugins that do not declare it.
    pub seed: u64,
    /// The logical time in ns since 1970, 0 for plugins that do not declare it.
    pub time: i64,
    /// The partition.
    pub partition: Option<String>,
    /// The size of the state in bytes, if there is one.
    pub state: Option<u64>,
    /// The inputs, sorted by name.
    pub inputs: Vec<InputFacts>,
}

/// One input of the job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InputFacts {
    /// The port's name.
    pub name: String,
    /// Whether the guest may open it now.
    pub available: bool,
    /// What it is.
    pub content: InputContent,
}

/// The content of an input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum InputContent {
    /// A table; the schema is missing in a check when no one knows it yet.
    Table {
        /// Its schema.
        schema: Option<SchemaNodes>,
        /// The rows of each of its blocks, in order.
        blocks: Vec<u64>,
    },
    /// Bytes.
    Blob {
        /// How many.
        size: u64,
    },
}

/// A schema in pre-order, as the contract passes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SchemaNodes {
    /// The fields, parents before their children.
    pub fields: Vec<FieldNode>,
    /// The table's metadata.
    pub metadata: Vec<(String, String)>,
}

impl From<&TableSchema> for SchemaNodes {
    fn from(schema: &TableSchema) -> Self {
        SchemaNodes {
            fields: schema.to_nodes(),
            metadata: schema.metadata(),
        }
    }
}

impl TryFrom<SchemaNodes> for TableSchema {
    type Error = SchemaError;

    fn try_from(nodes: SchemaNodes) -> Result<Self, SchemaError> {
        TableSchema::from_nodes(nodes.fields, nodes.metadata)
    }
}

/// The bounds that the child keeps itself; the launcher keeps the others.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct GuestLimits {
    /// Bytes over all linear memories and tables of the guest.
    pub memory: u64,
    /// Elements over all its tables.
    pub tables: u64,
    /// Instances of core modules.
    pub instances: u64,
    /// Handles that it holds at a time.
    pub handles: u64,
    /// Bytes that it hands over in one call.
    pub call: u64,
    /// Seconds of processor time of the whole process.
    pub cpu_seconds: u64,
    /// Whose limits these are.
    pub whose: Whose,
}

impl GuestLimits {
    /// Those of a stage's limits that the child keeps.
    pub fn new(limits: &Limits, whose: Whose) -> Self {
        GuestLimits {
            memory: limits.get(Limit::Memory),
            tables: limits.get(Limit::Tables),
            instances: limits.get(Limit::Instances),
            handles: limits.get(Limit::Handles),
            call: limits.get(Limit::Call),
            cpu_seconds: limits.get(Limit::Cpu).div_ceil(1000),
            whose,
        }
    }

    /// That the guest went beyond one of these.
    pub fn exceeded(&self, limit: Limit, value: u64) -> Exceeded {
        Exceeded::new(Bound { limit, value }, self.whose)
    }
}

/// What the child saw of the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GuestUsage {
    /// The most bytes that its memories and tables had at one time.
    pub peak_memory: u64,
    /// Calls between guest and host, in both directions.
    pub crossings: u64,
}

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
