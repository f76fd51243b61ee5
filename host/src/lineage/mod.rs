//! Lineage over all runs of a store: from a thing back to sources and code, and forward to everything that was made from it.
//!
//! [`Records`] reads every run once, [`Graph`] is built from them and the documents they name, [`find()`] says what a user's word means,
//! and a [`View`] is the part of the graph that is shown: as [`text`], [`dot`], [`mermaid`] or JSON. [`versions`] is the history of one
//! table or source.

mod build;
pub mod dot;
pub mod find;
mod graph;
mod history;
pub mod mermaid;
mod names;
mod prediction;
mod records;
mod releases;
#[cfg(test)]
mod testing;
pub mod text;
pub mod versions;
mod view;
mod why;

pub use build::build;
pub use find::{FindError, Finder, Found, find};
pub use graph::{Edge, Graph, Kind, Node, NodeId};
pub use records::Records;
pub use releases::Releases;
pub use versions::{LogError, Versions};
pub use view::View;
pub use why::Cause;
