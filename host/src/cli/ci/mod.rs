//! What runs tell a CI system, and `lockflight ci`.

mod compare;
mod output;
mod report;

pub use output::{Base, Output, Reporting};
pub use report::{of_problems, of_run};

use super::{context::Context, error::CliError};

/// Compare with a base as CI does.
#[derive(Debug, clap::Subcommand)]
pub enum Ci {
    /// Run on the data of a base's run, so that every difference comes from code, and show what differs
    Compare(compare::Args),
}

pub fn run(command: &Ci, context: &Context) -> Result<u8, CliError> {
    match command {
        Ci::Compare(args) => compare::run(args, context),
    }
}
