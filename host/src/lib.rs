//! lockflight: the MLOps lifecycle as a flight of sealed chambers.
//!
//! Data flows one way: `cli`, `manifest`, `plan`, `run`, `launcher`, `child`, `engine`; the store stands beside it and knows nothing of
//! stages.

#[macro_use]
pub mod stderr;

pub mod canonical_json;
pub mod child;
pub mod cli;
pub mod diagnostic;
pub mod digest;
pub mod endpoint;
pub mod enforcement;
pub mod engine;
pub mod fetch;
pub mod init;
pub mod job;
pub mod launcher;
pub mod lineage;
pub mod manifest;
pub mod model;
pub mod new_file;
pub mod oci;
pub mod package;
pub mod plan;
pub mod plugin;
pub mod policy;
pub mod printable;
pub mod record;
pub mod registry;
pub mod run;
pub mod seal;
pub mod secret;
pub mod serve;
pub mod share;
pub mod store;
pub mod table;
pub mod walls;
pub mod wire;
pub mod world;

/// The version of lockflight.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
