//! A published plugin as it is read: a component in the layout of the CNCF's Wasm working group, or an index of several.
//!
//! | part | type |
//! |---|---|
//! | manifest | `application/vnd.oci.image.manifest.v1+json` |
//! | its config | `application/vnd.wasm.config.v0+json` |
//! | its only layer, the component | `application/wasm` |
//!
//! A plugin for several worlds is an index of such manifests, each with its world in an annotation. That is a hint by which one is
//! fetched. What the component is, it says itself.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::digest::Digest;
use crate::oci::{Descriptor, Index, Manifest};
use crate::printable;
use crate::secret::hide;
use crate::world::World;

/// The media type of a config.
pub(super) const CONFIG_TYPE: &str = "application/vnd.wasm.config.v0+json";
/// The media type of a component.
pub(super) const LAYER_TYPE: &str = "application/wasm";
/// How much of a text of a registry is shown, in characters.
const SHOWN: usize = 300;
/// The annotation with the world of a manifest in an index.
pub(super) const WORLD: &str = "dev.lockflight.world";

/// A published plugin.
#[derive(Debug, Clone)]
pub struct Artifact {
    digest: Digest,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    /// The layer of the only component.
    Component(Descriptor),
    /// A manifest for each world.
    Worlds(BTreeMap<World, Descriptor>),
}

/// What an artifact has for a world.
pub(super) enum Part<'a> {
    /// A component; whether it is for this world, it says itself.
    Layer(&'a Descriptor),
    /// A manifest with one.
    Manifest(&'a Descriptor),
}

/// Why an artifact is no plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlugin {
    /// It is no document of OCI.
    #[error("its manifest is none of OCI: {0}")]
    Unreadable(String),
    /// It is a manifest and an index, so that readers would take it for different things.
    #[error("it is a manifest and an index at once")]
    Ambiguous,
    /// It is something else.
    #[error("its config is of type {found}, and that of a component is of type {CONFIG_TYPE}")]
    OtherConfig {
        /// The type.
        found: String,
    },
    /// It has no component, or more than one.
    #[error(
        "it has {layers} layers, {components} of them of type {LAYER_TYPE}; a component is its only layer"
    )]
    Layers {
        /// How many layers there are.
        layers: usize,
        /// How many of them are WebAssembly.
        components: usize,
    },
    /// None of its manifests says that it is for a world.
    #[error("none of the {manifests} manifests of its index has a world in the annotation {WORLD}")]
    NoWorlds {
        /// How many manifests there are.
        manifests: usize,
    },
    /// Two manifests are for one world.
    #[error("two manifests of its index are for the world {0}")]
    TwoOfOne(World),
    /// An index within an index.
    #[error("it is an index within an index")]
    Nested,
}

/// What tells a manifest from an index.
#[derive(Deserialize)]
struct Sketch {
    layers: Option<serde::de::IgnoredAny>,
    manifests: Option<serde::de::IgnoredAny>,
}

impl Artifact {
    /// Reads the manifest or index of one.
    ///
    /// # Errors
    /// When it is no plugin.
    pub fn read(bytes: &[u8]) -> Result<Artifact, NoPlugin> {
        let unreadable = |error: serde_json::Error| NoPlugin::Unreadable(shown(&error.to_string()));
        let sketch: Sketch = serde_json::from_slice(bytes).map_err(unreadable)?;
        let content = match (sketch.layers, sketch.manifests) {
            (Some(_), Some(_)) => return Err(NoPlugin::Ambiguous),
            (None, Some(_)) => {
                let index: Index = serde_json::from_slice(bytes).map_err(unreadable)?;
                Content::Worlds(worlds(&index)?)
            }
            (_, None) => {
                let manifest: Manifest = serde_json::from_slice(bytes).map_err(unreadable)?;
                Content::Component(layer(manifest)?)
            }
        };
        Ok(Artifact {
            digest: Digest::of(bytes),
            content,
        })
    }

    /// The digest of its manifest or index.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The worlds that it names; none for a single component, which says itself what it is for.
    pub fn worlds(&self) -> Vec<World> {
        match &self.content {
            Content::Component(_) => Vec::new(),
            Content::Worlds(worlds) => worlds.keys().copied().collect(),
        }
    }

    pub(super) fn part(&self, world: World) -> Option<Part<'_>> {
        match &self.content {
            Content::Component(layer) => Some(Part::Layer(layer)),
            Content::Worlds(worlds) => worlds.get(&world).map(Part::Manifest),
        }
    }
}

/// What a registry says, for messages.
fn shown(text: &str) -> String {
    let text = hide(text);
    printable::line(&text).chars().take(SHOWN).collect()
}

