//! Deploy plugin `gradual`: gives a new version of a model its traffic in steps, as long as its figures hold.

mod config;
mod decide;
mod judge;
mod state;
mod tables;

use lockflight_sdk::prelude::*;

pub use config::Config;

use state::State;
use tables::{ARMS, FIGURES};

/// The plugin.
#[derive(Debug)]
pub struct Gradual;

impl Deploy for Gradual {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        let mut problems = job.config.problems();
        for name in [ARMS, FIGURES] {
            if let Err(problem) = job.input(name) {
                problems.push(problem);
            }
        }
        for input in job.inputs() {
            problems.0.extend(tables::problems(input).0);
        }
        problems.or(Vec::new())
    }

    fn run(job: &Job<Config>) -> Result<Decision, Failure> {
        job.config.problems().or(())?;
        let arms = tables::arms(&job.table(ARMS)?)?;
        let figures = tables::figures(&job.table(FIGURES)?)?;
        let state = job.state().and_then(|state| State::read(&state.read_all()));
        Ok(decide::decide(&job.config, &arms, &figures, state))
    }
}

lockflight_sdk::export!(Gradual: deploy);
