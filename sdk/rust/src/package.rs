//! World `packaging`: a model becomes an artifact.
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::bindings::exports_of::packager;
use crate::{BlobWriter, Failure, Job, Port, Problems};

/// A plugin of world `packaging`: a model becomes the layers of an artifact. The host assembles and registers it.
pub trait Package: 'static {
    /// The stage's config. `deny_unknown_fields` makes misspelt keys a problem.
    type Config: DeserializeOwned + JsonSchema;

    /// Further outputs that this config would make of these inputs; an artifact is no output, so mostly none.
    ///
    /// # Errors
    /// All that is wrong.
    fn check(job: &Job<Self::Config>) -> Result<Vec<Port>, Problems>;

    /// Makes the artifact. Equal jobs have to give equal bytes.
    ///
    /// # Errors
    /// Why it could not be done.
    fn run(job: &Job<Self::Config>) -> Result<Artifact, Failure>;
}

/// One layer of an artifact.
#[derive(Debug)]
pub struct Layer {
    /// Its media type, e.g. `application/vnd.cncf.model.weight.v1.raw`.
    pub media_type: String,
    /// Its annotations; a key may occur once.
    pub annotations: Vec<(String, String)>,
    /// Its bytes.
    pub content: BlobWriter,
}

/// An artifact as OCI has it: a config and layers. Its manifest is the host's to write.
#[derive(Debug)]
pub struct Artifact {
    /// The artifact's type, a media type.
    pub artifact_type: String,
    /// The config's media type.
    pub config_type: String,
    /// The config's bytes.
    pub config: BlobWriter,
    /// The layers, in order.
    pub layers: Vec<Layer>,
    /// Annotations of the manifest; a key may occur once.
    pub annotations: Vec<(String, String)>,
}

impl Layer {
    fn lend(self) -> Result<packager::Layer, Failure> {
        Ok(packager::Layer {
            media_type: self.media_type,
            annotations: self.annotations,
            content: self.content.into_host()?,
        })
    }
}

impl Artifact {
    pub(crate) fn lend(self) -> Result<packager::Artifact, Failure> {
        let layers = self.layers.into_iter().map(Layer::lend);
        Ok(packager::Artifact {
            artifact_type: self.artifact_type,
            config_type: self.config_type,
            config: self.config.into_host()?,
            layers: layers.collect::<Result<_, _>>()?,
            annotations: self.annotations,
        })
    }
}
