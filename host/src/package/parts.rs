//! What a package plugin is handed: the model in words, its parts as they are, and the findings that judged it. All of it depends on
//! content alone, never on names of runs or on the time.

use serde::{Deserialize, Serialize};

use crate::{
    canonical_json::{self, CanonicalError},
    digest::Digest,
    model::ModelDoc,
    record::GateRecord,
    table::{schema::TableSchema, show::type_name},
    wire::{Finding, Metric},
};

/// An input of a package plugin that no stage's output is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The port.
    pub port: String,
    /// Where it is from, in words for the record.
    pub from: String,
    /// Its bytes.
    pub content: Content,
}

/// The bytes of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A blob that the store has.
    Stored(Digest),
    /// A document made for the plugin.
    Made(String),
}

impl Content {
    /// The digest of the bytes.
    pub fn digest(&self) -> Digest {
        match self {
            Content::Stored(digest) => *digest,
            Content::Made(text) => Digest::of(text.as_bytes()),
        }
    }
}

/// The model in words: the input `model`, JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelPart {
    /// Its name: that of its train stage.
    pub name: String,
    /// The pipeline that made it.
    pub pipeline: String,
    /// The digest of its document.
    pub model: Digest,
    /// Its steps, first to last.
    pub steps: Vec<StepPart>,
    /// The columns that it wants.
    pub takes: Vec<ColumnPart>,
    /// The columns that it answers.
    pub gives: Vec<ColumnPart>,
    /// The figures of its training.
    pub metrics: Vec<Metric>,
}

/// A step of the model in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepPart {
    /// The train stage.
    pub name: String,
    /// The name and version that its plugin states.
    pub plugin: String,
    /// See `plugin`.
    pub version: String,
    /// The scorer's component.
    pub scorer: Digest,
    /// What it loads.
    pub state: Digest,
}

/// A column of the model's input or answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnPart {
    /// Its name.
    pub name: String,
    /// Its type, in the words of the plugins' configs, e.g. `float64`.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Whether a value may be missing.
    pub nullable: bool,
}

/// What a validate stage said: the input `report.NAME`, JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportPart {
    /// The stage.
    pub stage: String,
    /// Its gate.
    pub gate: Option<GateRecord>,
    /// Its findings.
    pub findings: Vec<Finding>,
    /// Its figures.
    pub metrics: Vec<Metric>,
}

/// The columns of a schema in words.
pub fn columns(schema: &TableSchema) -> Vec<ColumnPart> {
    let fields = schema.fields().iter();
    fields
        .map(|field| ColumnPart {
            name: field.name().clone(),
            data_type: type_name(field.data_type()),
            nullable: field.is_nullable(),
        })
        .collect()
}

/// The parts of a model by port, beside `model` itself: `document`, and `step-1.scorer`, `step-1.state` and so on.
pub fn parts(
    model: &ModelPart,
    document: &ModelDoc,
    reports: &[ReportPart],
) -> Result<Vec<Part>, CanonicalError> {
    let made = |port: String, from: &str, text: String| Part {
        port,
        from: from.to_owned(),
        content: Content::Made(text),
    };
    let mut parts = vec![
        made(
            "model".into(),
            &model.name,
            canonical_json::to_string(model)?,
        ),
        made(
            "document".into(),
            &model.name,
            canonical_json::to_string(document)?,
        ),
    ];
    for (number, (step, named)) in (1..).zip(document.steps.iter().zip(&model.steps)) {
        for (what, digest) in [("scorer", step.scorer), ("state", step.state)] {
            parts.push(Part {
                port: format!("step-{number}.{what}"),
                from: named.name.clone(),
                content: Content::Stored(digest),
            });
        }
    }
    for report in reports {
        let text = canonical_json::to_string(report)?;
        parts.push(made(
            format!("report.{}", report.stage),
            &report.stage,
            text,
        ));
    }
    Ok(parts)
}
