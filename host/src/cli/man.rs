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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// How many commands are shown in the help of this one, it and all below.
    fn shown(command: &clap::Command) -> usize {
        let below = command.get_subcommands().filter(|sub| !sub.is_hide_set());
        1 + below.map(shown).sum::<usize>()
    }

    #[test]
    fn every_command_that_is_shown_has_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("man1");
        run(&Args {
            to: Some(to.clone()),
        })
        .unwrap();
        let pages = std::fs::read_dir(&to).unwrap().count();
        assert_eq!(pages, shown(&Cli::command()));
        let page = std::fs::read_to_string(to.join("lockflight-plugin-build.1")).unwrap();
        assert!(page.contains("plugin.toml"), "{page}");
    }
}
