//! A model: a list of fitted steps, as a document and as a flow of columns.

mod doc;
mod flow;
mod record;

pub use doc::{ModelDoc, Step};
pub use flow::{Flow, FlowError, Keeps, Link};
pub use record::{ModelRecord, Models, ModelsError};
