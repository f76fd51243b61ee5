//! A first manifest and contract, drafted from a file of data: a start that runs, to be made stricter by who knows the data.

mod draft;
mod names;
mod plugins;
mod profile;
mod sample;

pub use draft::{Draft, contract, manifest};
pub use names::slug;
pub use plugins::{PluginsError, Shipped};
pub use profile::{Column, Profile};
pub use sample::{Dialect, EXAMPLE};
