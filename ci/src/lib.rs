//! What a run tells a CI system: JUnit XML, a summary in Markdown, annotations, outputs.
//!
//! The host fills a [`Report`](data::Report); each function here turns it into one format. Names and messages come from plugins
//! and data, so every format takes them as text and never as markup or as a command.

pub mod annotations;
pub mod data;
pub mod files;
pub mod junit;
pub mod markdown;
pub mod metrics;
pub mod outputs;

mod checks;
mod escape;
mod number;
mod section;
mod sections;
mod text;

pub use annotations::annotations;
pub use escape::cell;
pub use junit::junit;
pub use markdown::summary;
pub use metrics::open_metrics;
pub use number::{number, signed};
pub use outputs::outputs;
