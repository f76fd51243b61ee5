//! The options that choose what is run and with what values; `run` and `plan` share them.

use crate::{manifest::Override, run::Asked};

/// What is run, and with what values.
#[derive(Debug, clap::Args)]
pub struct Selected {
    /// Run these stages again though their results are in the store; without a name all that may run
    #[arg(long, value_name = "STAGE", num_args = 0.., value_delimiter = ',')]
    force: Option<Vec<String>>,
    /// Run these stages and no others; what they need has to be in the store
    #[arg(long, value_name = "STAGE", value_delimiter = ',')]
    only: Vec<String>,
    /// Run these stages and those that depend on them, and no others
    #[arg(long, value_name = "STAGE", value_delimiter = ',')]
    from: Vec<String>,
    /// Set a value of the manifest for this time, e.g. train.demand.config.rounds=200
    #[arg(short = 'S', long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<Override>,
}

impl Selected {
    /// The stages that are meant.
    pub fn asked(&self) -> Asked {
        Asked {
            force: self.force.clone(),
            only: self.only.clone(),
            from: self.from.clone(),
        }
    }
}
