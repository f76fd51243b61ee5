//! `lockflight report`: a run as a page for people.

mod found;
mod gather;
mod lineage;
mod release;
mod stages;
mod training;
mod watched;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use super::{context::Context, error::CliError, text};
use crate::{new_file, run::History, secret::hide};

/// Write a run as one HTML file: no network and no script in it, so it can be mailed, kept and printed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight report --html report.html\n  lockflight report 20261123-204512 --html report.html"
)]
pub struct Args {
    /// `latest`, a run's id, or the beginning or end of one
    #[arg(default_value = "latest")]
    run: String,
    /// The file to write; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    html: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let record = History::new(&store).find(&args.run)?;
    let page = lockflight_report::html(&gather::gather(&store, &record)?);
    let folder = new_file::folder_of(&args.html);
    if !folder.is_dir() {
        let shown = folder.display();
        return Err(CliError::Usage(format!(
            "there is no folder {shown} for the report"
        )));
    }
    write(&args.html, hide(&page).as_bytes()).map_err(|error| {
        CliError::Failed(format!("cannot write {}: {error}", args.html.display()))
    })?;
    if !context.quiet {
        text::say!(
            "{}: run {} of {}, {}",
            args.html.display(),
            record.id,
            record.pipeline,
            text::bytes(page.len() as u64)
        );
    }
    Ok(0)
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = new_file::begin(path)?;
    file.write_all(bytes)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
