//! `lockflight policy`: the policy of this machine for those who write it.

use std::path::PathBuf;

use clap::Subcommand;

use super::{
    context::Context,
    error::CliError,
    text::{self, Paint},
};
use crate::{policy::Policy, printable, walls::Walls};

/// The policy of this machine.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Show which policy is in force and what it says
    #[command(
        after_help = "Examples:\n  lockflight policy show\n  lockflight policy show --json\n\nThe file is LOCKFLIGHT_POLICY, or else /etc/lockflight/policy.toml."
    )]
    Show {
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
    /// Find everything that is wrong with a policy, before it is put in its place
    #[command(
        after_help = "Examples:\n  lockflight policy check policy.toml\n\nExit codes: 0 nothing is wrong, 2 something is."
    )]
    Check {
        /// The policy
        file: PathBuf,
    },
}

pub fn run(command: &PolicyCommand, context: &Context) -> Result<u8, CliError> {
    let paint = Paint(text::color_on_stdout());
    match command {
        PolicyCommand::Show { json } => {
            let policy = context.policy()?;
            match json {
                true => say_json(&policy)?,
                false => say(&policy, paint),
            }
        }
        PolicyCommand::Check { file } => {
            Policy::read(file)?;
            if !context.quiet {
                text::say!("{} {}: nothing is wrong", paint.green("✓"), file.display());
            }
        }
    }
    Ok(0)
}

fn say(policy: &Policy, paint: Paint) {
    let path = policy.path().display();
    match policy.record() {
        Some(record) => text::say!(
            "{} {path}\n  digest   {}",
            paint.bold("policy"),
            record.digest
        ),
        None => text::say!("{} none: there is no {path}", paint.bold("policy")),
    }
    for (table, says) in policy.settings() {
        text::say!("  {} {}", text::pad(table, 8), printable::line(&says));
    }
    text::say!("  {} {}", text::pad("here", 8), standing(policy));
}

/// Whether this machine has the walls that are demanded.
fn standing(policy: &Policy) -> String {
    let walls = Walls::offered();
    match policy.demands(walls) {
        Ok(()) => format!("the walls {walls} stand"),
        Err(refusal) => format!("nothing runs: {}", refusal.message),
    }
}

fn say_json(policy: &Policy) -> Result<(), CliError> {
    let document = serde_json::json!({
        "path": policy.path(),
        "digest": policy.record().map(|record| record.digest),
        "settings": policy,
        "walls": Walls::offered(),
    });
    text::say!("{}", serde_json::to_string_pretty(&document)?);
    Ok(())
}
