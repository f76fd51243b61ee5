//! The manifest of an OCI image (image-spec 1.1) as an artifact: descriptors of a config and of layers, which are blobs of the store,
//! since both name content by its sha256.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{canonical_json, digest::Digest};

/// The media type of a manifest.
pub const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// The most layers of an artifact.
const MAX_LAYERS: usize = 1000;
/// The most bytes of a manifest or an index: registries accept 4 MiB.
pub const MAX_MANIFEST: usize = 4 << 20;

/// What a plugin returned that is no artifact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plugin returned an artifact {0}")]
pub struct InvalidArtifact(String);

/// Content by type, digest and size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Its media type.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// What else is said of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// Of content in the store.
    ///
    /// # Errors
    /// When the type is no media type, or an annotation is there twice.
    pub fn new(
        media_type: String,
        (digest, size): (Digest, u64),
        annotations: Vec<(String, String)>,
    ) -> Result<Descriptor, InvalidArtifact> {
        Ok(Descriptor {
            media_type: checked_type(media_type)?,
            digest,
            size,
            annotations: unique(annotations)?,
        })
    }

    /// An annotation by its key.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key).map(String::as_str)
    }
}

/// An image manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    schema_version: u32,
    /// Other tools may leave it out.
    #[serde(default = "manifest_type")]
    media_type: String,
    /// What kind of artifact it is, a media type; else that of the config says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Its config.
    pub config: Descriptor,
    /// Its layers, in order.
    pub layers: Vec<Descriptor>,
    /// What else is said of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Manifest {
    /// Puts an artifact together.
    ///
    /// # Errors
    /// When the type is no media type, an annotation is there twice, or there are no layers or too many.
    pub fn new(
        artifact_type: Option<String>,
        config: Descriptor,
        layers: Vec<Descriptor>,
        annotations: Vec<(String, String)>,
    ) -> Result<Manifest, InvalidArtifact> {
        if layers.is_empty() || layers.len() > MAX_LAYERS {
            let count = layers.len();
            return Err(InvalidArtifact(format!(
                "with {count} layers; it needs 1 to {MAX_LAYERS}"
            )));
        }
        let manifest = Manifest {
            schema_version: 2,
            media_type: manifest_type(),
            artifact_type: artifact_type.map(checked_type).transpose()?,
            config,
            layers,
            annotations: unique(annotations)?,
        };
        match manifest.to_json().len() {
            too_long @ MAX_MANIFEST.. => Err(InvalidArtifact(format!(
                "whose manifest has {too_long} bytes; registries take up to {MAX_MANIFEST}"
            ))),
            _ => Ok(manifest),
        }
    }

    /// What kind of artifact it is: its own word, or else the type of its config.
    pub fn kind(&self) -> &str {
        let kind = self.artifact_type.as_deref();
        kind.unwrap_or(&self.config.media_type)
    }

    /// Its bytes: keys sorted and no space, so that equal artifacts are equal bytes.
    pub fn to_json(&self) -> String {
        canonical_json::to_string(self).expect("texts and whole numbers are JSON")
    }

    /// The size of config and layers, in bytes; the largest number there is where what a manifest claims is more.
    pub fn bytes(&self) -> u64 {
        let layers = self.layers.iter().map(|layer| layer.size);
        layers.fold(self.config.size, u64::saturating_add)
    }
}

fn manifest_type() -> String {
    MANIFEST_TYPE.to_owned()
}

/// RFC 6838: a type, a slash, and a subtype of letters, digits and a few signs.
fn checked_type(media_type: String) -> Result<String, InvalidArtifact> {
    let name = |part: &str| {
        (1..=127).contains(&part.len())
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    match media_type.split_once('/') {
        Some((kind, rest)) if name(kind) && name(rest) => Ok(media_type),
        _ => Err(InvalidArtifact(format!(
            "with {media_type:?}, which is no media type"
        ))),
    }
}

fn unique(pairs: Vec<(String, String)>) -> Result<BTreeMap<String, String>, InvalidArtifact> {
    let mut found = BTreeMap::new();
    for (key, value) in pairs {
        if found.contains_key(&key) {
            return Err(InvalidArtifact(format!("with two annotations {key:?}")));
        }
        found.insert(key, value);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn layer(media_type: &str) -> Result<Descriptor, InvalidArtifact> {
        let content = (Digest::of(b"abc"), 3);
        let annotations = vec![("a".to_owned(), "b".to_owned())];
        Descriptor::new(media_type.to_owned(), content, annotations)
    }

    #[test]
    fn the_manifest_is_a_fixed_format() {
        let config = Descriptor::new("application/json".into(), (Digest::of(b"{}"), 2), vec![]);
        let layers = vec![layer("text/plain").unwrap()];
        let manifest =
            Manifest::new(Some("a/b+json".into()), config.unwrap(), layers, vec![]).unwrap();
        let expected = concat!(
            r#"{"artifactType":"a/b+json","config":{"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","mediaType":"application/json","size":2},"#,
            r#""layers":[{"annotations":{"a":"b"},"digest":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","mediaType":"text/plain","size":3}],"#,
            r#""mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2}"#
        );
        assert_eq!(manifest.to_json(), expected);
        assert_eq!(
            serde_json::from_str::<Manifest>(expected).unwrap(),
            manifest
        );
        assert_eq!(manifest.bytes(), 5);
    }

    #[test]
    fn sizes_that_no_file_has_are_no_overflow() {
        let config = Descriptor::new("a/b".into(), (Digest::of(b""), u64::MAX), vec![]).unwrap();
        let layers = vec![layer("a/b").unwrap()];
        let manifest = Manifest::new(None, config, layers, vec![]).unwrap();
        assert_eq!(manifest.bytes(), u64::MAX);
    }

    #[test]
    fn what_is_no_artifact_is_refused_in_words() {
        for wrong in ["", "text", "/plain", "text/", "text/pl ain", "te xt/plain"] {
            assert!(layer(wrong).is_err(), "{wrong:?}");
        }
        let twice = vec![("a".into(), "b".into()), ("a".into(), "c".into())];
        let refused = Descriptor::new("a/b".into(), (Digest::of(b""), 0), twice).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the plugin returned an artifact with two annotations \"a\""
        );
        let config = layer("a/b").unwrap();
        assert!(Manifest::new(None, config, vec![], vec![]).is_err());
    }
}
