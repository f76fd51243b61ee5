//! The events as they are written. Source of the form: `spec/OpenLineage.json`, version 2-0-2.

use jiff::Timestamp;
use serde::Serialize;

use crate::data;
use crate::facets::{
    Assertion, Assertions, DatasetFacets, Facet, Field, InputFacets, InputStatistics, JobFacets,
    OutputFacets, OutputStatistics, RunFacets, RunId, Schema, Statistics, Version,
};

#[derive(Serialize)]
pub struct RunEvent<'a> {
    #[serde(rename = "eventType")]
    pub kind: Kind,
    #[serde(rename = "eventTime", serialize_with = "as_text")]
    pub time: Timestamp,
    pub producer: &'static str,
    #[serde(rename = "schemaURL")]
    pub schema: &'static str,
    pub run: Run<'a>,
    pub job: Job<'a>,
    pub inputs: Vec<Input<'a>>,
    pub outputs: Vec<Output<'a>>,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    Start,
    Complete,
    Fail,
    Abort,
}

#[derive(Serialize)]
pub struct Run<'a> {
    #[serde(flatten)]
    pub id: RunId,
    pub facets: RunFacets<'a>,
}

#[derive(Serialize)]
pub struct Job<'a> {
    pub namespace: &'a str,
    pub name: &'a str,
    pub facets: JobFacets,
}

#[derive(Serialize)]
pub struct Input<'a> {
    namespace: &'a str,
    name: &'a str,
    facets: DatasetFacets<'a>,
    #[serde(rename = "inputFacets")]
    more: InputFacets<'a>,
}

#[derive(Serialize)]
pub struct Output<'a> {
    namespace: &'a str,
    name: &'a str,
    facets: DatasetFacets<'a>,
    #[serde(rename = "outputFacets")]
    more: OutputFacets,
}

impl<'a> From<&'a data::Dataset> for Input<'a> {
    fn from(dataset: &'a data::Dataset) -> Self {
        Self {
            namespace: &dataset.namespace,
            name: &dataset.name,
            facets: facets(dataset),
            more: InputFacets {
                assertions: assertions(&dataset.assertions),
                statistics: statistics(dataset).map(|it| InputStatistics(it).into()),
            },
        }
    }
}

impl<'a> From<&'a data::Dataset> for Output<'a> {
    fn from(dataset: &'a data::Dataset) -> Self {
        Self {
            namespace: &dataset.namespace,
            name: &dataset.name,
            facets: facets(dataset),
            more: OutputFacets {
                statistics: statistics(dataset).map(|it| OutputStatistics(it).into()),
            },
        }
    }
}

fn facets(dataset: &data::Dataset) -> DatasetFacets<'_> {
    let fields: Vec<_> = dataset.schema.iter().map(field).collect();
    let version = Version {
        version: &dataset.version,
    };
    DatasetFacets {
        version: version.into(),
        schema: (!fields.is_empty()).then(|| Schema { fields }.into()),
    }
}

fn field(field: &data::Field) -> Field<'_> {
    Field {
        name: &field.name,
        r#type: &field.r#type,
    }
}

fn assertions(tests: &[data::Assertion]) -> Option<Facet<Assertions<'_>>> {
    let assertions: Vec<_> = tests.iter().map(assertion).collect();
    (!assertions.is_empty()).then(|| Assertions { assertions }.into())
}

fn assertion(test: &data::Assertion) -> Assertion<'_> {
    Assertion {
        assertion: &test.assertion,
        success: test.success,
        column: test.column.as_deref(),
    }
}

fn statistics(dataset: &data::Dataset) -> Option<Statistics> {
    let (rows, bytes) = (dataset.rows, dataset.bytes);
    (rows.is_some() || bytes.is_some()).then_some(Statistics { rows, bytes })
}

fn as_text<S: serde::Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}
