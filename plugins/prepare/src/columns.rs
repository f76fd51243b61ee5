//! Steps that work on one batch at a time: select, drop, rename, derive, filter, limit, union.
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::{Field, FieldRef, Schema, SchemaRef};
use arrow_select::filter::filter_record_batch;
use lockflight_expression::Checked;
use lockflight_sdk::{Failure, Problem, type_name};

use crate::flow::{Flow, Open, Step, batch, map, scan};
use crate::problem::At;

/// Columns in a new order, under new names.
#[derive(Debug)]
pub struct Project {
    columns: Vec<usize>,
    schema: SchemaRef,
}

/// A schema of fields, with the metadata of the one it came from.
pub fn schema_like(schema: &Schema, fields: Vec<FieldRef>) -> SchemaRef {
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

impl Project {
    fn of(schema: &Schema, columns: Vec<usize>) -> Project {
        let fields = columns
            .iter()
            .map(|column| schema.fields()[*column].clone());
        Project {
            schema: schema_like(schema, fields.collect()),
            columns,
        }
    }

    /// The columns that are listed.
    pub fn select(schema: &Schema, names: &[String], at: &At) -> Result<Project, Vec<Problem>> {
        if names.is_empty() {
            return Err(vec![at.problem("no column is selected")]);
        }
        Ok(Project::of(schema, at.columns(schema, names)?))
    }

    /// All but the columns that are listed.
    pub fn drop(schema: &Schema, names: &[String], at: &At) -> Result<Project, Vec<Problem>> {
        let dropped = at.columns(schema, names)?;
        let columns: Vec<_> = (0..schema.fields().len())
            .filter(|column| !dropped.contains(column))
            .collect();
        if columns.is_empty() {
            return Err(vec![at.problem("no column is left")]);
        }
        Ok(Project::of(schema, columns))
    }

    /// New names by old ones.
    pub fn rename(
        schema: &Schema,
        names: &BTreeMap<String, String>,
        at: &At,
    ) -> Result<Project, Vec<Problem>> {
        let mut fields = schema.fields().to_vec();
        let mut problems = Vec::new();
        for (old, new) in names {
            match at.below(old).column(schema, old) {
                Ok(column) => {
                    fields[column] = Arc::new(fields[column].as_ref().clone().with_name(new))
                }
                Err(problem) => problems.push(problem),
            }
        }
        for (old, new) in names {
            if fields.iter().filter(|field| field.name() == new).count() > 1 {
                let message = format!("two columns would be called {new:?}");
                problems.push(
                    at.below(old)
                        .problem(message)
                        .help("drop or rename the other one first"),
                );
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Project {
            columns: (0..fields.len()).collect(),
            schema: schema_like(schema, fields),
        })
    }
}

impl Step for Project {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn apply<'a>(&'a self, rows: Flow<'a>, _: Open<'a>) -> Result<Flow<'a>, Failure> {
        Ok(map(rows, |from| {
            let columns = self
                .columns
                .iter()
                .map(|column| from.column(*column).clone());
            batch(&self.schema, columns.collect(), from.num_rows())
        }))
    }
}

/// New columns, or new values for old ones. All see the columns as they were before the step.
#[derive(Debug)]
pub struct Derive {
    /// Where each goes.
    columns: Vec<(usize, Checked)>,
    schema: SchemaRef,
}

impl Derive {
    /// Expressions by the names of the columns they become.
    pub fn new(
        schema: &Schema,
        expressions: &BTreeMap<String, String>,
        at: &At,
    ) -> Result<Derive, Vec<Problem>> {
        let mut fields = schema.fields().to_vec();
        let mut columns = Vec::new();
        let mut problems = Vec::new();
        for (name, source) in expressions {
            let at = at.below(name);
            let checked = at.expression(source).and_then(|expression| {
                expression
                    .check(schema)
                    .map_err(|fault| at.fault(source, fault))
            });
            let checked = match checked {
                Ok(checked) => checked,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            let field: Arc<Field> = Arc::new(checked.field(name));
            match schema.index_of(name) {
                Ok(column) => {
                    fields[column] = field;
                    columns.push((column, checked));
                }
                Err(_) => {
                    columns.push((fields.len(), checked));
                    fields.push(field);
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Derive {
            columns,
            schema: schema_like(schema, fields),
        })
    }
}

impl Step for Derive {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn apply<'a>(&'a self, rows: Flow<'a>, _: Open<'a>) -> Result<Flow<'a>, Failure> {
        Ok(map(rows, |from| {
            let mut columns = from.columns().to_vec();
            for (column, expression) in &self.columns {
                let derived = expression.evaluate(&from).map_err(internal)?;
                match columns.get_mut(*column) {
                    Some(old) => *old = derived,
                    None => columns.push(derived),
                }
            }
            batch(&self.schema, columns, from.num_rows())
        }))
    }
}

/// Batches are of the schema that the plan was made with.
pub fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::internal(error.to_string())
}

