//! What a plugin can do wrong.

use std::hint::black_box;

use arrow_array::Array;
use arrow_schema::DataType;
use lockflight_sdk::bindings::{blobs, job, tables, types};
use lockflight_sdk::prelude::*;
use lockflight_sdk::{Blob, PortKind};

/// What to do.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Deserialize,
    serde::Serialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// Work as a plugin should.
    #[default]
    Nothing,
    /// End in a trap without a word.
    Trap,
    /// Panic with a message.
    Panic,
    /// Never come to an end.
    Loop,
    /// Come to an end after `amount` turns of a loop, about a nanosecond each.
    Turn,
    /// The same, in `check`.
    LoopInCheck,
    /// Use `amount` bytes of memory.
    Allocate,
    /// Write `amount` bytes into an output.
    Write,
    /// Hand over `amount` bytes in one call.
    HandOver,
    /// Be writing `amount` tables at a time.
    OpenWriters,
    /// Record `amount` figures.
    Measure,
    /// Say `amount` times how far it is.
    Progress,
    /// Answer a finding `amount` bytes long.
    LongFinding,
    /// Answer `amount` findings.
    Find,
    /// Write a batch that is not of its table.
    WriteMisfit,
    /// Return an output that `check` did not foretell.
    Undeclared,
    /// Return an output whose name is a path.
    NameAPath,
    /// Write `amount` lines of log.
    Log,
    /// Write `amount` lines of log, then report a fault.
    LogAndFail,
    /// Open a table that is not among the inputs.
    OpenUnknown,
    /// Open a table in `check`, when there is none yet.
    OpenInCheck,
    /// Refuse the config, which only `run` finds wrong.
    RefuseConfig,
    /// Refuse the data.
    RefuseData,
    /// Report a fault of its own.
    ReportFault,
    /// Trap when a table has no rows.
    TrapOnEmpty,
    /// Trap when a table has one row.
    TrapOnOneRow,
    /// Trap when all values of a column are null.
    TrapOnNulls,
    /// Trap when a table comes in more than 20 batches.
    TrapOnManyBatches,
    /// Trap when a table has a column of bytes.
    TrapOnBytes,
    /// Trap when a file is empty.
    TrapOnEmptyFile,
    /// Record how many batches a table has, which is not for a result. A scorer answers rows otherwise that come late in theirs.
    CountBatches,
    /// Record the bits of a NaN, which are not the same on every processor.
    NanBits,
    /// Foretell an output that does not come.
    Promise,
    /// As a scorer, answer a row too many.
    AnswerMore,
    /// Trap when the state is the one that it left.
    TrapOnState,
    /// Take other bytes for the state that it left: a scorer answers, a stage traps.
    MisreadState,
    /// Pack another document than that of the model.
    PackAnother,
    /// As a scorer, add the first value of the batch.
    Neighbour,
    /// As a scorer, add how often it was called.
    Memory,
    /// As a scorer, answer rows that lack a column.
    FillColumn,
    /// Take any column for one that is there.
    AnyColumn,
    /// Take anything for a number.
    AnyConfig,
}

