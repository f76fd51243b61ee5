//! The scorer: a [`Pipeline`] that can be saved.
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use lockflight_expression::Expression;
use lockflight_sdk::{Score, state};
use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::pipeline::{Pipeline, Step};
use crate::shape::Misfit;

/// The fitted step of a model.
#[derive(Debug)]
pub struct Features(Pipeline);

/// What is saved.
#[derive(Deserialize, Serialize)]
struct State {
    #[serde(with = "state::schema")]
    takes: SchemaRef,
    actions: Vec<Action>,
}

/// A step, as it is saved. The order of the variants is part of the format.
#[derive(Deserialize, Serialize)]
enum Action {
    Derive { name: String, expression: String },
    Change { column: String, change: Change },
}

impl Features {
    /// A scorer that takes these steps.
    pub fn new(pipeline: Pipeline) -> Features {
        Features(pipeline)
    }

    /// The steps.
    pub fn pipeline(&self) -> &Pipeline {
        &self.0
    }
}

impl Score for Features {
    const VERSION: u32 = 1;
    const KIND: &'static str = "features";

    fn takes(&self) -> SchemaRef {
        self.0.takes().clone()
    }

    fn gives(&self) -> SchemaRef {
        self.0.gives()
    }

    fn save(&self) -> Vec<u8> {
        let actions = self.0.steps().iter().map(|step| match step {
            Step::Derive {
                name, expression, ..
            } => Action::Derive {
                name: name.clone(),
                expression: expression.source().to_owned(),
            },
            Step::Change { column, change, .. } => Action::Change {
                column: column.clone(),
                change: change.clone(),
            },
        });
        state::to_bytes(&State {
            takes: self.takes(),
            actions: actions.collect(),
        })
    }

    fn load(payload: &[u8]) -> Result<Features, String> {
        let State { takes, actions } = state::from_bytes(payload)?;
        let mut pipeline = Pipeline::new(takes);
        for action in actions {
            match action {
                Action::Derive { name, expression } => {
                    let parsed = Expression::parse(&expression);
                    let parsed =
                        parsed.map_err(|fault| in_column(&name, fault.underlined(&expression)))?;
                    let added = pipeline.derive(&name, parsed);
                    added.map_err(|Misfit { message, .. }| in_column(&name, message))?;
                }
                Action::Change { column, change } => {
                    if !change.is_whole() {
                        return Err(in_column(&column, "numbers are missing"));
                    }
                    let changed = pipeline.change(&column, change);
                    changed.map_err(|Misfit { message, .. }| in_column(&column, message))?;
                }
            }
        }
        Ok(Features(pipeline))
    }

    fn score(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
        self.0.apply(rows)
    }
}

fn in_column(column: &str, message: impl std::fmt::Display) -> String {
    format!("the state does not fit together: column {column:?}: {message}")
}
