//! `lockflight store`: look after the store.

use clap::Subcommand;

use super::{context::Context, error::CliError, text};
use crate::store::check::CheckReport;

/// Look after the store.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Hash every file again and say what is corrupt
    #[command(
        after_help = "Examples:\n  lockflight store check\n  lockflight --store /shared/store store check"
    )]
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
            print_check(&report);
            Ok(if report.problems.is_empty() { 0 } else { 3 })
        }
        StoreCommand::Reindex => {
            let runs = store.reindex()?;
            text::say!("{runs} runs indexed");
            Ok(0)
        }
        StoreCommand::Du => {
            let usage = store.du()?;
            let parts = [
                ("blobs: sources, components, documents, logs", usage.blobs),
                ("blocks: the rows of tables", usage.blocks),
                ("results", usage.results),
                ("refs", usage.refs),
                ("half-written files of killed processes", usage.temporary),
                ("caches, which may be deleted", usage.caches),
                ("in all", usage.total()),
            ];
            for (name, part) in parts {
                text::say!(
                    "{:>10}  {:>8} files  {name}",
                    text::bytes(part.bytes),
                    text::count(part.files)
                );
            }
            Ok(0)
        }
    }
}

fn print_check(report: &CheckReport) {
    for problem in &report.problems {
        text::say!("{}: {}", problem.path.display(), problem.message);
        for from in &problem.referred_by {
            text::say!("    {from} depends on it");
        }
    }
    if report.removed > 0 {
        text::say!(
            "{} half-written files of killed processes removed",
            report.removed
        );
    }
    let verdict = match report.problems.len() {
        0 => "all as it should be".to_owned(),
        1 => "1 problem".to_owned(),
        n => format!("{n} problems"),
    };
    text::say!(
        "{} blobs, {} blocks ({}), {} results, {} refs: {verdict}",
        text::count(report.blobs),
        text::count(report.blocks),
        text::bytes(report.bytes),
        text::count(report.results),
        text::count(report.refs)
    );
}
