//! `lockflight data`: look at tables and export them.

use std::path::PathBuf;

use clap::Subcommand;

use super::{context::Context, error::CliError, text};
use crate::{
    diagnostic::did_you_mean,
    digest::Digest,
    job::OutputRecord,
    run::History,
    store::Store,
    table::{doc::TableDoc, export, show},
};

/// Look at tables and export them.
#[derive(Debug, Subcommand)]
pub enum Data {
    /// Show a table's schema and its first rows
    #[command(
        after_help = "Examples:\n  lockflight data show clean\n  lockflight data show clean.quarantine --rows 50\n  lockflight data show sha256:3f…"
    )]
    Show {
        /// STAGE, STAGE.OUTPUT of the latest run, or a digest
        table: String,
        /// How many rows
        #[arg(short = 'n', long, default_value_t = 10, value_name = "N")]
        rows: u64,
    },
    /// Write a table to a file
    #[command(
        after_help = "Examples:\n  lockflight data export clean --to clean.parquet\n  lockflight data export clean.quarantine --to bad.csv"
    )]
    Export {
        /// STAGE, STAGE.OUTPUT of the latest run, or a digest
        table: String,
        /// The file; its ending says the format: .csv, .parquet or .arrow
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

pub fn run(command: &Data, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    match command {
        Data::Show { table, rows } => {
            let doc = find(&store, table)?;
            print!(
                "{}",
                show::table(&store, &doc, *rows, text::width_of_stdout())?
            );
        }
        Data::Export { table, to } => {
            let doc = find(&store, table)?;
            export::export(&store, &doc, to)?;
            if !context.quiet {
                eprintln!("{}: {}", to.display(), text::rows(doc.rows()));
            }
        }
    }
    Ok(0)
}

/// The table that a user means.
fn find(store: &Store, name: &str) -> Result<TableDoc, CliError> {
    let digest = match name.parse::<Digest>() {
        Ok(digest) => digest,
        Err(_) => in_latest_run(store, name)?,
    };
    Ok(store.table(&digest)?)
}

fn in_latest_run(store: &Store, name: &str) -> Result<Digest, CliError> {
    let record = History::new(store).find("latest")?;
    let tables: Vec<(String, Digest)> = record
        .stages
        .iter()
        .flat_map(|stage| {
            stage
                .outputs
                .iter()
                .filter_map(move |(output, made)| match made {
                    OutputRecord::Table { digest, .. } => {
                        Some((format!("{}.{output}", stage.name), *digest))
                    }
                    OutputRecord::Blob { .. } => None,
                })
        })
        .collect();
    let exact = |wanted: &str| tables.iter().find(|(table, _)| table == wanted);
    if let Some((_, digest)) = exact(name).or_else(|| exact(&format!("{name}.table"))) {
        return Ok(*digest);
    }
    let of_stage: Vec<_> = tables
        .iter()
        .filter(|(table, _)| table.starts_with(&format!("{name}.")))
        .collect();
    if let [(_, digest)] = of_stage.as_slice() {
        return Ok(*digest);
    }
    let names = || tables.iter().map(|(table, _)| table.as_str());
    let help = did_you_mean(name, names())
        .unwrap_or_else(|| format!("it has {}", names().collect::<Vec<_>>().join(", ")));
    Err(CliError::Usage(format!(
        "run {} has no table `{name}`; {help}",
        record.id
    )))
}
