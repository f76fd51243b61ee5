//! Write lockflight plugins in Rust.
//!
//! A plugin is a type that implements the trait of its stage ([`Ingest`], [`Validate`], [`Package`], [`Deploy`], [`Monitor`],
//! or [`Train`] and [`Score`] together)
//! and one line that exports it:
//!
//! ```
//! use lockflight_sdk::prelude::*;
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Config {
//!     /// The column to look at.
//!     column: String,
//! }
//!
//! struct NoNegatives;
//!
//! impl Validate for NoNegatives {
//!     type Config = Config;
//!
//!     fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
//!         job.input("table")?;
//!         Ok(vec![])
//!     }
//!
//!     fn run(job: &Job<Config>) -> Result<Report, Failure> {
//!         let mut finding = Finding::new("no-negatives", &job.config.column);
//!         for batch in job.table("table")?.scan_columns(&[&job.config.column]) {
//!             let column = batch.f64(&job.config.column)?;
//!             finding.rows += column.values.len() as u64;
//!             finding.failed += column.iter().flatten().filter(|value| *value < 0.0).count() as u64;
//!         }
//!         Ok(Report::of([finding.fail_if_any_failed()]))
//!     }
//! }
//!
//! lockflight_sdk::export!(NoNegatives: validate);
//! # fn main() {}
//! ```
//!
//! The config is read by serde before `check` is called: what is wrong with it becomes a problem that points at the value.
//! Put `deny_unknown_fields` on it, so that a misspelt key is found too. Its JSON Schema (by schemars) goes into the component.
//!
//! Tables come as Arrow record batches that share the memory the host wrote, without a copy ([`Table::scan`]); [`Rows`] gives
//! plain slices of them. Outside WebAssembly the same types work in memory, so plugins are tested with `cargo test`:
//! build a [`Job`] with [`Job::in_memory`], call `check` and `run`, and look at the outputs. [`testing`] does the same for a step
//! of a model: fit it, take its state through bytes, score with it, and hold it to its rules.

#[doc(hidden)]
pub mod bindings;
#[doc(hidden)]
pub mod export;

mod adopt;
mod answers;
mod blob;
mod config;
mod deploy;
mod format;
mod job;
mod lend;
mod monitor;
mod package;
mod rows;
mod score;
pub mod state;
mod suggest;
mod table;
mod tell;
pub mod testing;
mod train;
mod type_name;
mod widen;
pub mod words;

pub use answers::{
    Content, Failure, FileSpan, Finding, Output, Place, Problem, Problems, Report, Verdict,
};
pub use blob::{Blob, BlobReader, BlobWriter};
pub use deploy::{Action, Arm, Decision, Deploy};
pub use export::{Ingest, Validate};
pub use format::{from_format, to_format};
pub use job::{Input, Job, Port, PortKind};
pub use monitor::{Monitor, Observation};
pub use package::{Artifact, Layer, Package};
pub use rows::{Rows, Slice};
pub use score::Score;
pub use suggest::did_you_mean;
pub use table::{Batches, Table, TableWriter};
pub use tell::{Level, Metric, log, progress};
pub use train::{Fitted, StepPorts, Train};
pub use type_name::{TYPE_NAMES, type_from_name, type_name};
pub use widen::{Cell, floats, whole_numbers};

/// What nearly every plugin needs.
pub mod prelude {
    pub use crate::{
        Action, Arm, Artifact, Content, Decision, Deploy, Failure, Finding, Fitted, Ingest, Job,
        Layer, Metric, Monitor, Observation, Output, Package, Place, Port, Problem, Problems,
        Report, Rows, Score, StepPorts, Table, TableWriter, Train, Validate, Verdict,
    };
    pub use crate::{debug, error, info, trace, warn};
}
