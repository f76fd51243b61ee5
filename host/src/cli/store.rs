//! `lockflight store`: look after the store.

use clap::Subcommand;

use super::{context::Context, error::CliError, text};

/// Look after the store.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Hash every file again and say what is corrupt
    #[command(after_help = "Examples:\n  lockflight store check\n  lockflight --store /shared/store store check")]
    Check,
    /// Make the index again from the records
    #[command(after_help = "Examples:\n  lockflight store reindex")]
    Reindex,
    /// Show what takes how much room
    #[command(after_help = "Examples:\n  lockflight store du")]
    Du,
}

pub fn run(command: &StoreCommand, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    match command {
        StoreCommand::Check => {
            let report = store.check()?;
            for fault in &report.faults {
                println!("{fault}");
            }
            println!("{} files, {}: {}", text::count(report.files), text::bytes(report.bytes), match report.faults.len() {
                0 => "all as they should be".to_owned(),
                n => format!("{n} corrupt"),
            });
            Ok(if report.faults.is_empty() { 0 } else { 3 })
        }
        StoreCommand::Reindex => {
            let runs = store.reindex()?;
            println!("{runs} runs indexed");
            Ok(0)
        }
        StoreCommand::Du => {
            let usage = store.du()?;
            for (name, part) in usage.parts() {
                println!("{:>10}  {:>8} files  {name}", text::bytes(part.bytes), text::count(part.files));
            }
            Ok(0)
        }
    }
}
