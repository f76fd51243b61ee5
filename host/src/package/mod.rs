//! Packages: models as OCI artifacts. What the plugin returned is put together here, checked against the model that it was handed,
//! counted as a version under the model's name, and written out as an image layout that other tools read.

mod contents;
mod export;
mod lineage;
mod parts;
mod versions;

pub use contents::{Contents, ContentsError, PART};
pub use export::export;
pub use lineage::{Lineage, LineageInput, StageLineage};
pub use parts::{Content, ModelPart, Part, ReportPart, StepPart, columns, parts};
pub use versions::{Packages, PackagesError, VersionRecord};
