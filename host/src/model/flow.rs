//! How columns flow through the steps of a model: which of a table's columns each step takes, and what comes out at the end.
//!
//! A step uses up the columns it takes and puts those it gives in front of the rest. Everything is decided on schemas, so that
//! `check` and the run cannot come to different ends.

use std::fmt;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{FieldRef, Schema};
use serde::{Deserialize, Serialize};

use crate::{
    diagnostic::did_you_mean,
    table::{schema::TableSchema, show::type_name},
};

/// The schemas of one step.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// The columns it wants, in order.
    pub takes: &'a TableSchema,
    /// The columns it answers, in order.
    pub gives: &'a TableSchema,
}

/// What the scored table has beside the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keeps {
    /// All columns of the table, then those of the answer: a `score` stage.
    All,
    /// The columns of the answer, then those that no step took: what a trainer sees behind `through`.
    Rest,
}

/// Why a model does not fit a table, or its steps each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowError {
    /// What does not fit.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FlowError {}

/// A model bound to the schema of a table.
#[derive(Debug, Clone)]
pub struct Flow {
    /// For each step: the places of what it takes among the columns at hand, and of those that it leaves.
    steps: Vec<Bound>,
    keeps: Keeps,
    output: TableSchema,
}

#[derive(Debug, Clone)]
struct Bound {
    takes: TableSchema,
    taken: Vec<usize>,
    left: Vec<usize>,
}

