//! Holds the config against the inputs: what each step does, and which columns there are after it.
use arrow_schema::SchemaRef;
use lockflight_sdk::{Job, PortKind, Problem, Problems};

use crate::columns::{Derive, Filter, Limit, Project, Union};
use crate::config::{Config, On, Split, StepConfig};
use crate::flow::Step;
use crate::group::Group;
use crate::join::{Asked, Join};
use crate::order::{Deduplicate, Sort};
use crate::problem::At;
use crate::split::Splitter;

/// What is to be done.
pub struct Plan {
    /// The input to begin with.
    pub from: String,
    /// The steps, each with the name of its operation.
    pub steps: Vec<(&'static str, Box<dyn Step>)>,
    /// The columns at the end.
    pub schema: SchemaRef,
    /// Where the rows go; none for `table`.
    pub split: Option<Splitter>,
}

/// The operations, and the keys that belong to each.
const OPERATIONS: [(&str, &[&str]); 11] = [
    ("select", &[]),
    ("drop", &[]),
    ("rename", &[]),
    ("derive", &[]),
    ("filter", &[]),
    ("join", &["on", "how", "suffix"]),
    ("sort", &[]),
    ("deduplicate", &["keep"]),
    ("union", &[]),
    ("group", &["aggregate"]),
    ("limit", &[]),
];

/// The plan; none while the columns of an input are not known, in which case only what does not depend on them is checked.
///
/// # Errors
/// Everything that is wrong with the config, up to the first step whose columns cannot be told.
pub fn plan(job: &Job<Config>) -> Result<Option<Plan>, Problems> {
    let mut problems = Vec::new();
    let mut operations = Vec::new();
    for (position, step) in job.config.steps.iter().enumerate() {
        match operation(step, &At::key("steps").below(position)) {
            Ok(operation) => operations.push(operation),
            Err(wrong) => problems.extend(wrong),
        }
    }
    let from = from(job).map_err(|problem| problems.push(problem)).ok();
    problems.extend(unreadable(&job.config));
    let (Some(from), true) = (from, problems.is_empty()) else {
        return Err(problems.into());
    };
    let Some(mut schema) = columns_of(job, &from, &At::key("from"))? else {
        // The other inputs' names can be wrong all the same.
        let others = job
            .config
            .steps
            .iter()
            .enumerate()
            .flat_map(|(position, step)| {
                let at = At::key("steps").below(position);
                let union = step.union.iter().flatten().enumerate();
                let union = union.map({
                    let at = at.below("union");
                    move |(position, name)| (at.below(position), name)
                });
                union.chain(step.join.iter().map(move |name| (at.below("join"), name)))
            });
        let problems: Vec<_> = others
            .filter_map(|(at, name)| columns_of(job, name, &at).err())
            .collect();
        return Problems::from(problems).or(None);
    };
    let mut steps: Vec<(&'static str, Box<dyn Step>)> = Vec::new();
    for ((position, config), operation) in job.config.steps.iter().enumerate().zip(operations) {
        let at = At::key("steps").below(position);
        let Some(step) = step(job, config, operation, &schema, &at)? else {
            return Ok(None);
        };
        schema = step.schema().clone();
        steps.push((operation, step));
    }
    let split = job
        .config
        .split
        .as_ref()
        .map(|split| Splitter::new(&schema, split));
    Ok(Some(Plan {
        from,
        steps,
        schema,
        split: split.transpose()?,
    }))
}

/// The names of the outputs, which are known whatever the columns are.
pub fn outputs(config: &Config) -> Vec<String> {
    match &config.split {
        None => vec!["table".to_owned()],
        Some(Split::Conditions(outputs)) => outputs.iter().map(|(name, _)| name.clone()).collect(),
        Some(Split::Fractions(split)) => split.fractions.keys().cloned().collect(),
    }
}

fn from(job: &Job<Config>) -> Result<String, Problem> {
    if let Some(name) = &job.config.from {
        return Ok(name.clone());
    }
    let tables = job
        .inputs()
        .iter()
        .filter(|input| input.port.kind == PortKind::Table);
    let names: Vec<_> = tables.map(|input| input.port.name.as_str()).collect();
    match names.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => Err(Problem::stage("the stage needs a table as its input")),
        more => Err(Problem::stage(
            "the stage has more than one input, and does not say which to begin with",
        )
        .help(format!(
            "add from = {:?}, or another of {}",
            more[0],
            more.join(", ")
        ))),
    }
}

/// The columns of an input, if they are known.
fn columns_of(job: &Job<Config>, name: &str, at: &At) -> Result<Option<SchemaRef>, Problem> {
    let names = || job.inputs().iter().map(|input| input.port.name.as_str());
    let Some(input) = job.inputs().iter().find(|input| input.port.name == name) else {
        let listed: Vec<_> = names().collect();
        let problem = at.problem(format!("there is no input {name:?}"));
        return Err(problem
            .help(format!("the inputs are {}", listed.join(", ")))
            .suggest(name, names()));
    };
    match input.port.kind {
        PortKind::Table => Ok(input.port.schema.clone()),
        PortKind::Blob => {
            Err(at.problem(format!("the input {name:?} is a file; a table is wanted")))
        }
    }
}

/// The one operation of a step.
fn operation(step: &StepConfig, at: &At) -> Result<&'static str, Vec<Problem>> {
    let given = |key: &str| match key {
        "select" => step.select.is_some(),
        "drop" => step.drop.is_some(),
        "rename" => step.rename.is_some(),
        "derive" => step.derive.is_some(),
        "filter" => step.filter.is_some(),
        "join" => step.join.is_some(),
        "on" => step.on.is_some(),
        "how" => step.how.is_some(),
        "suffix" => step.suffix.is_some(),
        "sort" => step.sort.is_some(),
        "deduplicate" => step.deduplicate.is_some(),
        "keep" => step.keep.is_some(),
        "union" => step.union.is_some(),
        "group" => step.group.is_some() || step.aggregate.is_some(),
        "aggregate" => step.aggregate.is_some(),
        _ => step.limit.is_some(),
    };
    let asked: Vec<_> = OPERATIONS.iter().filter(|(name, _)| given(name)).collect();
    let [(operation, keys)] = asked.as_slice() else {
        let all: Vec<_> = OPERATIONS.iter().map(|(name, _)| *name).collect();
        let names: Vec<_> = asked.iter().map(|(name, _)| *name).collect();
        let problem = match names.is_empty() {
            true => at
                .problem("the step does nothing")
                .help(format!("it is one of {}", all.join(", "))),
            false => at
                .problem(format!(
                    "a step does one thing; this one has {}",
                    names.join(" and ")
                ))
                .help("make it several steps: their order counts"),
        };
        return Err(vec![problem]);
    };
    let mut problems = Vec::new();
    for (owner, others) in &OPERATIONS {
        for key in others
            .iter()
            .filter(|key| given(key) && !keys.contains(key))
        {
            problems.push(
                at.below(key)
                    .problem(format!("{key:?} belongs to {owner}, not to {operation}")),
            );
        }
    }
    if *operation == "join" && step.on.is_none() {
        let help = "add on = [\"column\"]";
        problems.push(
            at.below("join")
                .problem("the join does not say on which columns")
                .help(help),
        );
    }
    if problems.is_empty() {
        Ok(operation)
    } else {
        Err(problems)
    }
}

