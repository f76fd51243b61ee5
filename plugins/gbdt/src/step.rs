//! The fitted step: its state, and scoring.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::{Score, state};
use serde::{Deserialize, Serialize};

use crate::forest::{BLOCK, Block, Forest};
use crate::objective::Objective;
use crate::tree::Tree;
use crate::values::{Categories, is_number, numbers};

/// Everything that a scorer is loaded from.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct State {
    /// The columns that are predicted from.
    #[serde(with = "state::schema")]
    pub takes: SchemaRef,
    /// For each of them that is text: its categories in their order. A text in training counts as its place there.
    pub categories: Vec<Option<Vec<String>>>,
    /// Whether a category that is none of them is an error; else it is missing.
    pub refuses_unknown: bool,
    /// The name of the column that is answered.
    pub prediction: String,
    /// Whether sums are log odds.
    pub is_binary: bool,
    /// What every sum begins with.
    pub base: f64,
    /// The trees, over values and places.
    pub trees: Vec<Tree<f64>>,
}

/// A fitted model.
#[derive(Debug)]
pub struct Step {
    state: State,
    categories: Vec<Option<Categories>>,
    forest: Forest,
}

/// The schema of what is answered.
pub fn gives(prediction: &str) -> SchemaRef {
    let field = Field::new(prediction, DataType::Float64, false);
    Arc::new(Schema::new(vec![field]))
}

impl Step {
    /// The step of a state.
    ///
    /// # Errors
    /// What does not fit together.
    pub fn new(state: State) -> Result<Step, String> {
        let fields = state.takes.fields();
        if fields.len() != state.categories.len() {
            return Err(format!(
                "the state has categories for {} of {} columns",
                state.categories.len(),
                fields.len()
            ));
        }
        for (field, categories) in fields.iter().zip(&state.categories) {
            let data_type = field.data_type();
            let fits = match categories {
                None => is_number(data_type),
                Some(_) => *data_type == DataType::Utf8,
            };
            if !fits {
                let name = field.name();
                return Err(format!("the state has column {name:?} as {data_type}"));
            }
        }
        let categories = state.categories.iter().cloned();
        let categories = categories.map(|ordered| ordered.map(Categories::new).transpose());
        Ok(Step {
            categories: categories.collect::<Result<_, _>>()?,
            forest: Forest::new(fields.len(), state.base, &state.trees)?,
            state,
        })
    }

    /// What the step is made of.
    pub fn state(&self) -> &State {
        &self.state
    }

    fn objective(&self) -> Objective {
        if self.state.is_binary {
            Objective::Logistic
        } else {
            Objective::Squared
        }
    }

    /// Reads the rows of a block, feature after feature.
    fn fill(
        &self,
        rows: &RecordBatch,
        first: usize,
        count: usize,
        block: &mut Block,
    ) -> Result<(), String> {
        let columns = rows.columns().iter().zip(&self.categories);
        for (feature, (column, categories)) in columns.enumerate() {
            let into = block.feature(feature, count);
            let range = first..first + count;
            let Some(categories) = categories else {
                numbers(column, range, into);
                continue;
            };
            let unknown = categories.numbers(column.as_string(), range, into);
            if let (Some(category), true) = (unknown, self.state.refuses_unknown) {
                let name = self.state.takes.field(feature).name();
                return Err(unknown_category(name, category));
            }
        }
        Ok(())
    }
}

/// The words for a category that was not there in training, where that is an error.
pub fn unknown_category(column: &str, category: &str) -> String {
    format!(
        "column {column:?} has the category {category:?}, which was not there in training; \
         with `unknown = \"missing\"` in the config of the training it counts as missing"
    )
}

impl Score for Step {
    const VERSION: u32 = 1;
    const KIND: &'static str = "gbdt";

    fn takes(&self) -> SchemaRef {
        self.state.takes.clone()
    }

    fn gives(&self) -> SchemaRef {
        gives(&self.state.prediction)
    }

    fn save(&self) -> Vec<u8> {
        state::to_bytes(&self.state)
    }

    fn load(payload: &[u8]) -> Result<Step, String> {
        Step::new(state::from_bytes(payload)?)
    }

    fn score(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
        let mut block = Block::new(self.forest.features());
        let mut sums = vec![0.0; rows.num_rows()];
        for (index, sums) in sums.chunks_mut(BLOCK).enumerate() {
            self.fill(rows, index * BLOCK, sums.len(), &mut block)?;
            self.forest.sums(&mut block, sums);
            self.objective().predict(sums);
        }
        Ok(vec![Arc::new(Float64Array::from(sums))])
    }
}
