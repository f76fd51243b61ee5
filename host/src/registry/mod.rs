//! Registries of plugins: components as OCI artifacts in the layout of the CNCF's Wasm working group, in a registry on the web or in
//! an image layout on disk. What comes from one is believed by its digest alone.

mod artifact;
mod auth;
mod client;
mod credentials;
mod error;
mod folder;
mod publication;
mod reference;
mod remote;
mod repository;

pub use artifact::{Artifact, NoPlugin};
pub use error::RegistryError;
pub use publication::{Publication, Unpublishable};
pub use reference::{Place, Reference, Which, Written};
pub use repository::{Access, Published, Repository};
