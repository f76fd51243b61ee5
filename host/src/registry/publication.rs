//! A plugin as it is published: its components, each with a config and a manifest, and an index where there are several.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::artifact::{CONFIG_TYPE, LAYER_TYPE, WORLD};
use crate::canonical_json;
use crate::digest::Digest;
use crate::oci::{Descriptor, Entry, INDEX_TYPE, Index, InvalidArtifact, MANIFEST_TYPE, Manifest};
use crate::plugin::facts::{Facts, FactsError};
use crate::plugin::fit::{NotAComponent, Shape};
use crate::plugin::wit;
use crate::world::World;

/// The time of every config. The real one would make two artifacts of one component.
const CREATED: &str = "1970-01-01T00:00:00Z";
/// The platform of components, as tools write it.
const PLATFORM: (&str, &str) = ("wasm", "wasip2");

/// Why something cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum Unpublishable {
    /// It is no component.
    #[error("{0}")]
    NotAComponent(#[from] NotAComponent),
    /// Its facts cannot be read.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// It is a component and no plugin.
    #[error("it fits no world of the contract; `lockflight plugin inspect` shows what it has")]
    NoWorld,
    /// Two components are for one world.
    #[error("it has two components for the world {0}; a plugin has one for each of its worlds")]
    TwoOfOne(World),
    /// What is said of it makes no manifest.
    #[error(transparent)]
    Invalid(#[from] InvalidArtifact),
}

/// A manifest or an index as bytes.
#[derive(Debug)]
pub(super) struct Document {
    pub media_type: &'static str,
    pub bytes: String,
}

/// A plugin that is ready to be published.
#[derive(Debug)]
pub struct Publication {
    /// Configs and components.
    blobs: BTreeMap<Digest, Vec<u8>>,
    /// The manifests of the index.
    inner: Vec<Document>,
    /// What gets the tag.
    top: Document,
    /// The version that the components state, if they do.
    version: Option<String>,
    worlds: Vec<World>,
}

/// A component with its manifest.
struct Packed {
    world: World,
    manifest: Manifest,
    config: String,
    component: Vec<u8>,
    version: Option<String>,
}

impl Publication {
    /// The plugin that consists of these components.
    ///
    /// # Errors
    /// When one of them is no plugin, or two are for one world.
    pub fn of(components: Vec<Vec<u8>>) -> Result<Publication, Unpublishable> {
        let mut packed = BTreeMap::new();
        for component in components {
            let next = pack(component)?;
            let world = next.world;
            if packed.insert(world, next).is_some() {
                return Err(Unpublishable::TwoOfOne(world));
            }
        }
        let worlds: Vec<World> = packed.keys().copied().collect();
        let mut blobs = BTreeMap::new();
        let mut entries = Vec::new();
        let mut inner = Vec::new();
        let mut version = None;
        for (world, packed) in packed {
            let bytes = packed.manifest.to_json();
            entries.push(entry(world, &bytes, packed.manifest.annotations.clone()));
            inner.push(Document {
                media_type: MANIFEST_TYPE,
                bytes,
            });
            blobs.insert(packed.manifest.config.digest, packed.config.into_bytes());
            blobs.insert(packed.manifest.layers[0].digest, packed.component);
            version = version.or(packed.version);
        }
        let top = match (inner.len(), inner.pop()) {
            (0, _) | (_, None) => return Err(Unpublishable::NoWorld),
            (1, Some(only)) => only,
            (_, Some(last)) => {
                inner.push(last);
                let bytes = Index::new(entries).to_json();
                Document {
                    media_type: INDEX_TYPE,
                    bytes: bytes.expect("texts and whole numbers are JSON"),
                }
            }
        };
        Ok(Publication {
            blobs,
            inner,
            top,
            version,
            worlds,
        })
    }

    /// The digest of what gets the tag.
    pub fn digest(&self) -> Digest {
        Digest::of(self.top.bytes.as_bytes())
    }

    /// The version that the components state of themselves, if they do.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The worlds that there is a component for.
    pub fn worlds(&self) -> &[World] {
        &self.worlds
    }

    /// The size of all components and configs, in bytes.
    pub fn bytes(&self) -> u64 {
        self.blobs.values().map(|blob| blob.len() as u64).sum()
    }

    pub(super) fn blobs(&self) -> impl Iterator<Item = (&Digest, &[u8])> {
        let blobs = self.blobs.iter();
        blobs.map(|(digest, bytes)| (digest, bytes.as_slice()))
    }

    pub(super) fn inner(&self) -> &[Document] {
        &self.inner
    }

    pub(super) fn top(&self) -> &Document {
        &self.top
    }
}

/// The config of a component. Source: the Wasm OCI artifact layout of the CNCF's working group.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    created: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    architecture: &'static str,
    os: &'static str,
    layer_digests: [Digest; 1],
    component: ComponentConfig,
}

#[derive(Serialize)]
struct ComponentConfig {
    exports: Vec<String>,
    imports: Vec<String>,
    target: String,
}

fn pack(component: Vec<u8>) -> Result<Packed, Unpublishable> {
    let shape = Shape::read(&component)?;
    let facts = Facts::read(&component)?;
    let fits = shape.worlds();
    let stated = facts.as_ref().map(|facts| facts.world);
    let world = stated.filter(|world| fits.contains(world));
    let world = world
        .or(fits.first().copied())
        .ok_or(Unpublishable::NoWorld)?;
    let content = (Digest::of(&component), component.len() as u64);
    let config = Config {
        created: CREATED,
        author: facts.as_ref().and_then(|facts| facts.owner.clone()),
        architecture: PLATFORM.0,
        os: PLATFORM.1,
        layer_digests: [content.0],
        component: ComponentConfig {
            exports: shape.exports(),
            imports: shape.imports(),
            target: wit::qualified_name(world),
        },
    };
    let config = canonical_json::to_string(&config).expect("texts are JSON");
    let described = (Digest::of(config.as_bytes()), config.len() as u64);
    let manifest = Manifest::new(
        None,
        Descriptor::new(CONFIG_TYPE.to_owned(), described, Vec::new())?,
        vec![Descriptor::new(LAYER_TYPE.to_owned(), content, Vec::new())?],
        facts.as_ref().map(annotations).unwrap_or_default(),
    )?;
    Ok(Packed {
        world,
        manifest,
        config,
        component,
        version: facts.map(|facts| facts.version),
    })
}

/// What tools show of an artifact without looking into it (image-spec, annotations): what the component says of itself.
fn annotations(facts: &Facts) -> Vec<(String, String)> {
    let known = [
        ("title", Some(&facts.name)),
        ("version", Some(&facts.version)),
        ("description", facts.description.as_ref()),
        ("licenses", facts.license.as_ref()),
        ("vendor", facts.owner.as_ref()),
    ];
    let known = known.into_iter();
    let named = known.filter_map(|(key, value)| {
        let key = format!("org.opencontainers.image.{key}");
        Some((key, value?.clone()))
    });
    named.collect()
}

fn entry(world: World, manifest: &str, mut annotations: BTreeMap<String, String>) -> Entry {
    annotations.insert(WORLD.to_owned(), world.name().to_owned());
    let manifest = Descriptor {
        media_type: MANIFEST_TYPE.to_owned(),
        digest: Digest::of(manifest.as_bytes()),
        size: manifest.len() as u64,
        annotations,
    };
    let platform = json!({ "architecture": PLATFORM.0, "os": PLATFORM.1 });
    Entry {
        manifest,
        rest: BTreeMap::from([("platform".to_owned(), platform)]),
    }
}
