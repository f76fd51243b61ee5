//! Lineage over all runs of a store: from a thing back to sources and code, and forward to everything that was made from it.
//!
//! [`Records`] reads every run once, [`Graph`] is built from them and the documents they name, [`find`] says what a user's word means,
//! and a [`View`] is the part of the graph that is shown: as [`text`], [`dot`], [`mermaid`] or JSON.

mod build;
pub mod dot;
pub mod find;
mod graph;
pub mod mermaid;
mod names;
mod prediction;
mod records;
mod releases;
#[cfg(test)]
mod testing;
pub mod text;
mod view;

pub use build::build;
pub use find::{FindError, Finder, Found, find};
pub use graph::{Edge, Graph, Kind, Node, NodeId};
pub use records::Records;
pub use releases::Releases;
pub use view::View;
