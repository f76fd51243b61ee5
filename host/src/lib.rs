//! lockflight: the MLOps lifecycle as a flight of sealed chambers.

pub mod canonical_json;
pub mod cli;
pub mod diagnostic;
pub mod digest;
pub mod manifest;
pub mod plugin;
pub mod store;
pub mod table;
