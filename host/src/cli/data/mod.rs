//! `lockflight data`: look at tables, at their history, and export them.

mod diff;
mod log;
mod show;

use std::path::PathBuf;

use clap::Subcommand;

use super::{context::Context, error::CliError, revision, text};

/// Look at tables and export them.
#[derive(Debug, Subcommand)]
pub enum Data {
    /// Show a table's schema and its first rows
    #[command(
        after_help = "Examples:\n  lockflight data show clean\n  lockflight data show clean.quarantine --rows 50\n  lockflight data show sha256:3f…"
    )]
    Show {
        /// STAGE or STAGE.OUTPUT of the latest run, RUN:STAGE.OUTPUT of another, or a digest
        table: String,
        /// How many rows
        #[arg(short = 'n', long, default_value_t = 10, value_name = "N")]
        rows: u64,
    },
    /// Show what differs between two versions of a table
    Diff(diff::Args),
    /// Write a table to a file
    #[command(
        after_help = "Examples:\n  lockflight data export clean --to clean.parquet\n  lockflight data export clean.quarantine --to bad.csv"
    )]
    Export {
        /// STAGE or STAGE.OUTPUT of the latest run, RUN:STAGE.OUTPUT of another, or a digest
        table: String,
        /// The file; its ending says the format: .csv, .parquet or .arrow
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// List the versions of a table or source over all runs
    Log(log::Args),
}

pub fn run(command: &Data, context: &Context) -> Result<u8, CliError> {
    match command {
        Data::Show { table, rows } => show::show(table, *rows, context),
        Data::Export { table, to } => show::export(table, to, context),
        Data::Diff(args) => diff::run(args, context),
        Data::Log(args) => log::run(args, context),
    }
}
