//! The formats of OCI (image-spec 1.1) as far as packages and published plugins need them: manifests, indexes, and the image layout
//! on disk. None of this knows what an artifact holds.

mod index;
mod layout;
mod manifest;

pub use index::{Entry, INDEX_TYPE, Index};
pub use layout::{Layout, LayoutError};
pub use manifest::{Descriptor, InvalidArtifact, MANIFEST_TYPE, MAX_MANIFEST, Manifest};
