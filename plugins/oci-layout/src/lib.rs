//! Package plugin `oci-layout`: packs a model as layers of an OCI artifact in the format of CNCF ModelPack.

mod card;
mod config;
mod input;
mod layers;
mod model_pack;
mod sample;

use lockflight_sdk::PortKind;
use lockflight_sdk::prelude::*;

pub use config::Config;

/// The plugin.
#[derive(Debug)]
pub struct OciLayout;

impl Package for OciLayout {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        let mut problems = job.config.problems();
        for name in ["model", "document", "lineage", "sample"] {
            if let Err(problem) = job.input(name) {
                problems.push(problem);
            }
        }
        for input in job.inputs() {
            let name = &input.port.name;
            if input.port.kind == PortKind::Table && name != "sample" {
                let message = format!("there is no use for a table {name:?}");
                problems.push(Problem::input(name, message));
            }
        }
        problems.or(Vec::new())
    }

    fn run(job: &Job<Config>) -> Result<Artifact, Failure> {
        let model = input::model(job)?;
        let reports = input::reports(job)?;
        let packed = layers::Layers::of(job, &model, &reports)?;
        let config = model_pack::config(&job.config, &model, packed.digests());
        Ok(Artifact {
            artifact_type: model_pack::ARTIFACT.to_owned(),
            config_type: model_pack::CONFIG.to_owned(),
            config: lockflight_sdk::BlobWriter::of(config.as_bytes())?,
            layers: packed.into_layers(),
            annotations: annotations(&job.config, &model),
        })
    }
}

/// What tools show of an image without looking into it (image-spec, annotations). The time is left out: equal models are equal bytes.
fn annotations(config: &Config, model: &input::Model) -> Vec<(String, String)> {
    let mut pairs = vec![
        ("dev.lockflight.model", model.model.clone()),
        (
            "org.opencontainers.image.title",
            config.name(model).to_owned(),
        ),
    ];
    let described = config.description.as_ref();
    pairs.extend(described.map(|text| ("org.opencontainers.image.description", text.clone())));
    let vendor = config.vendor.as_ref();
    pairs.extend(vendor.map(|text| ("org.opencontainers.image.vendor", text.clone())));
    let source = config.source_url.as_ref();
    pairs.extend(source.map(|text| ("org.opencontainers.image.source", text.clone())));
    if !config.licenses.is_empty() {
        let all = config.licenses.join(" AND ");
        pairs.push(("org.opencontainers.image.licenses", all));
    }
    let pairs = pairs.into_iter();
    pairs.map(|(key, value)| (key.to_owned(), value)).collect()
}

lockflight_sdk::export!(OciLayout: packaging);
