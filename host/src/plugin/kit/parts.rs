//! A model that a package plugin is handed: two steps, a report and a sample, all made up. No package plugin runs a scorer, so any
//! bytes will do for one.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch};

use super::generate::nodes;
use super::{KitError, table};
use crate::canonical_json::{self, CanonicalError};
use crate::digest::Digest;
use crate::job::InputDigest;
use crate::launcher::LaunchError;
use crate::manifest::SAMPLE_PORT;
use crate::model::{ModelDoc, Step};
use crate::package::{self, Content, Lineage, ModelPart, Part, ReportPart, StepPart};
use crate::store::Store;
use crate::table::schema::TableSchema;
use crate::wire::{Finding, Verdict};

/// The port of the model's document.
pub const DOCUMENT: &str = "document";
/// What model, pipeline and plugins are called.
const NAME: &str = "kit";

/// The inputs of a package stage.
///
/// # Errors
/// When the store fails.
pub fn parts(store: &Store) -> Result<Vec<(String, InputDigest)>, KitError> {
    let document = document(store)?;
    let named = model(&document).map_err(LaunchError::from)?;
    let parts = package::parts(&named, &document, &[report()]).map_err(LaunchError::from)?;
    let mut inputs = Vec::new();
    for Part { port, content, .. } in parts {
        let digest = match content {
            Content::Stored(digest) => digest,
            Content::Made(text) => store.put_blob(text.as_bytes())?,
        };
        inputs.push((port, InputDigest::Blob(digest)));
    }
    let lineage = canonical_json::to_string(&lineage()).map_err(LaunchError::from)?;
    let lineage = store.put_blob(lineage.as_bytes())?;
    inputs.push(("lineage".to_owned(), InputDigest::Blob(lineage)));
    let sample = table::put(store, &sample())?;
    inputs.push((SAMPLE_PORT.to_owned(), InputDigest::Table(sample)));
    Ok(inputs)
}

fn document(store: &Store) -> Result<ModelDoc, KitError> {
    let numbers = |name: &str| {
        TableSchema::from_nodes(nodes(name, "g"), Vec::new()).expect("a column of numbers")
    };
    let step = |what: &str, takes: &str, gives: &str| {
        Ok::<_, KitError>(Step {
            scorer: store.put_blob(format!("the scorer of {what}").as_bytes())?,
            state: store.put_blob(format!("the state of {what}").as_bytes())?,
            takes: numbers(takes),
            gives: numbers(gives),
        })
    };
    Ok(ModelDoc::new(vec![
        step("scale", "x", "scaled")?,
        step("line", "scaled", "prediction")?,
    ]))
}

fn model(document: &ModelDoc) -> Result<ModelPart, CanonicalError> {
    let steps = document.steps.iter().zip(["scale", "line"]);
    let steps = steps.map(|(step, name)| StepPart {
        name: name.to_owned(),
        plugin: NAME.to_owned(),
        version: "0.1.0".to_owned(),
        scorer: step.scorer,
        state: step.state,
    });
    Ok(ModelPart {
        name: NAME.to_owned(),
        pipeline: NAME.to_owned(),
        model: Digest::of(canonical_json::to_string(document)?.as_bytes()),
        steps: steps.collect(),
        takes: package::columns(&document.steps[0].takes),
        gives: package::columns(document.gives()),
        metrics: Vec::new(),
    })
}

fn report() -> ReportPart {
    ReportPart {
        stage: "quality".to_owned(),
        gate: None,
        findings: vec![Finding {
            name: "r2".to_owned(),
            subject: "prediction".to_owned(),
            slice: None,
            verdict: Verdict::Pass,
            value: Some(0.5),
            limit: Some(">= 0.25".to_owned()),
            rows: 2,
            failed: 0,
            message: "r2 is 0.5".to_owned(),
            input: None,
            examples: Vec::new(),
        }],
        metrics: Vec::new(),
    }
}

fn lineage() -> Lineage {
    Lineage {
        pipeline: NAME.to_owned(),
        lockflight: crate::VERSION.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        sources: [].into(),
        stages: Vec::new(),
    }
}

/// Rows as the model takes them, with its answers.
fn sample() -> RecordBatch {
    let numbers =
        |values: [Option<f64>; 2]| -> ArrayRef { Arc::new(Float64Array::from(values.to_vec())) };
    let columns = [
        ("x", numbers([Some(1.0), None]), true),
        ("prediction", numbers([Some(0.5), Some(-2.0)]), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
}
