//! What one name stood for: a plugin, or a source.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::names;
use crate::{digest::Digest, manifest::Place, world::World};

/// A plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PluginText", into = "PluginText")]
pub struct LockedPlugin {
    /// What its components are of.
    pub from: LockedFrom,
    /// The components that stages use, by world.
    pub components: BTreeMap<World, Digest>,
}

/// What a plugin's components are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockedFrom {
    /// A file, which is the component.
    File,
    /// A folder.
    Folder {
        /// The digest of its source.
        source: Digest,
    },
    /// A registry.
    Artifact {
        /// The reference, as the manifest says it.
        oci: String,
        /// The digest of the manifest, or index, that it stood for.
        manifest: Digest,
    },
}

/// A plugin as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PluginText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    oci: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manifest: Option<Digest>,
    components: BTreeMap<World, Digest>,
}

impl TryFrom<PluginText> for LockedPlugin {
    type Error = &'static str;

    fn try_from(text: PluginText) -> Result<LockedPlugin, &'static str> {
        let from = match (text.source, text.oci, text.manifest) {
            (None, None, None) => LockedFrom::File,
            (Some(source), None, None) => LockedFrom::Folder { source },
            (None, Some(oci), Some(manifest)) => LockedFrom::Artifact { oci, manifest },
            _ => return Err("a plugin has `source`, or `oci` and `manifest`, or none of them"),
        };
        Ok(LockedPlugin {
            from,
            components: text.components,
        })
    }
}

impl From<LockedPlugin> for PluginText {
    fn from(plugin: LockedPlugin) -> PluginText {
        let (source, oci, manifest) = match plugin.from {
            LockedFrom::File => (None, None, None),
            LockedFrom::Folder { source } => (Some(source), None, None),
            LockedFrom::Artifact { oci, manifest } => (None, Some(oci), Some(manifest)),
        };
        PluginText {
            source,
            oci,
            manifest,
            components: plugin.components,
        }
    }
}

impl fmt::Display for LockedFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LockedFrom::File => f.write_str("a file"),
            LockedFrom::Folder { source } => write!(f, "a folder ({})", source.short()),
            LockedFrom::Artifact { oci, manifest } => write!(f, "{oci} ({})", manifest.short()),
        }
    }
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SourceText", into = "SourceText")]
pub struct LockedSource {
    /// Where it is, as the manifest says it.
    pub place: Place,
    /// The digest of its content.
    pub digest: Digest,
    /// Its size.
    pub bytes: u64,
}

/// A source as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    digest: Digest,
    bytes: u64,
}

impl TryFrom<SourceText> for LockedSource {
    type Error = &'static str;

    fn try_from(text: SourceText) -> Result<LockedSource, &'static str> {
        let place = match (text.file, text.url) {
            (Some(file), None) => Place::File(file),
            (None, Some(url)) => Place::Url(url),
            _ => return Err("a source has either `file` or `url`"),
        };
        Ok(LockedSource {
            place,
            digest: text.digest,
            bytes: text.bytes,
        })
    }
}

impl From<LockedSource> for SourceText {
    fn from(source: LockedSource) -> SourceText {
        let (file, url) = match source.place {
            Place::File(file) => (Some(file), None),
            Place::Url(url) => (None, Some(url)),
        };
        SourceText {
            file,
            url,
            digest: source.digest,
            bytes: source.bytes,
        }
    }
}

impl LockedPlugin {
    /// Tells what is different in `now`; `name` is the plugin's.
    pub(super) fn differences(&self, name: &str, now: &LockedPlugin, tell: &mut dyn FnMut(String)) {
        let short = |digest: Option<&Digest>| digest.map_or("none".to_owned(), Digest::short);
        match (&self.from, &now.from) {
            (was, is) if was == is => {}
            (LockedFrom::Folder { source: was }, LockedFrom::Folder { source: is }) => {
                let (was, is) = (was.short(), is.short());
                tell(format!("plugin {name}: the source was {was} and is {is}"));
            }
            (was, is) => tell(format!("plugin {name}: was {was} and is {is}")),
        }
        for world in names(&self.components, &now.components) {
            let (was, is) = (self.components.get(world), now.components.get(world));
            if was != is {
                tell(format!(
                    "plugin {name}: the component for {world} was {} and is {}",
                    short(was),
                    short(is)
                ));
            }
        }
    }
}
