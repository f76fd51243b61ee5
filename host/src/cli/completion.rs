//! `lockflight completion`: what a shell has to know to complete command lines.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, error::CliError, text};

/// Print the completions of a shell.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight completion bash > ~/.local/share/bash-completion/completions/lockflight\n  lockflight completion zsh > ~/.zfunc/_lockflight\n  lockflight completion fish > ~/.config/fish/completions/lockflight.fish"
)]
pub struct Args {
    /// The shell
    shell: Shell,
}

pub fn run(args: &Args) -> Result<u8, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "lockflight", &mut script);
    text::write_out(format_args!("{}", String::from_utf8_lossy(&script)));
    Ok(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_hears_of_the_commands() {
        for shell in Shell::value_variants() {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "lockflight", &mut script);
            let script = String::from_utf8(script).unwrap();
            assert!(script.contains("verify"), "{shell}");
        }
    }
}