/// Expressions that are not written correctly, whatever the columns are.
fn unreadable(config: &Config) -> Vec<Problem> {
    let mut found = Vec::new();
    for (position, step) in config.steps.iter().enumerate() {
        let at = At::key("steps").below(position);
        found.extend(
            step.filter
                .iter()
                .map(|source| (at.below("filter"), source)),
        );
        for (key, expressions) in [("derive", &step.derive), ("aggregate", &step.aggregate)] {
            let at = at.below(key);
            let named = expressions.iter().flatten();
            found.extend(named.map(|(name, source)| (at.below(name), source)));
        }
    }
    if let Some(Split::Conditions(outputs)) = &config.split {
        for (position, (name, when)) in outputs.iter().enumerate() {
            let at = At::key("split").below(position).below(name);
            found.extend(when.iter().map(|source| (at.clone(), source)));
        }
    }
    found
        .into_iter()
        .filter_map(|(at, source)| at.expression(source).err())
        .collect()
}

/// The step, bound to the columns before it; none if another input's columns are not known.
fn step(
    job: &Job<Config>,
    config: &StepConfig,
    operation: &str,
    schema: &SchemaRef,
    at: &At,
) -> Result<Option<Box<dyn Step>>, Problems> {
    let below = at.below(operation);
    let names = |names: &Option<Vec<String>>| names.clone().unwrap_or_default();
    Ok(Some(match operation {
        "select" => Box::new(Project::select(schema, &names(&config.select), &below)?),
        "drop" => Box::new(Project::drop(schema, &names(&config.drop), &below)?),
        "rename" => {
            let renamed = config.rename.clone().unwrap_or_default();
            Box::new(Project::rename(schema, &renamed, &below)?)
        }
        "derive" => {
            let derived = config.derive.clone().unwrap_or_default();
            Box::new(Derive::new(schema, &derived, &below)?)
        }
        "filter" => Box::new(Filter::new(
            schema,
            config.filter.as_deref().unwrap_or_default(),
            &below,
        )?),
        "join" => {
            let input = config.join.as_deref().unwrap_or_default();
            let Some(right) = columns_of(job, input, &below)? else {
                return Ok(None);
            };
            let on = config.on.clone().unwrap_or(On(Vec::new()));
            let asked = Asked {
                input,
                right: &right,
                on: &on,
                how: config.how.unwrap_or_default(),
                suffix: config.suffix.as_deref(),
            };
            Box::new(Join::new(schema, &asked, at)?)
        }
        "sort" => Box::new(Sort::new(schema, &names(&config.sort), &below)?),
        "deduplicate" => {
            let keep = config.keep.unwrap_or_default();
            Box::new(Deduplicate::new(
                schema,
                &names(&config.deduplicate),
                keep,
                &below,
            )?)
        }
        "union" => {
            let mut others = Vec::new();
            for (position, name) in names(&config.union).into_iter().enumerate() {
                let Some(columns) = columns_of(job, &name, &below.below(position))? else {
                    return Ok(None);
                };
                others.push((name, columns));
            }
            Box::new(Union::new(schema, &others, &below)?)
        }
        "group" => {
            let aggregates = config.aggregate.clone().unwrap_or_default();
            Box::new(Group::new(schema, &names(&config.group), &aggregates, at)?)
        }
        _ => Box::new(Limit {
            rows: config.limit.unwrap_or_default(),
            schema: schema.clone(),
        }),
    }))
}
