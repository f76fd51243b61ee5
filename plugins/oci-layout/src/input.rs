//! What the host hands over: the model in words, and reports. Only what is used here is read of them.
use lockflight_sdk::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Config;

/// The input `model`.
#[derive(Debug, Deserialize)]
pub struct Model {
    /// The train stage.
    pub name: String,
    /// The pipeline that made it.
    pub pipeline: String,
    /// The digest of its document.
    pub model: String,
    /// Its steps, first to last.
    pub steps: Vec<Step>,
    /// The columns that it wants.
    pub takes: Vec<Column>,
    /// The columns that it answers.
    pub gives: Vec<Column>,
    /// The figures of its training.
    pub metrics: Vec<Figure>,
}

/// A step of the model.
#[derive(Debug, Deserialize)]
pub struct Step {
    /// The train stage.
    pub name: String,
    /// The plugin's name.
    pub plugin: String,
    /// The plugin's version.
    pub version: String,
}

/// A column.
#[derive(Debug, Deserialize, serde::Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Whether a value may be missing.
    pub nullable: bool,
}

/// A figure. One that JSON has no number for is a text, such as `NaN`.
#[derive(Debug, Deserialize)]
pub struct Figure {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: serde_json::Value,
}

/// An input `report.NAME`.
#[derive(Debug, Deserialize)]
pub struct Report {
    /// The validate stage.
    pub stage: String,
    /// Its gate.
    pub gate: Option<Gate>,
    /// Its findings.
    pub findings: Vec<Found>,
}

/// What a gate decided.
#[derive(Debug, Deserialize)]
pub struct Gate {
    /// Its conditions.
    pub conditions: Vec<Condition>,
}

/// A condition of a gate.
#[derive(Debug, Deserialize)]
pub struct Condition {
    /// As it is written.
    pub rule: String,
    /// Whether it holds.
    pub holds: bool,
}

/// A finding.
#[derive(Debug, Deserialize)]
pub struct Found {
    /// The kind of check.
    pub name: String,
    /// What was checked.
    pub subject: String,
    /// The slice of the data.
    pub slice: Option<String>,
    /// How it came out.
    pub verdict: String,
    /// The measured value.
    pub value: Option<serde_json::Value>,
    /// The bound.
    pub limit: Option<String>,
    /// Rows looked at.
    pub rows: u64,
}

/// Reads the input `model`.
pub fn model(job: &Job<Config>) -> Result<Model, Failure> {
    read(job, "model")
}

/// The ports of the reports, by name.
pub fn report_ports(job: &Job<Config>) -> Vec<&str> {
    let names = job.inputs().iter().map(|input| input.port.name.as_str());
    names.filter(|name| name.starts_with("report.")).collect()
}

/// Reads the inputs `report.NAME`.
pub fn reports(job: &Job<Config>) -> Result<Vec<Report>, Failure> {
    let ports = report_ports(job).into_iter();
    ports.map(|port| read(job, port)).collect()
}

fn read<T: DeserializeOwned>(job: &Job<Config>, port: &str) -> Result<T, Failure> {
    let text = job.blob(port)?.read_text()?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::data(format!(
            "the input {port} is not as this plugin knows it: {error}"
        ))
    })
}