/// The rows for which a condition is true.
#[derive(Debug)]
pub struct Filter {
    condition: Checked,
    schema: SchemaRef,
}

impl Filter {
    /// Reads the condition.
    pub fn new(schema: &SchemaRef, source: &str, at: &At) -> Result<Filter, Problem> {
        let expression = at.expression(source)?;
        let condition = expression.check_condition(schema);
        Ok(Filter {
            condition: condition.map_err(|fault| at.fault(source, fault))?,
            schema: schema.clone(),
        })
    }
}

impl Step for Filter {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn apply<'a>(&'a self, rows: Flow<'a>, _: Open<'a>) -> Result<Flow<'a>, Failure> {
        Ok(map(rows, |from| {
            let holds = self.condition.holds(&from).map_err(internal)?;
            Ok(filter_record_batch(&from, &BooleanArray::new(holds, None))?)
        }))
    }
}

/// The first rows.
#[derive(Debug)]
pub struct Limit {
    /// How many.
    pub rows: u64,
    /// Of these columns.
    pub schema: SchemaRef,
}

impl Step for Limit {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn apply<'a>(&'a self, mut rows: Flow<'a>, _: Open<'a>) -> Result<Flow<'a>, Failure> {
        let mut left = self.rows;
        Ok(Box::new(std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let batch = rows.next()?;
            Some(batch.map(|batch| {
                let kept = usize::try_from(left)
                    .map_or(batch.num_rows(), |left| left.min(batch.num_rows()));
                left -= kept as u64;
                batch.slice(0, kept)
            }))
        })))
    }
}

/// The rows of other inputs behind these.
#[derive(Debug)]
pub struct Union {
    /// Each with where its columns are.
    others: Vec<(String, Vec<usize>)>,
    schema: SchemaRef,
}

impl Union {
    /// The inputs, which have the same columns in any order.
    pub fn new(
        schema: &Schema,
        others: &[(String, SchemaRef)],
        at: &At,
    ) -> Result<Union, Vec<Problem>> {
        let mut fields = schema.fields().to_vec();
        let mut union = Vec::new();
        let mut problems = Vec::new();
        for (position, (name, other)) in others.iter().enumerate() {
            let at = at.below(position);
            let mut columns = Vec::new();
            for field in &mut fields {
                match other.index_of(field.name()) {
                    Err(_) => {
                        let message = format!("input {name:?} has no column {:?}", field.name());
                        problems.push(at.problem(message));
                    }
                    Ok(column) if other.field(column).data_type() != field.data_type() => {
                        problems.push(at.problem(format!(
                            "column {:?} is {} here and {} in the input {name:?}",
                            field.name(),
                            type_name(field.data_type()),
                            type_name(other.field(column).data_type()),
                        )));
                    }
                    Ok(column) => {
                        if other.field(column).is_nullable() && !field.is_nullable() {
                            *field = Arc::new(field.as_ref().clone().with_nullable(true));
                        }
                        columns.push(column);
                    }
                }
            }
            for field in other.fields() {
                if schema.index_of(field.name()).is_err() {
                    let message = format!(
                        "input {name:?} has a column {:?}, which is not among the columns before this step",
                        field.name()
                    );
                    problems.push(at.problem(message));
                }
            }
            union.push((name.clone(), columns));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Union {
            others: union,
            schema: schema_like(schema, fields),
        })
    }
}

impl Step for Union {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn apply<'a>(&'a self, rows: Flow<'a>, open: Open<'a>) -> Result<Flow<'a>, Failure> {
        let under = |from: RecordBatch| {
            let count = from.num_rows();
            batch(&self.schema, from.columns().to_vec(), count)
        };
        let mut all = map(rows, under);
        for (name, columns) in &self.others {
            let other = map(scan(&open(name)?), move |from| {
                let picked = columns.iter().map(|column| from.column(*column).clone());
                batch(&self.schema, picked.collect(), from.num_rows())
            });
            all = Box::new(all.chain(other));
        }
        Ok(all)
    }
}
