//! The trainer: what lies between the host and [`boost`](crate::boost).

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::prelude::*;
use lockflight_sdk::{PortKind, progress};

use crate::boost::{self, Contribution, Examples, Fit, Round, Settings};
use crate::columns::{Plan, validation_problems};
use crate::config::{Config, Task, Unknown};
use crate::objective::Objective;
use crate::prepare;
use crate::split::Limits;
use crate::step::{State, Step, gives};
use crate::target::Labels;

/// The table to learn from.
const TABLE: &str = "table";

/// The table that decides when to stop.
const VALIDATION: &str = "validation";

/// The plugin of world `train`.
#[derive(Debug)]
pub struct Trainer;

impl Train for Trainer {
    type Config = Config;
    type Step = Step;

    fn check(job: &Job<Config>) -> Result<StepPorts, Problems> {
        let mut problems = job.config.problems();
        problems.0.extend(input_problems(job).0);
        let mut ports = StepPorts {
            takes: None,
            gives: Some(gives(&job.config.prediction)),
            outputs: vec![Port::table("importance", importance_schema())],
        };
        let schema_of = |name| job.input(name).ok()?.port.schema.as_deref();
        if let Some(schema) = schema_of(TABLE) {
            match Plan::new(&job.config, schema) {
                Ok(plan) => {
                    if let Some(validation) = schema_of(VALIDATION) {
                        let found = validation_problems(&job.config, &plan, schema, validation);
                        problems.0.extend(found.0);
                    }
                    ports.takes = Some(plan.takes);
                }
                Err(found) => problems.0.extend(found.0),
            }
        }
        problems.or(ports)
    }

    fn fit(job: &Job<Config>) -> Result<Fitted<Step>, Failure> {
        // Held against the schemas, which may not have been known before.
        Trainer::check(job)?;
        let config = &job.config;
        let table = job.table(TABLE)?;
        let plan = Plan::new(config, table.schema())?;
        tell(&plan);
        let labels = Labels::of_training(&table, TABLE, config, plan.task)?;
        let prepared = prepare::training(&table, &plan.takes, config, &labels.target())?;
        let validation = match job.input(VALIDATION) {
            Err(_) => None,
            Ok(_) => {
                let table = job.table(VALIDATION)?;
                let labels = Labels::of_validation(&table, VALIDATION, config, plan.task, &labels)?;
                let binned = prepare::validation(&table, &plan.takes, config, &prepared)?;
                Some((binned, labels))
            }
        };
        let train = Examples {
            table: &prepared.table,
            target: labels.target(),
        };
        let validation = validation.as_ref().map(|(table, labels)| Examples {
            table,
            target: labels.target(),
        });
        let settings = settings(config, plan.task, job.seed());
        let metric = settings.objective.metric();
        let fit = boost::fit(&settings, &train, validation.as_ref(), |round| {
            record(metric, round);
            progress(round.trees as u64, u64::from(config.rounds));
        });
        conclude(metric, &fit);
        let importance = importance(&plan.takes, &fit.contributions)?;
        let categories = prepared.categories.into_iter();
        let step = Step::new(State {
            takes: plan.takes,
            categories: categories
                .map(|categories| categories.map(|categories| categories.ordered().to_vec()))
                .collect(),
            refuses_unknown: config.unknown == Unknown::Error,
            prediction: config.prediction.clone(),
            is_binary: plan.task == Task::Binary,
            base: fit.base,
            trees: fit.trees,
        });
        let step = step.map_err(Failure::Internal)?;
        Ok(Fitted::new(step).with(Output::table("importance", importance)))
    }
}

/// What is wrong with the inputs, apart from what is in them.
fn input_problems(job: &Job<Config>) -> Problems {
    let mut problems = Problems::new();
    if let Err(problem) = job.input(TABLE) {
        problems.push(problem);
    }
    for input in job.inputs() {
        let name = &input.port.name;
        if name != TABLE && name != VALIDATION {
            let message = format!("the stage takes the inputs {TABLE} and {VALIDATION}");
            problems.push(Problem::input(name, message));
        } else if input.port.kind != PortKind::Table {
            problems.push(Problem::input(
                name,
                "this is a file; the stage needs a table here",
            ));
        }
    }
    let has_validation = job
        .inputs()
        .iter()
        .any(|input| input.port.name == VALIDATION);
    if job.config.early_stopping.is_some() && !has_validation {
        let message = format!("early stopping needs the input {VALIDATION}");
        let help = format!("add a second table: `inputs = {{ {TABLE} = …, {VALIDATION} = … }}`");
        problems.push(Problem::config("/early-stopping", message).help(help));
    }
    problems
}

fn settings(config: &Config, task: Task, seed: u64) -> Settings {
    Settings {
        objective: match task {
            Task::Regression => Objective::Squared,
            Task::Binary => Objective::Logistic,
        },
        rounds: config.rounds as usize,
        limits: Limits {
            depth: config.depth as usize,
            learning_rate: config.learning_rate,
            l2: config.l2,
            min_child_weight: config.min_child_weight,
            min_split_gain: config.min_split_gain,
        },
        subsample: config.subsample,
        colsample: config.colsample,
        seed,
        patience: config.early_stopping.map(|early| early.rounds as usize),
    }
}

/// Says what is learnt from.
fn tell(plan: &Plan) {
    let names: Vec<_> = plan
        .takes
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    info!("{} features: {}", names.len(), names.join(", "));
    if !plan.left_out.is_empty() {
        warn!(
            "left out, since trees do not read their types: {}",
            plan.left_out.join(", ")
        );
    }
}

fn record(metric: &str, round: &Round) {
    let step = round.trees as u64;
    Metric::new(format!("train_{metric}"), round.train)
        .step(step)
        .record();
    if let Some(loss) = round.validation {
        Metric::new(format!("validation_{metric}"), loss)
            .step(step)
            .record();
    }
}

/// Says what came of it.
fn conclude(metric: &str, fit: &Fit) {
    let kept = fit.trees.len();
    Metric::new("trees", kept as f64).record();
    let rounds = fit.rounds.len();
    if kept < rounds {
        info!(
            "{kept} trees are kept: in the {} rounds behind them the validation {metric} did not fall any more",
            rounds - kept
        );
    }
}

/// The schema of the output `importance`.
pub fn importance_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("feature", DataType::Utf8, false),
        Field::new("gain", DataType::Float64, false),
        Field::new("share", DataType::Float64, false),
        Field::new("splits", DataType::Int64, false),
    ]))
}

/// What each feature contributed, the most important first.
fn importance(takes: &Schema, contributions: &[Contribution]) -> Result<TableWriter, Failure> {
    let total: f64 = contributions
        .iter()
        .map(|contribution| contribution.gain)
        .sum();
    let mut rows: Vec<_> = takes.fields().iter().zip(contributions).collect();
    rows.sort_by(|a, b| b.1.gain.total_cmp(&a.1.gain));
    let names = rows.iter().map(|(field, _)| field.name());
    let gains = rows.iter().map(|(_, contribution)| contribution.gain);
    let share = |gain: f64| if total > 0.0 { gain / total } else { 0.0 };
    let splits = rows
        .iter()
        .map(|(_, contribution)| contribution.splits as i64);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(names)),
        Arc::new(Float64Array::from_iter_values(gains.clone())),
        Arc::new(Float64Array::from_iter_values(gains.map(share))),
        Arc::new(Int64Array::from_iter_values(splits)),
    ];
    let mut writer = TableWriter::new(importance_schema())?;
    writer.write(&RecordBatch::try_new(importance_schema(), columns)?)?;
    Ok(writer)
}
