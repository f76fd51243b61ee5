//! The facets that events carry: the published ones, in the versions named here, and lockflight's own.
//!
//! Source of the published ones: `spec/facets` of <https://github.com/OpenLineage/OpenLineage>.

use serde::Serialize;
use uuid::Uuid;

/// Where lockflight's own facets and events are named from. An identifier, not a page: `.example` belongs to nobody. The facets'
/// schemas are the files in `facets/`.
macro_rules! ours {
    ($path:literal) => {
        concat!("https://lockflight.example/openlineage/", $path)
    };
}

/// A facet of the specification, by the version of its schema and its name.
macro_rules! published {
    ($version:literal, $name:literal) => {
        concat!(
            "https://openlineage.io/spec/facets/",
            $version,
            "/",
            $name,
            ".json#/$defs/",
            $name
        )
    };
}

/// Who made the events: lockflight in this version.
pub const PRODUCER: &str = concat!(ours!("v"), env!("CARGO_PKG_VERSION"));

/// The schema of an event about a run.
pub const RUN_EVENT: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// What a facet says, and the schema that it follows.
pub trait Body: Serialize {
    /// The address of the definition within its schema.
    const SCHEMA: &'static str;
}

/// A facet with what every facet must carry.
#[derive(Serialize)]
pub struct Facet<T: Body> {
    _producer: &'static str,
    #[serde(rename = "_schemaURL")]
    schema: &'static str,
    #[serde(flatten)]
    body: T,
}

impl<T: Body> From<T> for Facet<T> {
    fn from(body: T) -> Self {
        Self {
            _producer: PRODUCER,
            schema: T::SCHEMA,
            body,
        }
    }
}

/// The facets of a run.
#[derive(Serialize, Default)]
pub struct RunFacets<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Facet<Parent<'a>>>,
    #[serde(rename = "processing_engine", skip_serializing_if = "Option::is_none")]
    pub engine: Option<Facet<Engine<'a>>>,
    #[serde(rename = "errorMessage", skip_serializing_if = "Option::is_none")]
    pub error: Option<Facet<ErrorMessage<'a>>>,
    #[serde(rename = "lockflight_stage", skip_serializing_if = "Option::is_none")]
    pub stage: Option<Facet<Stage<'a>>>,
    #[serde(rename = "lockflight_commit", skip_serializing_if = "Option::is_none")]
    pub commit: Option<Facet<Commit<'a>>>,
}

/// The facets of a job.
#[derive(Serialize)]
pub struct JobFacets {
    #[serde(rename = "jobType")]
    pub kind: Facet<JobType>,
}

/// The facets of a dataset, read or written.
#[derive(Serialize)]
pub struct DatasetFacets<'a> {
    pub version: Facet<Version<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Facet<Schema<'a>>>,
}

/// The facets of a dataset as an input.
#[derive(Serialize)]
pub struct InputFacets<'a> {
    #[serde(
        rename = "dataQualityAssertions",
        skip_serializing_if = "Option::is_none"
    )]
    pub assertions: Option<Facet<Assertions<'a>>>,
    #[serde(rename = "inputStatistics", skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Facet<InputStatistics>>,
}

/// The facets of a dataset as an output.
#[derive(Serialize)]
pub struct OutputFacets {
    #[serde(rename = "outputStatistics", skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Facet<OutputStatistics>>,
}

/// The run that a run is part of.
#[derive(Serialize)]
pub struct Parent<'a> {
    pub run: RunId,
    pub job: JobName<'a>,
    /// The outermost run, which here is the parent.
    pub root: Root<'a>,
}

/// A run and its job, by their names.
#[derive(Serialize)]
pub struct Root<'a> {
    pub run: RunId,
    pub job: JobName<'a>,
}

/// A run, by its id.
#[derive(Serialize, Clone, Copy)]
pub struct RunId {
    #[serde(rename = "runId", serialize_with = "as_text")]
    pub id: Uuid,
}

/// A job, by its name.
#[derive(Serialize, Clone, Copy)]
pub struct JobName<'a> {
    pub namespace: &'a str,
    pub name: &'a str,
}

#[derive(Serialize)]
pub struct Engine<'a> {
    pub name: &'static str,
    pub version: &'a str,
    #[serde(rename = "openlineageAdapterVersion")]
    pub adapter: &'a str,
}

#[derive(Serialize)]
pub struct ErrorMessage<'a> {
    pub message: &'a str,
    #[serde(rename = "programmingLanguage")]
    pub language: &'static str,
}

#[derive(Serialize)]
pub struct Stage<'a> {
    pub world: &'a str,
    pub key: &'a str,
    pub cached: bool,
    pub plugin: Plugin<'a>,
}

#[derive(Serialize)]
pub struct Plugin<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub digest: &'a str,
}

#[derive(Serialize)]
pub struct Commit<'a> {
    pub id: &'a str,
    pub dirty: bool,
}

#[derive(Serialize)]
pub struct JobType {
    #[serde(rename = "processingType")]
    pub processing: &'static str,
    pub integration: &'static str,
    #[serde(rename = "jobType")]
    pub job: &'static str,
}

#[derive(Serialize)]
pub struct Version<'a> {
    #[serde(rename = "datasetVersion")]
    pub version: &'a str,
}

#[derive(Serialize)]
pub struct Schema<'a> {
    pub fields: Vec<Field<'a>>,
}

#[derive(Serialize)]
pub struct Field<'a> {
    pub name: &'a str,
    pub r#type: &'a str,
}

#[derive(Serialize)]
pub struct Assertions<'a> {
    pub assertions: Vec<Assertion<'a>>,
}

#[derive(Serialize)]
pub struct Assertion<'a> {
    pub assertion: &'a str,
    pub success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<&'a str>,
}

#[derive(Serialize)]
pub struct InputStatistics(pub Statistics);

#[derive(Serialize)]
pub struct OutputStatistics(pub Statistics);

#[derive(Serialize)]
pub struct Statistics {
    #[serde(rename = "rowCount", skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    #[serde(rename = "size", skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

impl Body for Parent<'_> {
    const SCHEMA: &'static str = published!("1-2-0", "ParentRunFacet");
}

impl Body for Engine<'_> {
    const SCHEMA: &'static str = published!("1-1-1", "ProcessingEngineRunFacet");
}

impl Body for ErrorMessage<'_> {
    const SCHEMA: &'static str = published!("1-0-1", "ErrorMessageRunFacet");
}

impl Body for Stage<'_> {
    const SCHEMA: &'static str = ours!("1-0-0/StageRunFacet.json#/$defs/StageRunFacet");
}

impl Body for Commit<'_> {
    const SCHEMA: &'static str = ours!("1-0-0/CommitRunFacet.json#/$defs/CommitRunFacet");
}

impl Body for JobType {
    const SCHEMA: &'static str = published!("2-0-4", "JobTypeJobFacet");
}

impl Body for Version<'_> {
    const SCHEMA: &'static str = published!("1-0-1", "DatasetVersionDatasetFacet");
}

impl Body for Schema<'_> {
    const SCHEMA: &'static str = published!("1-2-0", "SchemaDatasetFacet");
}

impl Body for Assertions<'_> {
    const SCHEMA: &'static str = published!("1-1-0", "DataQualityAssertionsDatasetFacet");
}

impl Body for InputStatistics {
    const SCHEMA: &'static str = published!("1-0-0", "InputStatisticsInputDatasetFacet");
}

impl Body for OutputStatistics {
    const SCHEMA: &'static str = published!("1-0-2", "OutputStatisticsOutputDatasetFacet");
}

fn as_text<S: serde::Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
