//! The document of a model. Its digest depends on content alone: the scorers, their states and schemas; not on names or runs.

use serde::{Deserialize, Serialize};

use super::flow::{self, FlowError};
use crate::{digest::Digest, table::schema::TableSchema};

/// What the document's `format` says.
const FORMAT: u32 = 1;

/// A model by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct ModelDoc {
    format: Format,
    /// The steps, first to last; never empty.
    pub steps: Vec<Step>,
}

/// A document before it is known to have steps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: Format,
    steps: Vec<Step>,
}

impl TryFrom<Written> for ModelDoc {
    type Error = &'static str;

    fn try_from(Written { format, steps }: Written) -> Result<Self, &'static str> {
        match steps.is_empty() {
            true => Err("a model without steps"),
            false => Ok(ModelDoc { format, steps }),
        }
    }
}

/// The version of the document; a newer one is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
struct Format;

impl TryFrom<u32> for Format {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        match number {
            FORMAT => Ok(Format),
            other => Err(format!(
                "a model of format {other}; this version reads format {FORMAT}"
            )),
        }
    }
}

impl From<Format> for u32 {
    fn from(_: Format) -> u32 {
        FORMAT
    }
}

/// A scorer with its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The component of world `score`.
    pub scorer: Digest,
    /// What it loads, a blob.
    pub state: Digest,
    /// The columns it wants, in order.
    pub takes: TableSchema,
    /// The columns it answers, in order.
    pub gives: TableSchema,
}

impl ModelDoc {
    /// A model of these steps.
    ///
    /// # Panics
    /// When there is no step.
    pub fn new(steps: Vec<Step>) -> ModelDoc {
        assert!(!steps.is_empty(), "a model has at least one step");
        ModelDoc {
            format: Format,
            steps,
        }
    }

    /// The columns that the model as a whole wants: what the first step takes, and what later steps take that none before gives.
    ///
    /// # Errors
    /// When a step takes a column that one before it has used up, or two want it as different types.
    pub fn takes(&self) -> Result<TableSchema, FlowError> {
        let links: Vec<_> = self.steps.iter().map(Step::link).collect();
        flow::takes(&links)
    }

    /// The columns of its answer: those of the last step.
    pub fn gives(&self) -> &TableSchema {
        &self.steps.last().expect("a model has steps").gives
    }
}

impl Step {
    /// Its schemas.
    pub fn link(&self) -> super::Link<'_> {
        super::Link {
            takes: &self.takes,
            gives: &self.gives,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{canonical_json, table::testing::schema};

    fn model() -> ModelDoc {
        ModelDoc::new(vec![Step {
            scorer: Digest::of(b"scorer"),
            state: Digest::of(b"state"),
            takes: schema(&[("x", "g", true)]),
            gives: schema(&[("prediction", "g", false)]),
        }])
    }

    #[test]
    fn the_document_is_a_fixed_format() {
        let (scorer, state) = (Digest::of(b"scorer"), Digest::of(b"state"));
        let column = |name, nullable| {
            format!(
                r#"{{"fields":[{{"children":0,"format":"g","metadata":[],"name":"{name}","nullable":{nullable}}}],"metadata":[]}}"#
            )
        };
        let text = format!(
            r#"{{"format":1,"steps":[{{"gives":{},"scorer":"{scorer}","state":"{state}","takes":{}}}]}}"#,
            column("prediction", false),
            column("x", true)
        );
        assert_eq!(canonical_json::to_string(&model()).unwrap(), text);
        assert_eq!(serde_json::from_str::<ModelDoc>(&text).unwrap(), model());
    }

    #[test]
    fn a_newer_format_is_refused_in_words() {
        let text = canonical_json::to_string(&model())
            .unwrap()
            .replace("\"format\":1,", "\"format\":2,");
        let error = serde_json::from_str::<ModelDoc>(&text).unwrap_err();
        assert!(error.to_string().contains("this version reads format 1"));
    }
}
