//! What the launcher tells the child to do: its first message.

use serde::{Deserialize, Serialize};

use crate::{
    engine::CodeKind,
    manifest::limits::{Bound, Exceeded, Limit, Limits, Whose},
    model::Keeps,
    table::schema::{FieldNode, SchemaError, TableSchema},
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