/// The only layer of a component's manifest.
fn layer(mut manifest: Manifest) -> Result<Descriptor, NoPlugin> {
    if manifest.config.media_type != CONFIG_TYPE {
        let found = shown(&manifest.config.media_type);
        return Err(NoPlugin::OtherConfig { found });
    }
    let is_component = |layer: &&Descriptor| layer.media_type == LAYER_TYPE;
    let components = manifest.layers.iter().filter(is_component).count();
    match (manifest.layers.len(), components) {
        (1, 1) => Ok(manifest.layers.remove(0)),
        (layers, components) => Err(NoPlugin::Layers { layers, components }),
    }
}

/// The manifests of an index by their worlds. What is for no world of this version is left out.
fn worlds(index: &Index) -> Result<BTreeMap<World, Descriptor>, NoPlugin> {
    let mut worlds = BTreeMap::new();
    for entry in &index.manifests {
        let named = entry.manifest.annotation(WORLD);
        let Some(world) = named.and_then(|world| world.parse::<World>().ok()) else {
            continue;
        };
        if worlds.insert(world, entry.manifest.clone()).is_some() {
            return Err(NoPlugin::TwoOfOne(world));
        }
    }
    match worlds.is_empty() {
        true => Err(NoPlugin::NoWorlds {
            manifests: index.manifests.len(),
        }),
        false => Ok(worlds),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;

    fn descriptor(media_type: &str) -> Value {
        json!({ "mediaType": media_type, "digest": Digest::of(media_type.as_bytes()), "size": 3 })
    }

    fn manifest(config: &str, layers: &[&str]) -> Value {
        let layers: Vec<Value> = layers.iter().map(|layer| descriptor(layer)).collect();
        json!({ "schemaVersion": 2, "config": descriptor(config), "layers": layers })
    }

    fn index(worlds: &[&str]) -> Value {
        let entry = |world: &&str| {
            let mut entry = descriptor("application/vnd.oci.image.manifest.v1+json");
            entry["annotations"] = json!({ WORLD: world });
            entry["platform"] = json!({ "architecture": "wasm", "os": "wasip2" });
            entry
        };
        let manifests: Vec<Value> = worlds.iter().map(entry).collect();
        json!({ "schemaVersion": 2, "manifests": manifests })
    }

    fn read(value: &Value) -> Result<Artifact, NoPlugin> {
        Artifact::read(value.to_string().as_bytes())
    }

    #[test]
    fn a_component_by_any_tool_is_one() {
        let artifact = read(&manifest(CONFIG_TYPE, &[LAYER_TYPE])).unwrap();
        for world in World::ALL {
            let Some(Part::Layer(layer)) = artifact.part(world) else {
                panic!("no layer")
            };
            assert_eq!(layer.digest, Digest::of(LAYER_TYPE.as_bytes()));
        }
        assert!(artifact.worlds().is_empty());
    }

    #[test]
    fn an_index_has_a_manifest_for_each_world() {
        let artifact = read(&index(&["train", "score", "of-a-newer-version"])).unwrap();
        assert_eq!(artifact.worlds(), [World::Train, World::Score]);
        assert!(artifact.part(World::Ingest).is_none());
        assert!(matches!(
            artifact.part(World::Score),
            Some(Part::Manifest(_))
        ));
    }

    #[test]
    fn what_is_no_plugin_is_refused_in_words() {
        let wrong = |value: &Value, part: &str| {
            let error = read(value).unwrap_err().to_string();
            assert!(error.contains(part), "{error} lacks {part}");
        };
        let image = "application/vnd.oci.image.config.v1+json";
        wrong(&manifest(image, &["a/b"]), image);
        wrong(&manifest(CONFIG_TYPE, &[]), "0 layers");
        wrong(
            &manifest(CONFIG_TYPE, &[LAYER_TYPE, "a/b"]),
            "2 layers, 1 of them",
        );
        wrong(&manifest(CONFIG_TYPE, &["a/b"]), "1 layers, 0 of them");
        wrong(&index(&[]), "none of the 0 manifests");
        wrong(&index(&["x"]), "none of the 1 manifests");
        wrong(&index(&["score", "score"]), "two manifests of its index");
        let mut both = manifest(CONFIG_TYPE, &[LAYER_TYPE]);
        both["manifests"] = json!([]);
        wrong(&both, "at once");
        let long = "x".repeat(100_000);
        let error = read(&manifest(&long, &["a/b"])).unwrap_err().to_string();
        assert!(error.len() < 500, "{}", error.len());
        wrong(&json!({}), "none of OCI");
        wrong(&json!([]), "none of OCI");
    }
}