impl Deed {
    /// Does it, if `check` is where it is done.
    pub fn in_check(self, amount: u64) -> Result<(), Problems> {
        match self {
            Deed::LoopInCheck => run_forever(),
            Deed::OpenInCheck => drop(job::open_table("table")),
            Deed::Allocate if amount == 0 => {
                return Err(
                    Problem::config("/amount", "nothing is too little to allocate")
                        .help("allocate at least a byte")
                        .into(),
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// Does it, and returns the name that the output is to have.
    pub fn in_run(self, amount: u64) -> Result<&'static str, Failure> {
        match self {
            Deed::Nothing
            | Deed::LoopInCheck
            | Deed::OpenInCheck
            | Deed::Find
            | Deed::LongFinding
            | Deed::TrapOnEmpty
            | Deed::TrapOnOneRow
            | Deed::TrapOnNulls
            | Deed::TrapOnManyBatches
            | Deed::TrapOnBytes
            | Deed::TrapOnEmptyFile
            | Deed::CountBatches
            | Deed::Promise
            | Deed::AnswerMore
            | Deed::TrapOnState
            | Deed::MisreadState
            | Deed::PackAnother
            | Deed::Neighbour
            | Deed::Memory
            | Deed::FillColumn
            | Deed::AnyColumn
            | Deed::AnyConfig => {}
            Deed::NanBits => job::metric("bits", f64::from(nan_bit()), None, &[]),
            Deed::Trap => trap(),
            Deed::Panic => panic!("the plugin was told to panic"),
            Deed::Loop => {
                info!("this will take for ever");
                run_forever();
            }
            Deed::Turn => turn(amount),
            Deed::HandOver => blobs::BlobWriter::new().write(&vec![1; amount as usize]),
            Deed::OpenWriters => {
                let writers = (0..amount).map(|_| tables::TableWriter::new(&number()));
                info!("{} tables are begun", writers.collect::<Vec<_>>().len());
            }
            Deed::Measure => (0..amount).for_each(|n| job::metric("n", n as f64, Some(n), &[])),
            Deed::Progress => (0..amount).for_each(|n| job::progress(n, amount)),
            Deed::Allocate => {
                let bytes = vec![1u8; amount as usize];
                info!("{} bytes are mine", black_box(&bytes).len());
            }
            Deed::Write => write(amount),
            Deed::WriteMisfit => write_misfit(),
            Deed::Undeclared => return Ok("surprise"),
            Deed::NameAPath => return Ok("../../format"),
            Deed::Log => say(amount),
            Deed::LogAndFail => {
                say(amount);
                return Err(Failure::internal("that was enough"));
            }
            Deed::OpenUnknown => drop(job::open_table("elsewhere")),
            Deed::RefuseConfig => {
                return Err(Problem::config("/do", "the data does not bear this")
                    .help("do something else")
                    .into());
            }
            Deed::RefuseData => {
                return Err(Failure::data("line 7, column \"number\": not a number"));
            }
            Deed::ReportFault => return Err(Failure::internal("two and two made five")),
        }
        Ok("table")
    }
}

impl Deed {
    /// Does what depends on the inputs.
    pub fn with_inputs<C>(self, job: &Job<C>) -> Result<(), Problem> {
        for port in job.inputs().iter().map(|input| &input.port) {
            match port.kind {
                PortKind::Table => self.with_table(&job.table(&port.name)?),
                PortKind::Blob => self.with_file(job.blob(&port.name)?.size()),
            }
        }
        Ok(())
    }

    /// Does what depends on the state, of which `left` is the right one.
    pub fn with_state(self, state: Option<&Blob>, left: &[u8]) {
        match (self, state) {
            (Deed::TrapOnState, Some(state)) if state.read_all() == left => trap(),
            (Deed::MisreadState, Some(state)) if state.read_all() != left => trap(),
            _ => {}
        }
    }

    /// Does what depends on a table.
    fn with_table(self, table: &Table) {
        let batches: Vec<_> = table.scan().collect();
        let nulls = || {
            let columns = batches.iter().flat_map(|batch| batch.columns());
            columns
                .into_iter()
                .any(|column| column.null_count() == column.len())
        };
        let bytes = || {
            table
                .schema()
                .fields()
                .iter()
                .any(|field| *field.data_type() == DataType::Binary)
        };
        match self {
            Deed::TrapOnEmpty if table.rows() == 0 => trap(),
            Deed::TrapOnOneRow if table.rows() == 1 => trap(),
            // One row of nulls is no rare thing in many batches.
            Deed::TrapOnNulls if table.rows() > 0 && batches.len() == 1 && nulls() => trap(),
            Deed::TrapOnManyBatches if batches.len() > 20 => trap(),
            Deed::TrapOnBytes if bytes() => trap(),
            Deed::CountBatches => job::metric("batches", batches.len() as f64, None, &[]),
            _ => {}
        }
    }

    /// Does what depends on a file of this size.
    fn with_file(self, size: u64) {
        if self == Deed::TrapOnEmptyFile && size == 0 {
            trap();
        }
    }
}

/// A bit that a sum with a NaN hands on as the processor likes.
pub fn nan_bit() -> u8 {
    let nan = black_box(f64::from_bits(0x7ff8_0000_0000_0001));
    (black_box(nan + black_box(1.0)).to_bits() & 1) as u8
}

pub fn trap() {
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
}

fn say(lines: u64) {
    (1..=lines).for_each(|line| info!("line {line} of {lines}"));
}

fn turn(turns: u64) {
    let mut turned = 0u64;
    while black_box(turned) < turns {
        turned += 1;
    }
}

fn run_forever() {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns).wrapping_add(1);
    }
}

fn number() -> types::Schema {
    types::Schema {
        fields: vec![types::Field {
            name: "number".into(),
            format: "l".into(),
            nullable: false,
            children: 0,
            metadata: Vec::new(),
        }],
        metadata: Vec::new(),
    }
}

fn batch(rows: u32, values: Vec<u8>) -> types::Batch {
    let column = types::Column {
        length: rows,
        validity: None,
        offsets: None,
        values,
    };
    types::Batch {
        rows,
        columns: vec![column],
    }
}

/// Past the SDK, so that nothing is kept in the plugin's own memory.
fn write(amount: u64) {
    const ROWS: u32 = 65_536;
    let table = tables::TableWriter::new(&number());
    for _ in 0..amount.div_ceil(u64::from(ROWS) * 8) {
        table.write(&batch(ROWS, vec![7; ROWS as usize * 8]));
    }
}

/// Past the SDK, which would refuse it: three rows, and the bytes of one.
fn write_misfit() {
    let table = tables::TableWriter::new(&number());
    table.write(&batch(3, vec![0; 8]));
}
