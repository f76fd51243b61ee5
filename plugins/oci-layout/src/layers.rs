//! The layers, in the order in which they are needed: what applies the model, what it takes and gives, what people read, rows to try.
use std::io::{Read, Write};

use lockflight_sdk::prelude::*;
use lockflight_sdk::{Blob, BlobWriter};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::input::{self, Model, Report};
use crate::model_pack::Kind;
use crate::{Config, card, sample};

/// What a layer is to lockflight: the host finds the model's parts by it.
const PART: &str = "dev.lockflight.part";
/// The step that a layer belongs to, from 1.
const STEP: &str = "dev.lockflight.step";
/// The file that a layer is.
const FILE: &str = "org.cncf.model.filepath";
/// That file's media type, for who unpacks it.
const FILE_TYPE: &str = "org.cncf.model.file.mediatype.untested";

/// Layers with the digests of their bytes.
#[derive(Debug, Default)]
pub struct Layers {
    layers: Vec<Layer>,
    digests: Vec<String>,
}

/// A layer before it is written.
struct File<'a> {
    part: &'a str,
    step: Option<usize>,
    path: &'a str,
    kind: Kind,
}

impl Layers {
    /// All layers of a model.
    pub fn of(job: &Job<Config>, model: &Model, reports: &[Report]) -> Result<Layers, Failure> {
        let mut layers = Layers::default();
        for number in 1..=model.steps.len() {
            for (part, ending) in [("scorer", "wasm"), ("state", "state")] {
                let file = File {
                    part,
                    step: Some(number),
                    path: &format!("steps/{number}/{part}.{ending}"),
                    kind: Kind::Weight,
                };
                layers.copy(file, &job.blob(&format!("step-{number}.{part}"))?)?;
            }
        }
        let document = layer("document", "model.json", Kind::WeightConfig);
        layers.copy(document, &job.blob("document")?)?;
        let schema = layer("schema", "schema.json", Kind::WeightConfig);
        let columns = json!({ "takes": model.takes, "gives": model.gives });
        layers.text(schema, &columns.to_string())?;
        let card = card::of(&job.config, model, reports);
        layers.text(layer("card", "README.md", Kind::Doc), &card)?;
        for port in input::report_ports(job) {
            let name = port.trim_start_matches("report.");
            let path = format!("reports/{name}.json");
            layers.copy(layer("report", &path, Kind::Doc), &job.blob(port)?)?;
        }
        layers.copy(
            layer("lineage", "lineage.json", Kind::Doc),
            &job.blob("lineage")?,
        )?;
        let rows = layer("sample", "sample.ndjson", Kind::Dataset);
        layers.text(rows, &sample::lines(&job.table("sample")?)?)?;
        for file in others(job) {
            let path = format!("files/{file}");
            layers.copy(layer("file", &path, Kind::Doc), &job.blob(file)?)?;
        }
        Ok(layers)
    }

    /// The digests, in order.
    pub fn digests(&self) -> Vec<String> {
        self.digests.clone()
    }

    /// The layers, in order.
    pub fn into_layers(self) -> Vec<Layer> {
        self.layers
    }

    fn text(&mut self, file: File<'_>, text: &str) -> Result<(), Failure> {
        self.add(file, text.as_bytes())
    }

    fn copy(&mut self, file: File<'_>, blob: &Blob) -> Result<(), Failure> {
        self.add(file, blob.reader())
    }

    fn add(&mut self, file: File<'_>, mut from: impl Read) -> Result<(), Failure> {
        let mut content = BlobWriter::new();
        let mut hasher = Sha256::new();
        let mut part = vec![0; 1 << 16];
        loop {
            let read = from.read(&mut part)?;
            if read == 0 {
                break;
            }
            hasher.update(&part[..read]);
            content.write_all(&part[..read])?;
        }
        content.flush()?;
        let hex: String = hasher
            .finalize()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        self.digests.push(format!("sha256:{hex}"));
        self.layers.push(Layer {
            media_type: file.kind.media_type().to_owned(),
            annotations: annotations(&file),
            content,
        });
        Ok(())
    }
}

fn layer<'a>(part: &'a str, path: &'a str, kind: Kind) -> File<'a> {
    File {
        part,
        step: None,
        path,
        kind,
    }
}

fn annotations(file: &File<'_>) -> Vec<(String, String)> {
    let file_type = match file.path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("ndjson") => "application/x-ndjson",
        Some("md") => "text/markdown",
        _ => "application/octet-stream",
    };
    let mut pairs = vec![
        (PART.to_owned(), file.part.to_owned()),
        (FILE.to_owned(), file.path.to_owned()),
        (FILE_TYPE.to_owned(), file_type.to_owned()),
    ];
    let step = file.step.map(|step| (STEP.to_owned(), step.to_string()));
    pairs.extend(step);
    pairs
}

/// The files of the manifest's `files`: blobs that are no part of the model.
fn others(job: &Job<Config>) -> Vec<&str> {
    let ours = |name: &str| {
        ["model", "document", "lineage"].contains(&name)
            || name.starts_with("step-") && name.contains('.')
            || name.starts_with("report.")
    };
    let blobs = job.inputs().iter().filter(|input| {
        input.port.kind == lockflight_sdk::PortKind::Blob && !ours(&input.port.name)
    });
    blobs.map(|input| input.port.name.as_str()).collect()
}
