//! `lockflight man`: the manual pages, one for each command.

use std::path::PathBuf;

use clap::CommandFactory;

use super::{Cli, error::CliError, text};

/// Write the manual pages.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight man --to ~/.local/share/man/man1\n  lockflight man | man -l -"
)]
pub struct Args {
    /// Write the page of each command into this folder, which is made if need be [default: the page of lockflight itself, printed]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<u8, CliError> {
    let Some(folder) = &args.to else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command())
            .render(&mut page)
            .map_err(|error| CliError::Failed(error.to_string()))?;
        text::write_out(format_args!("{}", String::from_utf8_lossy(&page)));
        return Ok(0);
    };
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .map_err(|error| CliError::Usage(format!("--to {}: {error}", folder.display())))?;
    Ok(0)
}
