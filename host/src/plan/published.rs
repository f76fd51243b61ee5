//! Components from registries. What the lock file names is taken from the store without asking anybody, else fetched by digest; a tag
//! is asked for what it stands for only where nothing is locked for it.

use std::{
    collections::{BTreeMap, HashMap},
    time::Instant,
};

use super::components::ComponentError;
use crate::{
    digest::Digest,
    fetch::{
        Fetching, Wanted,
        patience::{Again, patiently},
    },
    manifest::PluginArtifact,
    oci::Descriptor,
    registry::{Access, Artifact, Reference, RegistryError, Repository, Which},
    store::Store,
    world::World,
};

/// Asks registries for one command.
pub(super) struct Registries<'a> {
    store: &'a Store,
    access: Access<'a>,
    /// How often it is tried again.
    retry: u64,
    /// Is told what takes time.
    tell: &'a (dyn Fn(Fetching<'_>) + Sync),
    /// What was asked for.
    artifacts: HashMap<Reference, Artifact>,
}

/// What the lock file says of a plugin: the manifest, and its components.
type Locked<'l> = Option<(&'l Digest, &'l BTreeMap<World, Digest>)>;

impl<'a> Registries<'a> {
    pub fn new(
        store: &'a Store,
        access: Access<'a>,
        retry: u64,
        tell: &'a (dyn Fn(Fetching<'_>) + Sync),
    ) -> Registries<'a> {
        Registries {
            store,
            access,
            retry,
            tell,
            artifacts: HashMap::new(),
        }
    }

    /// The component of the plugin `name` for a world, as a blob of the store with its size, and the manifest that leads to it.
    ///
    /// # Errors
    /// When it cannot be had, or there is none for that world.
    pub fn component(
        &mut self,
        name: &str,
        plugin: &PluginArtifact,
        locked: Locked<'_>,
        world: World,
    ) -> Result<(Digest, (Digest, u64)), ComponentError> {
        if let Some((manifest, components)) = locked
            && let Some(component) = components.get(&world)
            && self.store.obtain_blob(component)?
        {
            return Ok((*manifest, (*component, self.store.blob_size(component)?)));
        }
        let mut wanted = plugin.reference.clone();
        if let Some((manifest, _)) = locked {
            wanted.which = Which::Digest(*manifest);
        }
        let began = Instant::now();
        let repository = Repository::open(self.access, &wanted.place)?;
        let artifact = self.artifact(name, &repository, &wanted)?;
        let layer = self.tried(name, || repository.layer(&artifact, world))?;
        let Some(layer) = layer else {
            let has = artifact.worlds();
            return Err(ComponentError::OtherWorld {
                wanted: world,
                has: has.iter().map(ToString::to_string).collect(),
            });
        };
        let component = (layer.digest, layer.size);
        if !self.store.has_blob(&layer.digest)? {
            self.fetch(name, &repository, &layer)?;
            (self.tell)(Fetching::Done {
                what: Wanted::Plugin(name),
                bytes: layer.size,
                place: wanted.to_string(),
                took: began.elapsed(),
            });
        }
        Ok((artifact.digest(), component))
    }

    fn artifact(
        &mut self,
        name: &str,
        repository: &Repository<'_>,
        wanted: &Reference,
    ) -> Result<Artifact, ComponentError> {
        if let Some(artifact) = self.artifacts.get(wanted) {
            return Ok(artifact.clone());
        }
        let artifact = self.tried(name, || repository.artifact(&wanted.which))?;
        self.artifacts.insert(wanted.clone(), artifact.clone());
        Ok(artifact)
    }

    /// Brings a component into the store.
    fn fetch(
        &self,
        name: &str,
        repository: &Repository<'_>,
        layer: &Descriptor,
    ) -> Result<(), ComponentError> {
        let bytes = self.tried(name, || repository.component(layer))?;
        self.store.put_blob(&bytes)?;
        Ok(())
    }

    /// Tries again what may pass.
    fn tried<T>(
        &self,
        name: &str,
        attempt: impl Fn() -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let tell = |again: Again<'_>| {
            (self.tell)(Fetching::Again {
                what: Wanted::Plugin(name),
                error: again.error,
                number: again.number,
                of: self.retry,
                wait: again.wait,
            });
        };
        patiently(self.retry, self.access.cancel, tell, attempt)
    }
}

impl From<RegistryError> for ComponentError {
    fn from(error: RegistryError) -> ComponentError {
        ComponentError::Registry(Box::new(error))
    }
}
