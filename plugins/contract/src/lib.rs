//! Validate plugin `contract`: holds a table against a contract file and sets rows that break it aside.

mod check;
mod config;
mod contract;
mod entry;
mod figures;
mod keys;
mod literal;
mod marks;
mod outcome;
mod params;
mod quarantine;
mod range;
mod rows;
mod values;

use arrow_schema::SchemaRef;
use lockflight_sdk::PortKind;
use lockflight_sdk::prelude::*;

pub use check::KINDS;
pub use config::Config;
use entry::File;

/// The input that is the contract.
const CONTRACT: &str = "contract";

/// The plugin.
#[derive(Debug)]
pub struct Contract;

impl Validate for Contract {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        let mut problems = Problems::new();
        let table = job.only(PortKind::Table);
        let schema = match table {
            Ok(input) => input.port.schema.clone(),
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        match job.input(CONTRACT) {
            Err(problem) => problems.push(problem),
            Ok(input) if !input.available => {}
            Ok(_) => problems.0.extend(contract_problems(job, schema.as_ref())),
        }
        if let Some(schema) = &schema {
            problems
                .0
                .extend(reason_column_problem(&job.config, schema));
        }
        problems.or(ports(&job.config, schema))
    }

    fn run(job: &Job<Config>) -> Result<Report, Failure> {
        let name = job.only(PortKind::Table)?.port.name.clone();
        let table = job.table(&name)?;
        if let Some(problem) = reason_column_problem(&job.config, table.schema()) {
            return Err(problem.into());
        }
        let text = job.blob(CONTRACT)?.read_text()?;
        let file = File {
            input: CONTRACT,
            text: &text,
        };
        let checks = contract::read(file, Some(table.schema()))?;
        let outcome = outcome::judge(&checks, &table, &name);
        let mut report = Report::of(outcome.findings);
        if job.config.quarantine {
            let reason = &job.config.reason_column;
            let (passed, quarantined) = quarantine::split(&table, &outcome.failing, reason)?;
            Metric::new("quarantined_rows", quarantined.rows() as f64).record();
            if quarantined.rows() > 0 {
                info!(
                    "{} of {} rows are set aside",
                    quarantined.rows(),
                    table.rows()
                );
            }
            report.outputs.push(Output::table("table", passed));
            report
                .outputs
                .push(Output::table("quarantine", quarantined));
        }
        Ok(report)
    }
}

fn contract_problems(job: &Job<Config>, schema: Option<&SchemaRef>) -> Vec<Problem> {
    let text = match job.blob(CONTRACT).map(|blob| blob.read_text()) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => return vec![Problem::input(CONTRACT, "the contract is not UTF-8")],
        Err(problem) => return vec![problem],
    };
    let file = File {
        input: CONTRACT,
        text: &text,
    };
    let read = contract::read(file, schema.map(AsRef::as_ref));
    read.map_or_else(|problems| problems.0, |_| Vec::new())
}

fn reason_column_problem(config: &Config, schema: &SchemaRef) -> Option<Problem> {
    let name = &config.reason_column;
    let taken = config.quarantine && schema.fields().find(name).is_some();
    taken.then(|| {
        let message = format!("the table has a column {name:?} already");
        Problem::config("/reason-column", message).help("give the reason another name")
    })
}

fn ports(config: &Config, schema: Option<SchemaRef>) -> Vec<Port> {
    if !config.quarantine {
        return Vec::new();
    }
    match schema {
        None => vec![Port::open_table("table"), Port::open_table("quarantine")],
        Some(schema) => {
            let quarantine = quarantine::quarantine_schema(&schema, &config.reason_column);
            vec![
                Port::table("table", schema),
                Port::table("quarantine", quarantine),
            ]
        }
    }
}

lockflight_sdk::export!(Contract: validate);
