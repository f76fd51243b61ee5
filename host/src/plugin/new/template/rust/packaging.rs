//! Packs what applies a model: its document, and the scorer and state of each step.

use lockflight_sdk::{BlobWriter, prelude::*};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// What to call the artifact.
    title: String,
}

struct Plugin;

impl Package for Plugin {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        job.input("model")?;
        job.input("document")?;
        Ok(vec![])
    }

    fn run(job: &Job<Config>) -> Result<Artifact, Failure> {
        // The inputs are sorted: `document`, then `step-1.scorer`, `step-1.state` and so on.
        let names = job.inputs().iter().map(|input| input.port.name.as_str());
        let parts = names.filter(|name| *name == "document" || name.starts_with("step-"));
        Ok(Artifact {
            artifact_type: "application/vnd.{{name}}.model.v1".to_owned(),
            config_type: "application/json".to_owned(),
            config: content(job, "model")?,
            layers: parts.map(|name| layer(job, name)).collect::<Result<_, _>>()?,
            annotations: vec![("org.opencontainers.image.title".to_owned(), job.config.title.clone())],
        })
    }
}

/// An input as a layer. The host finds the parts of the model by the annotation.
fn layer(job: &Job<Config>, name: &str) -> Result<Layer, Failure> {
    let part = name.rsplit('.').next().unwrap_or(name);
    Ok(Layer {
        media_type: "application/octet-stream".to_owned(),
        annotations: vec![("dev.lockflight.part".to_owned(), part.to_owned())],
        content: content(job, name)?,
    })
}

fn content(job: &Job<Config>, name: &str) -> Result<BlobWriter, Failure> {
    let mut copy = BlobWriter::new();
    std::io::copy(&mut job.blob(name)?.reader(), &mut copy)?;
    Ok(copy)
}

lockflight_sdk::export!(Plugin: packaging);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_packed_and_nothing_else() {
        let mut job = Job::in_memory(r#"{"title": "Birds"}"#).unwrap();
        for name in ["document", "lineage", "model", "step-1.scorer", "step-1.state"] {
            job = job.with_blob(name, name.as_bytes());
        }
        let layers = Plugin::run(&job).unwrap().layers;
        let parts: Vec<_> = layers.iter().map(|layer| layer.annotations[0].1.as_str()).collect();
        assert_eq!(parts, ["document", "scorer", "state"]);
    }
}
