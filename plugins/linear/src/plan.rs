//! Which columns are predicted from, and what is predicted.

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use lockflight_sdk::{Problem, Problems, type_name};

use crate::config::{Config, Task};
use crate::values::is_number;

/// The most features: the sums that the fit works on take 8 bytes for each pair of them.
const MOST_FEATURES: usize = 4096;

/// What to do about columns that are no numbers.
const ENCODE: &str = "make numbers of text in a train stage of the plugin `features` before this one, and name that stage: \
                      `through = [\"…\"]`; or leave the column out: `ignore = [\"…\"]`";

/// What the config means for a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    /// What is predicted.
    pub(crate) task: Task,
    /// The columns that are predicted from, in order; each may hold nulls.
    pub(crate) takes: SchemaRef,
}

impl Plan {
    /// Holds the config against the schema of the table to learn from.
    ///
    /// # Errors
    /// All that does not fit.
    pub(crate) fn new(config: &Config, schema: &Schema) -> Result<Plan, Problems> {
        let mut problems = Problems::new();
        let task = match find(schema, "/target", &config.target) {
            Ok(target) => task(config, target),
            Err(problem) => Err(problem),
        };
        let task = task.map_err(|problem| problems.push(problem));
        let fields = match &config.features {
            Some(names) => named(config, names, schema, &mut problems),
            None => all(config, schema, &mut problems),
        };
        if problems.0.is_empty() && fields.is_empty() {
            let message = "no column is left to predict from; numbers and bool will do";
            problems.push(Problem::stage(message));
        }
        if fields.len() > MOST_FEATURES {
            let message = format!(
                "{} columns are too many to predict from; up to {MOST_FEATURES} will do",
                fields.len()
            );
            problems.push(Problem::stage(message).help("name the useful ones under `features`"));
        }
        match task {
            Ok(task) => problems.or(Plan {
                task,
                takes: Arc::new(Schema::new(fields)),
            }),
            Err(()) => Err(problems),
        }
    }
}

fn find<'a>(schema: &'a Schema, pointer: &str, name: &str) -> Result<&'a FieldRef, Problem> {
    let names = schema.fields().iter().map(|field| field.name().as_str());
    let found = schema.fields().iter().find(|field| field.name() == name);
    found.ok_or_else(|| {
        Problem::config(pointer, format!("the table has no column {name:?}")).suggest(name, names)
    })
}

fn wrong_type(pointer: &str, field: &Field, wanted: &str) -> Problem {
    let (name, is) = (field.name(), type_name(field.data_type()));
    Problem::config(pointer, format!("column {name:?} is {is}; {wanted}"))
}

/// The task, held against the type of the target.
fn task(config: &Config, target: &Field) -> Result<Task, Problem> {
    let is_text = *target.data_type() == DataType::Utf8;
    let is_bool = *target.data_type() == DataType::Boolean;
    if !is_text && !is_number(target.data_type()) {
        let wanted = "what can be predicted is a number, bool or text of two values";
        return Err(wrong_type("/target", target, wanted));
    }
    let implied = if is_text || is_bool {
        Task::Binary
    } else {
        Task::Regression
    };
    let task = config.task.unwrap_or(implied);
    match (&config.positive, task) {
        (_, Task::Regression) if is_text || is_bool => {
            let problem = wrong_type("/target", target, "regression predicts numbers");
            Err(problem.help("say `task = \"binary\"`, or leave it out"))
        }
        (None, Task::Binary) if is_text => {
            let wanted = "one of its two values is the positive one";
            let problem = wrong_type("/target", target, wanted);
            Err(problem.help("say which: `positive = \"…\"`"))
        }
        (Some(_), _) if !is_text => {
            let wanted = "`positive` is for a target of type text";
            Err(wrong_type("/positive", target, wanted))
        }
        _ => Ok(task),
    }
}

/// A feature as the step takes it: any row may lack it.
fn feature(field: &Field) -> Field {
    Field::new(field.name(), field.data_type().clone(), true)
}

/// The features that the config names.
fn named(
    config: &Config,
    names: &[String],
    schema: &Schema,
    problems: &mut Problems,
) -> Vec<Field> {
    if !config.ignore.is_empty() {
        let message = "`features` names all columns that are used, so there is nothing to ignore";
        problems.push(Problem::config("/ignore", message));
    }
    let mut fields: Vec<Field> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let pointer = format!("/features/{index}");
        let mut refuse = |message: String| problems.push(Problem::config(&pointer, message));
        if *name == config.target {
            refuse(format!("{name:?} is the target"));
        } else if fields.iter().any(|field| field.name() == name) {
            refuse(format!("{name:?} is named twice"));
        } else {
            match find(schema, &pointer, name) {
                Err(problem) => problems.push(problem),
                Ok(field) if is_number(field.data_type()) => fields.push(feature(field)),
                Ok(field) => {
                    let wanted = "linear predicts from numbers and bool";
                    problems.push(wrong_type(&pointer, field, wanted).help(ENCODE));
                }
            }
        }
    }
    fields
}

/// All columns but the target and those that are ignored.
fn all(config: &Config, schema: &Schema, problems: &mut Problems) -> Vec<Field> {
    for (index, name) in config.ignore.iter().enumerate() {
        if let Err(problem) = find(schema, &format!("/ignore/{index}"), name) {
            problems.push(problem);
        }
    }
    let used = schema
        .fields()
        .iter()
        .filter(|field| *field.name() != config.target && !config.ignore.contains(field.name()));
    let (numbers, others): (Vec<&FieldRef>, Vec<_>) =
        used.partition(|field| is_number(field.data_type()));
    if !others.is_empty() {
        let listed = others
            .iter()
            .map(|field| format!("{:?} ({})", field.name(), type_name(field.data_type())));
        let listed = listed.collect::<Vec<_>>().join(", ");
        let message = format!("linear predicts from numbers and bool, and the table has {listed}");
        problems.push(Problem::input("table", message).help(ENCODE));
    }
    numbers.into_iter().map(|field| feature(field)).collect()
}
