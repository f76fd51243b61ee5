//! From a resolved manifest to what can be run, in forms that cannot be confused: [`Locked`] has the digest of everything that
//! stands for bytes (sources, files, components), [`Planned`] has asked every plugin's own check and knows what flows where.

mod allowed;
mod below;
mod compile;
mod components;
mod locked;
mod lockfile;
mod memory;
mod planned;
mod problems;
mod published;
mod release;
mod scoring;
mod sources;

pub use compile::{Compiling, Tell, Uncompiled, compile_all};
pub use components::Component;
pub use locked::{Code, Locked, LockedStage, Snapshot, lock};
pub use lockfile::{Difference, FILE_NAME as LOCK_FILE_NAME, Hold, Lockfile, Wanted};
pub use memory::Memory;
pub use planned::{Binding, Bindings, Planned, PlannedStage, plan};
pub use problems::plugin_problem;
pub use scoring::{MODEL_PORT, StepPorts};
pub use sources::Outside;
