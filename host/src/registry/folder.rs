//! A plain folder as a repository: an image layout, whose tags are the versions.

use std::path::Path;

use super::error::RegistryError;
use super::reference::Which;
use super::repository::{Keeper, Kept, read};
use crate::digest::Digest;
use crate::oci::{Descriptor, Layout, LayoutError, MAX_MANIFEST};

/// A repository on disk.
pub(super) struct Folder<'a> {
    path: &'a Path,
}

impl<'a> Folder<'a> {
    /// The one at a path.
    pub fn new(path: &'a Path) -> Folder<'a> {
        Folder { path }
    }
}

impl Keeper for Folder<'_> {
    fn manifest(&self, which: &Which) -> Result<Option<Kept>, RegistryError> {
        let digest = match which {
            Which::Digest(digest) => *digest,
            Which::Tag(tag) => match Layout::open(self.path)?
                .as_ref()
                .and_then(|layout| layout.tagged(tag))
            {
                Some(manifest) => manifest.digest,
                None => return Ok(None),
            },
        };
        let found = self.blob(&digest, MAX_MANIFEST as u64 + 1)?;
        Ok(found.map(|bytes| Kept {
            bytes,
            claimed: Some(digest),
        }))
    }

    fn blob(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, RegistryError> {
        let Some(layout) = Layout::open(self.path)? else {
            return Ok(None);
        };
        let Some(file) = layout.blob(digest)? else {
            return Ok(None);
        };
        let unreadable = |source| LayoutError::Unreadable {
            path: self.path.to_owned(),
            source,
        };
        Ok(Some(read(file, limit).map_err(unreadable)?))
    }

    fn put_blob(&self, digest: &Digest, bytes: &[u8]) -> Result<(), RegistryError> {
        Ok(Layout::begin(self.path)?.put(digest, &mut &*bytes)?)
    }

    fn put_manifest(
        &self,
        tag: Option<&str>,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<(), RegistryError> {
        let digest = Digest::of(bytes);
        self.put_blob(&digest, bytes)?;
        if let Some(tag) = tag {
            let manifest = Descriptor {
                media_type: media_type.to_owned(),
                digest,
                size: bytes.len() as u64,
                annotations: Default::default(),
            };
            Layout::begin(self.path)?.tag(manifest, tag)?;
        }
        Ok(())
    }
}
