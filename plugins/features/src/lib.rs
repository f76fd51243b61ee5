//! Train plugin `features`: what is computed per row between a raw table and a model, fitted where it has to be, and its scorer.
//!
//! A plan holds the config against the table's schema; fitting learns what there is to learn, step by step; the result is
//! [`Features`], a list of steps that is saved, loaded, and applied to rows. The same code changes the training table while fitting
//! and the rows that are scored later.

mod categories;
mod change;
mod column;
mod config;
mod fit;
mod folds;
mod learn;
mod pipeline;
mod plan;
mod shape;
mod state;
mod statistics;
mod target;
mod validate;
mod value;

use arrow_schema::SchemaRef;
use lockflight_sdk::prelude::*;
use lockflight_sdk::{Fitted, StepPorts, Train};

pub use config::Config;
pub use fit::fitted_schema;
use plan::Plan;
pub use state::Features;

/// The input that is learned from.
const TABLE: &str = "table";
/// The output that says what was learned.
const FITTED: &str = "fitted";

/// The plugin.
#[derive(Debug)]
pub struct Trainer;

impl Train for Trainer {
    type Config = Config;
    type Step = Features;

    fn check(job: &Job<Config>) -> Result<StepPorts, Problems> {
        let schema = job.input(TABLE).map(|input| input.port.schema.clone());
        let mut problems: Problems = validate::problems(&job.config).into();
        let mut ports = StepPorts::open();
        match schema {
            Err(problem) => problems.push(problem),
            Ok(Some(schema)) if problems.0.is_empty() => {
                let plan = Plan::of(&job.config, &schema)?;
                ports.takes = Some(plan.takes);
                ports.gives = plan.gives;
            }
            Ok(_) => {}
        }
        problems.or(ports.with(Port::table(FITTED, fitted_schema())))
    }

    fn fit(job: &Job<Config>) -> Result<Fitted<Features>, Failure> {
        let table = job.table(TABLE)?;
        let plan = Plan::of(&job.config, table.schema())?;
        info!("takes {}", names(&plan.takes));
        let (pipeline, learned) = fit::fit(plan, &table)?;
        info!("gives {}", names(&pipeline.gives()));
        Ok(Fitted::new(Features::new(pipeline)).with(Output::table(FITTED, learned)))
    }
}

fn names(schema: &SchemaRef) -> String {
    let names: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    names.join(", ")
}

#[cfg(feature = "train")]
lockflight_sdk::export!(Trainer: train);
#[cfg(feature = "score")]
lockflight_sdk::export!(Features: score);
