//! A package as an OCI image layout on disk, which skopeo, oras and crane read and copy to registries.

use std::collections::BTreeMap;
use std::path::Path;

use super::Contents;
use crate::oci::{Descriptor, Layout, LayoutError, MANIFEST_TYPE};
use crate::store::Store;

/// Writes a package into a folder, under a tag. Other packages of a layout that is there already stay; a tag that is there moves.
///
/// # Errors
/// When the folder holds something else, or a file cannot be read or written.
pub fn export(
    store: &Store,
    package: &Contents,
    tag: &str,
    folder: &Path,
) -> Result<(), LayoutError> {
    let layout = Layout::begin(folder)?;
    let manifest = &package.manifest;
    let parts = manifest.layers.iter().chain([&manifest.config]);
    for digest in parts.map(|part| part.digest).chain([package.digest]) {
        layout.put(&digest, &mut store.open_blob(&digest)?)?;
    }
    let entry = Descriptor {
        media_type: MANIFEST_TYPE.to_owned(),
        digest: package.digest,
        size: manifest.to_json().len() as u64,
        annotations: BTreeMap::new(),
    };
    layout.tag(entry, tag)
}
