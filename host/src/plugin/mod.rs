//! Plugins as files: how a folder of source becomes components, what a component says about itself, and whether it fits a
//! world of the contract.

pub mod build;
pub mod claims;
mod describe;
mod embedded;
pub mod facts;
pub mod fit;
pub mod fresh;
pub mod inspect;
pub mod kit;
pub mod new;
pub mod sources;
pub mod spec;
pub mod toolchain;
pub mod wit;
