//! Which columns are predicted from, and what is predicted.

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use lockflight_sdk::{Problem, Problems, type_name};

use crate::config::{Config, Task};
use crate::values::is_number;

/// What the config means for a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What is predicted.
    pub task: Task,
    /// The columns that are predicted from, in order; each may be missing in a row.
    pub takes: SchemaRef,
    /// Columns that could have been features but for their type.
    pub left_out: Vec<String>,
}

impl Plan {
    /// Holds the config against the schema of the table to learn from.
    ///
    /// # Errors
    /// All that does not fit.
    pub fn new(config: &Config, schema: &Schema) -> Result<Plan, Problems> {
        let mut problems = Problems::new();
        let task = find(schema, "/target", &config.target).and_then(|target| task(config, target));
        let task = task.map_err(|problem| problems.push(problem)).ok();
        if let Some(weight) = &config.weight {
            match find(schema, "/weight", weight) {
                Ok(field) if is_number(field.data_type()) => {}
                Ok(field) => problems.push(wrong_type("/weight", field, "a weight is a number")),
                Err(problem) => problems.push(problem),
            }
        }
        let mut left_out = Vec::new();
        let fields = match &config.features {
            Some(names) => named(config, names, schema, &mut problems),
            None => all(config, schema, &mut problems, &mut left_out),
        };
        if fields.is_empty() && problems.0.is_empty() {
            let message = "no column is left to predict from: bool, numbers and text will do";
            problems.push(Problem::stage(message));
        }
        if fields
            .iter()
            .any(|field| *field.name() == config.prediction)
        {
            let message = format!(
                "{:?} is a feature too, and a scored table has both",
                config.prediction
            );
            let problem = Problem::config("/prediction", message);
            problems.push(problem.help("give the column with predictions another name"));
        }
        let takes = Arc::new(Schema::new(fields));
        problems.or(())?;
        Ok(Plan {
            task: task.expect("there is no problem"),
            takes,
            left_out,
        })
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
            let problem = wrong_type(
                "/target",
                target,
                "one of its two values is the positive one",
            );
            Err(problem.help("say which: `positive = \"…\"`"))
        }
        (Some(_), _) if !is_text => {
            let wanted = "`positive` is for a target of type text";
            Err(wrong_type("/positive", target, wanted))
        }
        _ => Ok(task),
    }
}

/// As a feature a column may always miss values.
fn feature(field: &Field) -> Option<Field> {
    let data_type = field.data_type();
    let usable = is_number(data_type) || *data_type == DataType::Utf8;
    usable.then(|| Field::new(field.name(), data_type.clone(), true))
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
        } else if config.weight.as_ref() == Some(name) {
            refuse(format!("{name:?} is the weight"));
        } else if fields.iter().any(|field| field.name() == name) {
            refuse(format!("{name:?} is named twice"));
        } else {
            match find(schema, &pointer, name) {
                Err(problem) => problems.push(problem),
                Ok(field) => match feature(field) {
                    Some(field) => fields.push(field),
                    None => problems.push(
                        wrong_type(&pointer, field, "a feature is a number, bool or text")
                            .help("derive numbers from it in a stage before this one"),
                    ),
                },
            }
        }
    }
    fields
}

/// All columns that can be features and are not ignored.
fn all(
    config: &Config,
    schema: &Schema,
    problems: &mut Problems,
    left_out: &mut Vec<String>,
) -> Vec<Field> {
    for (index, name) in config.ignore.iter().enumerate() {
        if let Err(problem) = find(schema, &format!("/ignore/{index}"), name) {
            problems.push(problem);
        }
    }
    let mut fields = Vec::new();
    for field in schema.fields() {
        let name = field.name();
        if *name == config.target
            || config.weight.as_ref() == Some(name)
            || config.ignore.contains(name)
        {
            continue;
        }
        match feature(field) {
            Some(field) => fields.push(field),
            None => left_out.push(name.clone()),
        }
    }
    fields
}

/// Holds the validation table against the plan for the table to learn from.
pub fn validation_problems(
    config: &Config,
    plan: &Plan,
    train: &Schema,
    validation: &Schema,
) -> Problems {
    let mut problems = Problems::new();
    let of_train = [Some(&config.target), config.weight.as_ref()];
    let of_train = of_train.into_iter().flatten();
    let of_train = of_train.filter_map(|name| train.field_with_name(name).ok());
    let wanted = plan
        .takes
        .fields()
        .iter()
        .map(AsRef::as_ref)
        .chain(of_train);
    for field in wanted {
        let name = field.name();
        let message = match validation.field_with_name(name) {
            Err(_) => format!("it has no column {name:?}, which the table to learn from has"),
            Ok(found) if found.data_type() != field.data_type() => {
                let (is, wanted) = (type_name(found.data_type()), type_name(field.data_type()));
                format!("column {name:?} is {is} here and {wanted} in the table to learn from")
            }
            Ok(_) => continue,
        };
        problems.push(Problem::input("validation", message));
    }
    problems
}
