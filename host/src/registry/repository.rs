//! A repository, wherever it is: reading from it and publishing into it, with every byte held against its digest.

use std::io::Read;

use super::artifact::{Artifact, Part};
use super::client::Client;
use super::error::RegistryError;
use super::folder::Folder;
use super::publication::Publication;
use super::reference::{Place, Reference, Which};
use super::remote::Remote;
use crate::digest::Digest;
use crate::enforcement::{Point, stands};
use crate::engine::MAX_COMPONENT;
use crate::launcher::Cancel;
use crate::oci::{Descriptor, MAX_MANIFEST};
use crate::policy::Policy;
use crate::world::World;

/// How one command reaches repositories.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// Who may be asked.
    pub policy: &'a Policy,
    /// Ends a request.
    pub cancel: &'a Cancel,
}

/// What keeps manifests and blobs. Nobody has to believe what it gives.
pub(super) trait Keeper {
    /// A manifest, of which at most one byte more than [`MAX_MANIFEST`] is read; none if it is not there.
    fn manifest(&self, which: &Which) -> Result<Option<Kept>, RegistryError>;
    /// A blob, of which at most `limit` bytes are read; none if it is not there.
    fn blob(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, RegistryError>;
    /// Keeps a blob.
    fn put_blob(&self, digest: &Digest, bytes: &[u8]) -> Result<(), RegistryError>;
    /// Keeps a manifest, under a tag or its digest alone.
    fn put_manifest(
        &self,
        tag: Option<&str>,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<(), RegistryError>;
}

/// A manifest that is kept.
pub(super) struct Kept {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What its keeper says that its digest is.
    pub claimed: Option<Digest>,
}

/// A repository.
pub struct Repository<'a> {
    place: &'a Place,
    keeper: Box<dyn Keeper + 'a>,
}

/// What came of publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// It is there now.
    New,
    /// It was there before, the same to the last byte.
    Same,
}

impl<'a> Repository<'a> {
    /// The repository at a place. Nobody is asked yet.
    ///
    /// # Errors
    /// When the certificates of the policy cannot be read.
    pub fn open(access: Access<'a>, place: &'a Place) -> Result<Repository<'a>, RegistryError> {
        let keeper: Box<dyn Keeper + 'a> = match place {
            Place::Folder(folder) => Box::new(Folder::new(folder)),
            Place::Registry { origin, host, name } => {
                Box::new(Remote::new(Client::new(access, origin, host, name)?))
            }
        };
        Ok(Repository { place, keeper })
    }

    /// The artifact that a reference stands for now.
    ///
    /// # Errors
    /// When it cannot be had, is not what its digest says, or is no plugin.
    pub fn artifact(&self, which: &Which) -> Result<Artifact, RegistryError> {
        let bytes = self.manifest(which)?;
        let why = |why| RegistryError::NoPlugin {
            reference: self.shown(which),
            why,
        };
        Artifact::read(&bytes).map_err(why)
    }

    /// Where the component for a world is: the layer of the artifact, or of the manifest in it that is for this world. None if it has
    /// others only.
    ///
    /// # Errors
    /// When the manifest cannot be had, or is none of a component.
    pub fn layer(
        &self,
        artifact: &Artifact,
        world: World,
    ) -> Result<Option<Descriptor>, RegistryError> {
        match artifact.part(world) {
            None => Ok(None),
            Some(Part::Layer(layer)) => Ok(Some(layer.clone())),
            Some(Part::Manifest(manifest)) => {
                let which = Which::Digest(manifest.digest);
                let inner = self.artifact(&which)?;
                let Some(Part::Layer(layer)) = inner.part(world) else {
                    return Err(RegistryError::NoPlugin {
                        reference: self.shown(&which),
                        why: super::NoPlugin::Nested,
                    });
                };
                Ok(Some(layer.clone()))
            }
        }
    }

    /// The bytes of a component.
    ///
    /// # Errors
    /// When they cannot be had, or are not those of the digest.
    pub fn component(&self, layer: &Descriptor) -> Result<Vec<u8>, RegistryError> {
        let place = || self.place.to_string();
        if layer.size > MAX_COMPONENT {
            return Err(RegistryError::Large {
                place: place(),
                what: "a component",
                limit: MAX_COMPONENT,
            });
        }
        let found = self.keeper.blob(&layer.digest, layer.size + 1)?;
        let bytes = found.ok_or_else(|| self.not_there(&Which::Digest(layer.digest)))?;
        let len = bytes.len() as u64;
        if len != layer.size {
            return Err(RegistryError::OtherSize {
                place: place(),
                digest: layer.digest,
                size: layer.size,
                more: len > layer.size,
            });
        }
        self.held(bytes, &layer.digest)
    }

    /// Publishes under a tag, the tag last. A tag that stands for something else moves only if `moving`.
    ///
    /// # Errors
    /// When the tag is taken, or something cannot be written.
    pub fn publish(
        &self,
        publication: &Publication,
        tag: &str,
        moving: bool,
    ) -> Result<Published, RegistryError> {
        let which = Which::Tag(tag.to_owned());
        let found = self.keeper.manifest(&which)?;
        match found.map(|old| Digest::of(&old.bytes)) {
            Some(found) if found == publication.digest() => return Ok(Published::Same),
            Some(found) if !moving => {
                let reference = self.shown(&which);
                return Err(RegistryError::Taken { reference, found });
            }
            _ => {}
        }
        for (digest, bytes) in publication.blobs() {
            self.keeper.put_blob(digest, bytes)?;
        }
        for manifest in publication.inner() {
            let bytes = manifest.bytes.as_bytes();
            self.keeper.put_manifest(None, manifest.media_type, bytes)?;
        }
        let top = publication.top();
        let bytes = top.bytes.as_bytes();
        self.keeper.put_manifest(Some(tag), top.media_type, bytes)?;
        Ok(Published::New)
    }

    fn manifest(&self, which: &Which) -> Result<Vec<u8>, RegistryError> {
        let found = self.keeper.manifest(which)?;
        let Kept { bytes, claimed } = found.ok_or_else(|| self.not_there(which))?;
        if bytes.len() > MAX_MANIFEST {
            return Err(RegistryError::Large {
                place: self.place.to_string(),
                what: "a manifest",
                limit: MAX_MANIFEST as u64,
            });
        }
        let wanted = match which {
            Which::Tag(_) => claimed,
            Which::Digest(digest) => Some(*digest),
        };
        match wanted {
            Some(wanted) => self.held(bytes, &wanted),
            None => Ok(bytes),
        }
    }

    /// The bytes, if they are those of the digest.
    fn held(&self, bytes: Vec<u8>, wanted: &Digest) -> Result<Vec<u8>, RegistryError> {
        let found = Digest::of(&bytes);
        match found == *wanted || !stands(Point::RegistryDigest) {
            true => Ok(bytes),
            false => Err(RegistryError::OtherBytes {
                place: self.place.to_string(),
                wanted: *wanted,
                found,
            }),
        }
    }

    fn not_there(&self, which: &Which) -> RegistryError {
        RegistryError::NotThere {
            place: self.place.to_string(),
            what: match which {
                Which::Tag(tag) => format!("version {tag}"),
                Which::Digest(digest) => digest.to_string(),
            },
        }
    }

    fn shown(&self, which: &Which) -> String {
        let reference = Reference {
            place: self.place.clone(),
            which: which.clone(),
        };
        reference.to_string()
    }
}

/// Reads to the end or to `limit` bytes.
pub(super) fn read(from: impl Read, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