impl Flow {
    /// Binds steps to a table.
    ///
    /// # Errors
    /// When a column is missing or of another type than a step takes, and when two columns of the same name would come together.
    pub fn new(table: &TableSchema, links: &[Link<'_>], keeps: Keeps) -> Result<Flow, FlowError> {
        let mut at_hand: Vec<FieldRef> = table.fields().to_vec();
        let mut used_up: Vec<FieldRef> = Vec::new();
        let mut steps = Vec::with_capacity(links.len());
        for link in links {
            let taken = link
                .takes
                .fields()
                .iter()
                .map(|wanted| place(wanted, &at_hand, &used_up))
                .collect::<Result<Vec<_>, _>>()?;
            let left: Vec<usize> = (0..at_hand.len())
                .filter(|index| !taken.contains(index))
                .collect();
            used_up.extend(taken.iter().map(|&index| at_hand[index].clone()));
            let rest: Vec<FieldRef> = left.iter().map(|&index| at_hand[index].clone()).collect();
            at_hand = joined(link.gives.fields(), &rest)?;
            steps.push(Bound {
                takes: link.takes.clone(),
                taken,
                left,
            });
        }
        let fields = match (keeps, links.last()) {
            (Keeps::All, Some(last)) => joined(table.fields(), last.gives.fields())?,
            _ => at_hand,
        };
        Ok(Flow {
            steps,
            keeps,
            output: under_metadata(fields, table)?,
        })
    }

    /// The schema of the scored table.
    pub fn output(&self) -> &TableSchema {
        &self.output
    }

    /// Passes rows through the steps. `score` is called once per step with its number and the columns it takes, and answers the
    /// columns it gives.
    ///
    /// # Errors
    /// Those of `score`, and a message when a column holds nulls that a step does not take.
    pub fn apply<E: From<FlowError>>(
        &self,
        rows: &RecordBatch,
        score: impl FnMut(usize, &RecordBatch) -> Result<RecordBatch, E>,
    ) -> Result<RecordBatch, E> {
        let (answer, at_hand) = self.pass(rows, score)?;
        let columns: Vec<&ArrayRef> = match self.keeps {
            Keeps::All => rows.columns().iter().chain(answer.columns()).collect(),
            Keeps::Rest => at_hand.iter().collect(),
        };
        let scored = self.output.conform_columns(columns, rows.num_rows());
        Ok(scored.map_err(misfit)?)
    }

    /// As [`apply`](Flow::apply), for nothing but the columns that the last step gives.
    ///
    /// # Errors
    /// As there.
    pub fn answer<E: From<FlowError>>(
        &self,
        rows: &RecordBatch,
        score: impl FnMut(usize, &RecordBatch) -> Result<RecordBatch, E>,
    ) -> Result<RecordBatch, E> {
        Ok(self.pass(rows, score)?.0)
    }

    /// What the last step answers, and the columns that are at hand behind it.
    fn pass<E: From<FlowError>>(
        &self,
        rows: &RecordBatch,
        mut score: impl FnMut(usize, &RecordBatch) -> Result<RecordBatch, E>,
    ) -> Result<(RecordBatch, Vec<ArrayRef>), E> {
        let mut at_hand: Vec<ArrayRef> = rows.columns().to_vec();
        let mut answer = rows.project(&[]).expect("no column is missing");
        for (number, step) in self.steps.iter().enumerate() {
            let taken: Vec<&ArrayRef> = step.taken.iter().map(|&i| &at_hand[i]).collect();
            let taken = step.takes.conform_columns(taken, rows.num_rows());
            answer = score(number, &taken.map_err(misfit)?)?;
            let left = step.left.iter().map(|&i| &at_hand[i]);
            at_hand = answer.columns().iter().chain(left).cloned().collect();
        }
        Ok((answer, at_hand))
    }
}

/// See [`super::ModelDoc::takes`].
pub(super) fn takes(links: &[Link<'_>]) -> Result<TableSchema, FlowError> {
    let mut wanted: Vec<FieldRef> = Vec::new();
    for (number, link) in links.iter().enumerate() {
        for field in link.takes.fields() {
            let given = links[..number]
                .iter()
                .any(|before| before.gives.index_of(field.name()).is_some());
            if !given && !wanted.iter().any(|other| other.name() == field.name()) {
                wanted.push(field.clone());
            }
        }
    }
    let table = schema_of(wanted)?;
    Flow::new(&table, links, Keeps::Rest)?;
    Ok(table)
}

/// Where a wanted column is among those at hand.
fn place(
    wanted: &FieldRef,
    at_hand: &[FieldRef],
    used_up: &[FieldRef],
) -> Result<usize, FlowError> {
    let name = wanted.name();
    let Some(place) = at_hand.iter().position(|field| field.name() == name) else {
        if used_up.iter().any(|field| field.name() == name) {
            return Err(FlowError {
                message: format!(
                    "a step of the model takes the column {name:?}, which a step before it has used up"
                ),
                help: Some("let the step before give the column too".into()),
            });
        }
        let wanted = type_name(wanted.data_type());
        return Err(FlowError {
            message: format!(
                "the model takes a column {name:?} ({wanted}), which the table does not have"
            ),
            help: did_you_mean(name, at_hand.iter().map(|field| field.name())),
        });
    };
    let found = at_hand[place].data_type();
    if !same_type(found, wanted.data_type()) {
        return Err(FlowError {
            message: format!(
                "the model takes the column {name:?} as {}, and the table has it as {}",
                type_name(wanted.data_type()),
                type_name(found)
            ),
            help: None,
        });
    }
    Ok(place)
}

/// Whether columns are of one type: the names and metadata inside of a vector do not matter.
fn same_type(one: &arrow_schema::DataType, other: &arrow_schema::DataType) -> bool {
    use arrow_schema::DataType::FixedSizeList;
    match (one, other) {
        (FixedSizeList(a, m), FixedSizeList(b, n)) => m == n && a.data_type() == b.data_type(),
        _ => one == other,
    }
}

/// Columns side by side.
fn joined(first: &[FieldRef], then: &[FieldRef]) -> Result<Vec<FieldRef>, FlowError> {
    if let Some(twice) = then
        .iter()
        .find(|field| first.iter().any(|other| other.name() == field.name()))
    {
        return Err(FlowError {
            message: format!(
                "the table has a column {:?}, and so has the model's answer",
                twice.name()
            ),
            help: Some("rename one of the two".into()),
        });
    }
    Ok(first.iter().chain(then).cloned().collect())
}

fn schema_of(fields: Vec<FieldRef>) -> Result<TableSchema, FlowError> {
    checked(&Schema::new(fields))
}

fn under_metadata(fields: Vec<FieldRef>, table: &TableSchema) -> Result<TableSchema, FlowError> {
    let metadata = table.arrow().metadata().clone();
    checked(&Schema::new_with_metadata(fields, metadata))
}

fn checked(schema: &Schema) -> Result<TableSchema, FlowError> {
    TableSchema::from_arrow(schema).map_err(|error| FlowError {
        message: error.to_string(),
        help: None,
    })
}

fn misfit(error: crate::table::schema::Misfit) -> FlowError {
    FlowError {
        message: error.to_string(),
        help: None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{Array, Float64Array, Int64Array};

    use super::*;
    use crate::table::testing::schema;

    fn names(schema: &TableSchema) -> Vec<&str> {
        let fields = schema.fields().iter();
        fields.map(|field| field.name().as_str()).collect()
    }

    #[test]
    fn steps_use_up_what_they_take_and_the_rest_passes_by() {
        let table = schema(&[("id", "l", false), ("a", "g", true), ("y", "g", true)]);
        let (takes, gives) = (schema(&[("a", "g", true)]), schema(&[("b", "g", true)]));
        let first = Link {
            takes: &takes,
            gives: &gives,
        };
        let rest = Flow::new(&table, &[first], Keeps::Rest).unwrap();
        assert_eq!(names(rest.output()), ["b", "id", "y"]);
        let all = Flow::new(&table, &[first], Keeps::All).unwrap();
        assert_eq!(names(all.output()), ["id", "a", "y", "b"]);

        let answer = schema(&[("prediction", "g", true)]);
        let second = Link {
            takes: &gives,
            gives: &answer,
        };
        let both = Flow::new(&table, &[first, second], Keeps::All).unwrap();
        assert_eq!(names(both.output()), ["id", "a", "y", "prediction"]);
        assert_eq!(names(&takes_of(&[first, second])), ["a"]);
    }

    fn takes_of(links: &[Link<'_>]) -> TableSchema {
        takes(links).unwrap()
    }

    #[test]
    fn what_no_step_gives_is_taken_from_the_table() {
        let (a, b) = (schema(&[("a", "g", true)]), schema(&[("b", "g", true)]));
        let later = schema(&[("b", "g", true), ("c", "l", true)]);
        let answer = schema(&[("prediction", "g", true)]);
        let links = [
            Link {
                takes: &a,
                gives: &b,
            },
            Link {
                takes: &later,
                gives: &answer,
            },
        ];
        assert_eq!(names(&takes_of(&links)), ["a", "c"]);
    }

    #[test]
    fn what_does_not_fit_says_why() {
        let table = schema(&[
            ("a", "g", true),
            ("weight", "g", true),
            ("prediction", "g", true),
        ]);
        let answer = schema(&[("prediction", "g", true)]);
        let error = |takes: &TableSchema, gives: &TableSchema| {
            let link = Link { takes, gives };
            Flow::new(&table, &[link], Keeps::All)
                .unwrap_err()
                .to_string()
        };
        assert!(error(&schema(&[("wieght", "g", true)]), &answer).contains("did you mean"));
        assert!(error(&schema(&[("a", "l", true)]), &answer).contains("as int64"));
        assert!(error(&schema(&[("a", "g", true)]), &answer).contains("rename one"));
        let links = [
            Link {
                takes: &schema(&[("a", "g", true)]),
                gives: &schema(&[("b", "g", true)]),
            },
            Link {
                takes: &schema(&[("a", "g", true)]),
                gives: &schema(&[("c", "g", true)]),
            },
        ];
        let used_up = Flow::new(&table, &links, Keeps::Rest).unwrap_err();
        assert!(used_up.to_string().contains("used up"));
    }

    #[test]
    fn rows_pass_through() {
        let table = schema(&[("id", "l", false), ("a", "g", true)]);
        let (takes, gives) = (schema(&[("a", "g", true)]), schema(&[("b", "g", true)]));
        let flow = Flow::new(
            &table,
            &[Link {
                takes: &takes,
                gives: &gives,
            }],
            Keeps::Rest,
        )
        .unwrap();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(vec![1, 2])),
            Arc::new(Float64Array::from(vec![Some(0.5), None])),
        ];
        let rows = RecordBatch::try_new(table.arrow().clone(), columns).unwrap();
        let scored = flow
            .apply::<FlowError>(&rows, |step, taken| {
                assert_eq!((step, taken.schema().field(0).name().as_str()), (0, "a"));
                Ok(taken.clone())
            })
            .unwrap();
        assert_eq!(scored.schema().field(0).name(), "b");
        assert_eq!(scored.column(1).as_ref(), rows.column(0).as_ref());
        assert_eq!(scored.column(0).null_count(), 1);
    }
}
