//! A plugin for tests of the host: its config says what to do wrong. As ingest it writes the table `table` with the column
//! `number`; as validate it makes one finding per input table. Neither needs an input. The other worlds are in `stages` and `step`.

mod deed;
mod stages;
mod step;

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::PortKind;
use lockflight_sdk::prelude::*;

use deed::Deed;

/// What the plugin does.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The deed; `nothing` is to work as a plugin should.
    #[serde(default, rename = "do")]
    deed: Deed,
    /// How much of it, where that means something: bytes, lines, rows.
    #[serde(default)]
    amount: u64,
    /// How many rows the table has.
    #[serde(default = "three")]
    rows: u64,
    /// A column that each input table should have.
    #[serde(default)]
    column: Option<String>,
    /// A number, as its schema says; whether it is one is seen in `check`, not before.
    #[serde(default)]
    #[schemars(with = "u64")]
    lax: Lax,
}

/// What is given where a number should be.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
enum Lax {
    Number(#[expect(dead_code, reason = "whether it is a number is all that is asked")] u64),
    Other(serde::de::IgnoredAny),
}

impl Default for Lax {
    fn default() -> Lax {
        Lax::Number(0)
    }
}

/// Checks the config, and foretells these outputs.
fn check(job: &Job<Config>, mut ports: Vec<Port>) -> Result<Vec<Port>, Problems> {
    let config = &job.config;
    config.deed.in_check(config.amount)?;
    match config.lax {
        Lax::Other(_) if config.deed != Deed::AnyConfig => {
            return Err(Problem::config("/lax", "it is no number").into());
        }
        Lax::Number(_) | Lax::Other(_) => {}
    }
    if let Some(column) = &config.column
        && config.deed != Deed::AnyColumn
    {
        let mut tables = job
            .inputs()
            .iter()
            .filter_map(|input| input.port.schema.as_ref());
        if tables.any(|schema| schema.index_of(column).is_err()) {
            let message = format!("there is no column {column}");
            return Err(Problem::config("/column", message).into());
        }
    }
    if config.deed == Deed::Promise {
        ports.push(Port::blob("promise"));
    }
    Ok(ports)
}

fn three() -> u64 {
    3
}

/// The plugin.
#[derive(Debug)]
pub struct Misbehave;

/// The most rows of a batch.
const BATCH: u64 = 65_536;

impl Misbehave {
    fn schema() -> SchemaRef {
        let number = Field::new("number", DataType::Int64, false);
        Arc::new(Schema::new(vec![number]))
    }

    fn table(rows: u64) -> Result<TableWriter, Failure> {
        let mut table = TableWriter::new(Self::schema())?;
        for start in (0..rows).step_by(BATCH as usize) {
            let numbers = start as i64..(start + BATCH).min(rows) as i64;
            let column: ArrayRef = Arc::new(Int64Array::from_iter_values(numbers));
            table.write(&RecordBatch::try_new(Self::schema(), vec![column])?)?;
        }
        Ok(table)
    }
}

impl Ingest for Misbehave {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        check(job, vec![Port::table("table", Self::schema())])
    }

    fn run(job: &Job<Config>) -> Result<Vec<Output>, Failure> {
        let name = job.config.deed.in_run(job.config.amount)?;
        job.config.deed.with_inputs(job)?;
        Ok(vec![Output::table(name, Self::table(job.config.rows)?)])
    }
}

impl Validate for Misbehave {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        check(job, Vec::new())
    }

    /// Finds fault with `amount` rows of each table, from the first one on.
    fn run(job: &Job<Config>) -> Result<Report, Failure> {
        job.config.deed.in_run(job.config.amount)?;
        job.config.deed.with_inputs(job)?;
        match job.config.deed {
            Deed::Find => {
                let findings = (0..job.config.amount).map(|_| Finding::new("small", "number"));
                return Ok(Report::of(findings.collect::<Vec<_>>()));
            }
            Deed::LongFinding => {
                let subject = "x".repeat(job.config.amount as usize);
                return Ok(Report::of([Finding::new("small", &subject)]));
            }
            _ => {}
        }
        let tables = job.inputs().iter().map(|input| &input.port);
        let findings = tables
            .filter(|port| port.kind == PortKind::Table)
            .map(|port| {
                let mut finding =
                    Finding::new("small", "number").examples(&port.name, 0..job.config.amount);
                finding.rows = job.table(&port.name)?.rows();
                finding.failed = job.config.amount;
                Ok(finding.fail_if_any_failed())
            });
        Ok(Report::of(findings.collect::<Result<Vec<_>, Problem>>()?))
    }
}

#[cfg(feature = "ingest")]
lockflight_sdk::export!(Misbehave: ingest);
#[cfg(feature = "validate")]
lockflight_sdk::export!(Misbehave: validate);
#[cfg(feature = "train")]
lockflight_sdk::export!(Misbehave: train);
#[cfg(feature = "packaging")]
lockflight_sdk::export!(Misbehave: packaging);
#[cfg(feature = "deploy")]
lockflight_sdk::export!(Misbehave: deploy);
#[cfg(feature = "monitor")]
lockflight_sdk::export!(Misbehave: monitor);
