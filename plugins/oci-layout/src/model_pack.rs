//! The config of CNCF ModelPack, <https://github.com/modelpack/model-spec>: its schema is closed, so what it has no key for stands in
//! the layers.
use serde_json::{Map, Value, json};

use crate::Config;
use crate::input::Model;

/// The artifact's type.
pub const ARTIFACT: &str = "application/vnd.cncf.model.manifest.v1+json";
/// The config's type.
pub const CONFIG: &str = "application/vnd.cncf.model.config.v1+json";

/// The kinds of layer that are used here.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// What applies the model: scorers and their states.
    Weight,
    /// What says how.
    WeightConfig,
    /// What people read.
    Doc,
    /// Rows.
    Dataset,
}

impl Kind {
    /// The media type of a layer that is a plain file.
    pub fn media_type(self) -> &'static str {
        match self {
            Kind::Weight => "application/vnd.cncf.model.weight.v1.raw",
            Kind::WeightConfig => "application/vnd.cncf.model.weight.config.v1.raw",
            Kind::Doc => "application/vnd.cncf.model.doc.v1.raw",
            Kind::Dataset => "application/vnd.cncf.model.dataset.v1.raw",
        }
    }
}

/// The config's text. `digests` are those of the layers, in order; raw layers are their own uncompressed form.
pub fn config(config: &Config, model: &Model, digests: Vec<String>) -> String {
    let mut descriptor = Map::from_iter([
        ("name".to_owned(), Value::from(config.name(model))),
        // Equal models have equal packages, so the version is the model's digest, and none that a registry counts.
        ("revision".to_owned(), Value::from(model.model.as_str())),
    ]);
    let texts = [
        ("description", &config.description),
        ("vendor", &config.vendor),
        ("sourceURL", &config.source_url),
        ("docURL", &config.doc_url),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            descriptor.insert(key.to_owned(), text.as_str().into());
        }
    }
    for (key, list) in [("authors", &config.authors), ("licenses", &config.licenses)] {
        if !list.is_empty() {
            descriptor.insert(key.to_owned(), list.clone().into());
        }
    }
    let steps: Vec<_> = model
        .steps
        .iter()
        .map(|step| step.plugin.as_str())
        .collect();
    let document = json!({
        "descriptor": descriptor,
        "config": {
            "architecture": steps.join("+"),
            "format": "wasm",
            "capabilities": { "inputTypes": ["other"], "outputTypes": ["other"] },
        },
        "modelfs": { "type": "layers", "diffIds": digests },
    });
    document.to_string()
}
