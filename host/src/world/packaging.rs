//! World `packaging`: a model becomes the layers of an artifact.

use super::stage::stage_world;
use crate::{
    child::Guest,
    wire::{Answer, Artifact, Layer},
};

stage_world!(
    "lockflight:stage/packaging",
    Packaging,
    lockflight_stage_packager,
    |guest: &mut Guest,
     artifact: bindings::exports::lockflight::stage::packager::Artifact|
     -> wasmtime::Result<Answer> {
        let layers = artifact.layers.into_iter().map(|layer| {
            Ok(Layer {
                media_type: layer.media_type,
                annotations: layer.annotations,
                content: guest.resources.delete(layer.content)?.number,
            })
        });
        let layers = layers.collect::<wasmtime::Result<_>>()?;
        Ok(Answer {
            artifact: Some(Artifact {
                artifact_type: artifact.artifact_type,
                config_type: artifact.config_type,
                config: guest.resources.delete(artifact.config)?.number,
                layers,
                annotations: artifact.annotations,
            }),
            ..Answer::default()
        })
    }
);
