//! What a package holds: its manifest read back, and the model in it found by the layers' annotations.

use crate::{
    digest::Digest,
    model::ModelDoc,
    oci::{Descriptor, Manifest},
    store::{Store, StoreError},
};

/// The annotation that says what a layer is: `scorer`, `state`, `document`, and others that only people and other tools read.
pub const PART: &str = "dev.lockflight.part";
/// The most bytes of a model's document.
const MAX_DOCUMENT: u64 = 16 << 20;

/// Why a package's model cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ContentsError {
    /// It has no such layer, or more than one.
    #[error("the package has {found} layers with the annotation {PART}={part}; it needs one")]
    Layer {
        /// The value of the annotation.
        part: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A step's part is none of its layers.
    #[error(
        "the package's model needs {digest} as the {part} of its step {step}, which is none of its layers"
    )]
    Missing {
        /// What is missing.
        digest: Digest,
        /// `scorer` or `state`.
        part: &'static str,
        /// The step, from 1.
        step: usize,
    },
    /// The model's document is too large to be one.
    #[error("the package's model document has {0} bytes")]
    TooLarge(u64),
    /// It is another model than the one that was to be packed.
    #[error("the package holds the model {found}, and {wanted} was to be packed")]
    OtherModel {
        /// The model in the package.
        found: Digest,
        /// The model that the plugin was handed.
        wanted: Digest,
    },
    /// The store failed, or a document in it is none.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A package of the store.
#[derive(Debug)]
pub struct Contents {
    /// The digest of its manifest.
    pub digest: Digest,
    /// The manifest.
    pub manifest: Manifest,
    /// The model in it.
    pub model: ModelDoc,
    /// The digest of the model's document.
    pub model_digest: Digest,
}

impl Contents {
    /// Reads a package and finds its model: a document among its layers, whose scorers and states are layers too.
    ///
    /// # Errors
    /// When it has no whole model, or the store does not have it.
    pub fn read(store: &Store, digest: &Digest) -> Result<Contents, ContentsError> {
        let manifest: Manifest = store.document(digest, "the manifest of a package")?;
        let document = document(&manifest)?;
        if document.size > MAX_DOCUMENT {
            return Err(ContentsError::TooLarge(document.size));
        }
        let model_digest = document.digest;
        let model: ModelDoc = store.document(&model_digest, "the model of a package")?;
        for (number, step) in model.steps.iter().enumerate() {
            for (part, digest) in [("scorer", step.scorer), ("state", step.state)] {
                let layer = |layer: &Descriptor| {
                    layer.digest == digest && layer.annotation(PART) == Some(part)
                };
                if !manifest.layers.iter().any(layer) {
                    let step = number + 1;
                    return Err(ContentsError::Missing { digest, part, step });
                }
            }
        }
        Ok(Contents {
            digest: *digest,
            manifest,
            model,
            model_digest,
        })
    }

    /// Whether the model is that one.
    ///
    /// # Errors
    /// When it is another.
    pub fn hold(&self, wanted: Digest) -> Result<(), ContentsError> {
        match self.model_digest == wanted {
            true => Ok(()),
            false => Err(ContentsError::OtherModel {
                found: self.model_digest,
                wanted,
            }),
        }
    }
}

fn document(manifest: &Manifest) -> Result<&Descriptor, ContentsError> {
    const DOCUMENT: &str = "document";
    let mut found = manifest
        .layers
        .iter()
        .filter(|layer| layer.annotation(PART) == Some(DOCUMENT));
    match (found.next(), found.count()) {
        (Some(layer), 0) => Ok(layer),
        (first, others) => Err(ContentsError::Layer {
            part: DOCUMENT,
            found: usize::from(first.is_some()) + others,
        }),
    }
}
